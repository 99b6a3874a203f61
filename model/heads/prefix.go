package heads

import (
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// The names of the tensors of the heads in a model's file begin with these prefixes; all begin with
// Prefix. Settings of heads are in the metadata of the file, under keys that begin with them, too.
const (
	Prefix         = "head."
	NERPrefix      = Prefix + "ner."
	LinkingPrefix  = Prefix + "linking."
	RelationPrefix = Prefix + "relation." // followed by the name of the head and "."
	SummaryPrefix  = Prefix + "summary."
	AnswerPrefix   = Prefix + "answer."
	LabelPrefix    = Prefix + "label."
)

// The keys of the metadata.
const (
	typesKey  = NERPrefix + "types"
	answerKey = Prefix + "answer"
	labelKey  = Prefix + "label"
)

// Belongs reports whether a tensor or a key of the metadata, by its name, is part of the head of a
// task.
func Belongs(name, task string) bool {
	prefix, ok := map[string]string{
		schemas.TaskNER: NERPrefix, schemas.TaskLinking: LinkingPrefix, schemas.TaskRelations: RelationPrefix,
		schemas.TaskSummary: SummaryPrefix, schemas.TaskAnswers: AnswerPrefix,
		schemas.TaskLabels: LabelPrefix,
	}[task]
	return ok && strings.HasPrefix(name+".", prefix)
}

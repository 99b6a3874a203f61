package jobs

import (
	"maps"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/label"
	"github.com/pubmine/pubmine/stages/link"
	"github.com/pubmine/pubmine/stages/ner"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/sentence"
	"github.com/pubmine/pubmine/stages/summary"
	"github.com/pubmine/pubmine/stages/text"
	"github.com/pubmine/pubmine/stages/vector"
)

// Settings are the settings of a run that can change a row.
type Settings struct {
	Questions   []string               // that are asked of every document
	Chunk       int                    // pipeline.Options.Chunk
	GroupTokens int                    // pipeline.Options.GroupTokens
	Vocabulary  *vocabulary.Vocabulary // of task linking, of which only the card and the checksum are read
}

// Configure returns everything that can change a row, except the input: a pure function of the
// model, the tasks in the order in which they run, the backend (empty if nothing is computed on
// one), and the settings. The model is nil when there are no tasks.
func Configure(m *catalog.Model, tasks []string, backend string, s Settings) corpus.Configuration {
	c := corpus.Configuration{
		Schema: schemas.Version, Tasks: tasks, Questions: s.Questions, Chunk: s.Chunk, GroupTokens: s.GroupTokens,
		Backend: backend, Precision: string(biogpt.PrecisionOf(backend)),
		Stages: map[string]int{
			"pubmed": pubmed.Version, "sentence": sentence.Version,
		},
	}
	if m == nil {
		return c
	}
	c.Model, c.ModelDigest = m.ID(), m.Digest
	c.Stages["text"] = text.Version
	if s.Vocabulary != nil {
		c.Vocabulary = s.Vocabulary.Card.Name + "@" + s.Vocabulary.Card.Version
		c.VocabularyDigest = s.Vocabulary.SHA256
	}
	for _, task := range tasks {
		maps.Copy(c.Stages, stagesOf(m.Card, task))
	}
	return c
}

// stagesOf returns the versions of the stages that serve a task.
func stagesOf(card catalog.Card, task string) map[string]int {
	versions := map[string]int{}
	if task == schemas.TaskAnswers {
		versions["topic"], versions["abbrev"] = topic.Version, abbrev.Version
	}
	if _, ok := card.Generates(task); ok {
		versions["generate"], versions["abbrev"] = generate.Version, abbrev.Version
		return versions
	}
	stage, version := stageOf(task)
	versions[stage] = version
	if !schemas.Headless(task) && task != schemas.TaskLinking {
		versions["features"] = features.Version
	}
	if task == schemas.TaskNER || task == schemas.TaskLinking {
		versions["abbrev"] = abbrev.Version
	}
	return versions
}

// stageOf returns the stage that serves a task without generation, and its version.
func stageOf(task string) (stage string, version int) {
	switch task {
	case schemas.TaskNER:
		return "ner", ner.Version
	case schemas.TaskLinking:
		return "link", link.Version
	case schemas.TaskRelations:
		return "relation", relation.Version
	case schemas.TaskSummary:
		return "summary", summary.Version
	case schemas.TaskAnswers:
		return "answer", answer.Version
	case schemas.TaskLabels:
		return "label", label.Version
	case schemas.TaskVectors:
		return "vector", vector.Version
	}
	panic("no stage serves task " + task)
}

package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/sentence"
	"github.com/pubmine/pubmine/stages/text"
)

// SentencesPart is the key in corpus.Configuration.Parts of the sentences, on which all tasks
// depend.
const SentencesPart = "sentences"

// part is everything that decides the results of a task for a document, given its text and
// sections.
type part struct {
	Stages map[string]int    `json:"stages"`          // versions
	Reads  map[string]string `json:"reads,omitempty"` // digests of the parts that it reads

	Tokenizer   map[string]string `json:"tokenizer,omitempty"`    // sha256 of its files
	GroupTokens int               `json:"group_tokens,omitempty"` // longer documents get no results
	Head        string            `json:"head,omitempty"`         // digest of tensors and settings
	Generation  *model.Generation `json:"generation,omitempty"`
	Vocabulary  string            `json:"vocabulary,omitempty"` // digest of the file
	Questions   []string          `json:"questions,omitempty"`

	Trunk *trunkPart `json:"trunk,omitempty"` // nil if the task reads neither states nor completions
}

// trunkPart is everything that decides states and completions, given the tokens.
type trunkPart struct {
	Tensors   string        `json:"tensors"` // digest
	Config    biogpt.Config `json:"config"`
	Backend   string        `json:"backend"`
	Precision string        `json:"precision"`
	Chunk     int           `json:"chunk,omitempty"` // 0 where batches do not change floats
}

// Parts returns corpus.Configuration.Parts. It reads the heads and, if a task depends on it, the
// trunk. The model is nil if there are no tasks.
func Parts(m *catalog.Model, tasks []pipeline.Task, backend string, s Settings) (map[string]string, error) {
	parts := map[string]string{SentencesPart: part{
		Stages: map[string]int{"sentence": sentence.Version, "text": text.Version},
	}.digest()}
	if len(tasks) == 0 {
		return parts, nil
	}
	file, closeFile, err := weights.OpenFS(m.FS, biogpt.WeightsFile)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	var trunk *trunkPart
	for _, task := range tasks {
		name := task.Name()
		p := part{
			Stages: stagesOf(m.Card, name), Reads: map[string]string{SentencesPart: parts[SentencesPart]},
			Tokenizer: maps.Clone(m.Card.SHA256), GroupTokens: s.GroupTokens,
		}
		maps.DeleteFunc(p.Tokenizer, func(file, _ string) bool { return !tokenizer.IsFile(file) })
		if g, ok := m.Card.Generates(name); ok {
			p.Generation = &g
		} else if p.Head, err = file.Digest(func(n string) bool { return heads.Belongs(n, name) }); err != nil {
			return nil, err
		}
		if p.Generation != nil || pipeline.ReadsStates(task) {
			if trunk == nil {
				if trunk, err = newTrunkPart(m, file, backend, s); err != nil {
					return nil, err
				}
			}
			p.Trunk = trunk
		}
		for _, other := range readBy(name) {
			if digest, ok := parts[other]; ok {
				p.Reads[other] = digest
			}
		}
		if name == schemas.TaskLinking && s.Vocabulary != nil {
			p.Vocabulary = s.Vocabulary.SHA256
		}
		if name == schemas.TaskAnswers {
			p.Questions = s.Questions
		}
		parts[name] = p.digest()
	}
	return parts, nil
}

// readBy returns the tasks whose results a task reads.
func readBy(task string) []string {
	switch task {
	case schemas.TaskLinking:
		return []string{schemas.TaskNER}
	case schemas.TaskRelations:
		return []string{schemas.TaskNER, schemas.TaskLinking}
	}
	return nil
}

func newTrunkPart(m *catalog.Model, file *weights.File, backend string, s Settings) (*trunkPart, error) {
	config, err := biogpt.LoadConfig(m.FS)
	if err != nil {
		return nil, err
	}
	t := &trunkPart{Config: config, Backend: backend, Precision: string(biogpt.PrecisionOf(backend))}
	if !biogpt.Independent(backend) {
		t.Chunk = s.Chunk
	}
	t.Tensors, err = file.Digest(func(name string) bool { return !strings.HasPrefix(name, heads.Prefix) })
	return t, err
}

// digest returns the sha256 of the JSON, in hex.
func (p part) digest() string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("a part is strings and numbers: %v", err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

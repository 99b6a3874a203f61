package jobs

import (
	"fmt"
	"strconv"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
	"github.com/pubmine/pubmine/stages/abbrev"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/ner"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/sentence"
	"github.com/pubmine/pubmine/stages/summary"
	"github.com/pubmine/pubmine/stages/text"
)

// Settings are the settings of a run that can change a row.
type Settings struct {
	Questions   []string // that are asked of every document
	Chunk       int      // pipeline.Options.Chunk
	GroupTokens int      // pipeline.Options.GroupTokens
}

// Configure returns everything that can change a row, except the input: a pure function of the
// model, the tasks in the order in which they run, the backend (empty if nothing is computed on
// one), and the settings. The model is nil when there are no tasks.
func Configure(m *catalog.Model, tasks []string, backend string, s Settings) corpus.Configuration {
	c := corpus.Configuration{
		Schema: schemas.Version, Tasks: tasks, Questions: s.Questions, Chunk: s.Chunk, GroupTokens: s.GroupTokens,
		Backend: backend, Precision: string(biogpt.PrecisionOf(backend)),
		Stages: map[string]string{
			"pubmed": strconv.Itoa(pubmed.Version), "sentence": strconv.Itoa(sentence.Version),
		},
	}
	if m == nil {
		return c
	}
	c.Model, c.ModelDigest = m.ID(), m.Digest
	c.Stages["text"] = strconv.Itoa(text.Version)
	for _, task := range tasks {
		if g, ok := m.Card.Generates(task); ok {
			c.Stages["generate"] = strconv.Itoa(generate.Version)
			c.Stages["generate."+task] = g.Template
			c.Stages["abbrev"] = strconv.Itoa(abbrev.Version)
			continue
		}
		c.Stages["features"] = strconv.Itoa(features.Version)
		stage, version := stageOf(task)
		c.Stages[stage] = version
	}
	return c
}

// summarySentences is the largest number of sentences in a summary.
const summarySentences = summary.MaxSentences

// stageOf returns the stage that serves a task with a head, and its version with its settings.
func stageOf(task string) (stage, version string) {
	switch task {
	case schemas.TaskNER:
		return "ner", strconv.Itoa(ner.Version)
	case schemas.TaskRelations:
		return "relation", strconv.Itoa(relation.Version)
	case schemas.TaskSummary:
		return "summary", fmt.Sprintf("%d, at most %d sentences", summary.Version, summarySentences)
	case schemas.TaskAnswers:
		return "answer", strconv.Itoa(answer.Version)
	}
	return task, "0"
}

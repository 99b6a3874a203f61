package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	answers "github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/ner"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
	"github.com/pubmine/pubmine/stages/text"
)

// noTasks stands for no tasks at all.
const noTasks = "none"

// stages names the version of each stage. A change that changes rows must change it, so that a
// corpus is computed again.
func stages() map[string]string {
	return map[string]string{
		"decode": "1", "sentences": "1", "tokens": "1", "ner": "1", "relations": "1", "summary": fmt.Sprintf("1, of %d", summary.MaxSentences), "answers": "1",
	}
}

// parseTasks returns the tasks in the order in which they run.
func parseTasks(names []string) ([]string, error) {
	if slices.Equal(names, []string{noTasks}) {
		return nil, nil
	}
	order := schemas.Tasks()
	var tasks []string
	for _, name := range names {
		if !slices.Contains(order, name) {
			return nil, usage("--tasks %s: choose from %s, or %s alone", name, strings.Join(order, ", "), noTasks)
		}
	}
	for _, name := range order {
		if slices.Contains(names, name) {
			tasks = append(tasks, name)
		}
	}
	return tasks, nil
}

// lackMentions reports whether the tasks hold relations that join mentions, and no mentions.
// Relations that the model writes bring their own.
func lackMentions(card catalog.Card, tasks []string) bool {
	_, generated := card.Generates(schemas.TaskRelations)
	return slices.Contains(tasks, schemas.TaskRelations) && !slices.Contains(tasks, schemas.TaskNER) && !generated
}

// works is what a run computes with.
type components struct {
	preparer pipeline.Preparer
	encoder  pipeline.Encoder // nil where no task looks at states
	engine   *lazyEngine      // the encoder, if there is one
	writer   *lazyGenerator   // nil where no task is served by writing
	tasks    []pipeline.Task
	spec     corpus.Configuration // less the options of the run
	backend  string               // for a person
	close    func()
}

// pipeline is a run with these works.
func (w *components) pipeline() pipeline.Pipeline {
	p := pipeline.Pipeline{Preparer: w.preparer, Encoder: w.encoder, Tasks: w.tasks, Model: w.spec.Model}
	if w.writer != nil {
		p.Generator = w.writer
	}
	return p
}

// writingChunk is how many records are checkpointed together where a model writes: some minutes of
// BioGPT's on two cores.
const writingChunk = 32

// options are those of a run; a chunk of 0 is the default.
func (w *components) options(chunk int) pipeline.Options {
	if chunk == 0 && w.writer != nil {
		chunk = writingChunk
	}
	return pipeline.Options{Chunk: chunk}.WithDefaults()
}

// assemble opens what the tasks need of a model. No names means all that the model serves, answers
// only where something is asked.
func build(modelName string, names []string, backend string, asked questions) (*components, error) {
	tasks, err := parseTasks(names)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 && len(tasks) == 0 {
		if err := asked.check(tasks, catalog.Card{}); err != nil {
			return nil, err
		}
		w := newComponents()
		w.preparer, w.backend = text.Sentences{}, noTasks
		return w, nil
	}
	m, err := catalog.Resolve(modelName)
	if err != nil {
		return nil, usageError{err}
	}
	if lackMentions(m.Card, tasks) {
		return nil, usage("--tasks relations: they join mentions, so ask for ner,relations")
	}
	if len(names) > 0 {
		if err := asked.check(tasks, m.Card); err != nil {
			return nil, err
		}
	}
	return buildModel(m, tasks, backend, asked)
}

func newComponents() *components {
	return &components{
		close: func() {},
		spec:  corpus.Configuration{Schema: schemas.Version, Stages: stages(), Precision: string(biogpt.Float32)},
	}
}

// assembleModel is assemble for a model that is known. No tasks means all that it serves.
func buildModel(m *catalog.Model, tasks []string, backend string, asked questions) (*components, error) {
	if len(tasks) == 0 {
		var err error
		if tasks, err = asked.defaults(m.Card); err != nil {
			return nil, err
		}
	}
	for _, task := range tasks {
		if !m.Card.Serves(task) {
			return nil, usage("--tasks %s: model %s serves %s", task, m.Card.Name, strings.Join(m.Card.Tasks, ", "))
		}
	}
	w := newComponents()
	w.spec.Model, w.spec.ModelDigest, w.spec.Tasks = m.ID(), m.Digest, tasks
	w.spec.Questions = asked.texts()
	if err := w.open(m, tasks, backend, asked); err != nil {
		w.close()
		return nil, fmt.Errorf("model %s: %w", m.Card.Name, err)
	}
	return w, nil
}

// sink opens the corpus for a run with these works and options, which make its fingerprint.
// Without a model and off the network nothing is worth a checkpoint.
func (w *components) sink(
	root string, options pipeline.Options, replace, online bool, log *slog.Logger,
) (*corpus.Sink, error) {
	w.spec.Chunk, w.spec.GroupTokens = options.Chunk, options.GroupTokens
	direct := len(w.tasks) == 0 && !online
	return corpus.Create(
		root, w.spec, corpus.Options{Replace: replace, Direct: direct, Log: func(line string) { log.Info(line) }},
	)
}

func (w *components) open(m *catalog.Model, tasks []string, backend string, asked questions) error {
	words, err := tokenizer.Load(m.FS)
	if err != nil {
		return err
	}
	data, err := fs.ReadFile(m.FS, biogpt.ConfigFile)
	if err != nil {
		return err
	}
	config, err := biogpt.ParseConfig(data)
	if err != nil {
		return err
	}
	if words.Size() > config.Vocab {
		return fmt.Errorf(
			"its vocabulary has %d pieces, its config says %d: they are of two models", words.Size(), config.Vocab,
		)
	}
	w.preparer = text.New(words, config.MaxPositions)
	states, err := w.openTasks(m, tasks, words, config, asked)
	if err != nil {
		return err
	}
	return w.openDevices(m.FS, config, backend, states)
}

// openTasks makes the stages of the tasks, and says whether any of them looks at the trunk's
// states.
func (w *components) openTasks(
	m *catalog.Model, tasks []string, words *tokenizer.Tokenizer, config biogpt.Config, asked questions,
) (states bool, err error) {
	file, closeFile, err := weights.OpenFS(m.FS, biogpt.WeightsFile)
	if err != nil {
		return false, err
	}
	defer closeFile()
	for _, name := range tasks {
		if g, ok := m.Card.Generates(name); ok {
			task, err := openGenerated(g, words, config, asked)
			if err != nil {
				return false, err
			}
			if w.writer == nil {
				w.writer = &lazyGenerator{slots: writingSlots}
			}
			w.tasks, w.writer.slots = append(w.tasks, task), max(w.writer.slots, g.Beams)
			w.spec.Stages[name] = "written 1, " + g.Template
			continue
		}
		task, reads, err := openTask(file, name, asked)
		if err != nil {
			return false, err
		}
		w.tasks = append(w.tasks, task)
		states = states || reads
	}
	return states, nil
}

// openWritten makes the stage of a task that is served by writing.
func openGenerated(
	g model.Generation, words *tokenizer.Tokenizer, config biogpt.Config, asked questions,
) (pipeline.Task, error) {
	if config.Attention == biogpt.Bidirectional {
		return nil, fmt.Errorf(
			"%s is served by writing, and a model in which tokens see those behind them cannot write", g.Task,
		)
	}
	if err := g.Check(config.Vocab, config.MaxPositions); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", catalog.CardFile, g.Task, err)
	}
	p, err := generate.NewPrompter(g, words)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", catalog.CardFile, g.Task, err)
	}
	if g.Task == schemas.TaskRelations {
		return generate.Relations{Prompter: p}, nil
	}
	return generate.Answers{Prompter: p, Questions: asked.texts()}, nil
}

// openDevices opens what computes: states where a task looks at them, and texts where one is served
// by writing.
func (w *components) openDevices(dir fs.FS, config biogpt.Config, backend string, states bool) error {
	w.backend = "none: this model reads features alone"
	var classes []string
	use := func(b *biogpt.Backend) {
		if !slices.Contains(classes, b.Class()) {
			classes = append(classes, b.Class())
		}
		w.spec.Backend = strings.Join(classes, "+")
		w.backend, w.spec.Precision = w.spec.Backend, string(biogpt.PrecisionOf(b.Class()))
	}
	var encoding *biogpt.Backend
	if states {
		var err error
		if encoding, err = biogpt.OpenBackend(backend); err != nil {
			return err
		}
		use(encoding)
		w.engine = &lazyEngine{
			dim:  config.Hidden,
			open: func() (*biogpt.Engine, error) { return biogpt.Open(dir, encoding) },
			peak: func() float64 { return matrixSpeed(encoding) },
		}
		w.encoder = w.engine
		w.close = func() {
			w.engine.close()
			_ = encoding.Close() // nothing is left to be lost
		}
	}
	if w.writer == nil {
		return nil
	}
	writing := encoding
	if writing == nil {
		var err error
		if writing, err = biogpt.OpenBackend(backend); err != nil {
			return err
		}
		use(writing)
	}
	w.writer.open = func(slots int) (*biogpt.Generator, error) { return biogpt.NewGenerator(dir, writing, slots) }
	before := w.close
	w.close = func() {
		w.writer.close()
		if writing != encoding {
			_ = writing.Close()
		}
		before()
	}
	return nil
}

// openTask makes the stage of a task from the model's heads, and says whether it looks at the
// trunk's states.
func openTask(file *weights.File, task string, asked questions) (pipeline.Task, bool, error) {
	switch task {
	case schemas.TaskNER:
		tagger, err := heads.ReadTagger(file)
		if err != nil {
			return nil, false, err
		}
		return ner.New(tagger), tagger.Linear.Dim > 0, nil
	case schemas.TaskRelations:
		judges, err := relation.ReadHeads(file)
		if err != nil {
			return nil, false, err
		}
		stage, err := relation.New(judges...)
		reads := slices.ContainsFunc(judges, func(h *relation.Head) bool { return h.Linear.Dim > 0 })
		return stage, reads, err
	case schemas.TaskSummary:
		head, err := summary.ReadHead(file)
		if err != nil {
			return nil, false, err
		}
		stage, err := summary.New(head, summary.MaxSentences)
		return stage, head.Dim > 0, err
	case schemas.TaskAnswers:
		head, err := answers.ReadHead(file)
		if err != nil {
			return nil, false, err
		}
		stage, err := answers.New(head, asked.list...)
		return stage, false, err
	}
	return nil, false, usage("--tasks %s: this pubmine cannot run it", task)
}

package jobs

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/label"
	"github.com/pubmine/pubmine/stages/link"
	"github.com/pubmine/pubmine/stages/ner"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
	"github.com/pubmine/pubmine/stages/text"
	"github.com/pubmine/pubmine/stages/vector"
)

// generateChunk is the default of Request.Chunk where a model generates: BioGPT takes some minutes
// for it on two cores.
const generateChunk = 32

// Components are what a request computes with. Close them when done.
type Components struct {
	Preparer      pipeline.Preparer
	Encoder       pipeline.Encoder   // nil when no task reads states
	Generator     pipeline.Generator // nil when no task generates
	Tasks         []pipeline.Task
	Options       pipeline.Options
	Configuration corpus.Configuration
	// Backend describes what computes, for people: the backends, or why there is none.
	Backend string

	request Request
	engine  *lazyEngine // the encoder, if there is one
	slots   int         // prompts that are continued side by side
	// vocabulary is that of task linking, without its names; nil without the task.
	vocabulary *vocabulary.Vocabulary
	linker     func() (*linker.Linker, error)         // nil without the task
	names      func() (*vocabulary.Vocabulary, error) // the whole of it; nil without the task
	hierarchy  relation.Opener                        // of its concepts, for relations; nil without the task
	closers    []func() error                         // in the order of opening
	building   time.Duration                          // the time that it took to build them
}

// Pipeline returns a run with these components, without source and sink.
func (c *Components) Pipeline() pipeline.Pipeline {
	return pipeline.Pipeline{
		Preparer: c.Preparer, Encoder: c.Encoder, Generator: c.Generator, Tasks: c.Tasks, Options: c.Options,
		Model: c.Configuration.Model,
	}
}

// Vocabulary returns the vocabulary of task linking, which is loaded when it is first used; nil
// without the task.
func (c *Components) Vocabulary() (*vocabulary.Vocabulary, error) {
	if c.names == nil {
		return nil, nil
	}
	return c.names()
}

// Close frees the memory of trunk and generator.
func (c *Components) Close() {
	for _, end := range slices.Backward(c.closers) {
		_ = end() // it only frees memory
	}
}

// Build opens the components of a request. Trunk and generator are loaded when they are first used.
func Build(r Request) (*Components, error) {
	if tasks, err := ParseTasks(r.Tasks); err != nil {
		return nil, err
	} else if len(r.Tasks) > 0 && len(tasks) == 0 {
		if len(r.Questions) > 0 {
			return nil, invalid("a question needs task answers: add it to --tasks")
		}
		c := &Components{Preparer: text.Sentences{}, Backend: NoTasks, request: r}
		return c, c.configure(nil, nil, "")
	}
	m, err := catalog.Resolve(cmp.Or(r.Model, catalog.Bundled))
	if err != nil {
		return nil, &RequestError{err}
	}
	return BuildModel(m, r)
}

// BuildModel is Build for a model that is resolved; Request.Model is ignored.
func BuildModel(m *catalog.Model, r Request) (*Components, error) {
	tasks, err := r.resolveTasks(m.Card)
	if err != nil {
		return nil, err
	}
	start, c := time.Now(), &Components{request: r}
	if err := c.open(m, tasks); err != nil {
		c.Close()
		return nil, fmt.Errorf("model %s: %w", m.Card.Name, err)
	}
	c.building = time.Since(start)
	return c, nil
}

// configure completes the options and the configuration.
func (c *Components) configure(m *catalog.Model, tasks []string, backend string) (err error) {
	chunk := c.request.Chunk
	if chunk == 0 && c.Generator != nil {
		chunk = generateChunk
	}
	c.Options = pipeline.Options{Chunk: chunk}.WithDefaults()
	settings := Settings{
		Questions: c.request.questionTexts(), Vocabulary: c.vocabulary,
		Chunk: c.Options.Chunk, GroupTokens: c.Options.GroupTokens,
	}
	c.Configuration = Configure(m, tasks, backend, settings)
	c.Configuration.Parts, err = Parts(m, c.Tasks, backend, settings)
	return err
}

func (c *Components) open(m *catalog.Model, tasks []string) error {
	tok, err := tokenizer.Load(m.FS)
	if err != nil {
		return err
	}
	config, err := biogpt.LoadConfig(m.FS)
	if err != nil {
		return err
	}
	if tok.Size() > config.Vocab {
		return fmt.Errorf("its vocabulary has %d pieces, its config says %d: they belong to different models",
			tok.Size(), config.Vocab)
	}
	c.Preparer = text.New(tok, config.MaxPositions)
	if err := c.openTasks(m, tasks, tok, config); err != nil {
		return err
	}
	backend, err := c.openBackend(m, config)
	if err != nil {
		return err
	}
	return c.configure(m, tasks, backend)
}

// openTasks makes the stages of the tasks.
func (c *Components) openTasks(
	m *catalog.Model, tasks []string, tok *tokenizer.Tokenizer, config biogpt.Config,
) error {
	file, closeFile, err := weights.OpenFS(m.FS, biogpt.WeightsFile)
	if err != nil {
		return err
	}
	defer closeFile()
	for _, name := range tasks {
		var task pipeline.Task
		if g, ok := m.Card.Generates(name); ok {
			task, err = c.openGenerated(g, tok, config)
			c.slots = max(c.slots, generateSlots, g.Beams)
		} else {
			task, err = c.openTask(m, file, name)
		}
		if err != nil {
			return err
		}
		c.Tasks = append(c.Tasks, task)
	}
	return nil
}

// openGenerated makes the stage of a task for which the model generates text.
func (c *Components) openGenerated(g model.Generation, tok *tokenizer.Tokenizer, config biogpt.Config) (
	pipeline.Task, error,
) {
	if config.Attention == biogpt.Bidirectional {
		return nil, fmt.Errorf("task %s generates text, which a bidirectional model cannot", g.Task)
	}
	if err := g.Check(config.Vocab, config.MaxPositions); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", catalog.CardFile, g.Task, err)
	}
	p, err := generate.NewPrompter(g, tok)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", catalog.CardFile, g.Task, err)
	}
	if g.Task == schemas.TaskRelations {
		return generate.Relations{Prompter: p}, nil
	}
	return generate.Answers{Prompter: p, Questions: c.request.Questions}, nil
}

// openTask makes the stage of a task from the model's heads, if it needs one.
func (c *Components) openTask(m *catalog.Model, file *weights.File, task string) (pipeline.Task, error) {
	switch task {
	case schemas.TaskLinking:
		return c.openLinking(m)
	case schemas.TaskNER:
		tagger, err := heads.ReadTagger(file)
		if err != nil {
			return nil, err
		}
		return ner.New(tagger), nil
	case schemas.TaskRelations:
		found, err := heads.ReadRelations(file)
		if err != nil {
			return nil, err
		}
		return relation.New(c.hierarchy, found...)
	case schemas.TaskSummary:
		head, err := heads.ReadSummary(file)
		if err != nil {
			return nil, err
		}
		return summary.New(head, summary.MaxSentences)
	case schemas.TaskAnswers:
		head, err := heads.ReadAnswer(file)
		if err != nil {
			return nil, err
		}
		return answer.New(head, c.request.Questions...)
	case schemas.TaskLabels:
		head, err := heads.ReadLabels(file)
		if err != nil {
			return nil, err
		}
		return label.New(head)
	case schemas.TaskVectors:
		return vector.Stage{}, nil
	}
	return nil, invalid("task %q: this pubmine does not know it", task)
}

// openLinking makes the stage of task linking, which loads its vocabulary when it is first used.
func (c *Components) openLinking(m *catalog.Model) (pipeline.Task, error) {
	name := cmp.Or(c.request.Vocabulary, vocabulary.Bundled)
	var err error
	if c.vocabulary, err = vocabulary.Inspect(name); err != nil {
		return nil, &RequestError{err}
	}
	c.names = sync.OnceValues(func() (*vocabulary.Vocabulary, error) { return vocabulary.Open(name) })
	c.hierarchy = sync.OnceValues(func() (features.Hierarchy, error) {
		v, err := c.names()
		if err != nil {
			return nil, err
		}
		return relation.Hierarchy(v), nil
	})
	c.linker = sync.OnceValues(func() (*linker.Linker, error) { return openLinker(m, c.names) })
	return link.New(c.linker), nil
}

func openLinker(m *catalog.Model, open func() (*vocabulary.Vocabulary, error)) (*linker.Linker, error) {
	v, err := open()
	if err != nil {
		return nil, err
	}
	file, closeFile, err := weights.OpenFS(m.FS, biogpt.WeightsFile)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	head, err := linker.Read(file, v)
	if err != nil {
		return nil, err
	}
	return linker.New(v, head), nil
}

// openBackend opens what computes, if anything does: the trunk where states are read, a generator
// where text is generated. It returns the name of the backend.
func (c *Components) openBackend(m *catalog.Model, config biogpt.Config) (name string, err error) {
	states := slices.ContainsFunc(c.Tasks, pipeline.ReadsStates)
	if !states && c.slots == 0 {
		c.Backend = "none: this model reads features only"
		return "", nil
	}
	b, err := biogpt.OpenBackend(cmp.Or(c.request.Backend, "auto"))
	if err != nil {
		return "", err
	}
	c.Backend = b.Class()
	c.closers = append(c.closers, b.Close)
	if states {
		c.engine = &lazyEngine{model: m, dim: config.Hidden, backend: b}
		c.Encoder = c.engine
		c.closers = append(c.closers, c.engine.close)
	}
	if c.slots > 0 {
		generator := &lazyGenerator{model: m, slots: c.slots, backend: b}
		c.Generator = generator
		c.closers = append(c.closers, generator.close)
	}
	return c.Backend, nil
}

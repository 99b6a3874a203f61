package jobs

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

// NoTasks, as the only task, asks for documents and sentences without a model.
const NoTasks = "none"

// Request names a model and the results that are wanted.
type Request struct {
	Model     string            // name or directory: see package catalog; empty for the bundled one
	Tasks     []string          // empty: all that the model serves
	Backend   string            // see package biogpt
	Questions []answer.Question // asked of every document
	// Vocabulary has the concepts of task linking: see vocabulary.Open; empty for the bundled one.
	Vocabulary string
	// OwnQuestions means that each document comes with its question, as in evaluation.
	OwnQuestions bool
	// Chunk is the number of records that are checkpointed together; 0 for the default.
	Chunk int
}

// ForCorpus returns the request with what a corpus was made with in place of what is not given: of
// the edition that is being built, or else of the current one. The corpus need not exist.
func (r Request) ForCorpus(root string) (Request, error) {
	snapshot, err := corpus.ReadSnapshot(root)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, corpus.ErrNotCorpus) {
		return r, nil // creating it reports what is wrong
	}
	if err != nil {
		return r, err
	}
	was := snapshot.Target().Settings
	r.Model, r.Backend, r.Chunk = cmp.Or(r.Model, was.Model), cmp.Or(r.Backend, was.Backend), cmp.Or(r.Chunk, was.Chunk)
	r.Vocabulary = cmp.Or(r.Vocabulary, was.Vocabulary)
	if len(r.Tasks) == 0 {
		r.Tasks = was.Tasks
	}
	if len(r.Questions) == 0 && (len(r.Tasks) == 0 || slices.Contains(r.Tasks, schemas.TaskAnswers)) {
		r.Questions, err = rememberedQuestions(was.Questions)
	}
	return r, err
}

// settings returns the request for the corpus to remember. backend is what computed, if anything
// did.
func (r *Request) settings(backend string) corpus.Settings {
	model := cmp.Or(r.Model, catalog.Bundled)
	if info, err := os.Stat(model); err == nil && info.IsDir() && model != catalog.Bundled {
		model = absolute(model)
	}
	words := r.Vocabulary
	if info, err := os.Stat(words); err == nil && info.Mode().IsRegular() && words != vocabulary.Bundled {
		words = absolute(words)
	}
	return corpus.Settings{
		Model: model, Vocabulary: words, Tasks: r.Tasks, Questions: r.questionTexts(), Backend: backend, Chunk: r.Chunk,
	}
}

// absolute returns the absolute form of a path, where there is one.
func absolute(path string) string {
	if found, err := filepath.Abs(path); err == nil {
		return found
	}
	return path
}

// ParseTasks returns the tasks, each once, in the order in which they run.
func ParseTasks(names []string) ([]string, error) {
	if slices.Equal(names, []string{NoTasks}) {
		return nil, nil
	}
	for _, name := range names {
		if !slices.Contains(schemas.Tasks(), name) {
			return nil, invalid(
				"task %q: choose from %s, or %s alone", name, strings.Join(schemas.Tasks(), ", "), NoTasks,
			)
		}
	}
	return slices.DeleteFunc(schemas.Tasks(), func(t string) bool { return !slices.Contains(names, t) }), nil
}

// resolveTasks returns the tasks of a request for a model.
func (r *Request) resolveTasks(card catalog.Card) ([]string, error) {
	if len(r.Tasks) == 0 {
		return r.defaultTasks(card)
	}
	tasks, err := ParseTasks(r.Tasks)
	if err != nil {
		return nil, err
	}
	_, generated := card.Generates(schemas.TaskRelations) // which bring their own mentions
	if slices.Contains(tasks, schemas.TaskRelations) && !slices.Contains(tasks, schemas.TaskNER) && !generated {
		return nil, invalid("task relations needs the mentions that it relates: ask for ner,relations")
	}
	if slices.Contains(tasks, schemas.TaskLinking) && !slices.Contains(tasks, schemas.TaskNER) {
		return nil, invalid("task linking needs the mentions that it links: ask for ner,linking")
	}
	if r.Vocabulary != "" && !slices.Contains(tasks, schemas.TaskLinking) {
		return nil, invalid("a vocabulary needs task linking: add it to --tasks")
	}
	switch answers := slices.Contains(tasks, schemas.TaskAnswers); {
	case answers && !r.asks(card):
		return nil, invalid("task answers needs a question: ask one with --question")
	case !answers && len(r.Questions) > 0:
		return nil, invalid("a question needs task answers: add it to --tasks")
	}
	for _, task := range tasks {
		if !card.Serves(task) && !schemas.Headless(task) {
			return nil, invalid("task %s: model %s serves %s", task, card.Name, strings.Join(card.Tasks, ", "))
		}
	}
	return tasks, nil
}

// defaultTasks returns all that the model has heads for or generates, without answers if nothing is
// asked.
func (r *Request) defaultTasks(card catalog.Card) ([]string, error) {
	tasks := slices.DeleteFunc(schemas.Tasks(), func(t string) bool {
		return !card.Serves(t) || schemas.Headless(t) || t == schemas.TaskAnswers && !r.asks(card)
	})
	switch {
	case len(r.Questions) > 0 && !card.Serves(schemas.TaskAnswers):
		return nil, invalid("model %s answers no questions: it serves %s", card.Name, strings.Join(card.Tasks, ", "))
	case len(tasks) == 0 && len(card.Tasks) > 0:
		return nil, invalid("model %s serves answers only: ask a question with --question", card.Name)
	}
	return tasks, nil
}

// asks reports whether there is a question to answer. A model that generates its answers also
// answers the titles that are questions.
func (r *Request) asks(card catalog.Card) bool {
	_, generates := card.Generates(schemas.TaskAnswers)
	return r.OwnQuestions || len(r.Questions) > 0 || generates
}

// questionTexts returns the texts of the questions.
func (r *Request) questionTexts() []string {
	var texts []string
	for _, q := range r.Questions {
		texts = append(texts, q.Text)
	}
	return texts
}

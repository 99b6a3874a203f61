package pipelinetest

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Generator is a pipeline.Generator that continues each prompt with its first id. The
// log-probabilities depend on all prompts of a call, like the last bits of a real model.
type Generator struct {
	Alone bool                         // log-probabilities depend on their own prompt alone
	Fail  func(call int) error         // unless nil, called before each call
	Seen  func(prompts []model.Prompt) // unless nil, receives each call
	Next  func()                       // unless nil, called before each prompt
	calls int
}

// Exact reports whether log-probabilities depend on their own prompt alone.
func (w *Generator) Exact() bool { return w.Alone }

// Generate makes the completions: those of every second prompt first, until ctx ends.
func (w *Generator) Generate(
	ctx context.Context, prompts []model.Prompt, done func(i int, c model.Completion),
) error {
	w.calls++
	if w.Fail != nil {
		if err := w.Fail(w.calls); err != nil {
			return err
		}
	}
	if w.Seen != nil {
		w.Seen(prompts)
	}
	batch := fnv.New32a()
	for _, p := range prompts {
		fmt.Fprint(batch, p.IDs)
	}
	for _, i := range outOfOrder(len(prompts)) {
		if w.Next != nil {
			w.Next()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ids := prompts[i].IDs
		if w.Alone {
			batch.Reset()
			fmt.Fprint(batch, ids)
		}
		done(i, model.Completion{IDs: ids[:1], LogProbs: []float64{float64(batch.Sum32() % 1000)}, Ended: true})
	}
	return ctx.Err()
}

// Prompter is a pipeline.Prompter with a prompt for each sentence after the first; its answer is
// the generated id.
type Prompter struct {
	Label   string                    // the task's name
	Refuses func(t *model.Text) error // called when prompts are made; it may panic
}

// Name returns the label.
func (k Prompter) Name() string { return k.Label }

// ReadsStates is false.
func (Prompter) ReadsStates() bool { return false }

// Prompts returns the tokens of the document, each time one fewer.
func (k Prompter) Prompts(t *model.Text) []model.Prompt {
	if k.Refuses != nil {
		if err := k.Refuses(t); err != nil {
			panic(err)
		}
	}
	var prompts []model.Prompt
	for i := range len(t.Sentences) - 1 {
		var ids []int32
		for _, token := range t.Tokens[min(i, len(t.Tokens)-1):] {
			ids = append(ids, token.ID)
		}
		prompts = append(prompts, model.Prompt{IDs: ids, MaxNew: 1})
	}
	return prompts
}

// Annotate adds an answer for each completion.
func (k Prompter) Annotate(_ *model.Text, s model.States, a *schemas.Annotations) error {
	for i, c := range s.Completions {
		a.Answers = append(
			a.Answers,
			schemas.Answer{
				QuestionID: fmt.Sprint(k.Label, i), Answer: fmt.Sprint(c.IDs), Score: float32(c.LogProbs[0]),
			},
		)
	}
	return nil
}

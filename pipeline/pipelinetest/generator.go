package pipelinetest

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Writer is a pipeline.Writer that goes on with the first id of each prompt, and whose
// log-probabilities depend on all prompts that it is given at once, as a real one's last bits do.
type Writer struct {
	Fail  func(call int) error         // asked before each call, when not nil
	Seen  func(prompts []model.Prompt) // told of each call, when not nil
	calls int
}

// Write goes on.
func (w *Writer) Generate(ctx context.Context, prompts []model.Prompt) ([]model.Completion, error) {
	w.calls++
	if w.Fail != nil {
		if err := w.Fail(w.calls); err != nil {
			return nil, err
		}
	}
	if w.Seen != nil {
		w.Seen(prompts)
	}
	batch := fnv.New32a()
	for _, p := range prompts {
		fmt.Fprint(batch, p.IDs)
	}
	var out []model.Completion
	for _, p := range prompts {
		out = append(
			out, model.Completion{IDs: p.IDs[:1], LogProbs: []float64{float64(batch.Sum32() % 1000)}, Ended: true},
		)
	}
	return out, ctx.Err()
}

// Prompter is a pipeline.Prompter that asks about each sentence after the first, and answers with
// the id that was written.
type Prompter struct {
	Label   string                    // the task's name
	Refuses func(t *model.Text) error // asked when prompts are made; it may panic
}

// Name returns the label.
func (k Prompter) Name() string { return k.Label }

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

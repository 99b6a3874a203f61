package pipeline

import (
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// prepare makes the document ready for the model. A deletion has no text.
func (it *item) prepare(p Preparer, tasks []Task) {
	if it.kept || it.reject != nil || it.doc.Deleted || it.reused.all(tasks) {
		return
	}
	if err := attempt(func() error { it.text = p.Prepare(it.doc); return nil }); err != nil {
		it.text = nil
		it.fail("prepare", err)
	}
	if it.tokens() == 0 {
		return
	}
	it.prompts, it.completions = make([][]model.Prompt, len(tasks)), make([][]model.Completion, len(tasks))
	for i, task := range tasks {
		if task, ok := task.(Prompter); ok && !it.reused.has(task) {
			if err := attempt(func() error { it.prompts[i] = task.Prompts(it.text); return nil }); err != nil {
				it.fail(task.Name(), err)
			}
		}
	}
}

// drop takes the tokens off a document, so that no task sees it, for the given reason.
func (it *item) drop(why schemas.Reject) {
	it.text = &model.Text{Body: it.text.Body, Sections: it.text.Sections, Sentences: it.text.Sentences}
	it.states, it.rejects = model.States{}, append(it.rejects, why)
}

// finite reports whether no value is an infinity or NaN: times zero, all others are zero.
func finite(values []float32) bool {
	var sum float32
	for _, x := range values {
		sum += x * 0
	}
	return sum == 0
}

// finish runs the tasks on the document and makes its rows. It releases everything else.
func (it *item) finish(tasks []Task, from schemas.Provenance) (err error) {
	if it.kept {
		return nil
	}
	defer func() { it.doc, it.text, it.states, it.completions = nil, nil, model.States{}, nil }()
	if it.reject != nil {
		it.rows = schemas.RejectRows(it.reject, from)
		return nil
	}
	a := it.reused.annotations()
	if it.text != nil {
		a.Sentences = it.text.Sentences
	}
	if it.tokens() > 0 {
		for i, task := range tasks {
			if it.reused.has(task) {
				continue
			}
			before, states := *a, it.states
			states.Completions = it.completions[i]
			if err := attempt(func() error { return task.Annotate(it.text, states, a) }); err != nil {
				*a = before
				it.fail(task.Name(), err)
			}
		}
	}
	it.reused.order(a.Rejects, tasks)
	a.Rejects = append(a.Rejects, it.rejects...)
	it.rows, err = schemas.NewRows(it.doc, a, from)
	return err
}

// fail turns the failure of a stage on this document into a reject.
func (it *item) fail(stage string, err error) {
	kind := "error"
	if _, ok := err.(*PanicError); ok {
		kind = "panic"
	}
	it.rejects = append(it.rejects, schemas.Reject{Stage: stage, Kind: kind, Message: err.Error()})
}

// attempt calls f and returns its error or its panic.
func attempt(f func() error) (err error) {
	defer catch(&err)
	return f()
}

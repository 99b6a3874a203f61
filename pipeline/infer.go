package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// infer is the second stage, the only one that uses encoder and generator.
func (r *run) infer(ctx context.Context, in <-chan *work, out chan<- *work) error {
	for w := range received(in, &r.waits.starved) {
		if w.end {
			if err := send(ctx, out, w, &r.waits.blocked); err != nil {
				return err
			}
			continue
		}
		for group := range groups(w, r.Options.GroupTokens) {
			if err := r.inferGroup(ctx, group, out); err != nil {
				return fmt.Errorf("unit %s, chunk %d: %w", w.unit.Name, w.chunk, err)
			}
		}
	}
	return nil
}

// inference is a group on its way through encoder and generator. Its records are passed on as soon
// as they and those before them are done.
type inference struct {
	*run
	group *work
	out   chan<- *work
	sent  int   // number of records that are passed on
	err   error // of a result that does not fit
}

// part is one of the results that a record waits for: of a window, or of a prompt of a task.
type part struct {
	item        *item
	task, index int
}

// inferGroup passes the group's windows to the encoder and its prompts to the generator, each in
// one call. After an error it still passes on what is done.
func (r *run) inferGroup(ctx context.Context, group *work, out chan<- *work) error {
	f := &inference{run: r, group: group, out: out}
	sequences, windows := f.sequences()
	prompts, places := f.prompts()
	for _, it := range group.items {
		if it.missing > 0 {
			r.report.Encoded++
		} else if !it.kept {
			r.Hooks.Inferred(group.unit.Unit, 1)
		}
	}
	err := f.encode(ctx, sequences, windows)
	if err == nil {
		err = f.generate(ctx, prompts, places)
	}
	if err != nil {
		out <- f.next() // the next stage takes it, whether or not ctx has ended
		return err
	}
	w := f.next()
	w.last = group.last
	return send(ctx, out, w, &r.waits.blocked)
}

// sequences returns the token ids of all windows. It drops documents that are too long.
func (f *inference) sequences() (batch [][]int32, windows []part) {
	for _, it := range f.group.items {
		if it.text == nil || len(it.text.Windows) == 0 {
			continue
		}
		if n := it.tokens(); n > f.Options.GroupTokens {
			it.drop(schemas.Reject{
				Stage: "encode", Kind: "too-long", Message: fmt.Sprintf(
					"%d tokens, more than %d", n, f.Options.GroupTokens,
				),
			})
			continue
		}
		if f.Encoder == nil || !it.needsStates(f.Tasks) {
			continue
		}
		it.windows = make([][]float32, len(it.text.Windows))
		it.missing += len(it.windows)
		for i := range it.windows {
			windows = append(windows, part{item: it, index: i})
		}
		batch = append(batch, sequences(it.text)...)
	}
	return batch, windows
}

// prompts returns the prompts of all documents that have tokens.
func (f *inference) prompts() (batch []model.Prompt, places []part) {
	for _, it := range f.group.items {
		if it.tokens() == 0 { // too long for a group
			it.prompts = nil
		}
		for task, own := range it.prompts {
			it.completions[task] = make([]model.Completion, len(own))
			it.missing += len(own)
			for i := range own {
				places = append(places, part{it, task, i})
			}
			batch = append(batch, own...)
		}
		it.prompts = nil
	}
	return batch, places
}

// encode passes the windows to the encoder, and the states to the documents.
func (f *inference) encode(ctx context.Context, batch [][]int32, windows []part) error {
	if len(batch) == 0 {
		return nil
	}
	got := 0
	err := f.Encoder.Encode(ctx, batch, func(i int, states []float32) {
		p := windows[i]
		p.item.windows[p.index] = states
		got++
		f.received(p.item)
	})
	if err == nil {
		err = f.err
	}
	if err == nil && got != len(batch) {
		err = fmt.Errorf("encoder gave states for %d of %d sequences", got, len(batch))
	}
	return err
}

// generate passes the prompts to the generator, and the completions to the documents.
func (f *inference) generate(ctx context.Context, batch []model.Prompt, places []part) error {
	if len(batch) == 0 {
		return nil
	}
	if f.Generator == nil {
		return errors.New("a task has prompts, and there is no generator")
	}
	got := 0
	err := f.Generator.Generate(ctx, batch, func(i int, c model.Completion) {
		p := places[i]
		p.item.completions[p.task][p.index] = c
		got++
		f.received(p.item)
	})
	if err == nil {
		err = f.err
	}
	if err == nil && got != len(batch) {
		err = fmt.Errorf("generator continued %d of %d prompts", got, len(batch))
	}
	return err
}

// received counts a result of a record. The last one makes the record ready, and the next stage
// gets it if that waits for work.
func (f *inference) received(it *item) {
	if it.missing--; it.missing > 0 || f.err != nil {
		return
	}
	if f.err = it.join(f.run); f.err != nil {
		it.missing = -1 // it is never ready
		return
	}
	f.Hooks.Inferred(f.group.unit.Unit, 1)
	w := f.next()
	if len(w.items) == 0 {
		return
	}
	select {
	case f.out <- w:
		f.sent += len(w.items)
	default:
	}
}

// next returns the records that can be passed on next.
func (f *inference) next() *work {
	ready := f.group.items[f.sent:]
	if i := slices.IndexFunc(ready, func(it *item) bool { return it.missing != 0 }); i >= 0 {
		ready = ready[:i]
	}
	return &work{unit: f.group.unit, chunk: f.group.chunk, items: ready}
}

// join makes the document's states of those of its windows.
func (it *item) join(r *run) (err error) {
	if it.windows == nil {
		return nil
	}
	it.states, err = stitch(it.text, r.Encoder.Dim(), it.windows)
	it.windows = nil
	if err == nil && !finite(it.states.Data) {
		it.drop(schemas.Reject{
			Stage: "encode", Kind: "not-finite",
			Message: "a state of the model is infinite or not a number: check the model and the backend",
		})
	}
	return err
}

package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/schemas"
)

// A Reuser knows results of earlier runs.
type Reuser interface {
	// Reuse returns for each document the results that earlier runs found in the same text, or nil.
	// The documents are those of one chunk, without deletions. Calls do not overlap. The pipeline
	// keeps and changes what is returned.
	Reuse(ctx context.Context, u schemas.Unit, docs []*schemas.Document) ([]*Reused, error)
}

// Reused are results of earlier runs for a document, the same as those that the tasks would
// compute.
type Reused struct {
	Annotations *schemas.Annotations // of Tasks alone, and the sentences
	// Tasks are the names of the tasks that need not run. A task may be among them only if those
	// whose annotations it reads are. No two tasks annotate the same table.
	Tasks []string
}

// reuse asks the Reuser for the documents of a chunk.
func (r *run) reuse(ctx context.Context, u schemas.Unit, items []*item) error {
	var docs []*schemas.Document
	var owners []*item
	for _, it := range items {
		if it.reject == nil && !it.doc.Deleted {
			docs, owners = append(docs, it.doc), append(owners, it)
		}
	}
	if len(docs) == 0 {
		return nil
	}
	found, err := r.Reuser.Reuse(ctx, u, docs)
	if err != nil {
		return fmt.Errorf("read earlier results: %w", err)
	}
	if len(found) != len(docs) {
		return fmt.Errorf("read earlier results: %d for %d documents", len(found), len(docs))
	}
	for i, it := range owners {
		if found[i] != nil && found[i].Annotations != nil && slices.ContainsFunc(r.Tasks, found[i].has) {
			it.reused = found[i]
			r.report.Reused++
		}
	}
	return nil
}

// has reports whether the results of a task are among r, which may be nil.
func (r *Reused) has(task Task) bool { return r != nil && slices.Contains(r.Tasks, task.Name()) }

// all reports whether no task need run.
func (r *Reused) all(tasks []Task) bool {
	return r != nil && !slices.ContainsFunc(tasks, func(t Task) bool { return !r.has(t) })
}

// annotations returns those that the document has before the first task.
func (r *Reused) annotations() *schemas.Annotations {
	if r == nil {
		return &schemas.Annotations{}
	}
	return r.Annotations
}

// order sorts rejects by their task, as if all tasks had run.
func (r *Reused) order(rejects []schemas.Reject, tasks []Task) {
	if r == nil {
		return
	}
	index := func(x schemas.Reject) int {
		return slices.IndexFunc(tasks, func(t Task) bool { return t.Name() == x.Stage })
	}
	slices.SortStableFunc(rejects, func(x, y schemas.Reject) int { return cmp.Compare(index(x), index(y)) })
}

// needsStates reports whether a task that is still to run reads the document's states.
func (it *item) needsStates(tasks []Task) bool {
	return slices.ContainsFunc(tasks, func(t Task) bool { return ReadsStates(t) && !it.reused.has(t) })
}

// ReadsStates reports whether a task reads the states of the Encoder.
func ReadsStates(t Task) bool {
	reader, ok := t.(StateReader)
	return !ok || reader.ReadsStates()
}

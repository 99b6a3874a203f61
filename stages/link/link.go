// Package link finds the concepts of mentions: identifiers of a vocabulary.
//
// All mentions of one name and type in a document get the same concept. Package linker has the
// rules and the learned part. A mention whose concept is not likely enough has none. A composite
// mention ("ovarian and breast cancer") has several, joined by "|", and so has a gene of two
// species. The stage is pure; it reads no states.
package link

import (
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskLinking

// Version is the version of this stage. Increase it with every change that can change a concept of
// the same text, mentions, vocabulary and head: results of another version are computed again.
const Version = 3

// Stage sets the concepts of a document's mentions.
type Stage struct {
	open func() (*linker.Linker, error)
}

// New returns the stage. open is called for each document that has mentions: it opens the linker
// once, as a run with nothing to do need not load a vocabulary.
func New(open func() (*linker.Linker, error)) Stage { return Stage{open} }

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates is false.
func (Stage) ReadsStates() bool { return false }

// Annotate sets the concepts of the mentions of a.
func (st Stage) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	if len(a.Mentions) == 0 {
		return nil
	}
	l, err := st.open()
	if err != nil {
		return err
	}
	d := linker.NewDocument(t, a.Mentions)
	index := map[int]int{}
	for i, m := range a.Mentions {
		index[m.ID] = i
	}
	for i, link := range l.Link(d) {
		for _, m := range d.Entities[i].Mentions {
			x := &a.Mentions[index[m.ID]]
			x.Concept, x.ConceptName, x.ConceptScore = link.ID, link.Name, link.Score
		}
	}
	return nil
}

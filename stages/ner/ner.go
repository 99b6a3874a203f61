// Package ner recognizes the named entities of a text: chemicals, diseases, genes, species,
// variants and cell lines, or whichever types its head knows.
//
// Every word gets scores from its lexical features (package features) and, if the head was trained
// with a trunk, from the hidden state of its last token. A CRF per type decodes the mentions of a
// sentence (package heads). The score of a mention is the probability of its exact bounds. If the
// string of a likely mention occurs elsewhere without a mention, the scores of its words are raised
// there by the head's repeat bonus, and the text is decoded again. Mentions of different types may
// overlap; those of one type do not. No mention crosses the end of its sentence.
//
// The bounds are then cleaned: punctuation at the ends is dropped, and so is a bracket without its
// partner. Spans count bytes of the text's body. The stage is pure: the same arguments give the
// same mentions.
package ner

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskNER

// Version is the version of this stage. Increase it with every change that can change a mention of
// the same text, states and head: results of another version are computed again.
const Version = 1

// Stage adds mentions to a document's annotations.
type Stage struct{ tagger *heads.Tagger }

// New returns the stage for a head.
func New(tagger *heads.Tagger) Stage { return Stage{tagger} }

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates reports whether the head was trained with a trunk.
func (st Stage) ReadsStates() bool { return st.tagger.Linear.Dim > 0 }

// Annotate appends the mentions of the text, in text order, and numbers all mentions of a by their
// position.
func (st Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	linear := st.tagger.Linear
	if linear.Dim != 0 && (s.Dim != linear.Dim || len(s.Data) != len(t.Tokens)*s.Dim) {
		return fmt.Errorf(
			"ner: the head reads states of %d values for %d tokens, and got %d values of %d: "+
				"head and trunk are not of the same model",
			linear.Dim, len(t.Tokens), len(s.Data), s.Dim,
		)
	}
	words := features.NewWords(t)
	scores := make([]float32, len(t.Words)*linear.Labels)
	var lexical []uint32
	for i, w := range t.Words {
		var state []float32
		if linear.Dim != 0 {
			state = s.Row(w.Token)
		}
		lexical = words.Append(lexical[:0], i)
		linear.Score(scores[i*linear.Labels:(i+1)*linear.Labels], state, lexical)
	}
	found := st.decode(t, scores)
	if st.raiseRepeats(t, scores, found) {
		found = st.decode(t, scores)
	}
	a.Mentions = append(a.Mentions, found...)
	for i := range a.Mentions {
		a.Mentions[i].ID = i
	}
	return nil
}

// decode returns the mentions with the best scores of each sentence, in text order.
func (st Stage) decode(t *model.Text, scores []float32) []schemas.Mention {
	var found []schemas.Mention
	var work heads.Chain
	labels := st.tagger.Linear.Labels
	for start := 0; start < len(t.Words); {
		sentence := t.Words[start].Sentence
		end := start + 1
		for end < len(t.Words) && t.Words[end].Sentence == sentence {
			end++
		}
		for k, typ := range st.tagger.Types {
			for _, f := range st.tagger.CRF.Mentions(&work, scores[start*labels:end*labels], k) {
				span, ok := clean(t.Body, t.Words[start+f.Start:start+f.End])
				if !ok {
					continue
				}
				found = append(found, schemas.Mention{
					Section: t.Sentences[sentence].Section, Sentence: sentence, Span: span, Type: typ, Score: f.Score,
				})
			}
		}
		start = end
	}
	slices.SortStableFunc(found, func(x, y schemas.Mention) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End))
	})
	return found
}

// Package ner recognizes the named entities of a text: chemicals, diseases, genes, species,
// variants and cell lines, or whichever types its head knows.
//
// Every word gets scores from its lexical features (package features) and, if the head was trained
// with a trunk, from the hidden state of its last token. A CRF per type decodes the mentions of a
// sentence (package heads). The score of a mention is the probability of its exact bounds. No
// mention crosses the end of its sentence. The stage is pure: the same arguments give the same
// mentions. Spans count bytes of the text's body.
//
// # Names
//
// If the name of a likely mention occurs elsewhere without a mention, in whatever case and number,
// the scores of its words are raised there by the head's repeat bonus, and the text is decoded
// again. So are those of a short form that the text explains (abbrev.Find) if its long form is a
// likely mention. The reverse is not done: of the long forms that short forms would add, 4 of 10
// are right on the dev sets.
//
// # Bounds
//
// Punctuation at the ends of a mention is dropped, and so is a bracket without its partner there.
// A mention that has half a pair of brackets or quotation marks inside is extended to the other
// half, or cut (balance). It keeps its score.
//
// # Overlaps
//
// No two mentions have the same span, and none overlap but a chemical or a disease within a gene.
// Those are the nestings that annotators mark: ChemProt has a chemical in a tenth of its genes
// ("androgen receptor"), NCBI-disease and BC5CDR mark diseases in names of genes ("Wiskott-Aldrich
// syndrome protein"). BioRED marks no nesting, and no corpus marks another. The longer of two
// mentions and, if neither is within the other, the one with the better score is kept (prevails).
// Scores of different types are compared as they are: in each type a better score is more often
// right, and rescaling them by type gains nothing on the dev sets. The type that lost is decoded
// again without the words of the other: of "BRAF V600E" the gene BRAF remains.
//
// # Implausible mentions
//
// Mentions that are no entities by a rule are dropped, in both decodings (withoutImplausible):
// short forms whose long form is nothing that the stage knows, diseases after "anti-" and "non-",
// strains of mice as cell lines, groups and units as genes, and MEDLINE's note on truncation.
package ner

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskNER

// Version is the version of this stage. Increase it with every change that can change a mention of
// the same text, states and head: results of another version are computed again.
const Version = 3

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
	pairs := abbrev.InText(t)
	found := st.decode(t, slices.Clone(scores), pairs)
	if st.raiseRepeats(t, scores, found, pairs) {
		found = st.decode(t, scores, pairs)
	}
	a.Mentions = append(a.Mentions, found...)
	for i := range a.Mentions {
		a.Mentions[i].ID = i
	}
	return nil
}

// decode returns the mentions with the best scores of each sentence, in text order. It changes
// scores.
func (st Stage) decode(t *model.Text, scores []float32, pairs []abbrev.Pair) []schemas.Mention {
	var mentions []schemas.Mention
	var work heads.Chain
	labels := st.tagger.Linear.Labels
	for start := 0; start < len(t.Words); {
		end := start + 1
		for end < len(t.Words) && t.Words[end].Sentence == t.Words[start].Sentence {
			end++
		}
		s := sentence{
			WordRange: model.WordRange{Start: start, End: end}, t: t, tagger: st.tagger, pairs: pairs, work: &work,
			scores: scores[start*labels : end*labels],
		}
		number := t.Words[start].Sentence
		for _, c := range s.mentions() {
			mentions = append(mentions, schemas.Mention{
				Section: t.Sentences[number].Section, Sentence: number, Span: s.span(c.WordRange), Type: s.typeOf(c),
				Score: c.score,
			})
		}
		start = end
	}
	slices.SortStableFunc(mentions, func(x, y schemas.Mention) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End))
	})
	return withoutImplausible(t, mentions, pairs)
}

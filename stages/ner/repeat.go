package ner

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

const (
	// minVoteScore is the minimum score for a mention to propagate its type to other occurrences of
	// its name.
	minVoteScore = 0.5
	// shortFormFactor multiplies the repeat bonus of a short form whose long form is a mention.
	shortFormFactor = 3
	// maxExactBytes is the size up to which names are compared as they are: "CAT" is no "cat".
	maxExactBytes = 4
)

// raiseRepeats raises the scores of words without a mention if they are the name of a likely
// mention elsewhere in the text, and those of the short forms of likely mentions. A name mostly has
// the same type throughout a text (Krishnan and Manning, 2006, "An effective two-stage model for
// exploiting non-local dependencies in named entity recognition"). It reports whether there are
// such words. found is in text order.
func (st Stage) raiseRepeats(
	t *model.Text, scores []float32, found []schemas.Mention, pairs []abbrev.Pair,
) bool {
	raised := false
	folded := lower(t.Body)
	for k, typ := range st.tagger.Types {
		if k >= len(st.tagger.Repeat) || st.tagger.Repeat[k] == 0 {
			continue
		}
		n := likelyNames{body: t.Body, folded: folded, best: map[string]vote{}, covered: make([]bool, len(t.Words))}
		n.addMentions(t, typ, found)
		n.addShortForms(t, typ, found, pairs)
		for _, run := range n.repeats(t) {
			raised = true
			for i := run.Start; i < run.End; i++ {
				tag := heads.Inside
				if i == run.Start {
					tag = heads.Begin
				}
				scores[i*st.tagger.Linear.Labels+3*k+int(tag)] += st.tagger.Repeat[k] * run.bonus
			}
		}
	}
	return raised
}

// likelyNames are the names of the likely mentions of a type.
type likelyNames struct {
	body, folded string
	best         map[string]vote // by key
	words        int             // number of words of the longest name
	covered      []bool          // by word: whether a mention of the type has it
}

// vote is the bonus for the occurrences of a name, in multiples of the type's.
type vote struct {
	bonus     float32
	shortForm bool // also for those that are a mention already
}

// run is a range of words that is a name.
type run struct {
	model.WordRange
	bonus float32
}

// addMentions adds the likely mentions of the type, and marks the words of all.
func (n *likelyNames) addMentions(t *model.Text, typ string, found []schemas.Mention) {
	at := 0
	for _, m := range found {
		if m.Type != typ {
			continue
		}
		for at < len(t.Words) && t.Words[at].Start < m.Start {
			at++
		}
		end := at
		for end < len(t.Words) && t.Words[end].End <= m.End {
			n.covered[end] = true
			end++
		}
		if m.Score >= minVoteScore {
			n.add(m.Span, end-at, vote{bonus: m.Score})
		}
	}
}

// addShortForms adds the short forms of likely mentions of the type.
func (n *likelyNames) addShortForms(t *model.Text, typ string, found []schemas.Mention, pairs []abbrev.Pair) {
	for _, p := range pairs {
		long := slices.IndexFunc(found, func(m schemas.Mention) bool {
			return m.Type == typ && m.End == p.Long.End && m.Start <= p.Long.Start && m.Score >= minVoteScore
		})
		if long < 0 {
			continue
		}
		words := 0
		for _, w := range t.Words {
			if p.Short.Start <= w.Start && w.End <= p.Short.End {
				words++
			}
		}
		n.add(p.Short, words, vote{bonus: shortFormFactor * found[long].Score, shortForm: true})
	}
}

func (n *likelyNames) add(name schemas.Span, words int, v vote) {
	if name.End-name.Start < 2 { // a letter means many things
		return
	}
	key := n.key(name)
	if v.bonus > n.best[key].bonus {
		n.best[key] = v
	}
	n.words = max(n.words, words)
}

// key returns the form in which names are compared: longer ones without regard to case and to a
// plural s.
func (n *likelyNames) key(name schemas.Span) string {
	if name.End-name.Start <= maxExactBytes {
		return n.body[name.Start:name.End]
	}
	return names.Singular(n.folded[name.Start:name.End])
}

// repeats returns the ranges of words that are names and not part of a mention, and all short
// forms. Of overlapping ranges it returns the first and longest.
func (n *likelyNames) repeats(t *model.Text) (runs []run) {
	for i := 0; i < len(t.Words); i++ {
		for end := min(i+n.words, len(t.Words)); end > i; end-- {
			if t.Words[end-1].Sentence != t.Words[i].Sentence {
				continue
			}
			v, ok := n.best[n.key(schemas.Span{Start: t.Words[i].Start, End: t.Words[end-1].End})]
			if !ok {
				continue
			}
			if v.shortForm || !slices.Contains(n.covered[i:end], true) {
				runs = append(runs, run{model.WordRange{Start: i, End: end}, v.bonus})
			}
			i = end - 1
			break
		}
	}
	return runs
}

// lower returns s with ASCII letters in lower case: offsets stay.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

package ner

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// minVoteScore is the minimum score for a mention to propagate its type to other occurrences of the
// same string.
const minVoteScore = 0.5

// raiseRepeats raises the scores of words without a mention if they are the string of a likely
// mention elsewhere in the text: a string mostly has the same type throughout a text (Krishnan and
// Manning, 2006, "An effective two-stage model for exploiting non-local dependencies in named
// entity recognition"). It reports whether there are such words. found is in text order.
func (st Stage) raiseRepeats(t *model.Text, scores []float32, found []schemas.Mention) bool {
	raised := false
	for k, typ := range st.tagger.Types {
		if k >= len(st.tagger.Repeat) || st.tagger.Repeat[k] == 0 {
			continue
		}
		for _, run := range namesOf(t, typ, found).repeats(t) {
			raised = true
			for i := run.Start; i < run.End; i++ {
				tag := heads.Inside
				if i == run.Start {
					tag = heads.Begin
				}
				scores[i*st.tagger.Linear.Labels+3*k+int(tag)] += st.tagger.Repeat[k] * run.score
			}
		}
	}
	return raised
}

// names are the strings of the likely mentions of a type.
type names struct {
	scores  map[string]float32 // best score by string
	words   int                // number of words of the longest string
	covered []bool             // by word: whether a mention of the type has it
}

// run is a range of words whose string is a name, with the score of the name.
type run struct {
	model.WordRange
	score float32
}

func namesOf(t *model.Text, typ string, found []schemas.Mention) names {
	n := names{scores: map[string]float32{}, covered: make([]bool, len(t.Words))}
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
		if name := t.Body[m.Start:m.End]; m.Score >= minVoteScore && len(name) > 1 { // a letter means many things
			n.scores[name] = max(n.scores[name], m.Score)
			n.words = max(n.words, end-at)
		}
	}
	return n
}

// repeats returns the ranges of words that are names and not part of a mention. Of overlapping
// ranges it returns the first and longest.
func (n names) repeats(t *model.Text) (runs []run) {
	for i := 0; i < len(t.Words); i++ {
		for end := min(i+n.words, len(t.Words)); end > i; end-- {
			if t.Words[end-1].Sentence != t.Words[i].Sentence {
				continue
			}
			score, ok := n.scores[t.Body[t.Words[i].Start:t.Words[end-1].End]]
			if !ok {
				continue
			}
			if !slices.Contains(n.covered[i:end], true) {
				runs = append(runs, run{model.WordRange{Start: i, End: end}, score})
			}
			i = end - 1
			break
		}
	}
	return runs
}

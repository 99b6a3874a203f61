package ner

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// likely is the score from which on a mention speaks for others of its name.
const likely = 0.5

// repeated lifts the scores of words that no mention covers, where they are the name of a likely
// one elsewhere in the text: authors call a thing by its name throughout, and annotators mark it
// throughout (Krishnan and Manning, 2006, "An effective two-stage model for exploiting non-local
// dependencies in named entity recognition"). It reports whether there were such words; found is in
// text order.
func (st Stage) repeated(t *model.Text, scores []float32, found []schemas.Mention) bool {
	lifted := false
	for k, typ := range st.tagger.Types {
		if k >= len(st.tagger.Repeat) || st.tagger.Repeat[k] == 0 {
			continue
		}
		names := namesOf(t, typ, found)
		for _, run := range names.elsewhere(t) {
			lifted = true
			for i := run.Start; i < run.End; i++ {
				tag := heads.Inside
				if i == run.Start {
					tag = heads.Begin
				}
				scores[i*st.tagger.Linear.Labels+3*k+int(tag)] += st.tagger.Repeat[k] * run.score
			}
		}
	}
	return lifted
}

// names are those of the likely mentions of a type.
type names struct {
	scores  map[string]float32 // the highest of each
	words   int                // of the longest
	covered []bool             // words of mentions of the type
}

// run is words that are a name, and the score of the name.
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
		if name := t.Body[m.Start:m.End]; m.Score >= likely && len(name) > 1 { // single letters are too many things
			n.scores[name] = max(n.scores[name], m.Score)
			n.words = max(n.words, end-at)
		}
	}
	return n
}

// elsewhere returns the runs of words without mentions that are names, of overlapping ones the
// first and longest.
func (n names) elsewhere(t *model.Text) (runs []run) {
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

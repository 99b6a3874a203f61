package ner

import (
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// sentence decodes the words of one sentence.
type sentence struct {
	model.WordRange // of the text
	t               *model.Text
	tagger          *heads.Tagger
	scores          []float32     // rows of the sentence's words
	pairs           []abbrev.Pair // abbreviations that the text explains
	work            *heads.Chain
}

// candidate is a mention of the type with index typ in the tagger.
type candidate struct {
	model.WordRange // of the text
	typ             int
	score           float32
}

func (s *sentence) word(i int) string { return s.t.Body[s.t.Words[i].Start:s.t.Words[i].End] }

func (s *sentence) span(r model.WordRange) schemas.Span {
	return schemas.Span{Start: s.t.Words[r.Start].Start, End: s.t.Words[r.End-1].End}
}

func (s *sentence) typeOf(c candidate) string { return s.tagger.Types[c.typ] }

// mentions returns the mentions of all types without conflicts.
func (s *sentence) mentions() []candidate {
	byType := make([][]candidate, len(s.tagger.Types))
	for typ := range byType {
		byType[typ] = s.decode(typ)
	}
	for round := 1; ; round++ {
		var all []candidate
		for _, of := range byType {
			all = append(all, of...)
		}
		kept, lost := s.resolve(all)
		if len(lost) == 0 || round == maxRounds {
			return kept
		}
		again := make([]bool, len(byType))
		for _, l := range lost {
			again[l.typ] = true
			for _, k := range kept {
				if s.conflict(l, k) {
					s.block(l.typ, k.WordRange)
				}
			}
		}
		for typ := range byType {
			if again[typ] {
				byType[typ] = s.decode(typ)
			}
		}
	}
}

// decode returns the mentions of a type with the best scores, with clean bounds. Of mentions that
// overlap after one was extended, their union remains, or the last if the union is not balanced.
func (s *sentence) decode(typ int) []candidate {
	var all []candidate
	for _, f := range s.tagger.CRF.Mentions(s.work, s.scores, typ) {
		r := s.balance(s.trim(model.WordRange{Start: s.Start + f.Start, End: s.Start + f.End}))
		if r.Len() == 0 {
			continue
		}
		for len(all) > 0 && all[len(all)-1].End > r.Start {
			last := all[len(all)-1]
			union := model.WordRange{Start: min(last.Start, r.Start), End: max(last.End, r.End)}
			if s.isBalanced(union) {
				r = union
			}
			all = all[:len(all)-1]
		}
		all = append(all, candidate{r, typ, f.Score})
	}
	return all
}

// blocked is the score of a tag that a word cannot have.
const blocked = -1e9

// block makes words lie outside of mentions of a type.
func (s *sentence) block(typ int, words model.WordRange) {
	for i := words.Start; i < words.End; i++ {
		row := s.scores[(i-s.Start)*s.tagger.Linear.Labels+3*typ:]
		row[heads.Begin], row[heads.Inside] = blocked, blocked
	}
}

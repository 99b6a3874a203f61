// Package certainty tells whether a sentence asserts, denies, or only considers that two of its
// mentions are related.
//
// The rules are of the kind of NegEx (Chapman et al., 2001, "A Simple Algorithm for Identifying
// Negated Findings and Diseases in Discharge Summaries") and ConText (Harkema et al., 2009): a
// phrase of cues.txt near the mentions, with nothing that ends its reach between. They prefer
// precision: a statement without such a phrase is asserted.
package certainty

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

//go:embed cues.txt
var cuesText string

// The reach of a cue, in words.
const (
	reachBefore  = 8
	reachBetween = 8
	reachNear    = 2
	reachAfter   = 3
)

// phrase is a sequence of words with the ways in which it is a cue, such as "negated before". Those
// of "end" end the reach of others.
type phrase struct {
	words []string
	uses  []string
}

const end = "end"

// phrases holds the phrases by their first word, the longest first.
var phrases = sync.OnceValue(func() map[string][]phrase {
	all := map[string][]phrase{}
	for line := range strings.Lines(cuesText) {
		use, list, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		for text := range strings.SplitSeq(list, ",") {
			words := strings.Fields(text)
			same := all[words[0]]
			i := slices.IndexFunc(same, func(p phrase) bool { return slices.Equal(p.words, words) })
			if i < 0 {
				i = len(same)
				same = append(same, phrase{words: words})
			}
			same[i].uses = append(same[i].uses, use)
			all[words[0]] = same
		}
	}
	for _, same := range all {
		slices.SortStableFunc(same, func(a, b phrase) int { return len(b.words) - len(a.words) })
	}
	return all
})

// Of returns the certainty of a statement about two mentions in one sentence of a text:
// schemas.Asserted, Negated or Speculative. A question is speculative.
func Of(t *model.Text, a, b schemas.Span) string {
	if b.Start < a.Start {
		a, b = b, a
	}
	s := newSentence(t, a, b)
	if s.uses("negated") {
		return schemas.Negated
	}
	if s.uses("speculative") || len(s.words) > 0 && s.words[len(s.words)-1] == "?" {
		return schemas.Speculative
	}
	return schemas.Asserted
}

// sentence is the words of a sentence with two mentions, and its cues.
type sentence struct {
	words         []string // in lower case
	first, second model.WordRange
	cues          []cue
	ends          []int // words beyond which no cue reaches
}

type cue struct {
	model.WordRange
	uses []string
}

func newSentence(t *model.Text, a, b schemas.Span) *sentence {
	s := &sentence{}
	start, stop := rangeOf(t, a), rangeOf(t, b)
	if start.Len() <= 0 || stop.Len() <= 0 {
		return s
	}
	from, to := start.Start, stop.End
	for from > 0 && t.Words[from-1].Sentence == t.Words[start.Start].Sentence {
		from--
	}
	for to < len(t.Words) && t.Words[to].Sentence == t.Words[start.Start].Sentence {
		to++
	}
	for i := from; i < to; i++ {
		s.words = append(s.words, strings.ToLower(t.Word(i)))
	}
	s.first = model.WordRange{Start: start.Start - from, End: start.End - from}
	s.second = model.WordRange{Start: stop.Start - from, End: stop.End - from}
	s.find()
	return s
}

// rangeOf returns the words that overlap a span.
func rangeOf(t *model.Text, s schemas.Span) model.WordRange {
	first, _ := slices.BinarySearchFunc(t.Words, s.Start+1, func(w model.Word, at int) int { return w.End - at })
	r := model.WordRange{Start: first, End: first}
	for r.End < len(t.Words) && t.Words[r.End].Start < s.End {
		r.End++
	}
	return r
}

// find sets the cues and ends of the words.
func (s *sentence) find() {
	for i := 0; i < len(s.words); i++ {
		if strings.Contains(",;:", s.words[i]) {
			s.ends = append(s.ends, i)
			continue
		}
		for _, p := range phrases()[s.words[i]] {
			n := len(p.words)
			if i+n > len(s.words) || !slices.Equal(p.words, s.words[i:i+n]) {
				continue
			}
			if slices.Contains(p.uses, end) {
				s.ends = append(s.ends, i)
			} else {
				s.cues = append(s.cues, cue{model.WordRange{Start: i, End: i + n}, p.uses})
			}
			i += n - 1
			break
		}
	}
}

// uses reports whether a cue of a class reaches the mentions.
func (s *sentence) uses(class string) bool {
	for _, c := range s.cues {
		for _, place := range []struct {
			name      string
			inside    model.WordRange // where the cue is
			from, end int             // words between the cue and the mention
			reach     int
		}{
			{"before", model.WordRange{End: s.first.Start}, c.End, s.first.Start, reachBefore},
			{"between", model.WordRange{Start: s.first.End, End: s.second.Start}, c.End, s.second.Start, reachBetween},
			{"near", model.WordRange{Start: s.first.End, End: s.second.Start}, c.End, s.second.Start, reachNear},
			{"after", model.WordRange{Start: s.second.End, End: len(s.words)}, s.second.End, c.Start, reachAfter},
		} {
			if slices.Contains(c.uses, class+" "+place.name) && place.inside.Start <= c.Start &&
				c.End <= place.inside.End && place.end-place.from <= place.reach && !s.ended(place.from, place.end) {
				return true
			}
		}
	}
	return false
}

// ended reports whether the reach of a cue ends among the words [from, to).
func (s *sentence) ended(from, to int) bool {
	return slices.ContainsFunc(s.ends, func(i int) bool { return from <= i && i < to })
}

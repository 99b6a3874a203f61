package ner

import (
	"cmp"
	"slices"
)

// Types with rules on overlaps. Other types have none.
const (
	chemical = "Chemical"
	disease  = "Disease"
	gene     = "Gene"
	variant  = "Variant"
)

// maxRounds is the maximum number of times that a sentence is decoded to resolve conflicts.
const maxRounds = 4

// resolve divides mentions into those that are kept, of which no two conflict, and those that
// conflict with one of them. Of the mentions that prevail over all that they conflict with, the one
// with the best score is kept first.
func (s *sentence) resolve(all []candidate) (kept, lost []candidate) {
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.Len(), a.Len()))
	})
	for len(all) > 0 {
		best := max(0, slices.IndexFunc(all, func(a candidate) bool {
			return !slices.ContainsFunc(all, func(b candidate) bool { return s.conflict(a, b) && s.prevails(b, a) })
		}))
		winner := all[best]
		kept = append(kept, winner)
		var rest []candidate
		for i, c := range all {
			switch {
			case i == best:
			case s.conflict(c, winner):
				lost = append(lost, c)
			default:
				rest = append(rest, c)
			}
		}
		all = rest
	}
	return kept, lost
}

// conflict reports whether two mentions overlap and neither may be part of the other: a chemical or
// a disease may be part of a gene's name, as "androgen" in "androgen receptor".
func (s *sentence) conflict(a, b candidate) bool {
	if a == b || a.Start >= b.End || b.Start >= a.End {
		return false
	}
	partOf := func(in, out candidate) bool {
		return within(in, out) && s.typeOf(out) == gene && (s.typeOf(in) == chemical || s.typeOf(in) == disease)
	}
	return !partOf(a, b) && !partOf(b, a)
}

// prevails reports whether a is kept rather than b, with which it conflicts. A longer mention
// prevails over one within it, but for a variant at the end of a gene, as in "BRAF V600E". The
// better score decides between others, and between a disease of two words and a chemical that is
// one of them: "ammonia coma", "alcohol abuse".
func (s *sentence) prevails(a, b candidate) bool {
	outer, inner := a, b
	if within(a, b) {
		outer, inner = b, a
	}
	if within(inner, outer) {
		switch types := [2]string{s.typeOf(outer), s.typeOf(inner)}; {
		case types == [2]string{gene, variant}:
			return a == inner
		case types != [2]string{disease, chemical} || outer.Len() > 2:
			return a == outer
		}
	}
	return a.score > b.score
}

// within reports whether in is a proper part of out.
func within(in, out candidate) bool {
	return out.Start <= in.Start && in.End <= out.End && in.Len() < out.Len()
}

package abbrev

import (
	"math"
	"strings"
	"unicode"
)

// The costs of an alignment, found by search on one half of MED1250 (Sohn and others 2008).
const (
	costInner = 0.4 // a letter that begins neither a word nor a part of one, as after a hyphen
	costWord  = 0.9 // a word without an aligned letter
	costSmall = 0.1 // the same for a small word: "of"
	costComma = 1.0 // a comma or the like within the long form

	allowed = 1.0 // maximum cost for each letter after the first,
	counted = 4.0 // of which at most this number count
)

// align returns the start of the long form of short at the end of the text. If whole is set, the
// long form must be the whole text.
func align(short, text string, whole bool) (int, bool) {
	letters := lettersOf(short)
	low := 0
	if !whole {
		low = lastWords(text, min(len(letters)+5, 2*len(letters)))
	}
	f := readForm(text[low:])
	// costs[j] is the minimum cost of the letters from the current one on, if that is aligned with
	// sign j.
	costs, next := make([]float64, len(f.signs)), make([]float64, len(f.signs))
	for i := len(letters) - 1; i >= 0; i-- {
		for j, s := range f.signs {
			switch {
			case s.r != letters[i] && s.digit != letters[i] || i == 0 && !f.first(s, whole):
				next[j] = math.Inf(1)
			case i == len(letters)-1:
				next[j] = f.pass(s.word, len(f.words)-1)
			default:
				next[j] = f.cheapest(costs, j)
			}
		}
		costs, next = next, costs
	}
	best, least := -1, allowed*min(float64(len(letters)-1), counted)
	for j, c := range costs {
		if c <= least {
			best, least = j, c
		}
	}
	if best < 0 {
		return 0, false
	}
	return low + f.signs[best].from, true
}

// lettersOf returns the letters and digits of a short form in lower case.
func lettersOf(short string) []rune {
	var letters []rune
	for _, r := range short {
		if isAlnum(r) {
			letters = append(letters, unicode.ToLower(r))
		}
	}
	return letters
}

// lastWords returns the start of the last n words of the text.
func lastWords(text string, n int) int {
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		at = 1 + strings.LastIndexFunc(strings.TrimRightFunc(text[:at], unicode.IsSpace), unicode.IsSpace)
	}
	return at
}

// cheapest returns the minimum cost of the letters after sign j.
func (f *form) cheapest(costs []float64, j int) float64 {
	least, from := math.Inf(1), f.signs[j]
	for k := j + 1; k < len(f.signs); k++ {
		if costs[k] >= least {
			continue
		}
		to, cost := f.signs[k], costs[k]
		if to.place == inner {
			cost += costInner
		}
		if to.word > from.word {
			cost += f.pass(from.word, to.word)
		}
		least = min(least, cost)
	}
	return least
}

// pass returns the cost of the words between one word and a later one.
func (f *form) pass(from, to int) float64 {
	return f.words[to] - f.words[from+1] + f.commas[min(to, len(f.commas)-1)] - f.commas[from]
}

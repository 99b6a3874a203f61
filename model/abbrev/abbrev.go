// Package abbrev finds the abbreviations that a text explains: "magnetic resonance imaging (MRI)".
//
// A pair is a short form and its long form, next to each other in one sentence, in one of these
// ways:
//
//	long (short)   long [short]     a comma or semicolon may follow: "(MRI, n = 12)"
//	short (long)
//	(long, short)
//
// There are two rules. Find is for reading; it is the better one. SchwartzHearst is for the
// features of words (package features): heads are trained on exactly its pairs, so it does not
// change.
//
// # Find
//
// A short form has 1 to 10 letters and digits, begins with one of them, and is one or two words;
// only a very short one may be in lower case. Its letters and digits must occur in the long form in
// the same order, without regard to case, the first of them at the start of the long form's first
// word. Of all alignments the cheapest counts: a letter costs nothing at the start of a word, and
// more the less likely an author would choose it; words without an aligned letter cost, too
// (align.go has the costs). A pair whose alignment costs too much is dropped. Ab3P (Sohn and others
// 2008, "Abbreviation definition identification based on automatic precision estimates") ranks
// alignments by how often they are right; here costs rank them.
//
// # SchwartzHearst
//
// The rule of Schwartz and Hearst 2003, "A simple algorithm for identifying abbreviation
// definitions in biomedical text": a short form in round brackets, whose letters and digits all
// occur in order, from the right, in the words before the bracket, the first of them at the start
// of a word.
package abbrev

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this package. Increase it with every change that can change the pairs
// of the same text: results of another version are computed again.
const Version = 1

// Pair is a short form and the long form that explains it, in bytes of the text.
type Pair struct{ Short, Long schemas.Span }

// InText returns the pairs of a text: see Find.
func InText(t *model.Text) []Pair {
	sentences := make([]schemas.Span, len(t.Sentences))
	for i, s := range t.Sentences {
		sentences[i] = s.Span
	}
	return Find(t.Body, sentences)
}

// Find returns the pairs of a text with the given sentences, in the order in which their brackets
// close. A short form that is explained twice is returned twice.
func Find(text string, sentences []schemas.Span) []Pair {
	var pairs []Pair
	for _, s := range sentences {
		pairs = appendPairs(pairs, text[:s.End], s.Start)
	}
	return pairs
}

// appendPairs appends the pairs of the sentence that is the text from start on.
func appendPairs(pairs []Pair, text string, start int) []Pair {
	var open []int // positions of the open brackets
	for at := start; at < len(text); at++ {
		switch text[at] {
		case '(', '[':
			open = append(open, at)
		case ')', ']':
			if len(open) == 0 {
				continue
			}
			from := start
			if len(open) > 1 {
				from = open[len(open)-2] + 1 // nested brackets belong to the text in the outer ones
			}
			b := bracket{text: text, from: from, open: open[len(open)-1], shut: at}
			open = open[:len(open)-1]
			if p, ok := b.pair(); ok {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}

// bracket is a pair of brackets in the text, and the earliest start of a form before it.
type bracket struct {
	text             string
	from, open, shut int
}

// pair returns the pair of the bracket, if there is one.
func (b bracket) pair() (Pair, bool) {
	if b.shut-b.open > longestLong {
		return Pair{}, false
	}
	inside := trim(b.text, schemas.Span{Start: b.open + 1, End: b.shut})
	before := trim(b.text, schemas.Span{Start: b.earliest(), End: b.open})
	first := firstPart(b.text, inside)
	if isShort(b.text[first.Start:first.End]) {
		if long, ok := b.longForm(first, before, false); ok {
			return Pair{first, long}, true
		}
	}
	if short := lastWord(b.text, before); isShort(b.text[short.Start:short.End]) {
		if long, ok := b.longForm(short, first, true); ok {
			return Pair{short, long}, true
		}
	}
	if comma := strings.LastIndex(b.text[inside.Start:inside.End], ", "); comma > 0 {
		short := trim(b.text, schemas.Span{Start: inside.Start + comma + 1, End: inside.End})
		long := trim(b.text, schemas.Span{Start: inside.Start, End: inside.Start + comma})
		if isShort(b.text[short.Start:short.End]) {
			if long, ok := b.longForm(short, long, true); ok {
				return Pair{short, long}, true
			}
		}
	}
	return Pair{}, false
}

// earliest returns where a long form before the bracket can begin.
func (b bracket) earliest() int {
	if b.open-b.from <= longestLong {
		return b.from
	}
	cut := b.open - longestLong
	if space := strings.IndexFunc(b.text[cut:b.open], unicode.IsSpace); space >= 0 {
		return cut + space
	}
	return b.open
}

// longForm returns the long form at the end of the given part of the text, which must be all of it
// if whole is set.
func (b bracket) longForm(short, in schemas.Span, whole bool) (schemas.Span, bool) {
	text := b.text[short.Start:short.End]
	at, ok := align(text, b.text[in.Start:in.End], whole)
	long := schemas.Span{Start: in.Start + at, End: in.End}
	if !ok || utf8.RuneCountInString(b.text[long.Start:long.End]) <= utf8.RuneCountInString(text) {
		return long, false
	}
	return long, !holdsWord(b.text[long.Start:long.End], text) &&
		!(whole && strings.HasPrefix(b.text[long.Start:long.End], text))
}

// firstPart returns the part before the first comma or semicolon that is followed by a space.
func firstPart(text string, in schemas.Span) schemas.Span {
	for i := in.Start; i+1 < in.End; i++ {
		if (text[i] == ',' || text[i] == ';') && text[i+1] == ' ' {
			return trim(text, schemas.Span{Start: in.Start, End: i})
		}
	}
	return in
}

// lastWord returns the part after the last white space.
func lastWord(text string, in schemas.Span) schemas.Span {
	cut := strings.LastIndexFunc(text[in.Start:in.End], unicode.IsSpace)
	return schemas.Span{Start: in.Start + cut + 1, End: in.End}
}

// trim returns the span without white space and quotation marks at its ends.
func trim(text string, in schemas.Span) schemas.Span {
	const quotes = "\"'“”‘’"
	white := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(quotes, r) }
	part := strings.TrimRightFunc(text[in.Start:in.End], white)
	end := in.Start + len(part)
	return schemas.Span{Start: end - len(strings.TrimLeftFunc(part, white)), End: end}
}

// holdsWord reports whether the word is a separate word of the text, without regard to case.
func holdsWord(text, word string) bool {
	separates := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[],;:/", r) }
	for part := range strings.FieldsFuncSeq(text, separates) {
		if strings.EqualFold(part, word) {
			return true
		}
	}
	return false
}

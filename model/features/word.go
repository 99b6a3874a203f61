package features

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
)

// Templates of word features. Their order is part of the format: new ones are added at the end.
const (
	wordForm uint32 = 0x100 + iota
	wordPrefix
	wordSuffix
	wordShape
	wordCompressed
	aroundForm
	aroundSuffix
	aroundCompressed
	bigramBefore
	bigramAfter
	trigramAround
	bigramSkip
	shapeBigramBefore
	shapeBigramAfter
	suffixBigramBefore
	suffixBigramAfter
	chunkForm
	chunkSuffix
	chunkPrefix
	chunkShape
	chunkPlace
	runLast
	runLastSuffix
	runFirst
	inBrackets
	elsewhere
	abbreviationPlace
	abbreviationLast
	abbreviationLastSuffix
	abbreviationFirst
	abbreviationBigram
	expandedPlace
)

// Words computes the features of the words of one text. It stores the hashes of every word, so that
// the features of a word, which depend on its neighbours, only combine hashes.
type Words struct {
	text          *model.Text
	words         []word
	abbreviations []abbrev.Expansion
}

// word holds the properties of a word from which features are made.
type word struct {
	form, suffix, shape, compressed Hash            // form and suffix in lower case
	chunk                           model.WordRange // words between two spaces
	run                             model.WordRange // words around it, up to a function word or a punctuation mark
	depth                           int8            // open brackets
	flags                           uint8
	expansion                       int16 // 1 + index in Words.abbreviations of the abbreviation it belongs to, or 0
	place                           int16 // its place in the abbreviation
	expanded                        int16 // 1 + its place in a long form, or 0
}

// Flags of a form, from the whole document.
const (
	upperElsewhere uint8 = 1 << iota // is in upper case somewhere
	lowerElsewhere                   // is in lower case somewhere
	inTitle
	repeated
)

// NewWords reads the words of a text.
func NewWords(t *model.Text) *Words {
	w := &Words{text: t, words: make([]word, len(t.Words))}
	w.forms()
	w.spans()
	w.document()
	w.abbreviations = abbrev.SchwartzHearst(t)
	w.markAbbreviations()
	return w
}

// Append appends the features of word i to dst: 30 to 80.
func (w *Words) Append(dst []uint32, i int) []uint32 {
	f := appender{dst}
	s := w.text.Words[i].Span
	me := &w.words[i]
	f.add(wordForm, me.form)
	f.affixes(wordPrefix, wordSuffix, w.text.Body[s.Start:s.End])
	f.add(wordShape, me.shape)
	f.add(wordCompressed, me.compressed)
	var around [7]*word // -3 to +3
	for d := -3; d <= 3; d++ {
		around[d+3] = w.at(i, d)
		if d == 0 {
			continue
		}
		other := around[d+3]
		h := Hash(uint64(int64(d)))
		f.add2(aroundForm, h, other.form)
		if -2 <= d && d <= 2 {
			f.add2(aroundSuffix, h, other.suffix)
			f.add2(aroundCompressed, h, other.compressed)
		}
	}
	before, after := around[2], around[4]
	f.add2(bigramBefore, before.form, me.form)
	f.add2(bigramAfter, me.form, after.form)
	f.dst = append(
		f.dst,
		Template(trigramAround).Uint(uint64(before.form)).Uint(uint64(me.form)).Uint(uint64(after.form)).Sum(),
	)
	f.add2(bigramSkip, before.form, after.form)
	f.add2(shapeBigramBefore, before.form, me.compressed)
	f.add2(shapeBigramAfter, me.compressed, after.form)
	f.add2(suffixBigramBefore, before.suffix, me.suffix)
	f.add2(suffixBigramAfter, me.suffix, after.suffix)
	w.chunkFeatures(&f, i)
	w.runFeatures(&f, i)
	f.add2(inBrackets, Hash(me.depth), me.compressed)
	f.add2(elsewhere, Hash(me.flags), me.compressed)
	w.abbreviationFeatures(&f, i)
	return f.dst
}

// chunkFeatures adds features of the text between two spaces: "5-HT" is three words.
func (w *Words) chunkFeatures(f *appender, i int) {
	c := w.words[i].chunk
	place := Hash(min(i-c.Start, 3)*4 + min(c.End-1-i, 3))
	f.add(chunkPlace, place)
	if c.Len() == 1 {
		return
	}
	body := w.text.Slice(c)
	f.add(chunkForm, Hash(0).Lower(body))
	f.affixes(chunkPrefix, chunkSuffix, body)
	f.add2(chunkShape, place, compressed(body))
}

// runFeatures adds features of the ends of the run of words around a word: "disease" may be far to
// the right of "Parkinson".
func (w *Words) runFeatures(f *appender, i int) {
	r := w.words[i].run
	last, first := &w.words[r.End-1], &w.words[r.Start]
	f.add2(runLast, Hash(min(r.End-1-i, 4)), last.form)
	f.add2(runLastSuffix, Hash(min(r.End-1-i, 4)), last.suffix)
	f.add2(runFirst, Hash(min(i-r.Start, 4)), first.form)
}

func (w *Words) abbreviationFeatures(f *appender, i int) {
	me := &w.words[i]
	if me.expanded != 0 {
		f.add(expandedPlace, Hash(min(me.expanded, 2)))
	}
	if me.expansion == 0 {
		return
	}
	long := w.abbreviations[me.expansion-1].Long
	last, first := &w.words[long.End-1], &w.words[long.Start]
	place := Hash(min(me.place, 2))
	f.add2(abbreviationPlace, place, me.compressed)
	f.add2(abbreviationLast, place, last.form)
	f.add2(abbreviationLastSuffix, place, last.suffix)
	f.add2(abbreviationFirst, place, first.form)
	if long.Len() > 1 {
		f.dst = append(
			f.dst,
			Template(
				abbreviationBigram,
			).Uint(uint64(place)).
				Uint(uint64(w.words[long.End-2].form)).
				Uint(uint64(last.form)).
				Sum(),
		)
	}
}

// edge represents the words before and after a sentence.
var edge = word{form: Template(0), suffix: Template(0), shape: Template(0), compressed: Template(0)}

// at returns the word d places from word i, or edge outside of the sentence.
func (w *Words) at(i, d int) *word {
	j := i + d
	if j < 0 || j >= len(w.words) || w.text.Words[j].Sentence != w.text.Words[i].Sentence {
		return &edge
	}
	return &w.words[j]
}

// appender collects features.
type appender struct{ dst []uint32 }

func (f *appender) add(template uint32, value Hash) {
	f.dst = append(f.dst, Template(template).Uint(uint64(value)).Sum())
}

func (f *appender) add2(template uint32, a, b Hash) {
	f.dst = append(f.dst, Template(template).Uint(uint64(a)).Uint(uint64(b)).Sum())
}

// affixes adds the prefixes of 2 to 4 runes and the suffixes of 2 to 5 runes of s, in lower case,
// that are shorter than s.
func (f *appender) affixes(prefix, suffix uint32, s string) {
	at := 0
	for n := 1; n <= 4 && at < len(s); n++ {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
		if n >= 2 && at < len(s) {
			f.add(prefix, Hash(n).Lower(s[:at]))
		}
	}
	at = len(s)
	for n := 1; n <= 5 && at > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
		if n >= 2 && at > 0 {
			f.add(suffix, Hash(n).Lower(s[at:]))
		}
	}
}

// ending returns the last n runes of s.
func ending(s string, n int) string {
	at := len(s)
	for range n {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return s[at:]
}

// class maps a rune to its letter in a shape: A, a, 0, B or b for other letters, or itself.
func class(r rune) byte {
	switch {
	case 'a' <= r && r <= 'z':
		return 'a'
	case 'A' <= r && r <= 'Z':
		return 'A'
	case '0' <= r && r <= '9':
		return '0'
	case r < utf8.RuneSelf:
		return byte(r)
	case unicode.IsUpper(r):
		return 'B'
	case unicode.IsLetter(r):
		return 'b'
	}
	return '?'
}

// shape hashes the classes of the runes of s.
func shape(s string) Hash {
	h := Template(1)
	for _, r := range s {
		h = h.Byte(class(r))
	}
	return h
}

// compressed hashes the classes of the runes of s, each run of the same class as one.
func compressed(s string) Hash {
	h := Template(2)
	last := byte(0)
	for _, r := range s {
		if c := class(r); c != last {
			h, last = h.Byte(c), c
		}
	}
	return h
}

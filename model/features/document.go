package features

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// forms fills form, suffix, shape and compressed of each word.
func (w *Words) forms() {
	for i := range w.words {
		s := w.text.Word(i)
		me := &w.words[i]
		me.form = Template(0).Lower(s)
		me.suffix = Template(0).Lower(ending(s, 3))
		me.shape = shape(s)
		me.compressed = compressed(s)
	}
}

// spans fills chunk, run and depth of each word.
func (w *Words) spans() {
	words := w.text.Words
	for start := 0; start < len(words); {
		end := start + 1
		for end < len(words) && words[end].Sentence == words[start].Sentence {
			end++
		}
		w.chunks(start, end)
		w.runs(start, end)
		start = end
	}
}

// chunks fills chunk and depth for the words [start, end) of a sentence. Brackets and commas at the
// ends of a chunk are chunks by themselves.
func (w *Words) chunks(start, end int) {
	var depth int8
	for i := start; i < end; i++ {
		w.words[i].chunk = model.WordRange{Start: i, End: i + 1}
		switch w.text.Word(i) {
		case "(", "[":
			depth = min(depth+1, 3)
		case ")", "]":
			depth = max(depth-1, 0)
		}
		w.words[i].depth = depth
	}
	for i := start; i < end; {
		j := i + 1
		for j < end && w.text.Words[j].Start == w.text.Words[j-1].End {
			j++
		}
		c := model.WordRange{Start: i, End: j}
		for c.Start < c.End && edgePunctuation(w.text.Word(c.Start)) {
			c.Start++
		}
		for c.Start < c.End && edgePunctuation(w.text.Word(c.End-1)) {
			c.End--
		}
		for k := c.Start; k < c.End; k++ {
			w.words[k].chunk = c
		}
		i = j
	}
}

// runs fills run for the words [start, end) of a sentence.
func (w *Words) runs(start, end int) {
	for i := start; i < end; {
		j := i
		for j < end && !breaksRun(w.text.Word(j)) {
			j++
		}
		for k := i; k < j; k++ {
			w.words[k].run = model.WordRange{Start: i, End: j}
		}
		if j < end {
			w.words[j].run = model.WordRange{Start: j, End: j + 1}
		}
		i = j + 1
	}
}

// document fills flags.
func (w *Words) document() {
	seen := make(map[Hash]uint8, len(w.words))
	for i := range w.words {
		form, flags := w.words[i].form, uint8(0)
		if _, again := seen[form]; again {
			flags |= repeated
		}
		s := w.text.Word(i)
		section := w.text.Sentences[w.text.Words[i].Sentence].Section
		if w.text.Sections[section].Kind == schemas.KindTitle {
			flags |= inTitle
		}
		r, _ := utf8.DecodeRuneInString(s)
		switch {
		case unicode.IsLower(r):
			flags |= lowerElsewhere
		case unicode.IsUpper(r) && (utf8.RuneCountInString(s) == 1 || hasUpper(s[1:]) || w.at(i, -1) != &edge):
			flags |= upperElsewhere
		}
		seen[form] |= flags
	}
	for i := range w.words {
		w.words[i].flags = seen[w.words[i].form]
	}
}

// markAbbreviations marks the words of every occurrence of each short form, and of the long form
// where it is explained.
func (w *Words) markAbbreviations() {
	for k, e := range w.abbreviations {
		for i := e.Long.Start; i < e.Long.End; i++ {
			w.words[i].expanded = int16(1 + i - e.Long.Start)
		}
		s, n := w.text.Slice(e.Short), e.Short.Len()
		for i := 0; i+n <= len(w.words); i++ {
			if w.words[i].form != w.words[e.Short.Start].form ||
				w.text.Slice(model.WordRange{Start: i, End: i + n}) != s {
				continue
			}
			for j := range n {
				w.words[i+j].expansion, w.words[i+j].place = int16(k+1), int16(j)
			}
		}
	}
}

func hasUpper(s string) bool {
	for _, r := range s {
		if unicode.IsUpper(r) {
			return true
		}
	}
	return false
}

func edgePunctuation(s string) bool {
	switch s {
	case "(", ")", "[", "]", ",", ".", ";", ":", "\"", "?", "!":
		return true
	}
	return false
}

// breaksRun reports whether a word is a punctuation mark other than a hyphen, or a function word.
func breaksRun(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		return s != "-" && s != "'" && s != "/"
	}
	var lower [8]byte
	if len(s) > len(lower) {
		return false
	}
	for i := range len(s) {
		lower[i] = s[i] | 0x20
	}
	switch string(lower[:len(s)]) {
	case "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "without", "and", "or",
		"but", "nor", "as", "than", "that", "this", "these", "those", "which", "who", "whose", "is", "are",
		"was", "were", "be", "been", "being", "has", "have", "had", "not", "no", "may", "can", "could", "did",
		"does", "do", "it", "its", "their", "our", "we", "also", "after", "before", "during", "between",
		"among", "into", "through", "both", "either", "when", "while", "if", "however", "because", "due",
		"via", "per", "such", "other", "all", "there", "they", "he", "she", "his", "her":
		return true
	}
	return false
}

package features

import (
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// forms looks at each word by itself.
func (w *Words) forms() {
	for i := range w.words {
		s := w.body(i)
		me := &w.words[i]
		me.form = Template(0).Lower(s)
		me.suffix = Template(0).Lower(ending(s, 3))
		me.shape = shape(s)
		me.compressed = compressed(s)
	}
}

// spans finds chunk, run and depth of each word.
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
// ends of a chunk stand by themselves.
func (w *Words) chunks(start, end int) {
	var depth int8
	for i := start; i < end; i++ {
		w.words[i].chunk = span{i, i + 1}
		switch w.body(i) {
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
		c := span{i, j}
		for c.start < c.end && edgePunctuation(w.body(c.start)) {
			c.start++
		}
		for c.start < c.end && edgePunctuation(w.body(c.end-1)) {
			c.end--
		}
		for k := c.start; k < c.end; k++ {
			w.words[k].chunk = c
		}
		i = j
	}
}

// runs fills run for the words [start, end) of a sentence.
func (w *Words) runs(start, end int) {
	for i := start; i < end; {
		j := i
		for j < end && !breaksRun(w.body(j)) {
			j++
		}
		for k := i; k < j; k++ {
			w.words[k].run = span{i, j}
		}
		if j < end {
			w.words[j].run = span{j, j + 1}
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
		s := w.body(i)
		if section := w.text.Sentences[w.text.Words[i].Sentence].Section; w.text.Sections[section].Kind == schemas.KindTitle {
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

func (w *Words) body(i int) string {
	s := w.text.Words[i].Span
	return w.text.Body[s.Start:s.End]
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

// breaksRun reports whether a word is a punctuation mark other than a hyphen, or a word of grammar.
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

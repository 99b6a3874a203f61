package sentence

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

// words holds the sections of words.txt, which says what each is for.
type words map[string]map[string]bool

// has reports whether the section holds the word.
func (w words) has(section, word string) bool { return w[section][word] }

// list returns the words, which are read once.
var list = sync.OnceValue(func() words {
	w := words{}
	for line := range strings.Lines(wordsText) {
		section, members, ok := strings.Cut(line, ": ")
		if !ok || line[0] == '#' {
			continue
		}
		if w[section] == nil {
			w[section] = map[string]bool{}
		}
		for word := range strings.FieldsSeq(members) {
			w[section][word] = true
		}
	}
	return w
})

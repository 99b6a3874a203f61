package sentence

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

// wordLists has the sections of words.txt, which documents them.
type wordLists map[string]map[string]bool

// has reports whether a section contains a word.
func (w wordLists) has(section, word string) bool { return w[section][word] }

// list returns the word lists, which are parsed once.
var list = sync.OnceValue(func() wordLists {
	w := wordLists{}
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

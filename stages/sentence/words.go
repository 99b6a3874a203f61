package sentence

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed words.txt
var wordsText string

// wordLists are the sections of words.txt, which says what each is for.
type wordLists struct {
	never, seldom, lettered, starters, prefixes map[string]bool
}

// list returns the word lists, which are read once.
var list = sync.OnceValue(func() wordLists {
	l := wordLists{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	sections := map[string]map[string]bool{"never": l.never, "seldom": l.seldom, "lettered": l.lettered, "starters": l.starters, "prefixes": l.prefixes}
	for line := range strings.Lines(wordsText) {
		if name, words, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			for word := range strings.FieldsSeq(words) {
				sections[name][word] = true
			}
		}
	}
	return l
})

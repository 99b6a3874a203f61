package topic

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// frequenciesText has a line for each pair of rounded numbers: "rarity kept: stems". Its test
// counts it.
//
//go:embed frequencies.txt
var frequenciesText string

// frequency is how often abstracts have a word.
type frequency struct {
	rarity float64 // ln(abstracts / abstracts with the word)
	kept   float64 // share of abstracts with the word among those with it in the title
}

// maxRarity is the rarity of the words that are not in the table, and unknownKept their share.
const (
	maxRarity   = 7.5
	unknownKept = 0.9
)

var frequencies = sync.OnceValue(func() map[string]frequency {
	m := map[string]frequency{}
	for line := range strings.Lines(frequenciesText) {
		numbers, stems, _ := strings.Cut(line, ":")
		if line[0] == '#' {
			continue
		}
		var f frequency
		if _, err := fmt.Sscan(numbers, &f.rarity, &f.kept); err != nil {
			panic(fmt.Sprintf("frequencies.txt: %q: %v", numbers, err))
		}
		for s := range strings.FieldsSeq(stems) {
			m[s] = f
		}
	}
	return m
})

func frequencyOf(stem string) frequency {
	if f, ok := frequencies()[stem]; ok {
		return f
	}
	return frequency{maxRarity, unknownKept}
}

package features

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed cues.txt
var cuesText string

// cues is a bit set of the classes of words that qualify a finding: negation, significance,
// comparison.
type cues uint32

// The classes that are not only lists of words. Those of cues.txt follow, in its order.
const (
	cueDenied   cues = 1 << iota // a finding in the reach of a "not": "no significant difference"
	cueSmallP                    // p < 0.05
	cueLargeP                    // p > 0.05
	firstListed = 3
)

// reach is the number of words after a "not" that it negates.
const reach = 4

// classes maps words to their classes.
type classes struct {
	of            map[string]cues
	not, deniable cues
	count         int
}

var cueClasses = sync.OnceValue(func() classes {
	c := classes{of: map[string]cues{}, count: firstListed}
	for line := range strings.Lines(cuesText) {
		name, words, ok := strings.Cut(line, ": ")
		if !ok || line[0] == '#' {
			continue
		}
		class := cues(1) << c.count
		c.count++
		for w := range strings.FieldsSeq(words) {
			c.of[w] |= class
		}
		switch name {
		case "not":
			c.not = class
		case "significant", "associated", "predicts", "more", "less", "better", "differ", "affect":
			c.deniable |= class
		}
	}
	return c
})

// cuesOf finds the cues among the words of a sentence.
func cuesOf(words []string) cues {
	known := cueClasses()
	var found cues
	denied := 0 // remaining words in the reach of a "not"
	for i, w := range words {
		class := known.of[w]
		if denied > 0 && class&known.deniable != 0 {
			found |= cueDenied
		}
		denied--
		if class&known.not != 0 {
			denied = reach
		}
		if w == "p" {
			class |= probability(words[i+1:])
		}
		found |= class
	}
	return found
}

// probability returns the cue of the words after a p: "< 0.05", "value = .3", "= NS".
func probability(words []string) cues {
	if len(words) > 0 && (words[0] == "value" || words[0] == "values") {
		words = words[1:]
	}
	if len(words) < 2 || !strings.Contains("<=>≤≥", words[0]) {
		return 0
	}
	sign, words := words[0], words[1:]
	if words[0] == "=" && len(words) > 1 { // "<="
		words = words[1:]
	}
	if words[0] == "ns" {
		return cueLargeP
	}
	const significant = 0.05
	p, err := strconv.ParseFloat(strings.TrimRight(strings.ReplaceAll(words[0], "·", "."), "."), 64)
	switch {
	case err != nil:
		return 0
	case p > significant || p == significant && (sign == ">" || sign == "≥"):
		return cueLargeP
	}
	return cueSmallP
}

package lm

import (
	"slices"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
)

// cut returns examples of at most window tokens for the ids of a text, which start with </s>. The
// target of a token is the next one, and of the last one </s>, so each token is a target once.
func cut(ids []int32, window int) (parts []trunk.Example) {
	targets := append(slices.Clone(ids[1:]), biogpt.EndID)
	for at := 0; at < len(ids); at += window {
		end := min(at+window, len(ids))
		parts = append(parts, trunk.Example{Tokens: ids[at:end:end], Targets: targets[at:end:end]})
	}
	return parts
}

// openWindows is the number of windows that are kept open for parts that fit.
const openWindows = 32

// pack joins parts, in order, into examples of at most window tokens. Each part goes into the first
// open window with room for it.
func pack(parts []trunk.Example, window int) (full []trunk.Example) {
	var open []trunk.Example
	for _, p := range parts {
		i := slices.IndexFunc(open, func(w trunk.Example) bool { return len(w.Tokens)+len(p.Tokens) <= window })
		if i < 0 {
			if len(open) == openWindows {
				full, open = append(full, open[0]), open[1:]
			}
			open, i = append(open, trunk.Example{}), len(open)
		}
		open[i].Tokens = append(open[i].Tokens, p.Tokens...)
		open[i].Targets = append(open[i].Targets, p.Targets...)
		if len(open[i].Tokens) == window {
			full, open = append(full, open[i]), slices.Delete(open, i, i+1)
		}
	}
	return append(full, open...)
}

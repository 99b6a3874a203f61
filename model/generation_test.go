package model

import (
	"strings"
	"testing"
)

func TestGenerationCheck(t *testing.T) {
	good := Generation{SoftPrompt: []int32{90, 91}, SourceTokens: 10, TargetTokens: 6}
	if err := good.Check(92, 18); err != nil { // </s>, 10, 2 and 6: the last is written and not read
		t.Error(err)
	}
	for want, change := range map[string]func(*Generation){
		"at least 1":   func(g *Generation) { g.TargetTokens = 0 },
		"neither is":   func(g *Generation) { g.Beams = -1 },
		"has id 92":    func(g *Generation) { g.SoftPrompt = []int32{92} },
		"has id -1":    func(g *Generation) { g.SoftPrompt = []int32{-1} },
		"too many for": func(g *Generation) { g.TargetTokens = 7 },
	} {
		g := good
		change(&g)
		if err := g.Check(92, 18); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

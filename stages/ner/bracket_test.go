package ner

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
)

// sentenceOf returns the sentence of a body.
func sentenceOf(body string) *sentence {
	t := cut(body)
	return &sentence{WordRange: model.WordRange{End: len(t.Words)}, t: t, pairs: abbrev.InText(t)}
}

// Each text has a mention between < and >.
func TestBalance(t *testing.T) {
	for marked, want := range map[string]string{
		"we gave <PTH(1-34>) daily":                           "PTH(1-34)",
		"with (<2R,4R)-APDC> here":                            "(2R,4R)-APDC",
		"[<24-14C]sodium> was":                                "[24-14C]sodium",
		"had atrioventricular (<AV) block> here":              "atrioventricular (AV) block",
		"agonist <terlipressin (V(1a)> agonist":               "terlipressin",
		"expression (but not <mGlu1a) receptors> here":        "mGlu1a",
		"of <factor IX (antihemophilic factor B>) here":       "factor IX",
		"in the <DAT(-/->) mice":                              "DAT",
		"a <balanced (one) there>":                            "balanced (one) there",
		`the <so-called "toxin> here" was`:                    "so-called",
		"the <“toxin” factor> was":                            "toxin",
		"a <mixed (pair]> was":                                "mixed",
		"poly(<ketal amidoamine)> was":                        "ketal amidoamine",
		"<poly(ketal amidoamine>) was":                        "poly(ketal amidoamine)",
		"the (<insulin-dependent) diabetes> was":              "(insulin-dependent) diabetes",
		"or <4-[4-[1-(benzyloxy)-2(S)> - [[(1,1-d)a]carbonyl": "4",
		"<(> was": "",
	} {
		body := strings.NewReplacer("<", "", ">", "").Replace(marked)
		start, end := strings.Index(marked, "<"), strings.Index(marked, ">")-1
		s := sentenceOf(body)
		var r model.WordRange
		for i, w := range s.t.Words {
			if w.Start == start {
				r.Start = i
			}
			if w.End == end {
				r.End = i + 1
			}
		}
		got := ""
		if r = s.balance(s.trim(r)); r.Len() > 0 {
			got = body[s.span(r).Start:s.span(r).End]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", marked, got, want)
		}
	}
}

// Clean bounds stay as they are.
func TestBalanceIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sentenceOf(rapid.StringMatching(`[ab1 (),."“”«»{}\[\]-]{1,30}`).Draw(t, "body"))
		n := len(s.t.Words)
		if n == 0 {
			return
		}
		start := rapid.IntRange(0, n-1).Draw(t, "start")
		once := s.balance(s.trim(model.WordRange{Start: start, End: rapid.IntRange(start, n).Draw(t, "end")}))
		if once.Len() == 0 {
			return
		}
		if twice := s.balance(s.trim(once)); twice != once || !s.isBalanced(once) {
			t.Fatalf("%v, then %v", once, twice)
		}
	})
}

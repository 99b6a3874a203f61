package relation

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// sentenceText is a text of one sentence.
func sentenceText(body string) *model.Text {
	return &model.Text{Body: body, Sentences: []schemas.Sentence{{Span: schemas.Span{End: len(body)}}}}
}

// mentionsOf returns the mentions marked in a body: "G<CBR3>" is a gene. Marks nest.
func mentionsOf(marked string) (*model.Text, []schemas.Mention) {
	types := map[byte]string{'G': "Gene", 'C': "Chemical", 'D': "Disease"}
	var body []byte
	var open []schemas.Mention
	var all []schemas.Mention
	for i := 0; i < len(marked); i++ {
		switch {
		case i+1 < len(marked) && marked[i+1] == '<':
			open = append(open, schemas.Mention{Type: types[marked[i]], Span: schemas.Span{Start: len(body)}})
			i++
		case marked[i] == '>':
			m := open[len(open)-1]
			open = open[:len(open)-1]
			m.End = len(body)
			all = append(all, m)
		default:
			body = append(body, marked[i])
		}
	}
	slices.SortStableFunc(all, func(a, b schemas.Mention) int { return a.Start - b.Start })
	for i := range all {
		all[i].ID = i
	}
	return sentenceText(string(body)), all
}

func TestEntities(t *testing.T) {
	for _, c := range []struct{ name, marked, want string }{
		{"the same name", "G<CBR3> and G<cbr-3>", "CBR3 = cbr-3"},
		{"a short form", "D<heart failure> (HF), D<HF>", "heart failure = HF"},
		{
			"a short form joins two", "D<failing hearts> or D<HF>, later called D<heart failure> (HF)",
			"failing hearts; HF = heart failure",
		},
		{
			"a symbol after its gene", "the G<carbonyl reductase 3> gene G<CBR3>",
			"carbonyl reductase 3 = CBR3",
		},
		{"another gene", "the G<carbonyl reductase 3> gene G<NQO1>", "carbonyl reductase 3; NQO1"},
		{"not across types", "D<heart failure> (HF), C<HF>", "heart failure; HF"},
		{"no part of a mention", "the G<C<androgen> receptor>", "androgen receptor"},
		{"a part that is also a whole", "the G<C<androgen> receptor> of C<androgen>", "androgen receptor; androgen"},
	} {
		text, mentions := mentionsOf(c.marked)
		var got []string
		for _, e := range newEntities(text, mentions).all {
			var all []string
			for _, m := range e.Mentions {
				all = append(all, text.Body[m.Start:m.End])
			}
			got = append(got, strings.Join(all, " = "))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A name and its own short form are no pair, even if they have different types.
func TestSameNameOfTwoTypes(t *testing.T) {
	text, mentions := mentionsOf("D<heart failure> (HF), C<HF> and C<aspirin>")
	e := newEntities(text, mentions)
	if !e.sameName(0, 1) || e.sameName(0, 2) {
		t.Errorf("entities %v", e.keys)
	}
	for i := range mentions {
		mentions[i].Concept = string('A' + rune(i))
	}
	if e = newEntities(text, mentions); e.sameName(0, 1) {
		t.Error("entities with different concepts are the same")
	}
}

// Entities have each mention that is no part of another once, in text order. Those of one type have
// no name in common.
func TestEntitiesAreDisjoint(t *testing.T) {
	part := rapid.SampledFrom([]string{
		"G<CBR3>", "G<carbonyl reductase 3> gene ", "D<heart failure> (HF)", "D<HF>", "C<HF>",
		"G<C<androgen> receptor>", "C<androgen>", " and ",
	})
	rapid.Check(t, func(t *rapid.T) {
		text, mentions := mentionsOf(strings.Join(rapid.SliceOfN(part, 0, 8).Draw(t, "parts"), " "))
		e := newEntities(text, mentions)
		seen := map[int]bool{}
		for i, x := range e.all {
			if !slices.IsSortedFunc(x.Mentions, func(a, b schemas.Mention) int { return a.Start - b.Start }) {
				t.Fatalf("mentions out of order: %v", x)
			}
			for _, m := range x.Mentions {
				if seen[m.ID] {
					t.Fatalf("mention %d is in two entities", m.ID)
				}
				seen[m.ID] = true
			}
			same := func(y names.Entity) bool { return y.Type == x.Type }
			for j := range e.all[:i] {
				if same(e.all[j]) && e.sameName(i, j) {
					t.Fatalf("%v and %v are two entities", e.keys[i], e.keys[j])
				}
			}
		}
		if len(seen) != len(outermost(mentions)) {
			t.Fatalf("%d of %d mentions", len(seen), len(outermost(mentions)))
		}
	})
}

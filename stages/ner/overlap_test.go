package ner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// tagged returns a text and states that have the given mentions, each a type, a score and a name
// that the text has once.
func tagged(types []string, body string, mentions ...tag) (*model.Text, model.States) {
	t := cut(body)
	states := model.States{Dim: 3 * len(types), Data: make([]float32, 3*len(types)*len(t.Words))}
	for i := range t.Words {
		for k := range types {
			states.Row(i)[3*k] = 10
		}
	}
	for _, m := range mentions {
		k := slices.Index(types, m.typ)
		start := strings.Index(body, m.name)
		first := 1
		for i, w := range t.Words {
			if start <= w.Start && w.End <= start+len(m.name) {
				states.Row(i)[3*k+first] = 10 + m.odds
				first = 2
			}
		}
	}
	return t, states
}

// tag is a mention whose words have these odds against the tag Outside.
type tag struct {
	typ, name string
	odds      float32
}

func TestOverlaps(t *testing.T) {
	types := []string{chemical, disease, gene, variant, "Species"}
	for _, c := range []struct {
		name, body string
		mentions   []tag
		want       string
	}{
		{
			"one span, the better score", "the V600E mutation",
			[]tag{{gene, "V600E", 3}, {variant, "V600E", 5}}, "Variant V600E",
		},
		{
			"a chemical within a gene stays", "the androgen receptor",
			[]tag{{gene, "androgen receptor", 5}, {chemical, "androgen", 5}},
			"Gene androgen receptor, Chemical androgen",
		},
		{
			"a disease within a gene stays", "the Marfan syndrome protein",
			[]tag{{gene, "Marfan syndrome protein", 5}, {disease, "Marfan syndrome", 5}},
			"Gene Marfan syndrome protein, Disease Marfan syndrome",
		},
		{
			"not one span of a chemical and a gene", "the insulin rose",
			[]tag{{gene, "insulin", 5}, {chemical, "insulin", 4}}, "Gene insulin",
		},
		{
			"the longer", "severe C7 deficiency",
			[]tag{{gene, "C7", 9}, {disease, "C7 deficiency", 3}}, "Disease C7 deficiency",
		},
		{
			"the gene before a variant remains", "with BRAF V600E there",
			[]tag{{gene, "BRAF V600E", 9}, {variant, "V600E", 3}}, "Gene BRAF, Variant V600E",
		},
		{
			"the effect of a chemical remains", "an ammonia coma there",
			[]tag{{disease, "ammonia coma", 3}, {chemical, "ammonia", 9}}, "Chemical ammonia",
		},
		{
			"no chemical in a longer disease", "impaired glucose tolerance there",
			[]tag{{disease, "impaired glucose tolerance", 3}, {chemical, "glucose", 9}},
			"Disease impaired glucose tolerance",
		},
		{
			"neither within the other", "human complement C7 deficiency",
			[]tag{{gene, "human complement C7", 3}, {disease, "C7 deficiency", 9}},
			"Gene human complement, Disease C7 deficiency",
		},
	} {
		text, states := tagged(types, c.body, c.mentions...)
		var got []string
		for _, m := range annotated(t, reader(t, types...), text, states) {
			got = append(got, m.Type+" "+text.Body[m.Start:m.End])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Whatever the scores are, mentions lie in their sentence, are trimmed and balanced, and no two
// have one span or overlap, but a chemical or a disease within a gene.
func TestMentionsAreSound(t *testing.T) {
	types := []string{chemical, disease, gene, variant}
	stage := reader(t, types...)
	stage.tagger.Repeat = []float32{1, 2, 3, 4}
	rapid.Check(t, func(t *rapid.T) {
		sentence := rapid.StringMatching(`[a-cβ1 (),."“”\[\]-]{0,25}`)
		text := cut(sentence.Draw(t, "title"), sentence.Draw(t, "one"), sentence.Draw(t, "two"))
		n := 3 * len(types) * len(text.Words)
		states := model.States{
			Dim: 3 * len(types), Data: rapid.SliceOfN(rapid.Float32Range(-5, 5), n, n).Draw(t, "scores"),
		}
		var a, b schemas.Annotations
		for _, x := range []*schemas.Annotations{&a, &b} {
			if err := stage.Annotate(text, states, x); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("another result for the same arguments: %s", diff)
		}
		for i, m := range a.Mentions {
			checkMention(t, text, m)
			if m.ID != i {
				t.Fatalf("mention %d has id %d", i, m.ID)
			}
			for _, o := range a.Mentions[i+1:] {
				nested := m.Type == gene && (o.Type == chemical || o.Type == disease) &&
					o.End <= m.End && o.Span != m.Span
				if o.Start < m.Start || o.Start < m.End && !nested {
					t.Fatalf("%s %q and %s %q", m.Type, text.Body[m.Start:m.End], o.Type, text.Body[o.Start:o.End])
				}
			}
		}
	})
}

func checkMention(t *rapid.T, text *model.Text, m schemas.Mention) {
	name := text.Body[m.Start:m.End]
	s := text.Sentences[m.Sentence]
	switch {
	case m.Start < s.Start || m.End > s.End || m.Section != s.Section:
		t.Fatalf("%q leaves its sentence", name)
	case strings.TrimSpace(name) != name || !strings.ContainsAny(name, "abcβ1"):
		t.Fatalf("%q is no name", name)
	case !(m.Score >= 0 && m.Score <= 1):
		t.Fatalf("score %v", m.Score)
	case strings.Count(name, `"`)%2 != 0:
		t.Fatalf("%q has half a pair of quotation marks", name)
	}
	var open []rune
	for _, r := range name {
		switch at := strings.IndexRune(")]”", r); {
		case strings.ContainsRune("([“", r):
			open = append(open, r)
		case at < 0:
		case len(open) == 0 || string(open[len(open)-1]) != map[rune]string{')': "(", ']': "[", '”': "“"}[r]:
			t.Fatalf("%q has half a pair of brackets", name)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q has half a pair of brackets", name)
	}
}

package score_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

func TestCount(t *testing.T) {
	c := score.Count{TP: 6, FP: 2, FN: 4}
	if c.Precision() != 0.75 || c.Recall() != 0.6 || math.Abs(c.F1()-2.0/3) > 1e-12 {
		t.Error(c)
	}
	if got := c.String(); got != "P 75.0 R 60.0 F1 66.7" {
		t.Error(got)
	}
	if zero := (score.Count{}); zero.F1() != 0 || zero.Precision() != 0 || zero.Recall() != 0 {
		t.Error("nothing at all must score 0")
	}
}

// example reads one PubTator document.
func example(t *testing.T, text string) *dataset.Example {
	t.Helper()
	examples, _, err := dataset.PubTator(strings.NewReader(text), dataset.PublicRules("x", "dev"))
	if err != nil {
		t.Fatal(err)
	}
	return &examples[0]
}

const document = `1|t|Zorv causes tremor
1|a|Zorvaline (ZV) gave tremor, not ataxia; ZVK2 was silent.
1	0	4	Zorv	Chemical	C1
1	12	18	tremor	Disease	D1
1	19	28	Zorvaline	Chemical	C1
1	30	32	ZV	Chemical	C1
1	39	45	tremor	Disease	D1
1	51	57	ataxia	Disease	D2
1	59	63	ZVK2	FamilyName	-
1	CID	C1	D1
`

func mention(id int, typ string, start, end int) schemas.Mention {
	return schemas.Mention{ID: id, Type: typ, Span: schemas.Span{Start: start, End: end}}
}

func TestMentions(t *testing.T) {
	e := example(t, document)
	table := score.Table{}
	table.Mentions(e, []schemas.Mention{
		mention(0, "Chemical", 0, 4), mention(1, "Chemical", 0, 4), // a repeat counts once
		mention(2, "Disease", 12, 18),
		mention(3, "Disease", 39, 44),  // wrong end: one wrong, one missed
		mention(4, "Disease", 30, 32),  // wrong type
		mention(5, "Gene", 59, 63),     // a type that is not annotated
		mention(6, "Species", 59, 63),  // likewise
		mention(7, "Chemical", 19, 28), // right
	})
	want := score.Table{"Chemical": {TP: 2, FN: 1}, "Disease": {TP: 1, FP: 2, FN: 2}}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Error(diff)
	}
	if got := table.Micro(); got != (score.Count{TP: 3, FP: 2, FN: 3}) {
		t.Error(got)
	}
	if diff := cmp.Diff([]string{"Chemical", "Disease"}, table.Types()); diff != "" {
		t.Error(diff)
	}
}

func TestMaskedMentionsDoNotCount(t *testing.T) {
	e := example(t, document)
	e.Types = []string{"Chemical", "Disease", "Gene"}
	table := score.Table{}
	table.Mentions(e, []schemas.Mention{mention(0, "Gene", 59, 61), mention(1, "Gene", 19, 28)})
	if got := table["Gene"]; got != (score.Count{FP: 1}) {
		t.Error(got)
	}
}

func TestRelations(t *testing.T) {
	e := example(t, document)
	found := []schemas.Mention{
		mention(0, "Chemical", 19, 28), // Zorvaline: C1
		mention(1, "Disease", 12, 18),  // tremor: D1
		mention(2, "Disease", 51, 57),  // ataxia: D2
		mention(3, "Chemical", 0, 4),   // Zorv: C1 again
		mention(4, "Disease", 33, 38),  // "gave ": nobody's concept
	}
	relation := func(a, b int) schemas.Relation { return schemas.Relation{Type: "CID", Subject: a, Object: b} }
	for _, c := range []struct {
		name    string
		found   []schemas.Relation
		ordered bool
		want    score.Count
	}{
		{"nothing", nil, true, score.Count{FN: 1}},
		{"right", []schemas.Relation{relation(0, 1)}, true, score.Count{TP: 1}},
		{"twice by other names", []schemas.Relation{relation(0, 1), relation(3, 1)}, true, score.Count{TP: 1}},
		{"one too many", []schemas.Relation{relation(0, 1), relation(0, 2)}, true, score.Count{TP: 1, FP: 1}},
		{"unknown name", []schemas.Relation{relation(0, 4)}, true, score.Count{FP: 1, FN: 1}},
		{"turned round", []schemas.Relation{relation(1, 0)}, true, score.Count{FP: 1, FN: 1}},
		{"turned round, unordered", []schemas.Relation{relation(1, 0)}, false, score.Count{TP: 1}},
	} {
		table := score.Table{}
		table.Relations(e, found, c.found, c.ordered)
		if got := table["CID"]; got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestRougeL(t *testing.T) {
	for _, c := range []struct {
		found, wanted string
		want          float64
	}{
		{"the cat sat", "The cat sat.", 1},
		{"a b c d", "b d", 2 * 2.0 / 6},                               // b d
		{"police killed the gunman", "the gunman killed police", 0.5}, // Lin's own example: "the gunman"
		{"IL-2 rose", "il 2 fell", 2 * 2.0 / 6},                       // punctuation parts words
		{"", "x", 0}, {"x", "", 0}, {"…", "…", 0}, {"alpha", "beta", 0},
	} {
		if got := score.RougeL(c.found, c.wanted); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("RougeL(%q, %q) = %v, want %v", c.found, c.wanted, got, c.want)
		}
	}
}

func TestRougeLProperties(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 9).Draw(t, "words"), " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		f := score.RougeL(a, b)
		if f < 0 || f > 1 || f != score.RougeL(b, a) || score.RougeL(a, a) != 1 {
			t.Fatalf("RougeL(%q, %q) = %v", a, b, f)
		}
	})
}

func TestSummaries(t *testing.T) {
	var s score.Summaries
	if s.HitRate() != 0 || s.MeanRougeL() != 0 {
		t.Error("no documents must score 0")
	}
	s.Add("it works", "It works.", true)
	s.Add("a b", "c d", false)
	if s.HitRate() != 0.5 || s.MeanRougeL() != 0.5 {
		t.Errorf("%+v", s)
	}
}

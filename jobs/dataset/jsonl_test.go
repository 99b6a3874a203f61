package dataset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

func TestJSONLines(t *testing.T) {
	const in = `{"id": "90", "text": "ΔZVK1 in\nHeLa lines.\n", "mentions": [[0, 5, "protein"], [9, 13, "cell_line"]]}`
	rules := dataset.Rules{Types: map[string]string{"cell_line": dataset.CellLine}, NotPMID: true}
	examples, stats, err := dataset.JSONLines(strings.NewReader(in), rules)
	if err != nil {
		t.Fatal(err)
	}
	got := plainly(examples)
	if diff := cmp.Diff([]string{"CellLine HeLa []"}, got[0].Mentions); diff != "" || got[0].PMID != 0 ||
		stats.Unmapped["protein"] != 1 {
		t.Error(got, stats, diff)
	}
	for _, bad := range []string{`{`, `{"text": "x", "mentions": [[0, 5, "protein"]]}`, `{"text": "x", "mentions": ` +
		`[["a", 1, "p"]]}`} {
		if _, _, err := dataset.JSONLines(strings.NewReader(bad), rules); err == nil ||
			!strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

// TestJSONVariants reads text in place of title and abstract, entities, and relations by index, by
// id and by concept.
func TestJSONVariants(t *testing.T) {
	const in = `{"pmid": 5, "text": "A saw cut it.", "entities": [[2, 5, "Tool"], {"start": 10, "end": 12, "type": ` +
		`"Thing", "id": "T9", "concept": "C:1"}], "relations": [{"type": "Cuts", "head": 0, ` +
		`"tail": "T9"}, ["Uses", "C:1", ` +
		`"C:2"]], "note": 1}
{"title": "Is it?", "sections": [["AIM", "To see."], {"label": "CONCLUSIONS", "text": "It is."}], "question": "Is ` +
		`it?", "answer": "It is.", "label": "yes", "labels": ["b", "a", "b"]}
`
	examples, _, err := dataset.JSONLines(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	want := []plain{
		{
			ID: "5", PMID: 5, Text: " A saw cut it.", Types: []string{"Thing", "Tool"}, Mentions: []string{"Tool " +
				"saw []", "Thing it [C:1]"},
			Relations: []string{"Cuts: saw - it"}, States: []string{"Uses: C:1 - C:2"},
		},
		{ID: "1", Text: "Is it? To see. It is.", Types: []string{"Thing", "Tool"}},
	}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
	if got := examples[1].Labels; !slices.Equal(got, []string{"a", "b"}) || examples[0].Labels != nil {
		t.Errorf("labels %q and %q", examples[0].Labels, got)
	}
	if e := examples[1]; e.Question != "Is it?" || e.Answer != "yes" || dataset.Conclusions(e.Doc) != "It is." {
		t.Errorf("%+v", e)
	}
}

// Headings in an abstract become labels, unless there are mentions, whose offsets count them.
func TestJSONHeadings(t *testing.T) {
	const in = `{"title": "T", "abstract": "AIM: To see. METHODS: We saw. CONCLUSIONS: It is."}
{"title": "T", "abstract": "AIM: To see. METHODS: We saw. CONCLUSIONS: It is.", "mentions": [[27, 30, "Tool"]]}
`
	examples, _, err := dataset.JSONLines(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	if got := dataset.Conclusions(examples[0].Doc); got != "It is." || dataset.Conclusions(examples[1].Doc) != "" {
		t.Errorf("conclusions %q in %+v", got, examples)
	}
	if got := plainly(examples)[1].Mentions; !cmp.Equal(got, []string{"Tool saw []"}) {
		t.Errorf("mentions %q", got)
	}
}

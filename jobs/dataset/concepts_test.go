package dataset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

func TestWithConcepts(t *testing.T) {
	const in = `{"title": "Saw, wood", "abstract": "A SAW cut a;b.", "mentions": [[0,3,"Tool"],[5,9,"Thing"],[12,` +
		`15,"Tool"],[20,23,"Thing"]], "relations": [["Cuts",0,1],["Cuts",2,1],["Cuts",2,3]]}`
	examples, _, err := dataset.JSONLines(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	e := examples[0].WithConcepts()
	want := []dataset.ConceptRelation{
		{Type: "Cuts", A: "name:Tool:saw", B: "name:Thing:wood"},
		{Type: "Cuts", A: "name:Tool:saw", B: "name:Thing:a/b"},
	}
	if diff := cmp.Diff(want, e.ConceptRelations); diff != "" {
		t.Error(diff)
	}
	if examples[0].Gold.Mentions[0].Concept != "" {
		t.Error("the original changed")
	}
	if diff := cmp.Diff(e, e.WithConcepts()); diff != "" {
		t.Errorf("twice is not once: %s", diff)
	}
}

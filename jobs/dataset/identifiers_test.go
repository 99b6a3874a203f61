package dataset_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
)

func TestWithIdentifiers(t *testing.T) {
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	e := dataset.Example{
		Gold: schemas.Annotations{Mentions: []schemas.Mention{
			{Type: dataset.Chemical, Concept: "D001241"}, {Type: dataset.Disease, Concept: "D010051|D001943"},
			{Type: dataset.Disease, Concept: "-1"}, {Type: dataset.Chemical, Concept: "C012052"}, // retired
		}},
		ConceptRelations: []dataset.ConceptRelation{
			{Type: "CID", A: "D001241", B: "D001943"}, {Type: "CID", A: "C012052", B: "D999999"},
		},
	}
	got := e.WithIdentifiers(v)
	var concepts []string
	for _, m := range got.Gold.Mentions {
		concepts = append(concepts, m.Concept)
	}
	want := []string{"MESH:D001241", "MESH:D001943|MESH:D010051", "", "MESH:D000077582"}
	if diff := cmp.Diff(want, concepts); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
	relations := []dataset.ConceptRelation{
		{Type: "CID", A: "MESH:D001241", B: "MESH:D001943"}, {Type: "CID", A: "MESH:D000077582", B: "D999999"},
	}
	if diff := cmp.Diff(relations, got.ConceptRelations); diff != "" {
		t.Errorf("relations (-want +got):\n%s", diff)
	}
	if e.Gold.Mentions[0].Concept != "D001241" || e.ConceptRelations[0].A != "D001241" {
		t.Error("the example itself changed")
	}
}

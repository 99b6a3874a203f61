package score

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

func TestRelationsByString(t *testing.T) {
	doc := &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: "Des harms"}}}
	docs := []dataset.Example{
		{
			Doc: doc,
			Names: []dataset.Name{
				{Type: "Chemical", Text: "des", Concept: "C1"},
				{Type: "Disease", Text: "Rash  2", Concept: "D1"},
				{Type: "Disease", Text: "x", Concept: ""},
			},
			ConceptRelations: []dataset.ConceptRelation{
				{Type: "CID", A: "C1", B: "D1"},
				{Type: "CID", A: "C2", B: "D1"},
			},
		},
		{
			Doc: doc,
			Gold: schemas.Annotations{
				Mentions: []schemas.Mention{{Span: schemas.Span{Start: 0, End: 3}, Type: "Chemical", Concept: "C2"}},
			},
		},
	}
	x := NewNameIndex(docs)
	for _, c := range [][3]string{{"Chemical", "DES", "C2"}, {"Disease", "rash " +
		"2", "D1"}, {"Disease", "des", NoConcept}, {"Disease", "x", NoConcept}} {
		if got := x.Concept(c[0], c[1]); got != c[2] {
			t.Errorf("%v: %s", c, got)
		}
	}
	table := Table{}
	table.RelationsByString(&docs[0], []dataset.ConceptRelation{
		{
			Type: "CID", A: "C2", B: "D1",
		}, {Type: "CID", A: "C2", B: "D1"}, {Type: "CID", A: NoConcept, B: NoConcept}, {Type: "CID", A: "D1", B: "C1"},
	})
	if diff := cmp.Diff(Table{"CID": {TP: 1, FP: 2, FN: 1}}, table); diff != "" { // the order counts, repeats do not
		t.Error(diff)
	}
	if got := Concepts(&docs[0]).Concepts("rash "+
		"2", schemas.Mention{Span: schemas.Span{End: 6}, Type: "Disease"}); !cmp.Equal(
		got,
		[]string{"D1"},
	) {
		t.Error(got)
	}
}

package score_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/schemas"
)

func linked(id, start int, typ, concept string) schemas.Mention {
	return schemas.Mention{ID: id, Span: schemas.Span{Start: start, End: start + 1}, Type: typ, Concept: concept}
}

func TestLinking(t *testing.T) {
	e := &dataset.Example{
		Types: []string{"Chemical", "Disease"},
		Gold: schemas.Annotations{Mentions: []schemas.Mention{
			linked(0, 0, "Disease", "A"), linked(1, 2, "Disease", "A|B"), linked(2, 4, "Disease", ""),
			linked(3, 6, "Disease", "C"), linked(4, 8, "Chemical", "X"),
		}},
	}
	got := score.Linking{}
	got.AddDocument(e, []schemas.Mention{
		linked(0, 0, "Disease", "A"), linked(1, 2, "Disease", "B|A"), linked(2, 4, "Disease", ""),
		linked(3, 6, "Disease", "D"),                                 // wrong
		linked(4, 10, "Disease", "E"), linked(5, 12, "Species", "S"), // no gold mention; not annotated
	})
	want := score.Linking{
		"Disease":  {Mentions: 4, Right: 3, Answered: 3, Precise: 2, Documents: score.Count{TP: 2, FP: 2, FN: 1}},
		"Chemical": {Documents: score.Count{FN: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if c := got["Disease"]; c.Accuracy() != 0.75 || c.Precision() != 2.0/3 {
		t.Errorf("accuracy %v, precision %v", c.Accuracy(), c.Precision())
	}
	got.Merge(got)
	if got["Disease"].Mentions != 8 || got.Documents()["Chemical"].FN != 2 {
		t.Errorf("merged: %v", got)
	}
}

// A relation counts by the concepts that its mentions are linked to; without one it does not count.
func TestRelationsByIdentifier(t *testing.T) {
	e := &dataset.Example{ConceptRelations: []dataset.ConceptRelation{
		{Type: "CID", A: "X", B: "A"}, {Type: "CID", A: "X", B: "C"},
	}}
	mentions := []schemas.Mention{
		linked(0, 0, "Chemical", "X"), linked(1, 2, "Disease", "A|B"), linked(2, 4, "Disease", ""),
	}
	relations := []schemas.Relation{
		{
			Type:    "CID",
			Subject: 0,
			Object:  1,
		}, {Type: "CID", Subject: 0, Object: 2}, {Type: "CID", Subject: 0, Object: 1},
	}
	got := score.Table{}
	got.RelationsByIdentifier(e, mentions, relations, true)
	if diff := cmp.Diff(score.Table{"CID": {TP: 1, FP: 1, FN: 1}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

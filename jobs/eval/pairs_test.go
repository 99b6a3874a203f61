package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// relating makes a document of three mentions, one of each type, with relations between them.
func relating(relations ...schemas.Relation) dataset.Example {
	e := dataset.Example{}
	for i, typ := range []string{"Gene", "Disease", "Chemical"} {
		e.Gold.Mentions = append(
			e.Gold.Mentions, schemas.Mention{ID: i, Type: typ, Span: schemas.Span{Start: 5 * i, End: 5*i + 4}},
		)
	}
	for _, r := range relations {
		e.Gold.Relations = append(e.Gold.Relations, r)
		e.ConceptRelations = append(e.ConceptRelations, dataset.ConceptRelation{Type: r.Type})
	}
	return e
}

// Gene and Disease have Risk twice, in either order, and Cure once. Chemical and Disease have each
// once, and the first in alphabetical order is taken. Gene and Chemical have no relation.
func TestGoldPairs(t *testing.T) {
	j := goldPairsOf([]dataset.Example{
		relating(
			schemas.Relation{Type: "Risk", Subject: 0, Object: 1},
			schemas.Relation{Type: "Risk", Subject: 2, Object: 1},
		),
		relating(
			schemas.Relation{Type: "Risk", Subject: 1, Object: 0},
			schemas.Relation{Type: "Cure", Subject: 2, Object: 1},
		),
		relating(schemas.Relation{Type: "Cure", Subject: 0, Object: 1}),
	})
	types := map[[2]string]string{{"Disease", "Gene"}: "Risk", {"Chemical", "Disease"}: "Cure"}
	if diff := cmp.Diff(types, j.types); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]bool{"Risk": true, "Cure": true}, j.relations); diff != "" {
		t.Error(diff)
	}
	const body = "gene pain drug"
	abstract, sentence := j.cooccurrences(body, relating().Gold.Mentions)
	if len(abstract) != 2 || len(sentence) != 2 || abstract[0].Type != "Risk" || abstract[1].Type != "Cure" {
		t.Errorf("%+v, in a sentence %+v", abstract, sentence)
	}
}

func TestChoose(t *testing.T) {
	j := goldPairsOf([]dataset.Example{relating(schemas.Relation{Type: "Risk", Subject: 0, Object: 1})})
	alternatives := []schemas.Alternative{{Type: "Cure", Score: 0.4}, {Type: "Risk", Score: 0.3}}
	for _, c := range []struct {
		relation schemas.Relation
		want     float32 // the score as a Risk; 0 for none
	}{
		{schemas.Relation{Type: "Risk", Score: 0.5}, 0.5},
		{schemas.Relation{Type: "Bind", Score: 0.5, Alternatives: alternatives}, 0.3},
		{schemas.Relation{Type: "Bind", Score: 0.5}, 0},
	} {
		r := c.relation
		if ok := j.choose(&r); ok != (c.want > 0) || ok && (r.Type != "Risk" || r.Score != c.want) {
			t.Errorf("%+v became %+v", c.relation, r)
		}
	}
}

// Co-occurring entities have types that are related, and those of a sentence are among those of the
// abstract.
func TestCooccurrences(t *testing.T) {
	j := goldPairsOf([]dataset.Example{relating(schemas.Relation{Type: "Risk", Subject: 0, Object: 1})})
	rapid.Check(t, func(t *rapid.T) {
		const body = "abcdefghijklmnopqrstuvwxyz"
		var mentions []schemas.Mention
		for i := range rapid.IntRange(0, 8).Draw(t, "mentions") {
			at := rapid.IntRange(0, 24).Draw(t, "at")
			mentions = append(mentions, schemas.Mention{
				ID: i, Type: rapid.SampledFrom([]string{"Gene", "Disease", "Chemical"}).Draw(t, "type"),
				Span: schemas.Span{Start: at, End: at + 1}, Sentence: at / 9,
			})
		}
		abstract, sentence := j.cooccurrences(body, mentions)
		if len(sentence) > len(abstract) {
			t.Fatalf("%d pairs of a sentence, %d of the abstract", len(sentence), len(abstract))
		}
		for _, r := range abstract {
			a, b := mentions[r.Subject], mentions[r.Object]
			if inOrder(a.Type, b.Type) != [2]string{"Disease", "Gene"} || r.Sentence >= 0 && a.Sentence != b.Sentence {
				t.Fatalf("%+v joins %+v and %+v", r, a, b)
			}
		}
	})
}

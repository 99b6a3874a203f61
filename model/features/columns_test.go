package features

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// below is a hierarchy by the length of identifiers: "AB" stands below "A".
type below struct{}

func (below) Is(concept, ancestor string) bool {
	return len(concept) > len(ancestor) && concept[:len(ancestor)] == ancestor
}

// same reports whether two rows are equal, where absent values are.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

func allPairs(entities []names.Entity, odds func(i int) float32) (pairs []ScoredPair) {
	for i := range entities {
		for j := range entities {
			if i != j {
				pairs = append(pairs, ScoredPair{Subject: i, Object: j, Odds: odds(len(pairs))})
			}
		}
	}
	return pairs
}

// Columns of the example, by hand: where the pair stands among the others.
func TestColumns(t *testing.T) {
	text, entities := pairExample()
	p := NewPairs(text, entities)
	pairs := allPairs(entities, func(i int) float32 { return float32(-i) })
	pairs[0].Contexts = []float32{1, 3, 2}
	rows := p.Columns(pairs, nil)
	const scores = 2*entityColumns + distanceColumns + meetingColumns
	if got, want := rows[0][scores:scores+scoreColumns], []float32{0, 0, 1, 3, 2, 2}; !same(got, want) {
		t.Errorf("scores %v, want %v", got, want)
	}
	for i, row := range rows {
		if got := row[0]; got != float32(len(p.entities[pairs[i].Subject].places)) {
			t.Errorf("row %d: %v mentions of the subject", i, got)
		}
		rivals := row[scores+scoreColumns:]
		better, all := rivals[2*rivalColumns], rivals[2*rivalColumns+1]
		count := float32(0)
		for j := range pairs {
			if j < i && entities[pairs[j].Subject].Type == entities[pairs[i].Subject].Type &&
				entities[pairs[j].Object].Type == entities[pairs[i].Object].Type {
				count++
			}
		}
		if better != count || better > all {
			t.Errorf("row %d: %v of %v pairs are better, want %v", i, better, all, count)
		}
	}
}

// A broader concept counts the narrower ones that the text names.
func TestColumnsOfConcepts(t *testing.T) {
	text, entities := pairExample()
	ids := []string{"A", "AB", "ABC", ""}
	var typed []names.Entity
	for i, e := range entities[:3] {
		e.Type, e.Mentions = "Disease", slices.Clone(e.Mentions)
		e.Mentions[0].Concept = ids[i]
		typed = append(typed, e)
	}
	p := NewPairs(text, typed)
	pairs := allPairs(typed, func(i int) float32 { return float32(i) })
	const at = PairColumns - hierarchyColumns
	for i, row := range p.Columns(pairs, below{}) {
		s, o := pairs[i].Subject, pairs[i].Object
		want := []float32{float32(2 - s), float32(s), float32(2 - o), float32(o)}
		if got := row[at : at+4]; !same(got, want) {
			t.Errorf("%d and %d: %v, want %v", s, o, got, want)
		}
	}
	for _, row := range p.Columns(pairs, nil) {
		if got := row[at:]; !same(got, []float32{absent, absent, absent, absent, absent}) {
			t.Errorf("without a hierarchy: %v", got)
		}
	}
}

// Whatever the mentions are, every pair has all columns, and no infinite ones.
func TestColumnsOfAnything(t *testing.T) {
	text, _ := pairExample()
	rapid.Check(t, func(t *rapid.T) {
		var entities []names.Entity
		for range rapid.IntRange(1, 5).Draw(t, "entities") {
			n := names.Entity{Type: rapid.SampledFrom([]string{"Chemical", "Disease"}).Draw(t, "type")}
			for range rapid.IntRange(1, 3).Draw(t, "mentions") {
				start := rapid.IntRange(0, len(text.Body)-1).Draw(t, "start")
				end := rapid.IntRange(start+1, len(text.Body)).Draw(t, "end")
				n.Mentions = append(n.Mentions, schemas.Mention{
					Span:    schemas.Span{Start: start, End: end},
					Concept: rapid.SampledFrom([]string{"", "A", "AB"}).Draw(t, "concept"),
				})
			}
			entities = append(entities, n)
		}
		p := NewPairs(text, entities)
		pairs := allPairs(entities, func(i int) float32 { return float32(i % 3) })
		for _, row := range p.Columns(pairs, below{}) {
			if len(row) != PairColumns {
				t.Fatalf("%d columns", len(row))
			}
			for c, x := range row {
				if math.IsInf(float64(x), 0) {
					t.Fatalf("column %d is %v", c, x)
				}
			}
		}
		for _, x := range pairs {
			for _, m := range p.Meetings(x.Subject, x.Object) {
				a := entities[x.Subject].Mentions[m.Subject]
				b := entities[x.Object].Mentions[m.Object]
				if len(p.AppendContext(nil, m)) == 0 {
					t.Fatalf("no features of %v and %v", a, b)
				}
			}
		}
	})
}

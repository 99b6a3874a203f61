package diff

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// drawAnnotations draws annotations of a document of single letters. Mentions of a type do not
// overlap, as those of a tagger.
func drawAnnotations(t *rapid.T, doc *schemas.Document) *schemas.Annotations {
	a := &schemas.Annotations{Sentences: testSentences(doc)}
	score := rapid.Map(rapid.IntRange(0, 1000), func(n int) float32 { return float32(n) / 1000 })
	text := doc.Sections[0].Text
	for _, typ := range []string{"Gene", "Disease", "Species"} {
		for at := 0; at < len(text); {
			start := rapid.IntRange(at, at+4).Draw(t, "start")
			end := rapid.IntRange(start+1, start+3).Draw(t, "end")
			if at = end; end > len(text) {
				break
			}
			a.Mentions = append(a.Mentions, schemas.Mention{
				ID: len(a.Mentions), Span: schemas.Span{Start: start, End: end}, Type: typ,
				Score: score.Draw(t, "score"), Concept: rapid.SampledFrom([]string{"", "C1", "C2"}).Draw(t, "concept"),
			})
		}
	}
	for range min(len(a.Mentions), rapid.IntRange(0, 4).Draw(t, "relations")) {
		one := func(name string) int { return rapid.IntRange(0, len(a.Mentions)-1).Draw(t, name) }
		a.Relations = append(a.Relations, schemas.Relation{
			Type:    rapid.SampledFrom([]string{"CID", "Bind"}).Draw(t, "type"),
			Subject: one("subject"), Object: one("object"), Sentence: rapid.IntRange(-1, 0).Draw(t, "sentence"),
			Score: score.Draw(t, "score"), Method: schemas.MethodHead,
		})
	}
	for range rapid.IntRange(0, 1).Draw(t, "summaries") {
		a.Summaries = append(a.Summaries, schemas.Summary{
			Text: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text"), Score: score.Draw(t, "score"),
			Method: rapid.SampledFrom([]string{schemas.MethodExtracted, schemas.MethodGenerated}).Draw(t, "method"),
		})
	}
	for _, name := range []string{"l1", "l2"} {
		if rapid.Bool().Draw(t, "labelled") {
			a.Labels = append(a.Labels, schemas.Label{Name: name, Score: score.Draw(t, "score")})
		}
	}
	for _, q := range []string{"q1", "q2"} {
		if answer := rapid.SampledFrom([]string{"", "yes", "no"}).Draw(t, "answer"); answer != "" {
			a.Answers = append(a.Answers, schemas.Answer{QuestionID: q, Question: q + "?", Answer: answer})
		}
	}
	return a
}

// drawEditions draws the documents of two editions of the same units.
func drawEditions(t *rapid.T, units []string) (before, after []annotated) {
	for _, unit := range units {
		pmids := rapid.Permutation([]int{1, 2, 3, 4, 5}).Draw(t, "order")
		for _, pmid := range pmids[:rapid.IntRange(1, 5).Draw(t, "documents")] {
			title := rapid.StringMatching("[ab]{4,12}").Draw(t, "title")
			doc := testDocument(pmid, title, "")
			other := testDocument(pmid, title+rapid.SampledFrom([]string{"", "", "", "z"}).Draw(t, "revision"), "")
			in := rapid.IntRange(0, 5).Draw(t, "in")
			if in != 0 {
				before = append(before, annotated{unit, doc, drawAnnotations(t, doc)})
			}
			if in != 1 {
				after = append(after, annotated{unit, other, drawAnnotations(t, other)})
			}
		}
	}
	return before, after
}

// drawParts divides units into at most two parts.
func drawParts(t *rapid.T, units []string) (parts [][]string) {
	for _, unit := range units {
		i := rapid.IntRange(0, min(len(parts), 1)).Draw(t, "part")
		if i == len(parts) {
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], unit)
	}
	return parts
}

// The counts add up, comparing the other way round gives the mirror image, and neither the division
// of units into parts nor that of documents into batches matters.
func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "*")
		if err != nil {
			rt.Fatal(err)
		}
		units := []string{"a", "b", "c"}
		docs, others := drawEditions(rt, units)
		before := writeEdition(t, dir, 1, drawParts(rt, units), docs)
		after := writeEdition(t, dir, 2, drawParts(rt, units[rapid.IntRange(0, 1).Draw(rt, "missing"):]), others)
		o := Options{Examples: 2, Documents: 2}
		r, changes := compare(t, dir, before, after, o)
		checkCounts(rt, r, changes)

		again := writeEdition(t, dir, 3, drawParts(rt, units), docs)
		again.ID, again.Configuration.Model = before.ID, before.Configuration.Model
		o.batch = rapid.IntRange(1, 4).Draw(rt, "batch")
		r2, changes2 := compare(t, dir, again, after, o)
		if diff := cmp.Diff(r, r2, cmpopts.IgnoreUnexported(Example{})); diff != "" {
			rt.Errorf("other parts, other results:\n%s", diff)
		}
		if diff := cmp.Diff(lines(changes), lines(changes2)); diff != "" {
			rt.Errorf("other parts, other changes:\n%s", diff)
		}
		mirrored, changes2 := compare(t, dir, after, before, o)
		if diff := cmp.Diff(counts(r), counts(mirror(mirrored))); diff != "" {
			rt.Errorf("the mirror image differs:\n%s", diff)
		}
		if len(changes) != len(changes2) {
			rt.Errorf("%d changes, %d the other way round", len(changes), len(changes2))
		}
		same, none := compare(t, dir, before, before, o)
		if !same.Identical || len(none) > 0 || len(same.MostChanged) > 0 {
			rt.Errorf("an edition differs from itself: %+v, %v", same, lines(none))
		}
		copied, none := compare(t, dir, before, again, o)
		if !copied.Identical || len(none) > 0 {
			rt.Errorf("an edition differs from its copy: %+v, %v", copied, lines(none))
		}
	})
}

// lines returns changes as sorted texts.
func lines(changes []Change) (all []string) {
	show := func(s *string) string { return fmt.Sprintf("%q", value(s)) }
	for _, c := range changes {
		all = append(all, fmt.Sprint(c.PMID, c.Version, c.Unit, c.Table, c.Change,
			show(c.TypeBefore), show(c.TypeAfter), show(c.TextBefore), show(c.TextAfter),
			show(c.ObjectBefore), show(c.ObjectAfter), show(c.ConceptBefore), show(c.ConceptAfter),
			value(c.StartBefore), value(c.EndBefore), value(c.StartAfter), value(c.EndAfter),
			value(c.ScoreBefore), value(c.ScoreAfter)))
	}
	slices.Sort(all)
	return all
}

// checkCounts checks that the numbers add up, and that the changes are those of the numbers.
func checkCounts(t *rapid.T, r *Result, changes []Change) {
	number := map[string]int64{} // by table and kind
	for _, c := range changes {
		number[c.Table+" "+c.Change]++
	}
	for _, table := range r.Tables {
		var sum Counts
		for _, x := range append([]Type{{Counts: table.Counts}}, table.Types...) {
			if x.Before != x.Same+x.Changed+x.RetypedOut+x.Lost || x.After != x.Same+x.Changed+x.RetypedIn+x.Gained {
				t.Errorf("%s %s: %+v", table.Name, x.Name, x.Counts)
			}
			if x.Name != "" {
				sum.add(&x.Counts)
			}
		}
		total := table.Counts
		total.Agreement, total.AgreementType, total.Shift = 0, 0, nil
		if total != sum {
			t.Errorf("%s: %+v, the sum is %+v", table.Name, total, sum)
		}
		var retyped int64
		for _, x := range table.Retyped {
			retyped += x.Items
		}
		want := []int64{total.Lost, total.Gained, total.Changed, total.RetypedOut, total.RetypedIn}
		got := []int64{retyped}
		for _, kind := range []string{Retyped, Changed, Gained, Lost} {
			got = append(got, number[table.Name+" "+kind])
		}
		slices.Reverse(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: counts %v, changes %v", table.Name, want, got)
		}
	}
}

// mirror exchanges before and after.
func mirror(r *Result) *Result {
	r.Before, r.After = r.After, r.Before
	r.Units.OnlyBefore, r.Units.OnlyAfter = r.Units.OnlyAfter, r.Units.OnlyBefore
	r.Documents.OnlyBefore, r.Documents.OnlyAfter = r.Documents.OnlyAfter, r.Documents.OnlyBefore
	swap := func(c *Counts) {
		c.Before, c.After, c.Lost, c.Gained = c.After, c.Before, c.Gained, c.Lost
		c.RetypedIn, c.RetypedOut = c.RetypedOut, c.RetypedIn
		if s := c.Shift; s != nil {
			s.Mean, s.Median, s.P5, s.P95 = 0-s.Mean, 0-s.Median, 0-s.P95, 0-s.P5
		}
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		swap(&t.Counts)
		t.LostWithMention, t.GainedWithMention = t.GainedWithMention, t.LostWithMention
		for j := range t.Types {
			swap(&t.Types[j].Counts)
		}
	}
	return r
}

// counts returns a result without examples, and with retyped items in any order.
func counts(r *Result) string {
	all := fmt.Sprintf("%+v %+v %+v %+v %v\n", r.Before, r.After, r.Units, r.Documents, r.Identical)
	for _, t := range r.Tables {
		retyped := map[string]int64{}
		for _, x := range t.Retyped {
			pair := []string{x.From, x.To}
			slices.Sort(pair)
			retyped[strings.Join(pair, " ")] += x.Items
		}
		show := func(name string, c Counts) {
			if c.Shift != nil {
				all += fmt.Sprintf("%+v ", *c.Shift)
			}
			c.Shift = nil
			all += fmt.Sprintf("%s %+v\n", name, c)
		}
		show(t.Name, t.Counts)
		for _, x := range t.Types {
			show("  "+x.Name, x.Counts)
		}
		all += fmt.Sprintln(t.LostWithMention, t.GainedWithMention, slices.Sorted(maps.Keys(retyped)), retyped)
	}
	return all
}

// The numbers of items that are the same are those of multisets.
func TestMatchIsThatOfMultisets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) item {
			start := int32(rapid.IntRange(0, 3).Draw(t, "start"))
			return item{
				start: start, end: start + int32(rapid.IntRange(1, 3).Draw(t, "length")),
				typ:   rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
				score: rapid.Float32Range(0, 1).Draw(t, "score"),
			}
		})
		before, after := rapid.SliceOf(one).Draw(t, "before"), rapid.SliceOf(one).Draw(t, "after")
		tally := func(items []item) map[item]int {
			n := map[item]int{}
			for _, x := range items {
				x.score = 0
				n[x]++
			}
			return n
		}
		a, b, want := tally(before), tally(after), 0
		for x, n := range a {
			want += min(n, b[x])
		}
		got, paired := 0, map[*item]int{}
		for _, p := range match(before, after) {
			if p.kind() == "" {
				got++
			}
			if p.before != nil {
				paired[p.before]++
			}
			if p.after != nil {
				paired[p.after]++
			}
		}
		if got != want || len(paired) != len(before)+len(after) {
			t.Fatalf("%d the same, not %d; %d items in pairs, not %d", got, want, len(paired), len(before)+len(after))
		}
		for _, n := range paired {
			if n != 1 {
				t.Fatalf("an item is in %d pairs", n)
			}
		}
	})
}

// Those kept are the first in the order, whatever the order in which they come.
func TestBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type scored struct{ text, score int }
		order := func(x, y scored) int { return (x.score-y.score)*10 + x.text - y.text }
		all := rapid.SliceOf(rapid.Custom(func(t *rapid.T) scored {
			return scored{rapid.IntRange(0, 5).Draw(t, "text"), rapid.IntRange(0, 9).Draw(t, "score")}
		})).Draw(t, "all")
		n := rapid.IntRange(0, 3).Draw(t, "n")
		var b best[scored]
		first := map[int]scored{}
		for _, x := range all {
			b.add(x, n, order, func(x, y scored) bool { return x.text == y.text })
			if y, ok := first[x.text]; !ok || order(x, y) < 0 {
				first[x.text] = x
			}
		}
		want := slices.SortedFunc(maps.Values(first), order)
		if want = want[:min(n, len(want))]; !slices.Equal(b.list, want) {
			t.Fatalf("%v, not %v", b.list, want)
		}
	})
}

package corpus_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// revisions draws revisions of a record, with few dates.
func revisions(t *rapid.T, atMost int) []corpus.Revision {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) corpus.Revision {
		r := corpus.Revision{
			Release: rapid.SampledFrom([]string{"", "pubmed25", "pubmed26"}).Draw(t, "release"),
			Deleted: rapid.IntRange(0, 5).Draw(t, "deleted") == 0,
		}
		if day := rapid.IntRange(0, 4).Draw(t, "day"); day > 0 && !r.Deleted {
			d := schemas.NewDate(2026, time.January, day)
			r.Revised = &d
		}
		return r
	}), 0, atMost).Draw(t, "revisions")
}

// naiveLatest removes all that is not current, step by step, as the package doc has it.
func naiveLatest(all []corpus.Revision) int {
	left := make([]int, len(all))
	for i := range left {
		left[i] = i
	}
	for i, r := range all {
		if r.Deleted {
			left = slices.DeleteFunc(left, func(j int) bool { return j < i })
		}
	}
	for i, r := range all {
		if r.Release == "" || r.Deleted {
			continue
		}
		left = slices.DeleteFunc(left, func(j int) bool {
			old := all[j]
			return !old.Deleted && old.Release != "" &&
				(old.Release < r.Release || old.Release == r.Release && j < i)
		})
	}
	if len(left) > 1 {
		left = slices.DeleteFunc(left, func(j int) bool { return all[j].Deleted })
	}
	slices.SortStableFunc(left, func(i, j int) int {
		a, b := all[i].Revised, all[j].Revised
		switch {
		case a == nil && b == nil:
			return 0
		case a == nil:
			return -1
		case b == nil:
			return 1
		}
		return int(*a) - int(*b)
	})
	if len(left) == 0 {
		return -1
	}
	return left[len(left)-1]
}

func TestLatest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := revisions(t, 8)
		if got, want := corpus.Latest(all), naiveLatest(all); got != want {
			t.Errorf("revision %d of %+v, not %d", want, all, got)
		}
		deleted := append(slices.Clone(all), corpus.Revision{Deleted: true})
		if got := corpus.Latest(deleted); got != len(all) {
			t.Errorf("a deletion at the end leaves revision %d of %+v", got, all)
		}
		for i := range all {
			all[i].Release = "pubmed26"
		}
		if got := corpus.Latest(all); got != len(all)-1 {
			t.Errorf("of %d revisions of a release, not the last but %d", len(all), got)
		}
	})
}

// The order in which files without numbers come does not matter if their dates differ.
func TestLatestInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.Permutation([]int{1, 2, 3, 4, 5, 6}).Draw(t, "days")
		var all []corpus.Revision
		for _, day := range days {
			d := schemas.NewDate(2026, time.January, day)
			all = append(all, corpus.Revision{Revised: &d})
		}
		if got := days[corpus.Latest(all)]; got != 6 {
			t.Errorf("day %d of %v", got, days)
		}
	})
}

// Find shows the latest revision, whatever the order of files.
func TestFindLatest(t *testing.T) {
	day := func(n int) *schemas.Date {
		d := schemas.NewDate(2026, time.January, n)
		return &d
	}
	type unit struct {
		name    string
		revised *schemas.Date
		deleted bool
	}
	for _, c := range []struct {
		units []unit
		want  string // unit of the current document
	}{
		{[]unit{{"new", day(9), false}, {"old", day(2), false}}, "new"},
		{[]unit{{"old", day(2), false}, {"new", day(9), false}}, "new"},
		{[]unit{{"dated", day(1), false}, {"undated", nil, false}}, "dated"},
		{[]unit{{"a", day(1), false}, {"b", day(1), false}}, "b"},
		{[]unit{{"pubmed26n0001", day(9), false}, {"pubmed26n0002", day(2), false}}, "pubmed26n0002"},
		{[]unit{{"pubmed26n0001", day(9), false}, {"reply", day(3), false}, {"pubmed26n0002", day(2), false}}, "reply"},
		{[]unit{{"pubmed26n0001", day(2), false}, {"pubmed25n0002", day(9), false}}, "pubmed26n0001"},
		{[]unit{{"reply", day(3), false}, {"pubmed26n0002", nil, true}}, "pubmed26n0002"},
		{[]unit{{"pubmed26n0002", nil, true}, {"reply", day(3), false}}, "reply"},
	} {
		var source pipelinetest.Source
		for i, u := range c.units {
			doc := pipelinetest.NewDocument(7, 2)
			doc.Citation.DateRevised = u.revised
			doc.Sections[0].Text = fmt.Sprintf("Revision %d.", i)
			if u.deleted {
				doc = &schemas.Document{PMID: 7, Version: 1, Deleted: true}
			}
			source = append(source, pipelinetest.Unit{
				Name: u.name, Stamp: u.name, Records: []pipelinetest.Record{{Document: doc}},
			})
		}
		root := storetest.QuickDir(t)
		for i := range source { // a run each
			mustMine(t, root, source[i:i+1], spec("m1"), corpus.Options{})
		}
		opened, err := corpus.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := opened.Find(seen(t, root), 7)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, rows.Documents[0].Unit); diff != "" {
			t.Errorf("%+v: %s", c.units, diff)
		}
	}
}

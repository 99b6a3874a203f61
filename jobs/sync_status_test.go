package jobs_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// Files that Run applied are no progress of Sync.
func TestSyncProgressIgnoresRun(t *testing.T) {
	units := []corpus.Record{{Unit: "pubmed26n1335", Stamp: "12-3"}, {Unit: "mine"}}
	if p := jobs.SyncProgress(&corpus.Edition{Parts: []corpus.Part{{Units: units}}}); len(p) > 0 {
		t.Errorf("progress %v", p)
	}
}

// What is applied and what is missing are all the files up to the last.
func TestProgressAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := jobs.ReleaseProgress{Release: "pubmed26"}
		last := rapid.IntRange(1, 30).Draw(t, "last")
		for n := 1; n <= last; n++ {
			if n == last || rapid.Bool().Draw(t, "applied") {
				p.Numbers = append(p.Numbers, n)
			}
		}
		gaps := p.Missing()
		if len(gaps)+len(p.Numbers) != last {
			t.Errorf("%v and %v of %d", p.Numbers, gaps, last)
		}
		if len(gaps) > 0 && gaps[0] != p.Through()+1 || len(gaps) == 0 && p.Through() != last {
			t.Errorf("through %d, missing %v", p.Through(), gaps)
		}
	})
}

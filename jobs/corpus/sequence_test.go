package corpus

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestReleaseOf(t *testing.T) {
	for _, c := range []struct {
		unit, release string
		number        int64
	}{
		{"pubmed26n1335", "pubmed26", 1335}, {"updatefiles.pubmed26n0001", "pubmed26", 1}, {"a.b", local, 0},
		{"pubmed26n13355", local, 0}, {"xpubmed26n1335", local, 0}, {
			"pubmed26n1335.xml", local, 0,
		}, {"pubmed6n1335", local, 0},
	} {
		if release, number := releaseOf(c.unit); release != c.release || number != c.number {
			t.Errorf("%s is %d of %s", c.unit, number, release)
		}
	}
}

// Whatever the order of commits, the units of a release stand in the order of their numbers, the
// others in the order of their commits, and no two at the same place; a unit that is committed
// again keeps its place.
func TestSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			s     = Snapshot{Version: -1, Current: 1}
			plain []string
		)
		for range rapid.IntRange(1, 12).Draw(t, "commits") {
			unit := fmt.Sprintf(
				"pubmed%dn%04d", rapid.IntRange(25, 26).Draw(t, "release"), rapid.IntRange(1, 9).Draw(t, "number"),
			)
			if rapid.Bool().Draw(t, "plain") {
				unit = rapid.StringMatching(`[a-f]`).Draw(t, "unit")
			}
			p := somePart(unit, 1)
			r := &p.Units[0]
			s.setSequences(s.Seen(), p.Units)
			old, again := s.Seen().Unit(unit)
			if again && old.Sequence != r.Sequence {
				t.Errorf("%s moved from %d to %d", unit, old.Sequence, r.Sequence)
			}
			if !again && r.Release == local {
				plain = append(plain, unit)
			}
			var err error
			s, err = s.apply(&commit{Version: s.Version + 1, Current: 1, Edition: &Edition{ID: 1}, Add: []Part{p}})
			if err != nil {
				t.Fatal(err)
			}
		}
		numbers, places := map[string]int64{}, map[int64]bool{}
		for _, r := range s.Seen().History() {
			_, n := releaseOf(r.Unit)
			if r.Release != local && n <= numbers[r.Release] {
				t.Errorf("%s stands behind %d", r.Unit, numbers[r.Release])
			}
			if r.Release == local {
				if plain[0] != r.Unit {
					t.Errorf("%s stands where %s belongs", r.Unit, plain[0])
				}
				plain = plain[1:]
			}
			if places[r.Sequence] || r.Sequence <= 0 {
				t.Errorf("%s is at %d", r.Unit, r.Sequence)
			}
			numbers[r.Release], places[r.Sequence] = n, true
		}
	})
}

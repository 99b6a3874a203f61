package biogpt

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPack(t *testing.T) {
	got := Pack([][]int32{{2, 7, 8}, {2}}, 3, 4)
	want := Packed{
		IDs:       []int32{2, 7, 8, 1, 2, 1, 1, 1, 1, 1, 1, 1},
		Positions: []int32{2, 3, 4, 1, 2, 1, 1, 1, 1, 1, 1, 1},
		Mask:      []bool{true, true, true, false, true, false, false, false, false, false, false, false},
		Shape:     Shape{3, 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBatchSize(t *testing.T) {
	for _, c := range []struct{ n, full, want int }{{1, 8, 1}, {2, 8, 2}, {3, 8, 4}, {5, 8, 8}, {8, 8, 8}, {1, 10, 1}, {3, 10, 5}, {6, 10, 10}, {1, 1, 1}} {
		if got := batchSize(c.n, c.full); got != c.want {
			t.Errorf("%d of %d run as %d, want %d", c.n, c.full, got, c.want)
		}
	}
}

// TestShapesAreFew counts what a run over abstracts of every length may have to compile.
func TestShapesAreFew(t *testing.T) {
	const limit = 256
	seen := map[Shape]bool{}
	for n := range 300 {
		var lengths []int
		for i := range n {
			lengths = append(lengths, 1+(i*37+n)%limit)
		}
		for _, b := range plan(lengths, limit) {
			seen[b.Shape] = true
		}
	}
	if len(seen) > 36 {
		t.Errorf("%d shapes", len(seen))
	}
}

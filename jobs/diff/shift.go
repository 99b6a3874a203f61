package diff

import (
	"maps"
	"math"
	"slices"
)

// shifts collects differences of scores. Integers make the result independent of the order.
type shifts struct {
	n             int64
	sum, abs, max int64           // of the differences, in units of 1e-9
	bins          map[int32]int64 // numbers of differences by thousandths
}

func (s *shifts) add(before, after float32) {
	d := float64(after) - float64(before)
	if s.bins == nil {
		s.bins = map[int32]int64{}
	}
	s.n++
	units := int64(math.Round(d * 1e9))
	size := max(units, -units)
	s.sum, s.abs, s.max = s.sum+units, s.abs+size, max(s.max, size)
	s.bins[int32(math.Round(d*1000))]++
}

func (s *shifts) merge(o *shifts) {
	if s.bins == nil {
		s.bins = map[int32]int64{}
	}
	s.n, s.sum, s.abs, s.max = s.n+o.n, s.sum+o.sum, s.abs+o.abs, max(s.max, o.max)
	for bin, n := range o.bins {
		s.bins[bin] += n
	}
}

// summary returns nil without differences.
func (s *shifts) summary() *Shift {
	if s.n == 0 {
		return nil
	}
	bins := slices.Sorted(maps.Keys(s.bins))
	at := func(rank int64) float64 { // of the rank-th smallest difference
		for _, bin := range bins {
			if rank -= s.bins[bin]; rank < 0 {
				return float64(bin) / 1000
			}
		}
		return float64(bins[len(bins)-1]) / 1000
	}
	tail := (s.n - 1) / 20
	rounded := func(sum, n int64) float64 { return math.Round(float64(sum)/float64(n)/1e3) / 1e6 }
	return &Shift{
		Mean: rounded(s.sum, s.n), MeanAbs: rounded(s.abs, s.n), MaxAbs: rounded(s.max, 1),
		P5: at(tail), Median: (at((s.n-1)/2) + at(s.n/2)) / 2, P95: at(s.n - 1 - tail),
	}
}

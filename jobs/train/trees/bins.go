package trees

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
)

const (
	maxBins = 64      // of a column, without that of missing values
	missing = maxBins // bin of missing values
)

// binned is rows with their values replaced by numbers of bins.
type binned struct {
	edges [][]float32 // by column: upper bounds of all bins but the last, rising
	bins  [][]uint8   // by column and row
}

func newBinned(rows [][]float32) (*binned, error) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, errors.New("no rows, or rows without columns")
	}
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			return nil, fmt.Errorf("row %d has %d columns, row 0 has %d", i, len(r), len(rows[0]))
		}
		for c, x := range r {
			if math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("row %d, column %d: the value is infinite", i, c)
			}
		}
	}
	b := &binned{}
	for c := range rows[0] {
		edges := columnEdges(rows, c)
		bins := make([]uint8, len(rows))
		for i, r := range rows {
			bins[i] = missing
			if x := r[c]; x == x {
				bins[i] = uint8(sort.Search(len(edges), func(k int) bool { return x <= edges[k] }))
			}
		}
		b.edges, b.bins = append(b.edges, edges), append(b.bins, bins)
	}
	return b, nil
}

// columnEdges returns the bounds of bins with about as many rows each: between all values of a
// column that has few.
func columnEdges(rows [][]float32, column int) (edges []float32) {
	var values []float32
	for _, r := range rows {
		if x := r[column]; x == x {
			values = append(values, x)
		}
	}
	slices.Sort(values)
	distinct := slices.Compact(slices.Clone(values))
	if len(distinct) > maxBins {
		for i := range distinct[:maxBins] {
			distinct[i] = values[i*(len(values)-1)/(maxBins-1)]
		}
		distinct = slices.Compact(distinct[:maxBins])
	}
	for i := 1; i < len(distinct); i++ {
		edges = append(edges, float32((float64(distinct[i-1])+float64(distinct[i]))/2))
	}
	return edges
}

// Package trees has forests of boosted regression trees, which score rows of a few dozen numbers:
// what a head over hashed features cannot tell, such as counts and how they go together. Package
// jobs/train/trees learns them.
//
// All trees of a forest are complete binary trees of one depth, in the order of a heap: the
// children of node i are 2i+1 and 2i+2. So a forest is a few flat arrays without references, a
// score takes Depth comparisons per tree, and no file can hold a loop. A node that does not divide
// its rows sends all of them to the left: its threshold is the largest float32, as a file holds no
// infinities.
//
// A forest is stored as tensors of a safetensors file whose names begin with a prefix, for T trees
// of depth d:
//
//	feature    I32 [T, 2^d-1]  number of the column that a node reads, or ^number, see Forest
//	threshold  F32 [T, 2^d-1]
//	leaf       F32 [T, 2^d]
//	prior      F32 [2]         log-odds before any tree, and the number of columns
package trees

import (
	"errors"
	"fmt"
	"math"
)

// MaxDepth is the maximum depth of a tree.
const MaxDepth = 10

// Forest is a sum of trees. It does not change after it is made, and is safe for concurrent use.
type Forest struct {
	Columns int     // numbers in a row
	Depth   int     // of each tree
	Prior   float32 // score without trees
	// Feature holds the column that each node reads, tree by tree. A row with a smaller or equal
	// value than Threshold goes to the left child, as does one whose value is missing (NaN); where
	// Feature is the bitwise complement of a column, a missing value goes to the right.
	Feature   []int32
	Threshold []float32
	Leaf      []float32 // addends to the score, tree by tree
}

// Score returns the log-odds of a row of Columns values, any of which may be missing (NaN).
func (f *Forest) Score(row []float32) float32 {
	row = row[:f.Columns]
	inner := 1<<f.Depth - 1
	score := f.Prior
	for t, base := 0, 0; base < len(f.Leaf); t, base = t+1, base+inner+1 {
		feature, threshold := f.Feature[t*inner:(t+1)*inner], f.Threshold[t*inner:(t+1)*inner]
		node := 0
		for node < inner {
			node = 2*node + 1
			if c, limit := feature[node/2], threshold[node/2]; c >= 0 {
				if row[c] > limit {
					node++
				}
			} else if !(row[^c] <= limit) {
				node++
			}
		}
		score += f.Leaf[base+node-inner]
	}
	return score
}

// Trees returns the number of trees.
func (f *Forest) Trees() int { return len(f.Leaf) >> f.Depth }

// Check reports why the fields of a forest do not fit together, if they do not.
func (f *Forest) Check() error {
	if f.Depth < 1 || f.Depth > MaxDepth {
		return fmt.Errorf("trees of depth %d; 1 to %d are possible", f.Depth, MaxDepth)
	}
	if f.Columns < 1 {
		return errors.New("rows without columns")
	}
	n, inner := f.Trees(), 1<<f.Depth-1
	if len(f.Leaf) != n*(inner+1) || len(f.Feature) != n*inner || len(f.Threshold) != n*inner {
		return fmt.Errorf(
			"%d columns, %d thresholds and %d leaves are not those of trees of depth %d", len(f.Feature),
			len(f.Threshold), len(f.Leaf), f.Depth,
		)
	}
	for i, c := range f.Feature {
		if max(c, ^c) >= int32(f.Columns) {
			return fmt.Errorf("node %d reads column %d of %d", i%inner, max(c, ^c), f.Columns)
		}
		if t := f.Threshold[i]; math.IsNaN(float64(t)) {
			return fmt.Errorf("the threshold of node %d is not a number", i%inner)
		}
	}
	return nil
}

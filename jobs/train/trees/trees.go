// Package trees learns forests of boosted trees (package model/trees) for two classes: gradient
// boosting of the logistic loss (Friedman, 2001, "Greedy Function Approximation"), with the second
// order gains of XGBoost (Chen and Guestrin, 2016) and features in bins as in LightGBM (Ke et al.,
// 2017). Each node learns to which side rows with a missing value go.
//
// Learning is a function of rows, labels and options.
package trees

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/pubmine/pubmine/model/trees"
)

// Options are the settings of learning.
type Options struct {
	Trees     int
	Depth     int     // of each tree, 1 to trees.MaxDepth
	Rate      float64 // factor on the leaves of each tree
	L2        float64 // keeps leaves small
	MinWeight float64 // minimum sum of p(1-p), the certainty of the rows, in a child
	Rows      float64 // share of the rows that a tree is learned from
	Columns   float64 // share of the columns that a tree may read
	Seed      uint64
}

// Defaults are options for some thousands of rows.
func Defaults() Options {
	return Options{Trees: 200, Depth: 4, Rate: 0.05, L2: 5, MinWeight: 5, Rows: 0.7, Columns: 0.5, Seed: 1}
}

func (o Options) check() error {
	switch {
	case o.Trees < 1 || o.Depth < 1 || o.Depth > trees.MaxDepth:
		return fmt.Errorf("%d trees of depth %d: at least one, of depth 1 to %d", o.Trees, o.Depth, trees.MaxDepth)
	case !(o.Rate > 0) || !(o.L2 >= 0) || !(o.MinWeight >= 0) || o.L2+o.MinWeight == 0:
		return fmt.Errorf("rate %v, L2 %v, minimum weight %v: they must be positive", o.Rate, o.L2, o.MinWeight)
	case !(o.Rows > 0 && o.Rows <= 1) || !(o.Columns > 0 && o.Columns <= 1):
		return fmt.Errorf("shares of %v of the rows and %v of the columns: they are above 0, up to 1", o.Rows, o.Columns)
	}
	return nil
}

// Learn returns a forest whose score is the log-odds of the label of a row. A missing value is NaN;
// all rows have the same length.
func Learn(rows [][]float32, labels []bool, o Options) (*trees.Forest, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("trees: %w", err)
	}
	data, err := newBinned(rows)
	if err != nil {
		return nil, fmt.Errorf("trees: %w", err)
	}
	l := &learner{
		Options: o, binned: data, labels: labels, random: rand.New(rand.NewPCG(o.Seed, 7)),
		forest: &trees.Forest{Columns: len(data.edges), Depth: o.Depth},
		scores: make([]float64, len(rows)), gradients: make([]sums, len(rows)), node: make([]int, len(rows)),
	}
	positive := 0.5
	for _, y := range labels {
		if y {
			positive++
		}
	}
	prior := math.Log(positive / (float64(len(rows)) + 1 - positive))
	l.forest.Prior = float32(prior)
	for i := range l.scores {
		l.scores[i] = prior
	}
	for range o.Trees {
		l.grow()
	}
	return l.forest, l.forest.Check()
}

// learner grows a forest.
type learner struct {
	Options
	*binned
	labels    []bool
	random    *rand.Rand
	forest    *trees.Forest
	scores    []float64 // of each row, by the trees so far
	gradients []sums    // of each row
	node      []int     // of each row, in the tree that grows
}

// sums are first and second derivatives of the loss, summed over rows.
type sums struct{ g, h float64 }

func (s sums) plus(o sums) sums  { return sums{s.g + o.g, s.h + o.h} }
func (s sums) minus(o sums) sums { return sums{s.g - o.g, s.h - o.h} }

// gain is twice the reduction of the loss by a leaf of these rows.
func (s sums) gain(l2 float64) float64 { return s.g * s.g / (s.h + l2) }

// grow adds a tree, level by level.
func (l *learner) grow() {
	drawn := l.draw(len(l.labels), l.Rows)
	for i, s := range l.scores {
		p := 1 / (1 + math.Exp(-s))
		y := 0.0
		if l.labels[i] {
			y = 1
		}
		l.gradients[i], l.node[i] = sums{p - y, p * (1 - p)}, 0
	}
	columns := l.draw(len(l.edges), l.Columns)
	f := l.forest
	first := len(f.Feature)
	for range 1<<l.Depth - 1 {
		f.Feature, f.Threshold = append(f.Feature, 0), append(f.Threshold, math.MaxFloat32)
	}
	for depth := range l.Depth {
		start := 1<<depth - 1 // the nodes of this level are [start, 2*start+1)
		splits := l.splits(drawn, columns, start)
		for i, s := range splits {
			if s.gain <= 0 {
				continue
			}
			f.Feature[first+start+i], f.Threshold[first+start+i] = int32(s.column), l.edges[s.column][s.bin]
			if !s.missingLeft {
				f.Feature[first+start+i] = int32(^s.column)
			}
		}
		for i, at := range l.node {
			l.node[i] = 2*at + 1
			if s := splits[at-start]; s.gain > 0 && !s.left(l.bins[s.column][i]) {
				l.node[i]++
			}
		}
	}
	inner := 1<<l.Depth - 1
	leaves := make([]sums, inner+1)
	for _, i := range drawn {
		leaves[l.node[i]-inner] = leaves[l.node[i]-inner].plus(l.gradients[i])
	}
	for _, s := range leaves {
		leaf := 0.0
		if s.h > 0 {
			leaf = -l.Rate * s.g / (s.h + l.L2)
		}
		f.Leaf = append(f.Leaf, float32(leaf))
	}
	for i, at := range l.node {
		l.scores[i] += float64(f.Leaf[len(f.Leaf)-2*inner-1+at])
	}
}

// draw returns a share of the numbers below n, at least one, in order.
func (l *learner) draw(n int, share float64) []int {
	left := max(1, int(math.Round(share*float64(n))))
	drawn := make([]int, 0, left)
	for i := range n {
		if l.random.IntN(n-i) < left {
			drawn = append(drawn, i)
			left--
		}
	}
	return drawn
}

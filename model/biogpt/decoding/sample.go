package decoding

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
)

// sample draws a token from the logits.
func (o Options) sample(logits []float32, rng *rand.Rand) int32 {
	if o.Temperature == 0 {
		return int32(argmax(logits))
	}
	top := float64(logits[argmax(logits)])
	weights := make([]float64, len(logits))
	var total float64
	for i, v := range logits {
		weights[i] = math.Exp((float64(v) - top) / o.Temperature)
		total += weights[i]
	}
	if o.TopK == 0 && (o.TopP == 0 || o.TopP == 1) {
		return draw(weights, total, rng, func(i int) int32 { return int32(i) })
	}
	kept, total := o.cut(weights, total)
	weights = weights[:0]
	for _, c := range kept {
		weights = append(weights, c.weight)
	}
	return draw(weights, total, rng, func(i int) int32 { return kept[i].id })
}

// draw returns the id of an index that is drawn with a probability proportional to its weight.
func draw(weights []float64, total float64, rng *rand.Rand, id func(i int) int32) int32 {
	at, last := rng.Float64()*total, 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if at < w {
			return id(i)
		}
		at -= w
		last = i // rounding may leave a rest after the last
	}
	return id(last)
}

type candidate struct {
	id     int32
	weight float64
}

// candidates is a heap: largest weight first, then lowest id.
type candidates []candidate

func (c candidates) Len() int           { return len(c) }
func (c candidates) Less(i, j int) bool { return before(c[i], c[j]) < 0 }
func (c candidates) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }

// Push is never called: candidates are only removed.
func (c *candidates) Push(any) {}

// Pop removes the last element, where heap.Pop has put the first candidate.
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

func before(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.id, b.id))
}

// cut returns the most likely candidates, at most TopK, of these the most likely whose share
// reaches TopP, and the sum of their weights.
func (o Options) cut(weights []float64, total float64) (kept []candidate, sum float64) {
	all := make(candidates, 0, len(weights))
	for i, w := range weights {
		if w > 0 {
			all = append(all, candidate{int32(i), w})
		}
	}
	heap.Init(&all)
	most := len(all)
	if o.TopK > 0 && o.TopK < most {
		most = o.TopK
	}
	if o.TopP == 0 || o.TopP == 1 {
		for range most {
			kept = append(kept, heap.Pop(&all).(candidate))
			sum += kept[len(kept)-1].weight
		}
		return kept, sum
	}
	if most < len(all) { // TopP is a share of the candidates that TopK leaves
		var first []candidate
		total = 0
		for range most {
			first = append(first, heap.Pop(&all).(candidate))
			total += first[len(first)-1].weight
		}
		all = slices.Clone(first) // sorted, and so a heap
	}
	for len(all) > 0 && (len(kept) == 0 || sum < o.TopP*total) {
		kept = append(kept, heap.Pop(&all).(candidate))
		sum += kept[len(kept)-1].weight
	}
	return kept, sum
}

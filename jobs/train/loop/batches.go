package loop

import (
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt/trunk"
)

// The streams of random numbers.
const (
	orderStream = 11
	varyStream  = 12
)

// plan assigns the examples to the batches of an epoch. Examples are taken in random order, and
// those of the same padded length fill a batch; the rest share batches across lengths, the longest
// first. Then the batches are shuffled. Their number depends on the lengths only.
func (r *run) plan(epoch int) {
	random := rand.New(rand.NewPCG(r.Seed, orderStream+uint64(epoch)<<8))
	open := map[int][]int{} // by padded length
	var full [][]int
	for _, i := range random.Perm(len(r.train)) {
		n := len(r.train[i].Tokens)
		length := r.trainer.Bucket(n)
		open[length] = append(open[length], i)
		if len(open[length]) == r.trainer.Rows(n) {
			full = append(full, open[length])
			delete(open, length)
		}
	}
	var rest []int
	for _, list := range open {
		rest = append(rest, list...)
	}
	slices.Sort(rest) // the order of a map is random
	full = append(full, share(r.trainer, r.train, rest)...)
	random.Shuffle(len(full), func(i, j int) { full[i], full[j] = full[j], full[i] })
	r.epoch, r.batches = epoch, full
}

// share sorts the given indices of examples and returns batches of them, the longest first.
func share(trainer *trunk.Trainer, examples []trunk.Example, indices []int) (batches [][]int) {
	bucket := func(i int) int { return trainer.Bucket(len(examples[i].Tokens)) }
	slices.SortStableFunc(indices, func(a, b int) int { return bucket(b) - bucket(a) })
	for len(indices) > 0 {
		n := min(trainer.Rows(bucket(indices[0])), len(indices))
		batches, indices = append(batches, indices[:n:n]), indices[n:]
	}
	return batches
}

// inLengths returns batches of all examples, the longest first.
func inLengths(trainer *trunk.Trainer, examples []trunk.Example) [][]int {
	indices := make([]int, len(examples))
	for i := range indices {
		indices[i] = i
	}
	return share(trainer, examples, indices)
}

// next returns the batches of the next step, and their tokens.
func (r *run) next() (batches [][]trunk.Example, tokens int) {
	epoch, at := r.state.Step/r.perEpoch, r.state.Step%r.perEpoch*r.Accumulate
	if epoch != r.epoch {
		r.plan(epoch)
	}
	for _, indices := range r.batches[at:min(at+r.Accumulate, len(r.batches))] {
		list := make([]trunk.Example, len(indices))
		for i, k := range indices {
			random := rand.New(rand.NewPCG(r.Seed^uint64(k)<<32, varyStream+uint64(epoch)<<8))
			list[i] = r.Vary(r.train[k], random)
			tokens += len(list[i].Tokens)
		}
		batches = append(batches, list)
	}
	return batches, tokens
}

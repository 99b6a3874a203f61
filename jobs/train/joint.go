package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
)

// network is a trunk that is trained: trunk.Trainer.
type network interface {
	Forward(sequences [][]int32) ([][]float32, error)
	Backward(sequences [][]int32, dStates [][]float32, learningRate float64) (norm float64, err error)
	Rows(longest int) int
}

// window is one window of a document.
type window struct {
	doc  *document
	text *model.Text
	model.Window
}

// sequence returns the input of the trunk: </s> and the tokens of the window.
func (w window) sequence() []int32 {
	ids := []int32{tokenizer.EOS}
	for _, t := range w.text.Tokens[w.Start:w.End] {
		ids = append(ids, t.ID)
	}
	return ids
}

// jointRunner trains trunk and head together: the head scores words by the states of the trunk, and
// the gradient of the loss in the states is propagated back into the trunk.
type jointRunner struct {
	trunk       network
	head        *tagLearner
	dim         int
	featureMask float64 // share of windows in which the head sees states only
	rng         *rand.Rand

	rate            float64 // peak learning rate
	documents, seen int     // in total, and so far
}

// learningRate rises linearly over the first 6% of the documents (warm-up), then decays along a
// cosine to 2% of the peak.
func (j *jointRunner) learningRate() float64 {
	done := float64(j.seen) / float64(max(1, j.documents))
	const warm = 0.06
	if done < warm {
		return j.rate * max(done, 1e-4) / warm
	}
	return j.rate * (0.02 + 0.98*(1+math.Cos(math.Pi*min(1, (done-warm)/(1-warm))))/2)
}

// batches puts windows of similar length into batches that fit a step, in random order.
func (j *jointRunner) batches(docs []*document) [][]window {
	var all []window
	for _, d := range docs {
		for _, w := range d.text.Windows {
			all = append(all, window{d, d.text, w})
		}
	}
	j.rng.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
	slices.SortStableFunc(all, func(a, b window) int { return (a.End-a.Start)/16 - (b.End-b.Start)/16 })
	var batches [][]window
	for len(all) > 0 {
		n := 1
		for n < len(all) && n < j.trunk.Rows(all[n].End-all[n].Start+1) {
			n++
		}
		batches, all = append(batches, all[:n]), all[n:]
	}
	j.rng.Shuffle(len(batches), func(a, b int) { batches[a], batches[b] = batches[b], batches[a] })
	return batches
}

// step trains on a batch and returns the loss and the number of words.
func (j *jointRunner) step(batch []window) (loss float64, words int, err error) {
	sequences := make([][]int32, len(batch))
	for i, w := range batch {
		sequences[i] = w.sequence()
	}
	states, err := j.trunk.Forward(sequences)
	if err != nil {
		return 0, 0, err
	}
	grads := make([][]float32, len(batch))
	for i, w := range batch {
		grads[i] = make([]float32, len(states[i]))
		l, n := j.window(w, states[i], grads[i])
		loss, words = loss+l, words+n
	}
	for _, g := range grads {
		for k := range g {
			g[k] /= float32(max(1, words))
		}
	}
	_, err = j.trunk.Backward(sequences, grads, j.learningRate())
	for _, w := range batch {
		if w.Start == 0 {
			j.seen++
		}
	}
	return loss, words, err
}

// window trains the head on the sentences of a window and adds the gradients of its states to
// grads. The first state is that of </s>.
func (j *jointRunner) window(w window, states, grads []float32) (loss float64, words int) {
	d := w.doc
	byWord, gradByWord := make([][]float32, len(d.text.Words)), make([][]float32, len(d.text.Words))
	within := func(i int) bool { return d.text.Words[i].Token >= w.Start && d.text.Words[i].Token < w.End }
	for i, word := range d.text.Words {
		if within(i) {
			at := (word.Token - w.Start + 1) * j.dim
			byWord[i], gradByWord[i] = states[at:at+j.dim], grads[at:at+j.dim]
		}
	}
	j.head.statesOnly = j.rng.Float64() < j.featureMask
	for _, s := range d.sentences {
		if within(s.start) && within(s.end-1) {
			loss += j.head.step(d, s, byWord, gradByWord)
			words += s.end - s.start
		}
	}
	j.head.statesOnly = false
	return loss, words
}

// epoch trains on every document once.
func (j *jointRunner) epoch(ctx context.Context, docs []*document) (float64, error) {
	loss, words := 0.0, 0
	for _, b := range j.batches(docs) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		l, n, err := j.step(b)
		if err != nil {
			return 0, fmt.Errorf("after %d documents: %w", j.seen, err)
		}
		loss, words = loss+l, words+n
	}
	return loss / float64(max(1, words)), nil
}

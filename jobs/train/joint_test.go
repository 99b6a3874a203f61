package train

import (
	"math"
	"math/rand/v2"
	"testing"
)

// table is a trunk of one layer: a state per token, trained by gradient descent.
type table struct {
	dim   int
	rows  map[int32][]float32
	rng   *rand.Rand
	rates []float64
	tests *testing.T
}

func (m *table) Rows(int) int { return 2 }

func (m *table) Forward(sequences [][]int32) ([][]float32, error) {
	var states [][]float32
	for _, s := range sequences {
		var state []float32
		for _, id := range s {
			if m.rows[id] == nil {
				m.rows[id] = make([]float32, m.dim)
				for i := range m.rows[id] {
					m.rows[id][i] = float32(m.rng.NormFloat64())
				}
			}
			state = append(state, m.rows[id]...)
		}
		states = append(states, state)
	}
	return states, nil
}

func (m *table) Backward(sequences [][]int32, grads [][]float32, rate float64) (float64, error) {
	m.rates = append(m.rates, rate)
	sum := 0.0
	for i, s := range sequences {
		for j, id := range s {
			for k, g := range grads[i][j*m.dim : (j+1)*m.dim] {
				if j == 0 && g != 0 {
					m.tests.Error("a gradient for </s>, which is not the state of a word")
				}
				m.rows[id][k] -= float32(rate) * g
				sum += float64(g) * float64(g)
			}
		}
	}
	return math.Sqrt(sum), nil
}

// A head without features is trained on the states of a trunk that is trained with it.
func TestJointTraining(t *testing.T) {
	const dim, epochs = 8, 60
	options := toyTags()
	l, err := newTagLearner(options, dim, 1)
	if err != nil {
		t.Fatal(err)
	}
	m := &table{dim: dim, rows: map[int32][]float32{}, rng: rand.New(rand.NewPCG(2, 2)), tests: t}
	docs := toy(t)
	j := &jointRunner{
		trunk: m, head: l, dim: dim, featureMask: 1, rng: rand.New(rand.NewPCG(3, 3)), rate: 1,
		documents: epochs * len(docs),
	}
	first, err := j.epoch(t.Context(), docs)
	if err != nil {
		t.Fatal(err)
	}
	var loss float64
	for range epochs - 1 {
		if loss, err = j.epoch(t.Context(), docs); err != nil {
			t.Fatal(err)
		}
	}
	if loss > first/4 {
		t.Errorf("the loss went from %v to %v", first, loss)
	}
	if j.seen != j.documents {
		t.Errorf("%d documents seen, want %d", j.seen, j.documents)
	}
	if top := m.rates[len(m.rates)/20]; m.rates[0] > 0.1 || top < 0.5 || m.rates[len(m.rates)-1] > 0.1 {
		t.Errorf("learning rates %v", m.rates)
	}
}

func TestBatchesHoldEveryWindowOnce(t *testing.T) {
	docs := toy(t)
	j := &jointRunner{trunk: &table{}, rng: rand.New(rand.NewPCG(3, 3))}
	seen := map[window]int{}
	for _, b := range j.batches(docs) {
		if len(b) > 2 {
			t.Errorf("%d windows in a batch of 2", len(b))
		}
		for _, w := range b {
			seen[w]++
		}
	}
	for _, d := range docs {
		for _, w := range d.text.Windows {
			if seen[window{d, d.text, w}] != 1 {
				t.Errorf("window %v comes %d times", w, seen[window{d, d.text, w}])
			}
		}
	}
}

package expected

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/cpu"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Result is the difference between a batch and what was expected.
type Result struct {
	Name     string
	Values   int     // sequences, states or logits that were compared
	State    float64 // largest difference of a value of a state
	Logit    float64 // largest difference of a logit, or of the logarithm of the sum of their exponentials
	LogProb  float64 // largest difference of a token's log-probability, or of a sequence's score
	Wrong    int     // tokens that are the most likely in one only, or sequences that differ
	Mismatch string  // a description of the first of these
}

// Projection turns states into logits, on the backend of an engine.
type Projection struct {
	kernels *cpu.Trunk // nil if the program computes
	backend *biogpt.Backend
	config  biogpt.Config
	table   device.Buffer
	program *device.Program
}

// projected is the number of states that are turned into logits at once: enough to amortise what
// backends do to the table first.
const projected = 128

// NewProjection reads the token table, which is the output projection, onto the device, unless the
// engine's kernels hold it.
func NewProjection(s Subject) (*Projection, error) {
	if s.Engine.Kernels() != nil {
		return &Projection{kernels: s.Engine.Kernels()}, nil
	}
	p, config := &Projection{backend: s.Backend, config: s.Config}, s.Config
	values, err := s.Weights.AppendFloat32s(nil, biogpt.TokenTable, []int{config.Vocab, config.Hidden})
	if err != nil {
		return nil, err
	}
	if p.table, err = device.Upload(s.Backend, values, config.Vocab, config.Hidden); err != nil {
		return nil, err
	}
	inputs := []shapes.Shape{
		device.Shape[float32](projected, config.Hidden), device.Shape[float32](config.Vocab, config.Hidden),
	}
	p.program, err = s.Backend.Compile("logits", inputs, func(in []*graph.Node) []*graph.Node {
		return []*graph.Node{biogpt.Logits(biogpt.Nodes{biogpt.TokenTable: in[1]}, in[0])}
	})
	return p, err
}

// Close frees the memory on the device.
func (p *Projection) Close() error {
	if p.program != nil {
		device.Free(p.table)
		p.program.Close()
	}
	return nil
}

// each calls do with the logits of each state.
func (p *Projection) each(states []float32, do func(i int, logits []float32)) error {
	if p.kernels != nil {
		p.kernels.Logits(states, do)
		return nil
	}
	width := p.config.Hidden
	block := make([]float32, projected*width)
	for first := 0; first*width < len(states); first += projected {
		n := copy(block, states[first*width:]) / width
		in, err := device.Upload(p.backend, block, projected, width)
		if err != nil {
			return err
		}
		out, err := p.program.Run([]device.Buffer{in, p.table}, 0)
		if err != nil {
			return err
		}
		logits, err := out[0].Float32s(projected * p.config.Vocab)
		device.Free(append(out, in)...)
		if err != nil {
			return err
		}
		for i := range n {
			do(first+i, logits[i*p.config.Vocab:(i+1)*p.config.Vocab])
		}
	}
	return nil
}

// Forward compares states and logits.
func (f *File) Forward(ctx context.Context, e *biogpt.Engine, p *Projection) ([]Result, error) {
	var results []Result
	for _, b := range f.Forwards {
		if b.Rule != "" && b.Rule != cumulative {
			continue
		}
		states, err := e.Encode(ctx, b.sequences())
		if err != nil {
			return nil, fmt.Errorf("batch %s: %w", b.Name, err)
		}
		r := Result{Name: b.Name}
		if err := b.compareSelected(&r, states, e.Dim(), p); err != nil {
			return nil, fmt.Errorf("batch %s: %w", b.Name, err)
		}
		if err := b.compareAll(&r, states, p); err != nil {
			return nil, fmt.Errorf("batch %s: %w", b.Name, err)
		}
		results = append(results, r)
	}
	return results, nil
}

func (b forward) compareSelected(r *Result, states [][]float32, width int, p *Projection) error {
	var rows []float32    // of the states whose logits are known
	var wants [][]float32 // these logits
	for _, s := range b.Selected {
		at := b.place(s.Row, s.Pos) * width
		state := states[s.Row][at : at+width]
		if s.State != nil {
			r.State = max(r.State, distance(s.State, state))
			r.Values++
		}
		if s.Logits != nil {
			rows, wants = append(rows, state...), append(wants, s.Logits)
		}
	}
	return p.each(rows, func(i int, logits []float32) {
		r.Logit = max(r.Logit, distance(wants[i], logits))
		r.Values++
	})
}

// compareAll compares the most likely token and logsumexp(logits) at every token.
func (b forward) compareAll(r *Result, states [][]float32, p *Projection) error {
	for row := range b.All.Argmax {
		var columns []int
		for column, m := range b.Mask[row] {
			if m != 0 {
				columns = append(columns, column)
			}
		}
		err := p.each(states[row], func(i int, logits []float32) {
			best, sum := digest(logits)
			column := columns[i]
			if want := b.All.Argmax[row][column]; want != best {
				r.miss("row %d, token %d: the most likely next token is %d instead of %d", row, i, best, want)
			}
			if want := b.All.LogSumExp[row][column]; want != nil {
				r.Logit = max(r.Logit, math.Abs(*want-sum))
			}
			r.Values++
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Result) miss(format string, args ...any) {
	if r.Wrong++; r.Mismatch == "" {
		r.Mismatch = fmt.Sprintf(format, args...)
	}
}

// digest returns the index of the largest logit and the logarithm of the sum of their exponentials.
func digest(logits []float32) (best int, logSumExp float64) {
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - float64(logits[best]))
	}
	return best, math.Log(sum) + float64(logits[best])
}

// distance is the largest difference between two slices, infinite where they have different lengths
// or one is not a number.
func distance[T float32 | float64](a, b []T) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	var most float64
	for i := range a {
		d := math.Abs(float64(a[i]) - float64(b[i]))
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		most = max(most, d)
	}
	return most
}

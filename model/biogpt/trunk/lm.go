package trunk

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// NoTarget marks a token of an Example at which nothing is predicted.
const NoTarget int32 = -1

// Example is a sequence with the token to predict at each of its tokens, or NoTarget. For causal
// attention the targets are the next tokens, for bidirectional attention the tokens that the caller
// has masked.
type Example struct{ Tokens, Targets []int32 }

// Loss is the negative log probability of targets, in nats.
type Loss struct {
	Sum     float64
	Targets int
}

// Add returns the loss on both sets of examples.
func (l Loss) Add(o Loss) Loss { return Loss{l.Sum + o.Sum, l.Targets + o.Targets} }

// Mean is the mean loss of a target.
func (l Loss) Mean() float64 { return l.Sum / float64(max(1, l.Targets)) }

// Perplexity is e to the mean.
func (l Loss) Perplexity() float64 { return math.Exp(l.Mean()) }

// targets is a packed batch with its targets.
type targets struct {
	biogpt.Packed
	rows, ids []int32 // place in the batch, and target
}

func (t *Trainer) targets(batch []Example) (targets, error) {
	sequences := make([][]int32, len(batch))
	for i, e := range batch {
		sequences[i] = e.Tokens
	}
	packed, err := t.pack(sequences)
	if err != nil {
		return targets{}, err
	}
	out := targets{Packed: packed}
	for i, e := range batch {
		if len(e.Targets) != len(e.Tokens) {
			return targets{}, fmt.Errorf("sequence %d: %d targets for %d tokens", i, len(e.Targets), len(e.Tokens))
		}
		for j, id := range e.Targets {
			if id == NoTarget {
				continue
			}
			if id < 0 || int(id) >= t.cfg.Vocab {
				return targets{}, fmt.Errorf(
					"sequence %d: target %d is not in the vocabulary of %d", i, id, t.cfg.Vocab,
				)
			}
			out.rows, out.ids = append(out.rows, int32(i*packed.Length+j)), append(out.ids, id)
		}
	}
	return out, nil
}

// size is the number of rows that the head is built for. The head costs more than a small trunk, so
// if all targets fit a quarter of the batch it is built for that many rows, which are gathered;
// otherwise for all rows, because gathering has a cost, too.
func (b targets) size() int {
	size := b.Size * b.Length
	if quarter := (size + 3) / 4; len(b.rows) <= quarter {
		return quarter
	}
	return size
}

// upload copies the targets to the device; total is the divisor of the loss.
func (b targets) upload(d *biogpt.Backend, total int) (buffers []device.Buffer, err error) {
	size := b.size()
	rows, ids, weight := make([]int32, size), make([]int32, size), make([]float32, size)
	for i, row := range b.rows {
		at := i
		if size == b.Size*b.Length {
			at = int(row)
		}
		rows[at], ids[at], weight[at] = row, b.ids[i], 1/float32(total)
	}
	for _, values := range [][]int32{rows, ids} {
		u, err := device.Upload(d, values, size)
		if err != nil {
			device.Free(buffers...)
			return nil, err
		}
		buffers = append(buffers, u)
	}
	u, err := device.Upload(d, weight, size)
	if err != nil {
		device.Free(buffers...)
		return nil, err
	}
	return append(buffers, u), nil
}

// StepLM takes one step on the language model's loss: the mean, over all targets of all batches, of
// their negative log probability with the tied head. It returns the loss before the step. The step
// of several batches equals that of one batch with all their examples, except for rounding, and for
// dropout, which differs from batch to batch.
func (t *Trainer) StepLM(learningRate float64, batches ...[]Example) (Loss, error) {
	loss, err := t.stepLM(learningRate, batches)
	if err != nil {
		return Loss{}, fmt.Errorf("trainer: step %d: %w", t.step, err)
	}
	return loss, nil
}

func (t *Trainer) stepLM(learningRate float64, batches [][]Example) (Loss, error) {
	var (
		packed []targets
		loss   Loss
	)
	for _, batch := range batches {
		b, err := t.targets(batch)
		if err != nil {
			return loss, err
		}
		packed = append(packed, b)
		loss.Targets += len(b.rows)
	}
	if loss.Targets == 0 {
		return loss, fmt.Errorf("no targets")
	}
	if len(packed) == 1 {
		b := packed[0]
		extra, err := b.upload(t.backend, loss.Targets)
		if err != nil {
			return loss, err
		}
		defer device.Free(extra...)
		mean, _, err := t.takeStep(key{languageModel, b.Shape, b.size()}, b.Packed, learningRate, extra...)
		loss.Sum = mean * float64(loss.Targets)
		return loss, err
	}
	for i, b := range packed {
		mean, err := t.accumulate(i, b, loss.Targets)
		if err != nil {
			return loss, err
		}
		loss.Sum += mean * float64(loss.Targets)
	}
	return loss, t.apply(learningRate)
}

// LossLM measures the language model's loss, without dropout and without a step.
func (t *Trainer) LossLM(batch []Example) (Loss, error) {
	loss, err := t.lossLM(batch)
	if err != nil {
		return Loss{}, fmt.Errorf("trainer: loss: %w", err)
	}
	return loss, nil
}

func (t *Trainer) lossLM(batch []Example) (Loss, error) {
	b, err := t.targets(batch)
	if err != nil || len(b.rows) == 0 {
		return Loss{}, err
	}
	extra, err := b.upload(t.backend, 1)
	if err != nil {
		return Loss{}, err
	}
	defer device.Free(extra...)
	inputs, err := t.inputs(b.Packed, 0, 0)
	if err != nil {
		return Loss{}, err
	}
	defer device.Free(inputs...)
	n := len(t.specs)
	out, err := t.run(key{measure, b.Shape, b.size()}, 0, t.state[:n:n], inputs, extra)
	if err != nil {
		return Loss{}, err
	}
	defer device.Free(out...)
	sum, err := out[0].Float32s(1)
	if err != nil {
		return Loss{}, err
	}
	return Loss{float64(sum[0]), len(b.rows)}, nil
}

// languageModelLoss builds sum(weight * (logsumexp(logits) - logit of the target)) over the given
// rows of states, or over all rows if the number of given rows is theirs. The target's logit is
// selected by a comparison, whose gradient merges with that of the other logits: the gradient of a
// gather is a scatter, which is slow in XLA for the CPU.
func languageModelLoss(table, states, rows, targets, weight *Node) *Node {
	size := rows.Shape().Size()
	if size < states.Shape().Dim(0) {
		states = Gather(states, Reshape(rows, size, 1))
	}
	logits := biogpt.Logits(biogpt.Nodes{biogpt.TokenTable: table}, states)
	top := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
	logSumExp := Reshape(Add(Log(ReduceAndKeep(Exp(Sub(logits, top)), ReduceSum, -1)), top), size)
	isTarget := Equal(
		Iota(logits.Graph(), shapes.Make(dtypes.Int32, logits.Shape().Dimensions...), 1), Reshape(targets, size, 1),
	)
	target := ReduceSum(Where(isTarget, logits, ScalarZero(logits.Graph(), logits.DType())), -1)
	return ReduceAllSum(Mul(weight, Sub(logSumExp, target)))
}

package trunk

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// NoTarget stands in the targets of StepLM where nothing is to be predicted.
const NoTarget int32 = -1

// StepLM takes one step on the language model's loss: the mean, over all positions with a target, of the negative log probability
// that the tied head gives to it. For causal attention the targets are the next tokens, for bidirectional attention the tokens
// that the caller has masked. It returns the loss before the step, in nats.
func (t *Trainer) StepLM(sequences, targets [][]int32, learningRate float64) (loss float64, err error) {
	loss, err = t.stepLM(sequences, targets, learningRate)
	if err != nil {
		return 0, fmt.Errorf("trainer: step %d: %w", t.step, err)
	}
	return loss, nil
}

func (t *Trainer) stepLM(sequences, targets [][]int32, learningRate float64) (float64, error) {
	packed, err := t.pack(sequences)
	if err != nil {
		return 0, err
	}
	if len(targets) != len(sequences) {
		return 0, fmt.Errorf("targets for %d of %d sequences", len(targets), len(sequences))
	}
	var rows, ids []int32
	for i, row := range targets {
		if len(row) != len(sequences[i]) {
			return 0, fmt.Errorf("sequence %d: %d targets for %d tokens", i, len(row), len(sequences[i]))
		}
		for j, id := range row {
			if id == NoTarget {
				continue
			}
			if id < 0 || int(id) >= t.cfg.Vocab {
				return 0, fmt.Errorf("sequence %d: target %d is not in the vocabulary of %d", i, id, t.cfg.Vocab)
			}
			rows, ids = append(rows, int32(i*packed.Length+j)), append(ids, id)
		}
	}
	if len(rows) == 0 {
		return 0, fmt.Errorf("no targets")
	}
	// The head costs more than a small trunk, so it is built for as few positions as one of two sizes allows.
	size := packed.Size * packed.Length
	if quarter := (size + 3) / 4; len(rows) <= quarter {
		size = quarter
	}
	weight := make([]float32, size)
	for i := range rows {
		weight[i] = 1 / float32(len(rows))
	}
	rows, ids = append(rows, make([]int32, size-len(rows))...), append(ids, make([]int32, size-len(ids))...)
	var extra []device.Buffer
	for _, values := range [][]int32{rows, ids} {
		b, err := device.Upload(t.backend, values, size)
		if err != nil {
			device.Free(extra...)
			return 0, err
		}
		extra = append(extra, b)
	}
	b, err := device.Upload(t.backend, weight, size)
	if err != nil {
		device.Free(extra...)
		return 0, err
	}
	loss, _, err := t.takeStep(key{languageModel, packed.Shape, size}, packed, learningRate, append(extra, b)...)
	return loss, err
}

// languageModelLoss builds sum(weight * (logsumexp(logits) - logit of the target)) over the given rows of states. The target's logit
// is the product with its own row of the table, which spares a gather from the logits.
func languageModelLoss(p biogpt.Nodes, states, rows, targets, weight *Node) *Node {
	size := rows.Shape().Size()
	h := Gather(states, Reshape(rows, size, 1))
	logits := biogpt.Logits(p, h)
	top := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
	logSumExp := Reshape(Add(Log(ReduceAndKeep(Exp(Sub(logits, top)), ReduceSum, -1)), top), size)
	target := ReduceSum(Mul(h, Gather(p[biogpt.TokenTable], Reshape(targets, size, 1))), -1)
	return ReduceAllSum(Mul(weight, Sub(logSumExp, target)))
}

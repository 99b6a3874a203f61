package trunk

import (
	"context"
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model/biogpt"
)

// KernelLoss measures the language model's loss on examples with an engine on the backend cpu,
// which has no Trainer.
func KernelLoss(ctx context.Context, e *biogpt.Engine, examples []Example) (Loss, error) {
	sequences := make([][]int32, len(examples))
	for i, example := range examples {
		if len(example.Targets) != len(example.Tokens) {
			return Loss{}, fmt.Errorf(
				"sequence %d: %d targets for %d tokens", i, len(example.Targets), len(example.Tokens),
			)
		}
		sequences[i] = example.Tokens
	}
	states, err := e.Encode(ctx, sequences)
	if err != nil {
		return Loss{}, err
	}
	var rows []float32
	var targets []int32
	for i, example := range examples {
		for j, id := range example.Targets {
			if id != NoTarget {
				rows, targets = append(rows, states[i][j*e.Dim():(j+1)*e.Dim()]...), append(targets, id)
			}
		}
	}
	loss := Loss{Targets: len(targets)}
	e.Kernels().Logits(rows, func(i int, logits []float32) {
		if id := targets[i]; id < 0 || int(id) >= len(logits) {
			err = fmt.Errorf("target %d is not in the vocabulary of %d", id, len(logits))
		} else {
			loss.Sum += logSumExp(logits) - float64(logits[id])
		}
	})
	return loss, err
}

func logSumExp(x []float32) float64 {
	largest := x[0]
	for _, v := range x {
		largest = max(largest, v)
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v - largest))
	}
	return float64(largest) + math.Log(sum)
}

package trunk

import (
	"context"
	"math"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// TestKernelLoss compares the loss of the kernels with that of a graph.
func TestKernelLoss(t *testing.T) {
	b, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	examples := []Example{
		{[]int32{2, 7, 9, 11}, []int32{7, 9, 11, NoTarget}}, {[]int32{2, 3}, []int32{NoTarget, NoTarget}},
		{[]int32{2, 5, 5}, []int32{5, NoTarget, 2}},
	}
	for _, attention := range []string{biogpt.Causal, biogpt.Bidirectional} {
		cfg := biogpt.NewConfig(40, 32, 2, 2, 48, 32, attention)
		params := biogpt.InitStructured(cfg, 1)
		trainer, err := NewTrainer(b, cfg, params, Options{Tokens: 128})
		if err != nil {
			t.Fatal(err)
		}
		defer trainer.Close()
		engine, err := biogpt.NewEngine(device.OpenCPU(), cfg, params)
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		want, err := trainer.LossLM(examples)
		if err != nil {
			t.Fatal(err)
		}
		got, err := KernelLoss(context.Background(), engine, examples)
		if err != nil || got.Targets != 5 || want.Targets != 5 || math.Abs(got.Sum-want.Sum) > 1e-4 {
			t.Errorf("%s: %+v, want %+v; %v", attention, got, want, err)
		}
		for _, wrong := range [][]Example{
			{{[]int32{2}, nil}}, {{[]int32{2}, []int32{40}}}, {{[]int32{40}, []int32{2}}},
		} {
			if _, err := KernelLoss(context.Background(), engine, wrong); err == nil {
				t.Errorf("%+v: no error", wrong)
			}
		}
	}
}

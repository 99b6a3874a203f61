package cpu

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// base is the published model's size.
var base = Config{Vocab: 42384, Hidden: 1024, Layers: 24, Heads: 16, FFN: 4096, MaxPositions: 1024, ScaleEmbed: true}

// noise has parameters of any shape: uniform values, of a spread at which no layer's states grow
// large.
type noise struct{ rng *rand.Rand }

func (n noise) AppendFloat32s(values []float32, _ string, shape []int) ([]float32, error) {
	size := 1
	for _, d := range shape {
		size *= d
	}
	for range size {
		values = append(values, (n.rng.Float32()-0.5)/16)
	}
	return values, nil
}

var baseDecoder = sync.OnceValues(func() (*Decoder, error) {
	return New(base, noise{rand.New(rand.NewPCG(1, 1))}, 16, 2)
})

func BenchmarkMultiply(b *testing.B) {
	for _, size := range [][3]int{{1, 4096, 1024}, {16, 4096, 1024}, {16, 1024, 4096}, {512, 4096, 1024},
		{512, 1024, 4096}} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var matrices []*matrix // more than a cache holds
			for range 200 << 20 / (size[1] * size[2] * 4) {
				m := newMatrix(size[1], size[2])
				for i := range m.values {
					m.values[i] = 1 // memory that was never written to is not read from memory
				}
				matrices = append(matrices, m)
			}
			var x, y rows
			x.resize(size[0], size[2])
			y.resize(size[0], size[1])
			t, best := fastTile(), time.Hour
			for i := 0; b.Loop(); i++ {
				m := matrices[i%len(matrices)]
				start := time.Now()
				parallel(2, 8, func(_, task int) { m.multiply(t, &x, &y, m.panels()*task/8, m.panels()*(task+1)/8) })
				best = min(best, time.Since(start))
			}
			products := float64(size[1]) * float64(size[2])
			mean := b.Elapsed().Seconds() / float64(b.N)
			b.ReportMetric(2*float64(size[0])*products/mean/1e9, "GFLOP/s")
			b.ReportMetric(2*float64(size[0])*products/best.Seconds()/1e9, "best-GFLOP/s")
			b.ReportMetric(4*products/mean/1e9, "GB/s")
		})
	}
}

// BenchmarkGenerate reads prompts of 128 tokens and 31 tokens more, which is what 32 new tokens
// take.
func BenchmarkGenerate(b *testing.B) {
	d, err := baseDecoder()
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range []int{1, 8, 16} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			var prompts []decoding.Prompt
			var tokens []decoding.Token
			for slot := range batch {
				prompt := decoding.Prompt{Slot: slot}
				for i := range 128 {
					prompt.IDs = append(prompt.IDs, int32((slot*977+i*31)%base.Vocab))
				}
				prompts = append(prompts, prompt)
				tokens = append(tokens, decoding.Token{Slot: slot, ID: int32(slot + 4)})
			}
			var prefill, step time.Duration
			best := time.Hour
			for b.Loop() {
				start := time.Now()
				if _, err := d.Prefill(context.Background(), prompts); err != nil {
					b.Fatal(err)
				}
				prefill += time.Since(start)
				for range 31 {
					start := time.Now()
					if _, err := d.Step(context.Background(), tokens); err != nil {
						b.Fatal(err)
					}
					step += time.Since(start)
					best = min(best, time.Since(start))
				}
			}
			n := float64(b.N)
			b.ReportMetric(32*n*float64(batch)/(prefill+step).Seconds(), "tokens/s")
			b.ReportMetric(prefill.Seconds()/n, "prefill-s")
			b.ReportMetric(1e3*step.Seconds()/n/31, "step-ms")
			b.ReportMetric(1e3*best.Seconds(), "best-step-ms")
		})
	}
}

// BenchmarkStates reads texts of 320 tokens; the products of a token's layers are 0.6 GFLOP.
func BenchmarkStates(b *testing.B) {
	d, err := baseDecoder()
	if err != nil {
		b.Fatal(err)
	}
	sequences := make([][]int32, 3)
	for i := range sequences {
		for j := range 320 {
			sequences[i] = append(sequences[i], int32((i*977+j*31)%base.Vocab))
		}
	}
	for b.Loop() {
		if _, err := d.pass.States(context.Background(), sequences); err != nil {
			b.Fatal(err)
		}
	}
	tokens := float64(3*320*b.N) / b.Elapsed().Seconds()
	b.ReportMetric(tokens, "tokens/s")
	b.ReportMetric(tokens*2*24*12*1024*1024/1e9, "GFLOP/s")
}

//go:build unix

package trunk

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// BenchmarkStep measures Forward and Backward together, in tokens per second and per second of CPU
// time, without padding.
func BenchmarkStep(b *testing.B) {
	const length = 64
	for _, m := range []struct {
		name string
		cfg  biogpt.Config
	}{
		{"2x128", biogpt.NewConfig(8192, 128, 2, 4, 512, 256, biogpt.Bidirectional)},
		{"3x192", biogpt.NewConfig(8192, 192, 3, 6, 768, 256, biogpt.Bidirectional)},
	} {
		for _, tokens := range []int{1024, 2048} {
			for _, name := range []string{device.GoMLX, device.XLACPU} {
				b.Run(fmt.Sprintf("%s/%d/%s", m.name, tokens, name), func(b *testing.B) {
					backend, err := biogpt.OpenBackend(name)
					if err != nil {
						b.Skip(err)
					}
					defer backend.Close()
					trainer := newTrainer(
						b, backend, m.cfg, biogpt.InitStructured(m.cfg, 1), Options{Tokens: tokens, Dropout: 0.1},
					)
					lengths := make([]int, tokens/length)
					for i := range lengths {
						lengths[i] = length
					}
					batch := sequences(m.cfg, lengths...)
					step := func() {
						states, err := trainer.Forward(batch)
						if err != nil {
							b.Fatal(err)
						}
						if _, err := trainer.Backward(batch, states, 1e-4); err != nil {
							b.Fatal(err)
						}
					}
					start := time.Now()
					step()
					first, busy := time.Since(start), cpuTime(b)
					for b.Loop() {
						step()
					}
					busy = cpuTime(b) - busy
					done := float64(tokens) * float64(b.N)
					b.ReportMetric(done/b.Elapsed().Seconds(), "tokens/s")
					b.ReportMetric(done/busy.Seconds(), "tokens/cpu-s")
					b.ReportMetric(first.Seconds(), "s-first")
				})
			}
		}
	}
}

// cpuTime returns the CPU time of the process on all cores, which does not depend on the load of
// the machine.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkStepLM measures steps of a causal language model without padding, as .ci/bench-train
// asks: the environment variables BENCH_SIZE, BENCH_BATCH, BENCH_VOCABULARY and BENCH_BACKEND set
// the sizes and the backend.
func BenchmarkStepLM(b *testing.B) {
	of := func(name, fallback string) string { return cmp.Or(os.Getenv(name), fallback) }
	var layers, hidden, rows, length, vocabulary int
	sizes := of("BENCH_SIZE", "2x128") + " " + of("BENCH_BATCH", "16x128") + " " + of("BENCH_VOCABULARY", "8192")
	if _, err := fmt.Sscanf(sizes, "%dx%d %dx%d %d", &layers, &hidden, &rows, &length, &vocabulary); err != nil {
		b.Fatalf("%s: %v", sizes, err)
	}
	heads := hidden / 64
	if hidden < 256 {
		heads = hidden / 32
	}
	cfg := biogpt.NewConfig(vocabulary, hidden, layers, heads, 4*hidden, max(256, length), biogpt.Causal)
	backend, err := biogpt.OpenBackend(of("BENCH_BACKEND", device.GoMLX))
	if err != nil {
		b.Skip(err)
	}
	defer backend.Close()
	trainer := newTrainer(b, backend, cfg, biogpt.InitStructured(cfg, 1), Options{
		Tokens: rows * length, TokenLR: 1, Precision: biogpt.Precision(of("BENCH_PRECISION", string(biogpt.Float32))),
	})
	batch := following(sequences(cfg, slices.Repeat([]int{length}, rows)...))
	take := func() (loss Loss) {
		if loss, err = trainer.StepLM(1e-3, batch); err != nil {
			b.Fatal(err)
		}
		return loss
	}
	loss := take()
	busy := cpuTime(b)
	for b.Loop() {
		loss = take()
	}
	busy = cpuTime(b) - busy
	done := float64(rows*length) * float64(b.N)
	b.ReportMetric(done/b.Elapsed().Seconds(), "tokens/s")
	b.ReportMetric(done/busy.Seconds(), "tokens/cpu-s")
	b.ReportMetric(loss.Mean(), "loss")
}

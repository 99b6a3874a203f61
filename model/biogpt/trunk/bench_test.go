//go:build unix

package trunk

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// BenchmarkStep measures Forward and Backward together, in tokens per second and per second of CPU time, without padding.
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
			for _, name := range []string{device.Go, device.CPU} {
				b.Run(fmt.Sprintf("%s/%d/%s", m.name, tokens, name), func(b *testing.B) {
					backend, err := biogpt.OpenBackend(name)
					if err != nil {
						b.Skip(err)
					}
					defer backend.Close()
					trainer := newTrainer(b, backend, m.cfg, biogpt.InitStructured(m.cfg, 1), Options{Tokens: tokens, Dropout: 0.1})
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

// cpuTime returns what the process has used of all cores: unlike the clock, it says the same on a busy machine.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

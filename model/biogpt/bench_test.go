//go:build unix

package biogpt

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// BenchmarkEncode measures tokens per second over 64 sequences of 128 to 250 tokens. Shapes are
// compiled before.
func BenchmarkEncode(b *testing.B) {
	for _, m := range []struct {
		name string
		cfg  Config
	}{
		{"2x128", NewConfig(8192, 128, 2, 4, 512, 1024, Bidirectional)},
		{"6x256", NewConfig(8192, 256, 6, 4, 1024, 1024, Causal)},
	} {
		for _, name := range []string{device.GoMLX, device.XLACPU} {
			b.Run(m.name+"/"+name, func(b *testing.B) {
				backend, err := OpenBackend(name)
				if err != nil {
					b.Skip(err)
				}
				defer backend.Close()
				e := newEngine(b, backend, m.cfg)
				defer e.Close()
				rng := rand.New(rand.NewPCG(1, 1))
				var lengths []int
				tokens := 0
				for range 64 {
					n := 128 + rng.IntN(123)
					lengths, tokens = append(lengths, n), tokens+n
				}
				sequences := randomSequences(m.cfg, 9, lengths...)
				start := time.Now()
				encode(b, e, sequences)
				first := time.Since(start)
				busy := cpuTime(b)
				for b.Loop() {
					encode(b, e, sequences)
				}
				busy = cpuTime(b) - busy
				b.ReportMetric(float64(tokens)*float64(b.N)/busy.Seconds(), "tokens/cpu-s")
				b.ReportMetric(float64(tokens)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
				b.ReportMetric(first.Seconds(), "s-first")
				b.ReportMetric(float64(len(e.stacks)), "programs")
			})
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

//go:build unix

package biogpt

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// BenchmarkGreedy continues prompts of 128 tokens by 32 each, greedily, as the script
// bench-generate asks it to: BENCH_MODEL names the model's directory, BENCH_BACKEND what computes
// (by default Native), BENCH_BATCH how many prompts there are at once ("1,8,16"). Programs are
// compiled before. Of tokens/s the prompts are part, of step-tokens/s they are not; tokens/cpu-s
// counts the time of all cores, which a busy machine changes little.
func BenchmarkGreedy(b *testing.B) {
	dir := os.Getenv("BENCH_MODEL")
	if dir == "" {
		b.Skip("BENCH_MODEL names no model")
	}
	backend := cmp.Or(os.Getenv("BENCH_BACKEND"), device.CPU)
	for size := range strings.SplitSeq(cmp.Or(os.Getenv("BENCH_BATCH"), "1,8,16"), ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s/%d", backend, n), func(b *testing.B) {
			g, err := OpenGenerator(os.DirFS(dir), backend, n)
			if err != nil {
				b.Fatal(err)
			}
			defer g.Close()
			benchmarkGreedy(b, g, n)
		})
	}
}

func benchmarkGreedy(b *testing.B, g *Generator, n int) {
	const prompt, more = 128, 32
	var requests []decoding.Request
	for range n {
		ids := randomSequences(Config{Vocab: g.Limits.Vocab}, uint64(len(requests)), prompt)[0]
		requests = append(
			requests, decoding.Request{Prompt: ids, Options: decoding.Options{MaxNew: more, MinNew: more}},
		)
	}
	var prefill time.Duration
	run := func() {
		s := decoding.NewScheduler(timed{g.Decoder, &prefill}, g.Limits)
		for _, r := range requests {
			if err := s.Add(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
		for running := true; running; {
			var err error
			if running, err = s.Step(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	run()
	prefill = 0
	busy := cpuTime(b)
	for b.Loop() {
		run()
	}
	busy = cpuTime(b) - busy
	tokens := float64(n * more * b.N)
	b.ReportMetric(tokens/b.Elapsed().Seconds(), "tokens/s")
	b.ReportMetric(float64(n*(more-1)*b.N)/(b.Elapsed()-prefill).Seconds(), "step-tokens/s")
	b.ReportMetric(prefill.Seconds()/float64(b.N), "s-prompts")
	b.ReportMetric(tokens/busy.Seconds(), "tokens/cpu-s")
}

// timed adds up the time that prompts take.
type timed struct {
	decoding.Decoder
	prefill *time.Duration
}

// Prefill is decoding.Decoder's.
func (t timed) Prefill(ctx context.Context, prompts []decoding.Prompt) ([][]float32, error) {
	start := time.Now()
	defer func() { *t.prefill += time.Since(start) }()
	return t.Decoder.Prefill(ctx, prompts)
}

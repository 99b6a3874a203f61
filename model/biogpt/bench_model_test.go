//go:build unix

package biogpt

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// BenchmarkModel encodes given token sequences with a given model, as the scripts bench-forward and
// bench-gpu ask it to: BENCH_MODEL names the model's directory, BENCH_IDS a file with a JSON list
// of lists of ids, BENCH_BACKEND a backend and BENCH_DTYPE a precision (by default the backend's
// own). Programs are compiled before. The peak is that of products of matrices alone, on the same
// backend, just after.
func BenchmarkModel(b *testing.B) {
	dir, ids := os.Getenv("BENCH_MODEL"), os.Getenv("BENCH_IDS")
	if dir == "" || ids == "" {
		b.Skip("BENCH_MODEL and BENCH_IDS name no model and no token ids")
	}
	cfg, params, err := Load(os.DirFS(dir))
	if err != nil {
		b.Fatal(err)
	}
	backend, err := OpenBackend(os.Getenv("BENCH_BACKEND"))
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	precision := Precision(os.Getenv("BENCH_DTYPE"))
	if precision == "" {
		precision = PrecisionOf(backend.Class())
	}
	e, err := NewEngineWith(backend, cfg, params, precision)
	if err != nil {
		b.Fatal(err)
	}
	params = nil
	defer e.Close()
	data, err := os.ReadFile(ids)
	if err != nil {
		b.Fatal(err)
	}
	var sequences [][]int32
	if err := json.Unmarshal(data, &sequences); err != nil {
		b.Fatal(err)
	}
	if backend.Class() == device.CPU {
		encode(b, e, sequences[:1]) // brings the parameters into memory; there is nothing to compile
	} else {
		encode(b, e, sequences)
	}
	before, busy := e.Stats(), cpuTime(b)
	for b.Loop() {
		encode(b, e, sequences)
	}
	after, cpu := e.Stats(), cpuTime(b)-busy
	speed, err := backend.Speed(2 * time.Second)
	if err != nil {
		b.Fatal(err)
	}
	seconds, tokens := b.Elapsed().Seconds(), float64(after.Tokens-before.Tokens)
	b.ReportMetric(float64(len(sequences)*b.N)/seconds, "abstracts/s")
	b.ReportMetric(tokens/seconds, "tokens/s")
	b.ReportMetric(float64(len(sequences)*b.N)/cpu.Seconds(), "abstracts/cpu-s")
	b.ReportMetric((after.FLOPs-before.FLOPs)/seconds/1e9, "GFLOP/s")
	b.ReportMetric(speed.FLOPS/1e9, "peak-GFLOP/s")
	b.ReportMetric(100*after.Padding(), "%padding")
	b.ReportMetric(float64(after.Programs), "programs")
	b.ReportMetric(before.Compile.Seconds(), "s-compile")
}

package tokenizer_test

import (
	"runtime"
	"testing"

	"github.com/pubmine/pubmine/model"
)

// BenchmarkAppend tokenizes real titles and abstracts on one goroutine with BioGPT's own
// vocabulary, whose words it has seen once.
func BenchmarkAppend(b *testing.B) {
	tok := fairseq(b, "")
	texts := lines[golden](b, shared(b, "golden", "tokenizer", "base.jsonl.gz"), 1000)
	size := 0
	var tokens []model.Token
	for _, g := range texts {
		size += len(g.Text)
		tokens = tok.Append(tokens[:0], g.Text, 0)
	}
	b.SetBytes(int64(size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for _, g := range texts {
			tokens = tok.Append(tokens[:0], g.Text, 0)
		}
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(b.N*len(texts)), "allocs/abstract")
	b.ReportMetric(float64(b.N)*float64(len(texts))/b.Elapsed().Seconds(), "abstracts/s")
}

package tokenizer_test

import (
	"testing"

	"github.com/pubmine/pubmine/model"
)

// BenchmarkAppend tokenizes real titles and abstracts on one goroutine with BioGPT's own vocabulary.
func BenchmarkAppend(b *testing.B) {
	tok := fairseq(b, "")
	texts := lines[golden](b, shared(b, "golden", "tokenizer", "base.jsonl.gz"), 1000)
	size := 0
	for _, g := range texts {
		size += len(g.Text)
	}
	var tokens []model.Token
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, g := range texts {
			tokens = tok.Append(tokens[:0], g.Text, 0)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(texts))/b.Elapsed().Seconds(), "abstracts/s")
}

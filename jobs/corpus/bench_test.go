package corpus_test

import (
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

// What a small unit costs beside the work on its records: one checkpoint, eight tables, a record
// and a snapshot.
func BenchmarkSmallUnit(b *testing.B) {
	root := b.TempDir()
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if _, err := mine(
			root, pipelinetest.Source{pipelinetest.NewUnit("a", 1, 1)}, spec(string(rune(n))), corpus.Options{},
		); err != nil {
			b.Fatal(err)
		}
	}
}

package diff

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// Comparing 10,000 documents with 14 mentions and a relation each, of which a few differ.
func BenchmarkCompare(b *testing.B) {
	const documents = 10000
	dir := b.TempDir()
	edition := func(id int) *corpus.Edition {
		var docs []annotated
		for i := range documents {
			abstract := strings.Repeat("A sentence of an abstract with words. ", 30)
			doc := testDocument(1+i*7919%documents, "Title.", abstract)
			a := &schemas.Annotations{Sentences: testSentences(doc)}
			for j := range 14 {
				a.Mentions = append(a.Mentions, schemas.Mention{
					ID: j, Section: 1, Sentence: 1, Type: fmt.Sprint("type ", j%5), Score: float32(i%100) / 100,
					Span: schemas.Span{Start: 9 + 50*j, End: 12 + 50*j + (i+j)%100/99*id},
				})
			}
			a.Relations = []schemas.Relation{{Type: "CID", Object: 1, Sentence: 1, Method: schemas.MethodHead}}
			docs = append(docs, annotated{"a", doc, a})
		}
		return writeEdition(b, dir, id, [][]string{{"a"}}, docs)
	}
	before, after := edition(1), edition(2)
	for b.Loop() {
		r, err := Compare(b.Context(), func(f corpus.File) string { return filepath.Join(dir, f.Path) }, before, after,
			Options{Examples: 2, Documents: 10})
		if err != nil || r.Documents.Compared != documents {
			b.Fatal(r, err)
		}
	}
}

package memory_test

import (
	"context"
	"testing"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/memory"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// The sink has the rows of each document, in order.
func TestRowsOfEachDocument(t *testing.T) {
	docs := []*schemas.Document{
		pipelinetest.NewDocument(3, 2), pipelinetest.NewDocument(1, 1), pipelinetest.NewDocument(2, 1),
	}
	sink := &memory.Sink{}
	report, err := pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: memory.NewSource("u", docs), Sink: sink, Preparer: pipelinetest.Preparer{Window: 2},
		Options: pipeline.Options{Chunk: 2},
	})
	if err != nil || len(report.Done) != 1 {
		t.Fatal(report, err)
	}
	if len(sink.Records) != len(docs) {
		t.Fatalf("rows of %d documents", len(sink.Records))
	}
	for i, r := range sink.Records {
		if d := r.Documents[0]; schemas.PMID(d.PMID) != docs[i].PMID || d.Unit != "u" {
			t.Errorf("document %d has the rows of %v", i, d.Key)
		}
	}
}

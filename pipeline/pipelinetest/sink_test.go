package pipelinetest_test

import (
	"testing"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

func TestSink(t *testing.T) {
	pipelinetest.RunSink(t, func(*testing.T) pipelinetest.SinkUnderTest {
		store := pipelinetest.NewStore()
		return pipelinetest.SinkUnderTest{
			Open: func() pipeline.Sink { return pipelinetest.Sink{Store: store} },
			Rows: func(unit string) map[string]int64 {
				records, ok := store.Published(unit)
				if !ok {
					return nil
				}
				var counts schemas.Counts
				counts.Add(records)
				return counts.Rows
			},
		}
	})
}

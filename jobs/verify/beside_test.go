package verify_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/jobs/verify"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// The work in progress of a run is no problem.
func TestBesideARun(t *testing.T) {
	root := storetest.QuickDir(t)
	mine(t, root, source(), "m1", corpus.Options{})
	var units pipelinetest.Source
	for i := range 40 {
		units = append(units, pipelinetest.NewUnit(fmt.Sprintf("u%02d", i), schemas.PMID(1000+10*i), 9))
	}
	c := settings("m1")
	sink, err := corpus.Create(root, c, corpus.Options{Pack: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() {
		defer close(ended)
		_, err := pipeline.Run(context.Background(), pipeline.Pipeline{
			Source: units, Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
			Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Model: "m1", Sink: sink,
			Options: pipeline.Options{Chunk: c.Chunk, GroupTokens: c.GroupTokens, Workers: 2},
		})
		if err != nil {
			t.Error(err)
		}
	})
	checks := 0
	for running := true; running && !t.Failed(); checks++ {
		select {
		case <-ended:
			running = false
		default:
		}
		for _, p := range check(t, root, verify.Options{}).Problems {
			t.Errorf("check %d: %v", checks, p)
		}
	}
	running.Wait()
	t.Logf("%d checks", checks)
}

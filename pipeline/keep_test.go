package pipeline_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// exactly returns a run whose model gives every document the same results whatever else it reads.
// next is called before each result.
func exactly(store *pipelinetest.Store, next func()) pipeline.Pipeline {
	p := written(store)
	p.Encoder = &pipelinetest.Encoder{Width: 3, Alone: true, Next: next}
	p.Generator = &pipelinetest.Generator{Alone: true, Next: next}
	return p
}

// A run that is stopped again and again, each time within a chunk, continues with what is kept, and
// ends with the same rows as an undisturbed one.
func TestStoppedRunKeepsPartsOfChunks(t *testing.T) {
	store := pipelinetest.NewStore()
	mustRun(t, exactly(store, nil))
	want := published(t, store, "a", "b", "c")
	rapid.Check(t, func(rt *rapid.T) {
		store, stop := pipelinetest.NewStore(), errors.New("stop")
		every := rapid.SampledFrom([]time.Duration{time.Nanosecond, time.Hour}).Draw(rt, "every")
		after := rapid.IntRange(25, 60).Draw(rt, "after") // more than a document has
		resumed := 0
		for runs := 0; ; runs++ {
			ctx, cancel := context.WithCancelCause(t.Context())
			left := after
			p := exactly(store, func() {
				if left--; left == 0 {
					cancel(stop)
				}
			})
			p.Options.Keep, p.Options.Workers = every, rapid.IntRange(1, 3).Draw(rt, "workers")
			report, err := pipeline.Run(ctx, p)
			cancel(nil)
			resumed += report.Resumed
			if err == nil {
				break
			}
			if !errors.Is(err, stop) || runs > 100 {
				rt.Fatalf("run %d: %v", runs, err)
			}
		}
		if got := published(t, store, "a", "b", "c"); !reflect.DeepEqual(want, got) {
			rt.Fatalf("(-calm +resumed):\n%s", cmp.Diff(want, got))
		}
		if resumed == 0 {
			rt.Error("nothing was kept")
		}
	})
}

// oneChunk is exactly with an encoder alone and a unit of one chunk, which is encoded in one call.
func oneChunk(store *pipelinetest.Store, next func()) pipeline.Pipeline {
	p := exactly(store, next)
	p.Source, p.Tasks = pipelinetest.Source{pipelinetest.NewUnit("a", 1, 30)}, calm(store).Tasks
	p.Options.GroupTokens, p.Options.Chunk = 10_000, 30
	return p
}

// What is kept is not computed again, and counts as resumed.
func TestKeptRecordsAreNotComputedAgain(t *testing.T) {
	all, kept := 0, 0
	mustRun(t, oneChunk(pipelinetest.NewStore(), func() { all++ }))
	store := pipelinetest.NewStore()
	store.Fail = func(op, _ string, _ int) error {
		if op == "keep" {
			kept++
		}
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	p := oneChunk(store, func() {
		if calls++; calls == all-5 {
			cancel()
		}
	})
	if _, err := pipeline.Run(ctx, p); !errors.Is(err, context.Canceled) || kept != 1 {
		t.Fatalf("%v, kept %d times", err, kept)
	}
	again, told := 0, 0
	p = oneChunk(store, func() { again++ })
	p.Hooks.Documents = func(_ schemas.Unit, n int, resumed bool) {
		if resumed {
			told += n
		}
	}
	report := mustRun(t, p)
	if report.Resumed < 15 || report.Resumed != told || report.Resumed+report.Records != 30 {
		t.Errorf("resumed %d (told %d), computed %d", report.Resumed, told, report.Records)
	}
	if again > all/2 {
		t.Errorf("%d results are computed again, of %d", again, all)
	}
}

// Where results depend on what else is in a call, a chunk is computed as a whole.
func TestOthersKeepNoParts(t *testing.T) {
	store := pipelinetest.NewStore()
	store.Fail = func(op, _ string, _ int) error {
		if op == "keep" {
			t.Error("a part of a chunk is kept")
		}
		return nil
	}
	p := written(store)
	p.Options.Keep = time.Nanosecond
	mustRun(t, p)
}

// A run that cannot keep what is done says why.
func TestPartsThatCannotBeKept(t *testing.T) {
	full := errors.New("disk full")
	for _, stopped := range []bool{false, true} {
		store := pipelinetest.NewStore()
		store.Fail = func(op, _ string, _ int) error {
			if op == "keep" {
				return full
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		p := oneChunk(store, func() {
			if calls++; calls == 40 {
				cancel()
			}
		})
		if !stopped {
			p = exactly(store, nil) // its chunks have several groups
			p.Options.Keep = time.Nanosecond
		}
		if _, err := pipeline.Run(ctx, p); !errors.Is(err, full) || errors.Is(err, context.Canceled) != stopped {
			t.Errorf("stopped is %v: %v", stopped, err)
		}
		cancel()
	}
}

// Every record that is not resumed is reported as prepared and as inferred before it is written.
func TestRecordsAreReportedAsTheyAdvance(t *testing.T) {
	p := exactly(pipelinetest.NewStore(), nil)
	prepared, inferred, documents, whole := 0, 0, 0, 0
	p.Hooks.Prepared = func(_ schemas.Unit, n int, read float64) {
		if prepared += n; n == 0 && read == 1 {
			whole++
		}
	}
	p.Hooks.Inferred = func(_ schemas.Unit, n int) { inferred += n }
	p.Hooks.Documents = func(_ schemas.Unit, n int, _ bool) {
		if documents += n; documents > inferred || inferred > prepared {
			t.Errorf("%d prepared, %d inferred, %d written", prepared, inferred, documents)
		}
	}
	mustRun(t, p)
	if prepared != 47 || inferred != 47 || documents != 47 || whole != 3 {
		t.Errorf("%d prepared, %d inferred, %d written of 47; %d units", prepared, inferred, documents, whole)
	}
}

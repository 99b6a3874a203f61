package pipeline_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// withoutRows is a Sink that knows what is stored, and stores nothing.
type withoutRows struct{ pipelinetest.Sink }

func (s withoutRows) Open(ctx context.Context, u schemas.Unit, digest string) (pipeline.UnitWriter, error) {
	w, err := s.Sink.Open(ctx, u, digest)
	return writerWithoutRows{w.(keeper)}, err
}

type keeper interface {
	pipeline.UnitWriter
	pipeline.Keeper
}

type writerWithoutRows struct{ keeper }

func (writerWithoutRows) Commit(context.Context, int) error { return nil }

// Preview reports what Run then does, whatever is reused, kept and published.
func TestPreviewIsWhatRunDoes(t *testing.T) {
	store := pipelinetest.NewStore()
	mustRun(t, independent(store))
	old := published(t, store, "a", "c")
	rows := func(pmid schemas.PMID) *schemas.Rows {
		if pmid >= 300 {
			return &old["c"][pmid-300]
		}
		return &old["a"][pmid-100]
	}
	names := []string{schemas.TaskNER, schemas.TaskSummary, schemas.TaskAnswers}
	boom := errors.New("boom")
	rapid.Check(t, func(rt *rapid.T) {
		var choices [][]string
		for range 5 {
			drawn := rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(rt, "tasks")
			choices = append(choices, drawn)
		}
		store := pipelinetest.NewStore()
		p := independent(store)
		p.Options.GroupTokens = rapid.SampledFrom([]int{20, 120}).Draw(rt, "tokens in a group")
		if rapid.Bool().Draw(rt, "unreadable") {
			units := p.Source.(pipelinetest.Source)
			units[0].Err = &schemas.BadInputError{Path: "a", Err: boom}
		}
		p.Reuser = &pipelinetest.Reuser{Known: func(doc *schemas.Document) *pipeline.Reused {
			if tasks := choices[doc.PMID%5]; len(tasks) > 0 {
				return known(rt, doc, rows(doc.PMID), tasks)
			}
			return nil
		}}
		p.Sink = pipelinetest.Sink{Store: store}
		left := rapid.IntRange(0, 8).Draw(rt, "writes before a crash")
		store.Fail = func(string, string, int) error {
			if left--; left < 0 {
				return boom
			}
			return nil
		}
		_, _ = pipeline.Run(t.Context(), p) // it stops somewhere
		store.Fail = nil

		dry, seen, encoded := p, 0, 0
		dry.Sink, dry.Encoder = withoutRows{pipelinetest.Sink{Store: store}}, noEncoder{p.Encoder}
		announced, err := pipeline.Preview(t.Context(), dry, func(_ schemas.Unit, r pipeline.Previewed) {
			seen++
			if r.Work == pipeline.EncodeWork {
				encoded++
			}
		})
		if err != nil || seen != announced.Records || encoded != announced.Encoded {
			rt.Fatal(err, seen, encoded, announced)
		}
		report := mustRun(t, p)
		report.Counts, report.Waits = announced.Counts, announced.Waits
		if diff := cmp.Diff(announced, report, cmp.Comparer(errors.Is)); diff != "" {
			rt.Errorf("(-announced +done):\n%s", diff)
		}
	})
}

// noEncoder must not be used.
type noEncoder struct{ pipeline.Encoder }

func (noEncoder) Encode(context.Context, [][]int32, func(int, []float32)) error {
	panic("a preview computes")
}

func (n noEncoder) Exact() bool {
	e, ok := n.Encoder.(pipeline.Exact)
	return ok && e.Exact()
}

func TestPreviewStops(t *testing.T) {
	p := calm(pipelinetest.NewStore())
	p.Sink = withoutRows{p.Sink.(pipelinetest.Sink)}
	ctx, cancel := context.WithCancelCause(t.Context())
	boom := errors.New("boom")
	_, err := pipeline.Preview(ctx, p, func(schemas.Unit, pipeline.Previewed) { cancel(boom) })
	if !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	p.Source = pipelinetest.Source{{Name: "a", Err: boom}}
	if _, err := pipeline.Preview(t.Context(), p, nil); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
}

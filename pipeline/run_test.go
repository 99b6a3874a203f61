package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// calm returns a run over three units that nothing disturbs.
func calm(store *pipelinetest.Store) pipeline.Pipeline {
	return pipeline.Pipeline{
		Source: pipelinetest.Source{
			pipelinetest.NewUnit("a", 100, 37), pipelinetest.NewUnit("b", 200, 0), pipelinetest.NewUnit("c", 300, 10),
		},
		Preparer: pipelinetest.Preparer{Window: 2},
		Encoder:  &pipelinetest.Encoder{Width: 3},
		Tasks:    []pipeline.Task{pipelinetest.Task{Label: "Chemical"}},
		Sink:     pipelinetest.Sink{Store: store},
		Model:    "fake@1",
		Options:  pipeline.Options{Chunk: 10, GroupTokens: 120, Workers: 3},
	}
}

func published(t *testing.T, store *pipelinetest.Store, units ...string) map[string][]schemas.Rows {
	t.Helper()
	all := map[string][]schemas.Rows{}
	for _, u := range units {
		rows, ok := store.Published(u)
		if !ok {
			t.Fatalf("unit %s is not published", u)
		}
		all[u] = rows
	}
	return all
}

func mustRun(t *testing.T, p pipeline.Pipeline) pipeline.Report {
	t.Helper()
	report, err := pipeline.Run(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestRunPublishesEveryRecord(t *testing.T) {
	store := pipelinetest.NewStore()
	p := calm(store)
	report := mustRun(t, p)
	if diff := cmp.Diff([]string{"a", "b", "c"}, report.Done); diff != "" {
		t.Errorf("units done (-want +got):\n%s", diff)
	}
	var counts schemas.Counts
	for name, records := range published(t, store, "a", "b", "c") {
		counts.Add(records)
		for i, rows := range records {
			want := p.Source.(pipelinetest.Source)[strings.Index("abc", name)].Records[i]
			if got := len(rows.Documents) == 1; got != (want.Document != nil) {
				t.Errorf("unit %s, record %d: a document is %v", name, i, got)
			}
			if want.Reject != nil && (len(rows.Rejects) != 1 || rows.Rejects[0].PMID != int32(want.Reject.PMID)) {
				t.Errorf("unit %s, record %d: rejects %v", name, i, rows.Rejects)
			}
		}
	}
	if diff := cmp.Diff(counts, report.Counts); diff != "" {
		t.Errorf("counts (-published +reported):\n%s", diff)
	}
	if report.Records != 47 || report.Resumed != 0 || report.Counts.Rows["rejects"] != 4 ||
		report.Counts.Mentions["Chemical"] == 0 {
		t.Errorf("report %+v", report)
	}
	again := mustRun(t, p)
	if diff := cmp.Diff([]string{"a", "b", "c"}, again.Skipped); diff != "" || again.Records != 0 || again.Done != nil {
		t.Errorf("a second run: %+v", again)
	}
}

func TestStatesBelongToTheirTokens(t *testing.T) {
	p := calm(pipelinetest.NewStore())
	p.Tasks = []pipeline.Task{pipelinetest.Task{Label: "Gene", Check: func(text *model.Text, s model.States) error {
		for i, token := range text.Tokens {
			if row := s.Row(i); len(row) != 3 || row[0] != float32(token.ID) {
				return fmt.Errorf("row %d is %v, the token %d", i, row, token.ID)
			}
		}
		if len(s.Data) != 3*len(text.Tokens) {
			return errors.New("rows are left over")
		}
		return nil
	}}}
	if report := mustRun(t, p); report.Counts.Rejects["error"] != 0 || report.Counts.Mentions["Gene"] == 0 {
		t.Errorf("%+v", report)
	}
}

// A run that fails or is stopped anywhere, and is then run again with any number of workers,
// publishes what a calm one does and gives the encoder the same batches.
func TestResumedRunPublishesTheSame(t *testing.T) {
	calmStore := pipelinetest.NewStore()
	mustRun(t, calm(calmStore))
	want := published(t, calmStore, "a", "b", "c")
	rapid.Check(t, func(rt *rapid.T) {
		store := pipelinetest.NewStore()
		boom := errors.New("boom")
		for range rapid.IntRange(0, 3).Draw(rt, "failures") {
			p := calm(store)
			p.Options.Workers = rapid.IntRange(1, 4).Draw(rt, "workers")
			if rapid.Bool().Draw(rt, "skipping") {
				p.Source = pipelinetest.Skipping{Source: p.Source.(pipelinetest.Source)}
			}
			at := rapid.IntRange(1, 12).Draw(rt, "at")
			ctx, cancel := context.WithCancelCause(context.Background())
			n := 0
			switch rapid.SampledFrom([]string{"encoder", "sink", "cancel"}).Draw(rt, "what") {
			case "encoder":
				p.Encoder = &pipelinetest.Encoder{Width: 3, Fail: func(call int) error {
					if call == at {
						return boom
					}
					return nil
				}}
			case "sink":
				store.Fail = func(string, string, int) error {
					if n++; n == at {
						return boom
					}
					return nil
				}
			case "cancel":
				p.Hooks.Documents = func(schemas.Unit, int, bool) {
					if n++; n == at {
						cancel(boom)
					}
				}
			}
			if _, err := pipeline.Run(ctx, p); err != nil && !errors.Is(err, boom) {
				rt.Fatal(err)
			}
			cancel(nil)
			store.Fail = nil
		}
		p := calm(store)
		p.Options.Workers = rapid.IntRange(1, 4).Draw(rt, "last workers")
		if rapid.Bool().Draw(rt, "skipping at last") {
			p.Source = pipelinetest.Skipping{Source: p.Source.(pipelinetest.Source)}
		}
		mustRun(t, p)
		if got := published(t, store, "a", "b", "c"); !reflect.DeepEqual(want, got) {
			rt.Fatalf("(-calm +resumed):\n%s", cmp.Diff(want, got))
		}
	})
}

func TestCheckpointsAreNotComputedAgain(t *testing.T) {
	store := pipelinetest.NewStore()
	boom := errors.New("boom")
	store.Fail = func(op, unit string, chunk int) error {
		if op == "write" && chunk == 2 {
			return boom
		}
		return nil
	}
	if _, err := pipeline.Run(context.Background(), calm(store)); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if got := store.Chunks("a"); !slices.Equal(got, []int{0, 1}) {
		t.Fatalf("chunks %v are checkpointed", got)
	}
	store.Fail = nil
	p := calm(store)
	resumed := 0
	p.Hooks.Documents = func(_ schemas.Unit, n int, again bool) {
		if again {
			resumed += n
		}
	}
	report := mustRun(t, p)
	if report.Resumed != 20 || report.Records != 27 || resumed != 20 {
		t.Errorf("resumed %d (told %d), computed %d", report.Resumed, resumed, report.Records)
	}
}

// A source that can begin later is not asked for what is checkpointed at the beginning of a unit,
// be it all of it.
func TestCheckpointsAreNotFetchedAgain(t *testing.T) {
	for stop, want := range map[string]int{"write 0": 0, "write 2": 20, "commit": 37} {
		store, boom := pipelinetest.NewStore(), errors.New("boom")
		store.Fail = func(op, _ string, chunk int) error {
			if stop == op || stop == fmt.Sprint(op, " ", chunk) {
				return boom
			}
			return nil
		}
		if _, err := pipeline.Run(context.Background(), calm(store)); !errors.Is(err, boom) {
			t.Fatalf("%s: got %v", stop, err)
		}
		store.Fail = nil
		p := calm(store)
		passed := 0
		p.Source = pipelinetest.Skipping{
			Source: p.Source.(pipelinetest.Source), Passed: func(_ string, n int) { passed += n },
		}
		if report := mustRun(t, p); report.Resumed != want || report.Records != 47-want || passed != want {
			t.Errorf(
				"%s: resumed %d, computed %d, passed over %d, not %d", stop, report.Resumed, report.Records, passed,
				want,
			)
		}
	}
}

// The stages tell how long they stood still: here all wait for the encoder.
func TestWaits(t *testing.T) {
	p := calm(pipelinetest.NewStore())
	p.Encoder = &pipelinetest.Encoder{Width: 2, Seen: func([][]int32) { time.Sleep(10 * time.Millisecond) }}
	var told []pipeline.Waits
	p.Hooks.Waits = func(w pipeline.Waits) { told = append(told, w) }
	w := mustRun(t, p).Waits
	if w.Finish < 30*time.Millisecond || w.Prepare < 10*time.Millisecond || w.Starved <= 0 || w.Starved > w.Finish ||
		w.Blocked > w.Finish {
		t.Errorf("%+v", w)
	}
	if len(told) != 5 || told[4].Finish > w.Finish || told[0].Finish > told[4].Finish { // as many as chunks
		t.Errorf("told %v", told)
	}
}

func TestBadInputEndsItsUnitAlone(t *testing.T) {
	store := pipelinetest.NewStore()
	p := calm(store)
	source := p.Source.(pipelinetest.Source)
	source[0].Err = &schemas.BadInputError{Path: "a.xml", Err: errors.New("cut off: fetch it again")}
	var states []pipeline.UnitState
	p.Hooks.UnitDone = func(_ schemas.Unit, s pipeline.UnitState, _ error) { states = append(states, s) }
	report := mustRun(t, p)
	if _, ok := store.Published("a"); ok {
		t.Error("a is published")
	}
	published(t, store, "b", "c")
	if len(report.Failed) != 1 || report.Failed[0].Unit.Name != "a" ||
		!strings.Contains(report.Failed[0].Err.Error(), "cut off") {
		t.Errorf("failed: %v", report.Failed)
	}
	if slices.Sort(states); !slices.Equal(
		states, []pipeline.UnitState{pipeline.UnitDone, pipeline.UnitDone, pipeline.UnitFailed},
	) {
		t.Errorf("states %v", states)
	}
}

func TestOtherErrorsStopTheRun(t *testing.T) {
	boom := errors.New("network down")
	store := pipelinetest.NewStore()
	p := calm(store)
	p.Source.(pipelinetest.Source)[0].Err = boom
	if _, err := pipeline.Run(context.Background(), p); !errors.Is(err, boom) ||
		!strings.Contains(err.Error(), "unit a") {
		t.Errorf("got %v", err)
	}
	if _, ok := store.Published("a"); ok {
		t.Error("a is published")
	}
}

func TestTaskFailuresAreRejects(t *testing.T) {
	for kind, fail := range map[string]func() error{
		"error": func() error { return errors.New("no idea") },
		"panic": func() error { panic("index out of range") },
	} {
		store := pipelinetest.NewStore()
		p := calm(store)
		p.Tasks = append(p.Tasks, pipelinetest.Task{Label: "Disease", Fail: func(text *model.Text) error {
			if strings.Contains(text.Body, "Record 101 ") {
				return fail()
			}
			return nil
		}})
		report := mustRun(t, p)
		rows, _ := store.Published("a")
		got := rows[1]
		if len(got.Documents) != 1 || len(got.Sentences) == 0 || len(got.Mentions) == 0 || len(got.Rejects) != 1 {
			t.Fatalf("%s: rows %+v", kind, got)
		}
		if r := got.Rejects[0]; r.Stage != "Disease" || r.Kind != kind || r.PMID != 101 {
			t.Errorf("%s: reject %+v", kind, r)
		}
		for _, m := range got.Mentions {
			if m.Type != "Chemical" {
				t.Errorf("%s: a mention of the failed task stands: %+v", kind, m)
			}
		}
		if report.Counts.Rejects[kind] != 1 {
			t.Errorf("%s: counts %v", kind, report.Counts.Rejects)
		}
	}
}

func TestTooLongDocumentIsARejectWithSentences(t *testing.T) {
	store := pipelinetest.NewStore()
	p := calm(store)
	p.Source = pipelinetest.Source{{Name: "a", Records: []pipelinetest.Record{
		{Document: pipelinetest.NewDocument(1, 50)}, {Document: pipelinetest.NewDocument(2, 2)},
	}}}
	mustRun(t, p)
	rows, _ := store.Published("a")
	if len(rows[0].Mentions) != 0 || len(rows[0].Sentences) != 51 || len(rows[0].Rejects) != 1 ||
		rows[0].Rejects[0].Kind != "too-long" {
		t.Errorf(
			"%d mentions, %d sentences, rejects %v", len(rows[0].Mentions), len(rows[0].Sentences), rows[0].Rejects,
		)
	}
	if len(rows[1].Mentions) == 0 {
		t.Error("the next document has no mentions")
	}
}

func TestGroupsStayWithinTheirBounds(t *testing.T) {
	p := calm(pipelinetest.NewStore())
	p.Encoder = &pipelinetest.Encoder{Width: 2, Seen: func(sequences [][]int32) {
		n := 0
		for _, s := range sequences {
			if s[0] != 2 {
				t.Errorf("sequence %v does not begin with </s>", s)
			}
			n += len(s) - 1
		}
		if n > p.Options.GroupTokens {
			t.Errorf("%d tokens at once", n)
		}
	}}
	mustRun(t, p)
}

func TestWithoutEncoderAndTasks(t *testing.T) {
	store := pipelinetest.NewStore()
	p := calm(store)
	p.Encoder, p.Tasks = nil, nil
	report := mustRun(t, p)
	if report.Counts.Rows["documents"] != 43 || report.Counts.Rows["sentences"] == 0 ||
		report.Counts.Rows["mentions"] != 0 {
		t.Errorf("%v", report.Counts.Rows)
	}
}

func TestPanicsOfTheSurroundingsAreErrors(t *testing.T) {
	p := calm(pipelinetest.NewStore())
	p.Encoder = &pipelinetest.Encoder{Width: 2, Fail: func(int) error { panic("shape") }}
	_, err := pipeline.Run(context.Background(), p)
	var panicked *pipeline.PanicError
	if !errors.As(err, &panicked) || !strings.Contains(string(panicked.Stack), "Encode") {
		t.Errorf("got %v", err)
	}
}

func TestStopNamesItsCause(t *testing.T) {
	cause := errors.New("SIGTERM")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	if _, err := pipeline.Run(ctx, calm(pipelinetest.NewStore())); !errors.Is(err, cause) ||
		!strings.Contains(err.Error(), "in good order") {
		t.Errorf("got %v", err)
	}
}

func TestEncoderThatMiscountsStopsTheRun(t *testing.T) {
	for name, encoder := range map[string]pipeline.Encoder{"rows": wrong{width: 3}, "sequences": wrong{}} {
		p := calm(pipelinetest.NewStore())
		p.Encoder = encoder
		if _, err := pipeline.Run(context.Background(), p); err == nil ||
			!strings.Contains(err.Error(), "encoder gave") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// wrong is an encoder that gives too few rows, or states of no sequence.
type wrong struct{ width int }

func (w wrong) Dim() int { return 2 }

func (w wrong) Encode(_ context.Context, sequences [][]int32, done func(i int, states []float32)) error {
	for i := range sequences {
		if w.width > 0 {
			done(i, nil)
		}
	}
	return nil
}

// damaged is an encoder that gives one sequence of each call a state that is not finite.
type damaged struct{ pipeline.Encoder }

func (d damaged) Encode(ctx context.Context, sequences [][]int32, done func(i int, states []float32)) error {
	return d.Encoder.Encode(ctx, sequences, func(i int, states []float32) {
		if i == 0 {
			states[d.Dim()+1] = float32(math.Inf(-1))
		}
		done(i, states)
	})
}

func TestStatesThatAreNotFiniteAreARejectWithSentences(t *testing.T) {
	store := pipelinetest.NewStore()
	p := calm(store)
	p.Encoder = damaged{p.Encoder}
	p.Source = pipelinetest.Source{{Name: "a", Records: []pipelinetest.Record{
		{Document: pipelinetest.NewDocument(1, 3)}, {Document: pipelinetest.NewDocument(2, 2)},
	}}}
	mustRun(t, p)
	rows, _ := store.Published("a")
	if len(rows[0].Mentions) != 0 || len(rows[0].Sentences) != 4 || len(rows[0].Rejects) != 1 ||
		rows[0].Rejects[0].Kind != "not-finite" {
		t.Errorf("%+v", rows[0])
	}
	if len(rows[1].Mentions) == 0 || len(rows[1].Rejects) != 0 {
		t.Error("the next document is dropped, too")
	}
}

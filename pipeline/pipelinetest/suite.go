package pipelinetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// SinkUnderTest is an empty store, as a run and as a reader see it.
type SinkUnderTest struct {
	// Open returns the store's sink for a new run; sinks that it returned before are no longer
	// used.
	Open func() pipeline.Sink
	// Rows returns the number of published rows of a unit by table, nil when it is not published.
	Rows func(unit string) map[string]int64
}

// RunSink checks that a sink keeps the promises of pipeline.Sink and pipeline.UnitWriter.
func RunSink(t *testing.T, newSink func(t *testing.T) SinkUnderTest) {
	for name, check := range map[string]func(*testing.T, SinkUnderTest){
		"commits all or nothing":       commitsAllOrNothing,
		"keeps checkpoints":            keepsCheckpoints,
		"keeps parts of chunks":        keepsParts,
		"publishes an empty unit":      publishesEmptyUnit,
		"refuses a missing chunk":      refusesMissingChunk,
		"takes chunks in any order":    takesChunksInAnyOrder,
		"asks for a digest if it must": asksForDigest,
		"writes nothing when stopped":  writesNothingWhenStopped,
	} {
		t.Run(name, func(t *testing.T) { check(t, newSink(t)) })
	}
}

var unit = schemas.Unit{Name: "unit-1.a", Path: "unit-1.a.xml", Stamp: "1"}

// sum is the digest of unit.
const sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func open(t *testing.T, s pipeline.Sink) pipeline.UnitWriter {
	t.Helper()
	part, err := s.Open(context.Background(), unit, sum)
	if err != nil {
		t.Fatal(err)
	}
	return part
}

// rowsOf returns the rows of the three records of a chunk.
func rowsOf(t *testing.T, chunk int) (records []schemas.Rows) {
	t.Helper()
	for i := range 3 {
		rows, err := schemas.NewRows(
			NewDocument(schemas.PMID(1+3*chunk+i), 2), &schemas.Annotations{}, schemas.Provenance{Unit: unit.Name},
		)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rows)
	}
	return records
}

func write(t *testing.T, p pipeline.UnitWriter, chunk int) {
	t.Helper()
	if err := p.Write(context.Background(), chunk, rowsOf(t, chunk)); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, p pipeline.UnitWriter, chunks int) {
	t.Helper()
	if err := p.Commit(context.Background(), chunks); err != nil {
		t.Fatal(err)
	}
}

func expectDocuments(t *testing.T, s SinkUnderTest, n int64) {
	t.Helper()
	want := map[string]int64{}
	for _, table := range schemas.Tables() {
		want[table.Name] = 0
	}
	want["documents"] = n
	if diff := cmp.Diff(want, s.Rows(unit.Name)); diff != "" {
		t.Errorf("published rows (-want +got):\n%s", diff)
	}
}

func committed(t *testing.T, s pipeline.Sink) bool {
	t.Helper()
	done, err := s.Committed(unit, func() (string, error) { return sum, nil })
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func commitsAllOrNothing(t *testing.T, s SinkUnderTest) {
	sink := s.Open()
	part := open(t, sink)
	write(t, part, 0)
	write(t, part, 1)
	if s.Rows(unit.Name) != nil || committed(t, sink) {
		t.Error("published before Commit")
	}
	commit(t, part, 2)
	expectDocuments(t, s, 6)
	if !committed(t, sink) || !committed(t, s.Open()) {
		t.Error("not committed after Commit")
	}
}

func keepsCheckpoints(t *testing.T, s SinkUnderTest) {
	part := open(t, s.Open())
	write(t, part, 0)
	write(t, part, 2)
	for name, p := range map[string]pipeline.UnitWriter{"the same run": part, "a later run": open(t, s.Open())} {
		for chunk, want := range []bool{true, false, true, false} {
			if p.Have(chunk) != want {
				t.Errorf("Have(%d) in %s is %v", chunk, name, !want)
			}
		}
	}
	part = open(t, s.Open())
	write(t, part, 1)
	commit(t, part, 3)
	expectDocuments(t, s, 9)
}

func keepsParts(t *testing.T, s SinkUnderTest) {
	first, ok := open(t, s.Open()).(pipeline.Keeper)
	if !ok {
		t.Skip("it is no pipeline.Keeper")
	}
	kept := func(k pipeline.Keeper, chunk int) []schemas.Rows {
		t.Helper()
		records, err := k.Kept(chunk)
		if err != nil {
			t.Fatal(err)
		}
		return records
	}
	if got := kept(first, 1); len(got) != 0 {
		t.Errorf("%d records of a chunk of which none is kept", len(got))
	}
	records := rowsOf(t, 1)
	for n := 1; n <= 2; n++ {
		if err := first.Keep(context.Background(), 1, records[:n]); err != nil {
			t.Fatal(err)
		}
	}
	again := open(t, s.Open())
	for name, k := range map[string]pipeline.Keeper{"the same run": first, "a later run": again.(pipeline.Keeper)} {
		if diff := cmp.Diff(records[:2], kept(k, 1), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-kept +got):\n%s", name, diff)
		}
	}
	if again.Have(1) {
		t.Error("a part is taken for the chunk")
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := first.Keep(cancelled, 1, records); !errors.Is(err, context.Canceled) {
		t.Errorf("Keep when stopped: %v", err)
	}
	write(t, again, 0)
	write(t, again, 1)
	commit(t, again, 2)
	expectDocuments(t, s, 6)
}

func publishesEmptyUnit(t *testing.T, s SinkUnderTest) {
	sink := s.Open()
	commit(t, open(t, sink), 0)
	expectDocuments(t, s, 0)
	if !committed(t, sink) {
		t.Error("an empty unit is not committed")
	}
}

func refusesMissingChunk(t *testing.T, s SinkUnderTest) {
	part := open(t, s.Open())
	write(t, part, 1)
	if err := part.Commit(context.Background(), 2); err == nil {
		t.Error("committed without chunk 0")
	}
	if s.Rows(unit.Name) != nil {
		t.Error("published although Commit failed")
	}
}

func takesChunksInAnyOrder(t *testing.T, s SinkUnderTest) {
	part := open(t, s.Open())
	for _, chunk := range []int{2, 0, 1, 1} {
		write(t, part, chunk)
	}
	commit(t, part, 3)
	expectDocuments(t, s, 9)
}

func asksForDigest(t *testing.T, s SinkUnderTest) {
	sink := s.Open()
	commit(t, open(t, sink), 0)
	never := func() (string, error) {
		t.Error("the digest was asked for though the stamp is the same")
		return sum, nil
	}
	if done, err := sink.Committed(unit, never); !done || err != nil {
		t.Errorf("Committed with the same stamp: %v, %v", done, err)
	}
	touched := unit
	touched.Stamp = "2"
	for digest, want := range map[string]bool{sum: true, sum[1:] + "0": false} {
		if done, err := sink.Committed(touched, func() (string, error) { return digest, nil }); done != want ||
			err != nil {
			t.Errorf("Committed with another stamp and digest %s: %v, %v", digest, done, err)
		}
	}
	broken := errors.New("unreadable")
	if done, err := sink.Committed(touched, func() (string, error) { return "", broken }); done ||
		!errors.Is(err, broken) {
		t.Errorf("Committed without a digest: %v, %v", done, err)
	}
}

func writesNothingWhenStopped(t *testing.T, s SinkUnderTest) {
	part := open(t, s.Open())
	write(t, part, 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := part.Write(ctx, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	if err := part.Commit(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: %v", err)
	}
	if part = open(t, s.Open()); part.Have(1) || !part.Have(0) || s.Rows(unit.Name) != nil {
		t.Error("stopped, but something changed")
	}
}

package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// recordsOf makes records of PMIDs; one of PMID 0 is bad.
func recordsOf(pmids ...schemas.PMID) []pipelinetest.Record {
	var records []pipelinetest.Record
	for i, pmid := range pmids {
		if pmid == 0 {
			records = append(records, pipelinetest.Record{Reject: &schemas.Reject{Record: i, Stage: "decode"}})
			continue
		}
		records = append(records, pipelinetest.Record{Document: pipelinetest.NewDocument(pmid, 1)})
	}
	return records
}

// contents returns "name PMIDs" of every unit, and the suffix that its stamp and digest share.
func contents(t *testing.T, in pipeline.Source) []string {
	t.Helper()
	ctx := context.Background()
	units, err := in.Units(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range units {
		digest, err := in.Digest(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		line := u.Name
		for _, r := range pipelinetest.ReadUnit(t, in, u) {
			if r.Reject != nil {
				line += " reject"
			} else {
				line += fmt.Sprintf(" %d", r.Document.PMID)
			}
		}
		_, stamp, _ := strings.Cut(u.Stamp, ":")
		if _, digest, _ := strings.Cut(digest, ":"); digest != stamp {
			t.Errorf("%s: the stamp ends in %q, the digest in %q", u.Name, stamp, digest)
		}
		lines = append(lines, strings.TrimSuffix(line+" "+stamp, " "))
	}
	return lines
}

func TestLimit(t *testing.T) {
	source := pipelinetest.Source{
		{Name: "a", Stamp: "1", Records: recordsOf(1, 2)}, {Name: "b", Stamp: "1", Records: recordsOf(0, 4, 5)},
		{Name: "c", Stamp: "1", Records: recordsOf(6)},
	}
	for n, want := range [][]string{
		nil,
		{"a 1 limit=1"},
		{"a 1 2"},
		{"a 1 2", "b reject 4 limit=1"},
		{"a 1 2", "b reject 4 5"},
		{"a 1 2", "b reject 4 5", "c 6"},
		{"a 1 2", "b reject 4 5", "c 6"},
	} {
		if diff := cmp.Diff(want, contents(t, pipeline.Limit(source, n))); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", n, diff)
		}
	}
}

// A unit that cannot be read stays in its place, for the run to report.
func TestLimitKeepsBadUnits(t *testing.T) {
	source := pipelinetest.Source{
		{
			Name: "a", Stamp: "1", Records: recordsOf(1),
			Err: &schemas.BadInputError{Path: "a.xml", Err: errors.New("cut off")},
		},
		{Name: "b", Stamp: "1", Records: recordsOf(3, 4)},
	}
	units, err := pipeline.Limit(source, 1).Units(context.Background())
	if err != nil || len(units) != 2 || units[0].Name != "a" || !strings.HasSuffix(units[1].Stamp, ":limit=1") {
		t.Errorf("units %+v, %v", units, err)
	}
}

func TestLimitReturnsErrors(t *testing.T) {
	failure := errors.New("gone")
	source := pipeline.Limit(pipelinetest.Source{{Name: "a", Err: failure}}, 1)
	unit := schemas.Unit{Name: "a"}
	if _, err := source.Units(context.Background()); !errors.Is(err, failure) {
		t.Errorf("Units: %v", err)
	}
	if _, err := source.Digest(context.Background(), unit); !errors.Is(err, failure) {
		t.Errorf("Digest: %v", err)
	}
	for _, err := range source.Documents(context.Background(), unit) {
		if !errors.Is(err, failure) {
			t.Errorf("Documents: %v", err)
		}
	}
}

// A unit without a stamp must be identified by its digest.
func TestLimitWithoutStamp(t *testing.T) {
	units, err := pipeline.Limit(
		pipelinetest.Source{{Name: "a", Records: recordsOf(1, 2)}}, 1,
	).Units(context.Background())
	if err != nil || len(units) != 1 || units[0].Stamp != "" {
		t.Errorf("units %+v, %v", units, err)
	}
}

// positioned is a source that knows how far it has read.
type positioned struct{ pipelinetest.Source }

func (positioned) Position(u schemas.Unit) (read, size int64) { return 3, int64(len(u.Name)) }

func TestLimitPosition(t *testing.T) {
	in := pipelinetest.Source{pipelinetest.NewUnit("aa", 1, 4), pipelinetest.NewUnit("b", 9, 9)}
	s := pipeline.Limit(positioned{in}, 6)
	units, err := s.Units(t.Context())
	if err != nil || len(units) != 2 {
		t.Fatal(units, err)
	}
	p := s.(pipeline.Positioner)
	if read, size := p.Position(units[0]); read != 3 || size != 2 {
		t.Errorf("%d of %d of a whole unit", read, size)
	}
	for range s.Documents(t.Context(), units[1]) {
		break
	}
	if read, size := p.Position(units[1]); read != 1 || size != 2 {
		t.Errorf("%d of %d after the first document", read, size)
	}
	p = pipeline.Limit(in, 1).(pipeline.Positioner)
	if read, size := p.Position(units[0]); read != 0 || size != 0 {
		t.Errorf("%d of %d of a source without positions", read, size)
	}
}

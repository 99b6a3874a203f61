package corpus_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// packs makes units with fewer than 6 records be published in packs of at least 6.
var packs = corpus.Options{Pack: 6}

// few returns n units of one record.
func few(n int) pipelinetest.Source {
	var all pipelinetest.Source
	for i := range n {
		all = append(all, pipelinetest.NewUnit(fmt.Sprintf("u%02d", i), schemas.PMID(900-10*i), 1))
	}
	return all
}

// partsOf returns the units of each part, by the name of the part.
func partsOf(e *corpus.Edition) map[string][]string {
	all := map[string][]string{}
	for i := range e.Parts {
		for _, r := range e.Parts[i].Units {
			all[e.Parts[i].Name] = append(all[e.Parts[i].Name], r.Unit)
		}
	}
	return all
}

func TestSmallUnitsArePacked(t *testing.T) {
	for _, direct := range []bool{false, true} {
		root := t.TempDir()
		o := packs
		o.Direct = direct
		source := append(few(14), pipelinetest.NewUnit("v", 100, 6), pipelinetest.NewUnit("pubmed26n0001", 200, 1))
		mustMine(t, root, source, spec("m1"), o)
		want := map[string][]string{
			"u00~6": {"u00", "u01", "u02", "u03", "u04", "u05"}, "u06~6": {"u06", "u07", "u08", "u09", "u10", "u11"},
			"u12~2": {"u12", "u13"}, "v": {"v"}, "pubmed26n0001": {"pubmed26n0001"},
		}
		if diff := cmp.Diff(want, partsOf(seen(t, root))); diff != "" {
			t.Fatalf("parts (-want +got):\n%s", diff)
		}
		var pmids []int32
		part, _ := corpus.PartOf(seen(t, root), "u00")
		for d, err := range parquetio.Scan[schemas.DocumentRow](filepath.Join(root, part.File("documents").Path)) {
			if err != nil {
				t.Fatal(err)
			}
			pmids = append(pmids, d.PMID)
		}
		if !slices.Equal(pmids, []int32{850, 860, 870, 880, 890, 900}) {
			t.Errorf("pmids in the file: %v", pmids)
		}
		if again := mustMine(t, root, source, spec("m1"), o); len(again.Skipped) != 16 {
			t.Errorf("the next run publishes %v", again.Done)
		}
	}
}

// rowsOf returns the numbers of the rows of a corpus by table, unit and pmid.
func rowsOf(t fatal, root string) map[string]int {
	s, err := corpus.ReadSnapshot(root)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	count := func(table string, k schemas.Key) { rows[fmt.Sprint(table, " ", k)]++ }
	for i := range s.Seen().Parts {
		for _, f := range s.Seen().Parts[i].Files {
			for r, err := range parquetio.Rows(filepath.Join(root, f.Path), f.Table) {
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range r.Documents {
					count(f.Table, x.Key)
				}
				for _, x := range r.Mentions {
					count(f.Table, x.Key)
				}
				for _, x := range r.Superseded {
					count(f.Table, x.Key)
				}
			}
		}
	}
	return rows
}

type fatal interface{ Fatal(args ...any) }

// However units are added and replaced, with or without packs, the corpus has the rows of a corpus
// without packs, and is intact.
func TestPacksHaveTheSameRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root, plain := storetest.QuickDir(t), storetest.QuickDir(t)
		names := []string{"a", "b", "c", "d", "e", "f"}
		for range rapid.IntRange(1, 4).Draw(rt, "runs") {
			var source pipelinetest.Source
			for _, name := range slices.Sorted(slices.Values(rapid.SliceOfNDistinct(
				rapid.SampledFrom(names), 1, 6, rapid.ID[string]).Draw(rt, "units"))) {
				first := schemas.PMID(rapid.IntRange(1, 30).Draw(rt, "first"))
				source = append(source, pipelinetest.NewUnit(name, first, rapid.IntRange(0, 8).Draw(rt, "records")))
			}
			o := corpus.Options{Replace: true, Direct: rapid.Bool().Draw(rt, "direct")}
			if _, err := mine(plain, source, spec("m1"), o); err != nil {
				rt.Fatal(err)
			}
			o.Pack = rapid.SampledFrom([]int{0, 3, 6, 100}).Draw(rt, "pack")
			if _, err := mine(root, source, spec("m1"), o); err != nil {
				rt.Fatal(err)
			}
			c, err := corpus.Open(root)
			if err != nil {
				rt.Fatal(err)
			}
			if problems, err := c.Verify(); err != nil || len(problems) > 0 {
				rt.Fatal(problems, err)
			}
			if diff := cmp.Diff(rowsOf(rt, plain), rowsOf(rt, root)); diff != "" {
				rt.Fatalf("rows (-plain +packed):\n%s", diff)
			}
		}
	})
}

// A unit that is replaced leaves its pack: the others are written again, the same as if it had
// never been there.
func TestReplacedUnitLeavesItsPack(t *testing.T) {
	root, o := t.TempDir(), corpus.Options{Pack: 100, Replace: true}
	source := few(4)
	mustMine(t, root, source, spec("m1"), o)
	source[1] = pipelinetest.NewUnit("u01", 500, 2)
	mustMine(t, root, source, spec("m1"), o)
	want := map[string][]string{"u00~3": {"u00", "u02", "u03"}, "u01": {"u01"}}
	if diff := cmp.Diff(want, partsOf(seen(t, root))); diff != "" {
		t.Fatalf("parts (-want +got):\n%s", diff)
	}
	fresh := t.TempDir()
	mustMine(t, fresh, slices.Delete(few(4), 1, 2), spec("m1"), o)
	mine, theirs := tables(t, root), tables(t, fresh)
	maps.DeleteFunc(mine, func(name, _ string) bool { return filepath.Base(name) == "u01.parquet" })
	if diff := cmp.Diff(theirs, mine); diff != "" {
		t.Errorf("files (-fresh +rewritten):\n%s", diff)
	}
}

// A pack with a lost file is published again, byte for byte, when all of its units have come,
// whatever else has.
func TestDamagedPackIsPublishedAgain(t *testing.T) {
	root := t.TempDir()
	source := few(4)
	mustMine(t, root, source, spec("m1"), packs)
	before := tables(t, root)
	part, _ := corpus.PartOf(seen(t, root), "u02")
	if err := os.Remove(filepath.Join(root, part.File("mentions").Path)); err != nil {
		t.Fatal(err)
	}
	if _, err := mine(root, append(few(6)[4:], source[:3]...), spec("m1"), packs); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{
		"u00~4": {"u00", "u01", "u02", "u03"}, "u04~2": {"u04", "u05"},
	}, partsOf(seen(t, root))); diff != "" {
		t.Fatalf("parts (-want +got):\n%s", diff)
	}
	mustMine(t, root, source, spec("m1"), packs)
	after := tables(t, root)
	maps.DeleteFunc(after, func(name, _ string) bool { return before[name] == "" })
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

// A run that ends before Flush loses nothing that was computed: its finished units are checkpoints.
func TestUnflushedUnitsAreCheckpoints(t *testing.T) {
	root, calm := t.TempDir(), t.TempDir()
	mustMine(t, calm, few(4), spec("m1"), packs)
	sink, err := corpus.Create(root, spec("m1"), packs)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Run(context.Background(), pipeline.Pipeline{
		Source: few(4), Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
		Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Sink: unflushed{sink}, Model: "m1",
		Options: pipeline.Options{Chunk: 4, GroupTokens: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(seen(t, root).Units()); n > 0 {
		t.Fatalf("%d units are published", n)
	}
	report := mustMine(t, root, few(4), spec("m1"), packs)
	if report.Resumed != 4 || report.Records != 0 {
		t.Errorf("resumed %d records, computed %d", report.Resumed, report.Records)
	}
	if diff := cmp.Diff(tables(t, calm), tables(t, root)); diff != "" {
		t.Errorf("files (-calm +resumed):\n%s", diff)
	}
}

// unflushed is a sink whose process ends before Flush.
type unflushed struct{ *corpus.Sink }

func (unflushed) Flush(context.Context) error { return nil }

func TestUnitOfADamagedPackIsNotReplaced(t *testing.T) {
	root, o := t.TempDir(), corpus.Options{Pack: 100, Replace: true}
	source := few(3)
	mustMine(t, root, source, spec("m1"), o)
	part, _ := corpus.PartOf(seen(t, root), "u02")
	if err := os.Remove(filepath.Join(root, part.File("documents").Path)); err != nil {
		t.Fatal(err)
	}
	source[1] = pipelinetest.NewUnit("u01", 500, 2)
	_, err := mine(root, source[1:2], spec("m1"), o)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

package corpus_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// updates are update files, a line each: a PMID is an article, with its version behind a dot unless
// that is 1; a '-' before it deletes.
var updates = strings.Split(strings.TrimSpace(`
1 2 3 4 5 6 7 8 9
2 10
-3 11
3 12
4.2
5 5
6 -6
-7 7
4 4.3
-4.3
8 -9 8 -8 8
13 -99 9.2`), "\n")

// script makes units of the updates, each named by its number in the format.
func script(t *testing.T, format string) pipelinetest.Source {
	t.Helper()
	var source pipelinetest.Source
	for i, line := range updates {
		u := pipelinetest.Unit{Name: fmt.Sprintf(format, i+1), Stamp: line}
		for j, word := range strings.Fields(line) {
			version, pmid := 1, schemas.PMID(0)
			if n, _ := fmt.Sscanf(strings.TrimPrefix(word, "-"), "%d.%d", &pmid, &version); n == 0 {
				t.Fatal(word)
			}
			doc := pipelinetest.NewDocument(pmid, 1+(i+j)%3)
			doc.Version = version
			doc.Sections[0].Text = fmt.Sprintf("Record %s at %d of file %d.", word, j, i)
			if word[0] == '-' {
				doc = &schemas.Document{PMID: pmid, Version: version, Deleted: true}
			}
			u.Records = append(u.Records, pipelinetest.Record{Document: doc})
		}
		source = append(source, u)
	}
	return source
}

type document struct {
	pmid    int32
	version int16
}

// current returns the title of the highest version of each PMID that is not deleted.
func current(last map[document]*schemas.DocumentRow) map[int32]string {
	titles, versions := map[int32]string{}, map[int32]int16{}
	for key, row := range last {
		if !row.IsDeleted && key.version > versions[key.pmid] {
			titles[key.pmid], versions[key.pmid] = row.Title, key.version
		}
	}
	return titles
}

// replay applies the units in memory.
func replay(source pipelinetest.Source) map[int32]string {
	last := map[document]*schemas.DocumentRow{}
	for _, u := range source {
		for _, r := range u.Records {
			d := r.Document
			last[document{int32(d.PMID), int16(d.Version)}] = &schemas.DocumentRow{
				Title: d.Title(), IsDeleted: d.Deleted,
			}
		}
	}
	return current(last)
}

// published applies the live parts in the order of the history, and checks that no unit has two
// rows of one document.
func published(t *testing.T, root string) map[int32]string {
	t.Helper()
	last := map[document]*schemas.DocumentRow{}
	for _, u := range seen(t, root).History() {
		seen := map[document]bool{}
		for _, row := range readPart[schemas.DocumentRow](t, root, u, "documents") {
			key := document{row.PMID, row.Version}
			if seen[key] {
				t.Errorf("unit %s has two rows of %v", u.Unit, key)
			}
			seen[key], last[key] = true, &row
		}
	}
	return current(last)
}

func readPart[T any](t *testing.T, root string, r corpus.Record, table string) []T {
	t.Helper()
	part, _ := corpus.PartOf(seen(t, root), r.Unit)
	for _, p := range part.Files {
		if p.Table != table {
			continue
		}
		rows, err := readTable[T](filepath.Join(root, filepath.FromSlash(p.Path)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	return nil
}

// killed runs the source repeatedly, killed at a random moment each time, until it completes.
func killed(t *testing.T, root string, source pipelinetest.Source, rng *rand.Rand) {
	t.Helper()
	for {
		n := 1 + rng.IntN(400)
		hook, reached := fault{kill: true, errno: func(int) syscall.Errno { return syscall.EINTR }}.hook(n)
		_, err := mine(root, source, spec("m1"), corpus.Options{Fault: hook})
		if !reached() {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// However the updates are split into runs and however often these are killed, the current documents
// are those of a replay in memory, and the published files are the same.
func TestHistory(t *testing.T) {
	all := script(t, "pubmed26n%04d")
	var odd, even pipelinetest.Source
	for i, u := range all {
		if i%2 == 0 {
			odd = append(odd, u)
		} else {
			even = append(even, u)
		}
	}
	run := func(portions ...pipelinetest.Source) func(*testing.T, string) {
		return func(t *testing.T, root string) {
			for _, p := range portions {
				mustMine(t, root, p, spec("m1"), corpus.Options{})
			}
		}
	}
	var nights []pipelinetest.Source
	for i := range all {
		nights = append(nights, all[i:i+1])
	}
	want := replay(all)
	var files map[string]string
	for _, c := range []struct {
		name  string
		apply func(t *testing.T, root string)
	}{
		{"night by night", run(nights...)},
		{"a missed week", run(all[:3], all[3:10], all[10:])},
		{"late files", run(even, odd)},
		{"another model in between", func(t *testing.T, root string) {
			run(all[:6])(t, root)
			mustMine(t, root, all[2:4], spec("m2"), corpus.Options{})
			run(all)(t, root)
		}},
		{"without checkpoints", func(
			t *testing.T, root string,
		) {
			mustMine(t, root, all, spec("m1"), corpus.Options{Direct: true})
		}},
		{"kills", func(t *testing.T, root string) {
			rng := rand.New(rand.NewPCG(1, 2))
			for _, night := range nights {
				killed(t, root, night, rng)
			}
		}},
		{"kills in a missed week", func(
			t *testing.T, root string,
		) {
			killed(t, root, all, rand.New(rand.NewPCG(3, 4)))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := storetest.QuickDir(t)
			c.apply(t, root)
			if diff := cmp.Diff(want, published(t, root)); diff != "" {
				t.Errorf("current (-replay +published):\n%s", diff)
			}
			got := tables(t, root)
			if files == nil {
				files = got
			}
			if diff := cmp.Diff(files, got); diff != "" {
				t.Errorf("files (-first +this):\n%s", diff)
			}
		})
	}
}

// Files of no release revise each other in the order in which they were committed; the same content
// keeps its place.
func TestHistoryOfPlainFiles(t *testing.T) {
	root := storetest.QuickDir(t)
	all := script(t, "%d-file")
	mustMine(t, root, all, spec("m1"), corpus.Options{})
	if diff := cmp.Diff(replay(all), published(t, root)); diff != "" {
		t.Error(diff)
	}
	mustMine(t, root, all[:1], spec("m2"), corpus.Options{})
	if diff := cmp.Diff(replay(all), published(t, root)); diff != "" {
		t.Errorf("another model: %s", diff)
	}
	changed := pipelinetest.Source{script(t, "%d-file")[0]}
	changed[0].Records, changed[0].Stamp = changed[0].Records[:5], "changed"
	mustMine(t, root, changed, spec("m1"), corpus.Options{Replace: true})
	want := replay(append(all[1:len(all):len(all)], changed...))
	if diff := cmp.Diff(want, published(t, root)); diff != "" {
		t.Errorf("other content: %s", diff)
	}
}

// A later record of a unit replaces an earlier one with all its annotations.
func TestLastRecordOfAUnitWins(t *testing.T) {
	root := storetest.QuickDir(t)
	all := script(t, "pubmed26n%04d")
	mustMine(t, root, all[10:11], spec("m1"), corpus.Options{}) // 8 -9 8 -8 8, in chunks of 4
	r := seen(t, root).Units()[0]
	if r.Release != "pubmed26" {
		t.Errorf("release %s", r.Release)
	}
	key := schemas.Key{PMID: 8, Version: 1, Unit: "pubmed26n0011"}
	row := schemas.SupersededRow{Key: key, ByUnit: key.Unit, Reason: "revised"}
	if diff := cmp.Diff(
		[]schemas.SupersededRow{row, row, row}, readPart[schemas.SupersededRow](t, root, r, "superseded"),
	); diff != "" {
		t.Error(diff)
	}
	documents := readPart[schemas.DocumentRow](t, root, r, "documents")
	if len(documents) != 2 || documents[1].Title != "Record 8 at 4 of file 10." || !documents[0].IsDeleted {
		t.Errorf("%+v", documents)
	}
	sentences := readPart[schemas.SentenceRow](t, root, r, "sentences")
	if len(sentences) == 0 || r.Counts.Rows["sentences"] != int64(len(sentences)) {
		t.Errorf("%d sentences, counted %d", len(sentences), r.Counts.Rows["sentences"])
	}
	for i, row := range sentences {
		if row.Sentence != int32(i) {
			t.Errorf("sentence %d follows %d others: not those of one record", row.Sentence, i)
		}
	}
	mustMine(t, root, all[6:7], spec("m1"), corpus.Options{}) // 6 -6
	row = schemas.SupersededRow{
		Key: schemas.Key{PMID: 6, Version: 1, Unit: "pubmed26n0007"}, ByUnit: "pubmed26n0007", Reason: "deleted",
	}
	if diff := cmp.Diff(
		[]schemas.SupersededRow{row}, readPart[schemas.SupersededRow](t, root, seen(t, root).Units()[0], "superseded"),
	); diff != "" {
		t.Error(diff)
	}
}

package jobs_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/bulk"
)

// sampleXML returns a file of the sample, with changes: pairs of old and new text.
func sampleXML(t *testing.T, changes ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "testdata", "pubmed", "articles.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if !bytes.Contains(data, []byte(changes[i])) {
			t.Fatalf("no %q in the sample", changes[i])
		}
	}
	return strings.NewReplacer(changes...).Replace(string(data))
}

// putFile publishes a file in a mirror, with its sidecar.
func putFile(t *testing.T, mirror, name, xml string) {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(xml)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(mirror, name+".xml.gz")
	sum := fmt.Sprintf("%x  %s\n", md5.Sum(b.Bytes()), filepath.Base(path))
	for path, data := range map[string][]byte{path: b.Bytes(), path + ".md5": []byte(sum)} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// build returns the components of a request.
func build(t *testing.T, r jobs.Request) *jobs.Components {
	t.Helper()
	c, err := jobs.Build(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// filesOf returns the files of a unit.
func filesOf(e *corpus.Edition, unit string) (files []corpus.File) {
	for i := range e.Parts {
		if slices.ContainsFunc(e.Parts[i].Units, func(r corpus.Record) bool { return r.Unit == unit }) {
			files = append(files, e.Parts[i].Files...)
		}
	}
	return files
}

const (
	journal        = "J Invent Neuropharmacol"
	sentence       = "Lithium is effective in bipolar disorder"
	pubmedFirst    = "baseline/pubmed26n0001"
	pubmedSecond   = "updatefiles/pubmed26n0002"
	revisedUnit    = "pubmed26n0002"
	revisedRecords = 1
)

// A file that revises the one before it computes only the texts that have changed, and gives the
// bytes of a run without the file before.
func TestRevisedFileReusesTheOneBefore(t *testing.T) {
	mirror := t.TempDir()
	putFile(t, mirror, pubmedFirst, sampleXML(t))
	putFile(t, mirror, pubmedSecond, sampleXML(t, journal, "J Other", sentence, sentence+" of women"))
	c := build(t, jobs.Request{Tasks: []string{schemas.TaskNER}})
	fresh, err := sources.Files(filepath.Join(mirror, pubmedSecond+".xml.gz"))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := jobs.Run(t.Context(), fresh, c, jobs.RunOptions{Corpus: filepath.Join(t.TempDir(), "C")})
	if err != nil {
		t.Fatal(err)
	}
	all := alone.Report.Encoded
	o := jobs.RunOptions{Corpus: filepath.Join(t.TempDir(), "C")}
	synced, err := jobs.Sync(t.Context(), bulk.OpenMirror(mirror), c, o)
	if err != nil {
		t.Fatal(err)
	}
	if r := synced.Report; r.Reused != all-revisedRecords || r.Encoded != all+revisedRecords {
		t.Errorf("of %d texts twice, %d are reused and %d are encoded", all, r.Reused, r.Encoded)
	}
	path := func(name string) string { return filepath.Join(mirror, name+".xml.gz") }
	both, err := sources.Files(path(pubmedFirst), path(pubmedSecond))
	if err != nil {
		t.Fatal(err)
	}
	ran, err := jobs.Run(t.Context(), both, c, jobs.RunOptions{Corpus: filepath.Join(t.TempDir(), "C")})
	if err != nil {
		t.Fatal(err)
	}
	want := filesOf(&alone.Edition, revisedUnit)
	for name, done := range map[string]*jobs.Outcome{"sync": &synced, "run": &ran} {
		if diff := cmp.Diff(want, filesOf(&done.Edition, revisedUnit)); diff != "" || len(want) == 0 {
			t.Errorf("%s (-alone +after the other file):\n%s", name, diff)
		}
	}
}

// A run also finds what it published itself, once it is published.
func TestRunReusesItsOwnUnits(t *testing.T) {
	dir := t.TempDir()
	const first, last = "pubmed26n0001", "pubmed26n0002" // which are not packed
	putFile(t, dir, first, sampleXML(t))
	putFile(t, dir, last, sampleXML(t, journal, "J Other"))
	names := []string{first}
	for i := range 5 { // units between, until which the first is published
		names = append(names, fmt.Sprintf("b%d", i))
		putFile(t, dir, names[len(names)-1], `<PubmedArticleSet></PubmedArticleSet>`)
	}
	var paths []string
	for _, name := range append(names, last) {
		paths = append(paths, filepath.Join(dir, name+".xml.gz"))
	}
	source, err := sources.Files(paths...)
	if err != nil {
		t.Fatal(err)
	}
	c := build(t, jobs.Request{Tasks: []string{schemas.TaskNER}})
	done, err := jobs.Run(t.Context(), source, c, jobs.RunOptions{Corpus: filepath.Join(t.TempDir(), "C")})
	if err != nil || len(done.Report.Failed) > 0 {
		t.Fatal(err, done.Report.Failed)
	}
	if done.Report.Reused != done.Report.Encoded {
		t.Errorf("reused %d, encoded %d", done.Report.Reused, done.Report.Encoded)
	}
}

package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// snapshotOf holds files of sync, by number and release.
func snapshotOf(seen string, files map[string][]int) *corpus.Snapshot {
	s := &corpus.Snapshot{Number: 7, Release: seen}
	for _, release := range []string{"pubmed26", "pubmed27"} {
		for _, n := range files[release] {
			s.Units = append(s.Units, corpus.Record{
				Unit: fmt.Sprintf("%sn%04d", release, n), Release: release, Stamp: "md5=0",
				Counts: schemas.Counts{Rows: map[string]int64{"documents": 10, "superseded": 2}},
			})
		}
	}
	return s
}

func TestStatusOfSync(t *testing.T) {
	for _, test := range []struct {
		seen  string
		files map[string][]int
		want  string
	}{
		{"", map[string][]int{"pubmed26": {1, 2}}, `
release     pubmed26, being built: readers see the part that is built
  applied   2 of its files, all up to pubmed26n0002
  next      pubmed26n0003
`},
		{"pubmed26", map[string][]int{"pubmed26": {1, 2, 4, 9}, "pubmed27": {1}}, `
release     pubmed26, which readers see
  applied   4 of its files, all up to pubmed26n0002
  missing   pubmed26n0003, pubmed26n0005, pubmed26n0006, and 2 more
  next      pubmed26n0003
building    pubmed27: readers see pubmed26 until its baseline is complete
  applied   1 of its files, all up to pubmed27n0001
  next      pubmed27n0002
`},
		{"pubmed26", map[string][]int{"pubmed26": {2}}, `
release     pubmed26, which readers see
  applied   1 of its files, but not the first
  missing   pubmed26n0001
  next      pubmed26n0001
`},
	} {
		var b bytes.Buffer
		if err := statusOf(snapshotOf(test.seen, test.files), false).Write(&b); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "units ")
		_, got, _ = strings.Cut(got, "\n")
		if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
			t.Error(diff)
		}
		seen := len(test.files["pubmed26"])
		if want := fmt.Sprintf("documents   %*d\n", 2, 10*seen); !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
		if want := fmt.Sprintf("superseded  %d records", 2*seen); !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
}

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

// editionOf holds files of sync, by number.
func editionOf(id int, release string, numbers ...int) corpus.Edition {
	e := corpus.Edition{ID: id, Release: release, Configuration: &corpus.Configuration{Model: "m1@0"}}
	for _, n := range numbers {
		name := fmt.Sprintf("%sn%04d", release, n)
		e.Parts = append(e.Parts, corpus.Part{Name: name, Units: []corpus.Record{{
			Unit: name, Release: release, Stamp: "md5=0",
			Counts: schemas.Counts{Rows: map[string]int64{"documents": 10, "superseded": 2}},
		}}})
	}
	return e
}

func TestStatusOfSync(t *testing.T) {
	waiting := editionOf(1, "pubmed26", 1, 2)
	waiting.Waiting = true
	building := editionOf(2, "pubmed27", 1)
	building.Building = true
	for _, test := range []struct {
		editions []corpus.Edition
		want     string
	}{
		{[]corpus.Edition{waiting}, `
release     pubmed26, being built: readers see the part that is built
  applied   2 of its files, all up to pubmed26n0002
  next      pubmed26n0003
model       m1@0
`},
		{[]corpus.Edition{editionOf(1, "pubmed26", 1, 2, 4, 9), building}, `
release     pubmed26
  applied   4 of its files, all up to pubmed26n0002
  missing   pubmed26n0003, pubmed26n0005, pubmed26n0006, and 2 more
  next      pubmed26n0003
model       m1@0
building    2, 1 units, model m1@0: readers see edition 1 until it is complete
  release   pubmed27
  applied   1 of its files, all up to pubmed27n0001
  next      pubmed27n0002
`},
		{[]corpus.Edition{editionOf(1, "pubmed26", 2), editionOf(2, "pubmed26", 2)}, `
release     pubmed26
  applied   1 of its files, but not the first
  missing   pubmed26n0001
  next      pubmed26n0001
model       m1@0
kept        2, 1 units, model m1@0
`},
	} {
		var b bytes.Buffer
		if err := statusOf(&corpus.Snapshot{Current: 1, Editions: test.editions}, false).Write(&b); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "units ")
		_, got, _ = strings.Cut(got, "\n")
		if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
			t.Error(diff)
		}
		seen := len(test.editions[0].Parts)
		if want := fmt.Sprintf("documents   %*d\n", 2, 10*seen); !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
		if want := fmt.Sprintf("superseded  %d records", 2*seen); !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %s", want, b.String())
		}
	}
}

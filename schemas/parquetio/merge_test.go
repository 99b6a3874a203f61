package parquetio

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// Merging files gives the same bytes as writing their rows sorted by pmid and unit, without those
// of units that are left out.
func TestMergeIsASortedWrite(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		var all []schemas.Rows
		var paths []string
		table := schemas.Tables()[2]
		for i := range rapid.IntRange(1, 4).Draw(rt, "files") {
			var rows []schemas.Rows
			for range rapid.IntRange(0, 30).Draw(rt, "rows") {
				key := schemas.Key{
					PMID: rapid.Int32Range(1, 20).Draw(rt, "pmid"), Version: 1,
					Unit: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "unit"),
				}
				text := fmt.Sprint(i, len(rows))
				rows = append(rows, schemas.Rows{Mentions: []schemas.MentionRow{{Key: key, Text: text}}})
			}
			path := filepath.Join(dir, fmt.Sprint(i))
			if err := os.WriteFile(path, write(rt, table, rows), 0o666); err != nil {
				rt.Fatal(err)
			}
			paths, all = append(paths, path), append(all, rows...)
		}
		without := rapid.SampledFrom([]string{"", "b"}).Draw(rt, "without")
		all = slices.DeleteFunc(all, func(r schemas.Rows) bool { return r.Mentions[0].Unit == without })
		slices.SortStableFunc(all, func(a, b schemas.Rows) int {
			x, y := a.Mentions[0], b.Mentions[0]
			return cmp.Or(cmp.Compare(x.PMID, y.PMID), cmp.Compare(x.Unit, y.Unit))
		})
		var merged bytes.Buffer
		w, err := NewWriter(&merged, table, metadata())
		if err != nil {
			rt.Fatal(err)
		}
		if err := w.Merge(paths, func(unit string) bool { return unit != without }); err != nil {
			rt.Fatal(err)
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		if w.Rows() != int64(len(all)) {
			rt.Errorf("%d rows, want %d", w.Rows(), len(all))
		}
		if !bytes.Equal(merged.Bytes(), write(rt, table, all)) {
			rt.Error("the merged file differs from one that was written in order")
		}
	})
}

// Rows are in order also where they are more than fit in memory at once.
func TestMergeByRanges(t *testing.T) {
	dir, table := t.TempDir(), schemas.Tables()[2]
	var paths []string
	const n = mergeRows*5/2 + 1
	for i := range 2 {
		var rows []schemas.Rows
		for j := range n / 2 {
			key := schemas.Key{PMID: int32((j*7919 + i) % 50_000), Version: 1, Unit: fmt.Sprint(i)}
			rows = append(rows, schemas.Rows{Mentions: []schemas.MentionRow{{Key: key}}})
		}
		paths = append(paths, filepath.Join(dir, fmt.Sprint(i)))
		if err := os.WriteFile(paths[i], write(t, table, rows), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var merged bytes.Buffer
	w, err := NewWriter(&merged, table, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Merge(paths, func(string) bool { return true }); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "merged")
	if err := os.WriteFile(path, merged.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	last, rows := schemas.Key{}, 0
	for r, err := range Scan[schemas.MentionRow](path) {
		if err != nil {
			t.Fatal(err)
		}
		if r.PMID < last.PMID || r.PMID == last.PMID && r.Unit < last.Unit {
			t.Fatalf("%v after %v", r.Key, last)
		}
		last, rows = r.Key, rows+1
	}
	if rows != n/2*2 {
		t.Errorf("%d rows of %d", rows, n/2*2)
	}
}

func TestMergeOfADamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("PAR1 no PAR1"), 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(&bytes.Buffer{}, schemas.Tables()[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Merge([]string{path}, nil); err == nil {
		t.Error("no error")
	}
}

package delta_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
	"github.com/pubmine/pubmine/schemas/schemastest"
)

// expected is the content of a table for the readers in Python, .ci/delta_tables.py.
type expected struct {
	Versions [][]string // the live files of each version
	First    int        // the first version that can be read
	Removed  []string   // files that are on the disk and not in the newest version
}

// TestTables writes every table with 12 versions, once with the whole log and once cleaned up to a
// checkpoint, into the directory that TABLES names.
func TestTables(t *testing.T) {
	t.Parallel()
	root := cmp.Or(os.Getenv("TABLES"), t.TempDir())
	for _, first := range []int{0, 7} {
		dir := store.New(filepath.Join(root, fmt.Sprintf("from%d", first)), nil)
		for _, table := range schemas.Tables() {
			writeTable(t, dir, table, first)
		}
	}
}

// writeTable writes a table. Odd versions add a file, version 2 and each third version remove the
// oldest one, and versions 4, 7 and 10 have a checkpoint.
func writeTable(t *testing.T, dir *store.Dir, table schemas.Table, first int) {
	l, e := delta.New(dir, table, "a corpus"), expected{First: first}
	var live []delta.File
	for v := range 12 {
		c := delta.Commit{
			Version: int64(v), Time: day(int64(v)), Operation: "WRITE", Info: map[string]string{"edition": "1"},
		}
		if len(live) > 0 && (v == 2 || v%3 == 0) {
			c.Remove, live = live[:1], live[1:]
			e.Removed = append(e.Removed, c.Remove[0].Path)
		}
		if v%2 == 1 {
			c.Add = []delta.File{writeData(t, dir, table, v)}
			live = slices.Concat(live, c.Add)
		}
		commit(t, l, c)
		if v%3 == 1 && v > 1 {
			if err := l.Checkpoint(int64(v), day(0)); err != nil {
				t.Fatal(err)
			}
		}
		files := []string{}
		for _, f := range live {
			files = append(files, f.Path)
		}
		e.Versions = append(e.Versions, files)
	}
	if err := l.Clean(int64(first)); err != nil {
		t.Fatal(err)
	}
	if err := l.Verify(); err != nil {
		t.Error(err)
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir.Path(delta.Dir(table.Name)+".json"), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// writeData writes a data file with random rows; from version 9 on without rows.
func writeData(t *testing.T, dir *store.Dir, table schemas.Table, version int) delta.File {
	f := delta.File{Path: fmt.Sprintf("local/unit-%08x.parquet", version), Time: day(int64(version))}
	var data bytes.Buffer
	w, err := parquetio.NewWriter(&data, table, nil)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range 15 * min(1, max(0, 9-version)) {
		rows := schemastest.Rows().Example(100*version + seed)
		for i := range rows.Documents { // the dates of the rows may be beyond Python's
			d := &rows.Documents[i]
			d.PubDate, d.DateRevised, d.DateCompleted, d.ArticleDates, d.History = nil, nil, nil, nil, nil
			d.PubDate = new(schemas.NewDate(1970+seed, 2, 28))
		}
		f.Rows += int64(table.Len(&rows))
		if err := w.Write([]schemas.Rows{rows}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f.Bytes = int64(data.Len())
	file, err := parquet.OpenFile(bytes.NewReader(data.Bytes()), f.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range file.RowGroups() { // there is one at most
		least, greatest, _ := group.ColumnChunks()[0].(*parquet.FileColumnChunk).Bounds()
		f.FirstPMID, f.LastPMID = least.Int32(), greatest.Int32()
	}
	if err := dir.Put(path.Join(delta.Dir(table.Name), f.Path), data.Bytes()); err != nil {
		t.Fatal(err)
	}
	return f
}

package parquetio

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/schemastest"
)

func openColumns[T any](t fataler, path string, without ...string) *Columns[T] {
	t.Helper()
	c, err := OpenColumns[T](path, without...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkSelect compares a selection with the same rows of all.
func checkSelect[T any](t rapid.TB, c *Columns[T], all []T, key func(T) schemas.Key, pmids []int32) {
	t.Helper()
	got, err := c.Select(pmids)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(slices.Clone(all), func(r T) bool { return !slices.Contains(pmids, key(r).PMID) })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
		t.Fatalf("%T of %v (-want +got):\n%s", *new(T), pmids, diff)
	}
}

// texts are some columns of documents.
type texts struct {
	schemas.Key
	Sections []schemas.SectionRow  `parquet:"sections,list"`
	Mesh     []schemas.MeshHeading `parquet:"mesh,list"`
	Source   string                `parquet:"source,dict"`
}

// Whatever the rows are, those of any pmids are selected, in order, several times in a row.
func TestSelect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		chunk := schemastest.Chunk(8).Draw(t, "chunk")
		pmid := rapid.Int32Range(1, 9)
		for i := range chunk {
			for j := range chunk[i].Documents {
				chunk[i].Documents[j].PMID = pmid.Draw(t, "pmid")
			}
			for j := range chunk[i].Relations {
				chunk[i].Relations[j].PMID = pmid.Draw(t, "pmid")
			}
			for j := range chunk[i].Summaries {
				chunk[i].Summaries[j].PMID = pmid.Draw(t, "pmid")
			}
		}
		writeAll(t, dir, chunk)
		all := flatten(chunk)
		var documents []texts
		for _, d := range all.Documents {
			documents = append(documents, texts{d.Key, d.Sections, d.Mesh, d.Source})
		}
		d := openColumns[texts](t, filepath.Join(dir, "documents"))
		defer d.Close()
		r := openColumns[schemas.RelationRow](t, filepath.Join(dir, "relations"))
		defer r.Close()
		s := openColumns[schemas.SummaryRow](t, filepath.Join(dir, "summaries"))
		defer s.Close()
		for range 3 {
			pmids := rapid.SliceOfNDistinct(pmid, 0, 4, rapid.ID).Draw(t, "pmids")
			slices.Sort(pmids)
			checkSelect(t, d, documents, func(r texts) schemas.Key { return r.Key }, pmids)
			checkSelect(t, r, all.Relations, func(r schemas.RelationRow) schemas.Key { return r.Key }, pmids)
			checkSelect(t, s, all.Summaries, func(r schemas.SummaryRow) schemas.Key { return r.Key }, pmids)
		}
	})
}

// Rows are selected across pages and row groups, forwards and backwards, also after Release.
func TestSelectInManyPages(t *testing.T) {
	const n = 70_000
	path := filepath.Join(t.TempDir(), "mentions")
	all := mentions(n)
	if err := os.WriteFile(path, write(t, schemas.Tables()[2], all), 0o666); err != nil {
		t.Fatal(err)
	}
	c := openColumns[schemas.MentionRow](t, path)
	defer c.Close()
	key := func(r schemas.MentionRow) schemas.Key { return r.Key }
	for i, pmids := range [][]int32{
		nil, {-1}, {n}, {0}, {0, 1, 7}, {16_383}, {16_384}, {16_382, 16_383, 16_384}, {3, 9_000, 17_000}, {9_000}, {2},
	} {
		checkSelect(t, c, all[0].Mentions, key, pmids)
		if i%3 == 0 {
			c.Release()
		}
	}
	pmids, err := c.PMIDs()
	if err != nil || len(pmids) != n || pmids[n-1] != (n-1)/4 {
		t.Errorf("%d pmids, %v", len(pmids), err)
	}
	less := openColumns[schemas.MentionRow](t, path, "text", "concept", "score", "unit")
	defer less.Close()
	got, err := less.Select([]int32{5})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(all[0].Mentions[20:24])
	for i := range want {
		want[i].Text, want[i].Concept, want[i].Score, want[i].Unit = "", "", 0, ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestColumnsOfOtherTables(t *testing.T) {
	dir := t.TempDir()
	writeAll(t, dir, mentions(100))
	if _, err := OpenColumns[schemas.RelationRow](filepath.Join(dir, "mentions")); !errors.Is(err, ErrTable) {
		t.Errorf("another table: %v", err)
	}
	if _, err := OpenColumns[struct {
		PMID int64 `parquet:"pmid"`
	}](filepath.Join(dir, "mentions")); !errors.Is(err, ErrTable) {
		t.Errorf("another type: %v", err)
	}
	if _, err := OpenColumns[schemas.MentionRow](filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// A column that is left out need not be in the file.
func TestSelectWithoutMissingColumn(t *testing.T) {
	type newer struct {
		schemas.Key
		Text  string `parquet:"text"`
		Added string `parquet:"added,dict"`
	}
	dir := t.TempDir()
	writeAll(t, dir, mentions(8))
	path := filepath.Join(dir, "mentions")
	if _, err := OpenColumns[newer](path); !errors.Is(err, ErrTable) {
		t.Errorf("error %v", err)
	}
	c := openColumns[newer](t, path, "added")
	defer c.Close()
	rows, err := c.Select([]int32{1})
	if err != nil || len(rows) != 4 || rows[0].Text == "" || rows[0].Added != "" {
		t.Errorf("%+v, %v", rows, err)
	}
}

// A flipped bit in a page is an error, unless the column is not read.
func TestSelectFromDamagedPage(t *testing.T) {
	for name, path := range damagedColumns(t) {
		_, err := selectFrom(path, 7)
		if err == nil {
			t.Errorf("column %s: the flip was not found", name)
		}
		if _, err := selectFrom(path, 7, name); err != nil && name != "pmid" {
			t.Errorf("column %s is not read: %v", name, err)
		}
	}
}

func selectFrom(path string, pmid int32, without ...string) ([]schemas.MentionRow, error) {
	c, err := OpenColumns[schemas.MentionRow](path, without...)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	defer c.Close()
	return c.Select([]int32{pmid})
}

package verify_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/jobs/verify"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// replaceInLog replaces a text in the log, as if it had been published so.
func replaceInLog(t *testing.T, root string, was, is any) {
	t.Helper()
	from, _ := json.Marshal(was)
	to, _ := json.Marshal(is)
	files, err := filepath.Glob(filepath.Join(root, "meta/*/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		line = strings.ReplaceAll(line, string(from), string(to))
		line = fmt.Sprintf("%s\n{\"sha256\":\"%x\"}\n", line, sha256.Sum256([]byte(line)))
		if err := os.WriteFile(file, []byte(line), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// partOf returns the part of a unit.
func partOf(t *testing.T, root, unit string) *corpus.Part {
	t.Helper()
	s, err := corpus.ReadSnapshot(root)
	if err != nil {
		t.Fatal(err)
	}
	parts := s.Seen().Parts
	return &parts[slices.IndexFunc(parts, func(p corpus.Part) bool { return p.Name == unit })]
}

// publish replaces the file of a table by one with other content, and its size, digest and number
// of rows in the log.
func publish(t *testing.T, root string, f corpus.File, data []byte, rows int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, f.Path), data, 0o666); err != nil {
		t.Fatal(err)
	}
	is := f
	is.Bytes, is.Rows, is.SHA256 = int64(len(data)), int64(rows), fmt.Sprintf("%x", sha256.Sum256(data))
	replaceInLog(t, root, f, is)
}

// change publishes other rows in a table.
func change(t *testing.T, root, unit, table string, do func(rows []schemas.Rows) []schemas.Rows) {
	t.Helper()
	f := *partOf(t, root, unit).File(table)
	var rows []schemas.Rows
	for r, err := range parquetio.Rows(filepath.Join(root, f.Path), table) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	rows = do(rows)
	i := slices.IndexFunc(schemas.Tables(), func(x schemas.Table) bool { return x.Name == table })
	var file strings.Builder
	w, err := parquetio.NewWriter(&file, schemas.Tables()[i], nil)
	if err == nil {
		err = errors.Join(w.Write(rows), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	publish(t, root, f, []byte(file.String()), len(rows))
}

// wrongRows is a mistake in the rows of a table, and what is reported.
type wrongRows struct {
	unit, table string
	rows        func(rows []schemas.Rows) []schemas.Rows
	want        string
}

// wrongMentions are mistakes in mentions.
func wrongMentions() map[string]wrongRows {
	return map[string]wrongRows{
		"mention twice": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			return slices.Insert(r, 1, r[0])
		}, "mention 0 is not unique"},
		"mention moved": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			r[2].Mentions[0].DocStart, r[2].Mentions[0].DocEnd = 0, 7
			return r
		}, "mention 2"},
		"mention of no document": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			r[0].Mentions[0].PMID = 7
			return r
		}, "pmid 7, version 1, unit a: there is no such document"},
		"mention of another unit": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			r[0].Mentions[0].Unit = "b"
			return r
		}, "there is no such document"},
		"mentions in another order": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			return append(r[5:], r[:5]...)
		}, "not in the order of the documents"},
		"mention lost": {"a", "mentions", func(r []schemas.Rows) []schemas.Rows {
			return r[:len(r)-1]
		}, "mentions of type Chemical, and the log has"},
	}
}

// otherWrongRows are mistakes in other tables.
func otherWrongRows() map[string]wrongRows {
	return map[string]wrongRows{
		"document twice": {"a", "documents", func(r []schemas.Rows) []schemas.Rows {
			return append(r, r[0])
		}, "the document is there twice"},
		"document lost": {"a", "documents", func(r []schemas.Rows) []schemas.Rows {
			return r[1:]
		}, "unit a has pmids 101 to 119, and the log has 100 to 119"},
		"many documents lost": {"a", "documents", func(r []schemas.Rows) []schemas.Rows {
			return r[4:]
		}, "unit a has 16 documents, superseded and rejected records, and its 5 chunks of 4 had others"},
		"document of another unit": {"a", "documents", func(r []schemas.Rows) []schemas.Rows {
			r[3].Documents[0].Unit = "b"
			return r
		}, "the unit is not one of this part"},
		"sentence of other text": {"revised", "sentences", func(r []schemas.Rows) []schemas.Rows {
			r[0].Sentences[0].Text = "x"
			return r
		}, "its text is not that of code points"},
		"superseded by nothing": {"revised", "superseded", func(r []schemas.Rows) []schemas.Rows {
			r[0].Superseded[0].PMID = 7
			return r
		}, "there is no such document"},
		"superseded for another reason": {"revised", "superseded", func(r []schemas.Rows) []schemas.Rows {
			r[0].Superseded[0].Reason = "x"
			return r
		}, "for another reason"},
		"superseded in another unit": {"revised", "superseded", func(r []schemas.Rows) []schemas.Rows {
			r[0].Superseded[0].Unit = "a"
			return r
		}, "the unit is not one of this part"},
		"reject of no document": {"a", "rejects", func(r []schemas.Rows) []schemas.Rows {
			r[0].Rejects[0].Record, r[0].Rejects[0].PMID = nil, 7
			return r
		}, "there is no such document"},
		"reject of another unit": {"a", "rejects", func(r []schemas.Rows) []schemas.Rows {
			r[0].Rejects[0].Unit = "b"
			return r
		}, "the unit is not one of this part"},
		"reject of another kind": {"a", "rejects", func(r []schemas.Rows) []schemas.Rows {
			r[0].Rejects[0].Kind = "x"
			return r
		}, "rejects of kind malformed, and the log has"},
	}
}

// Rows that a mistake of the program would publish are found in the file that has them.
func TestWrongRows(t *testing.T) {
	all := wrongMentions()
	maps.Copy(all, otherWrongRows())
	for name, test := range all {
		t.Run(name, func(t *testing.T) {
			root := storetest.QuickDir(t)
			mine(t, root, source(), "m1", corpus.Options{})
			change(t, root, test.unit, test.table, test.rows)
			file := partOf(t, root, test.unit).File(test.table).Path
			report := check(t, root, verify.Options{})
			found := report.Problems
			if !slices.ContainsFunc(found, func(p corpus.Problem) bool {
				return p.Path == file && strings.Contains(p.What, test.want)
			}) {
				t.Errorf("%v", found)
			}
			if len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "no repair can help") {
				t.Errorf("notes %q", report.Notes)
			}
			if quick := check(t, root, verify.Options{Quick: true}).Problems; len(quick) > 0 {
				t.Errorf("without rows: %v", quick)
			}
		})
	}
}

// Files that cannot be decoded although they are as they were published, and numbers in the log
// that are not those of the rows, are found, and stop no other check.
func TestWrongFilesAndNumbers(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(t *testing.T, root string, p *corpus.Part)
		want string
	}{
		"no Parquet": {func(t *testing.T, root string, p *corpus.Part) {
			publish(t, root, *p.File("mentions"), []byte("PAR1 is not enough PAR1"), 3)
		}, "it cannot be read"},
		"no Parquet in documents": {func(t *testing.T, root string, p *corpus.Part) {
			publish(t, root, *p.File("documents"), []byte("x"), 3)
		}, "it cannot be read"},
		"another table": {func(t *testing.T, root string, p *corpus.Part) {
			f := p.File("sentences")
			data, err := os.ReadFile(filepath.Join(root, f.Path))
			if err != nil {
				t.Fatal(err)
			}
			publish(t, root, *p.File("mentions"), data, int(f.Rows))
		}, "it cannot be read"},
		"damaged page": {func(t *testing.T, root string, p *corpus.Part) {
			f := p.File("documents")
			data, err := os.ReadFile(filepath.Join(root, f.Path))
			if err != nil {
				t.Fatal(err)
			}
			for i := len(data) / 3; i < len(data)/3+50; i++ {
				data[i] ^= 0x55
			}
			publish(t, root, *f, data, int(f.Rows))
		}, "it cannot be read"},
		"number of rows": {func(t *testing.T, root string, p *corpus.Part) {
			f := p.File("documents")
			is := *f
			is.Rows++
			replaceInLog(t, root, *f, is)
		}, "it has 18 rows, and the log has 19"},
		"number of rows of the unit": {func(t *testing.T, root string, p *corpus.Part) {
			r := p.Units[0]
			r.Counts.Rows = map[string]int64{"documents": 17}
			replaceInLog(t, root, p.Units[0].Counts, r.Counts)
		}, "unit a has 18 rows, and the log has 17"},
		"chunks": {func(t *testing.T, root string, p *corpus.Part) {
			r := p.Units[0]
			r.Chunks++
			replaceInLog(t, root, p.Units[0], r)
		}, "6 chunks of 4 had others"},
	} {
		t.Run(name, func(t *testing.T) {
			root := storetest.QuickDir(t)
			mine(t, root, source(), "m1", corpus.Options{})
			test.do(t, root, partOf(t, root, "a"))
			change(t, root, "revised", "sentences", func(r []schemas.Rows) []schemas.Rows { return r[1:] })
			found := check(t, root, verify.Options{}).Problems
			has := func(text, where string) bool {
				return slices.ContainsFunc(found, func(p corpus.Problem) bool {
					return strings.Contains(p.What, text) && strings.Contains(p.Path, where)
				})
			}
			if !has(test.want, "/a-") || !has("unit revised has", "sentences/revised-") {
				t.Errorf("%v", found)
			}
		})
	}
}

// Only some of many problems of one file are listed.
func TestManyWrongRows(t *testing.T) {
	root := storetest.QuickDir(t)
	mine(t, root, source(), "m1", corpus.Options{})
	change(t, root, "a", "mentions", func(r []schemas.Rows) []schemas.Rows {
		for i := range r {
			r[i].Mentions[0].Text = "x"
		}
		return r
	})
	found := check(t, root, verify.Options{}).Problems
	if len(found) != 4 || !strings.Contains(found[3].What, "more problems") {
		t.Errorf("%v", found)
	}
}

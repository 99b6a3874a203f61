package jobs

import (
	_ "embed"
	"errors"
	"path/filepath"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// views holds what does not depend on the table; %CORPUS% is the corpus as a glob in a string.
//
//go:embed views.sql
var views string

// ErrNothingPublished says that a corpus has no tables yet.
var ErrNothingPublished = errors.New("nothing is published in it yet: run pubmine first")

// withoutDocument are the tables whose rows belong to no document that could be current.
func withoutDocument(table string) bool { return table == "rejects" || table == "superseded" }

// Views returns the SQL that makes the views of the corpus in DuckDB: <table>_current for every table of rows that belong to a
// document, and superseded. They read the newest snapshot whenever they are asked, so they need not be made again as the corpus grows.
func (c *Corpus) Views() (string, error) {
	s, err := c.Snapshot()
	if err != nil {
		return "", err
	}
	if len(s.Units) == 0 {
		return "", explain(c.root, ErrNothingPublished)
	}
	root, err := filepath.Abs(c.root)
	if err != nil {
		return "", explain(c.root, err)
	}
	corpus := literalGlob(root)
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(views, "%CORPUS%", corpus))
	for _, t := range schemas.Tables() {
		if !withoutDocument(t.Name) {
			b.WriteString(strings.NewReplacer("%CORPUS%", corpus, "%TABLE%", t.Name).Replace(currentView))
		}
	}
	return b.String(), nil
}

const currentView = `
create or replace view %TABLE%_current as
select * exclude (filename)
from read_parquet('%CORPUS%/tables/%TABLE%/**/*.parquet', filename = true)
where parse_filename(filename, true) in (select file from pubmine_units)
  and (pmid, version, unit) in (select (pmid, version, unit) from pubmine_current);
`

// literalGlob makes of a path the inside of an SQL string that matches, as a glob, that path alone.
func literalGlob(path string) string {
	return strings.NewReplacer("'", "''", "*", "[*]", "?", "[?]", "[", "[[]").Replace(filepath.ToSlash(path))
}

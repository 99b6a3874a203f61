package corpus

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

// Views returns the SQL that makes the views of the corpus in DuckDB: <table>_current for every
// table of rows that belong to a document, and superseded. They read the newest snapshot whenever
// they are asked, so they need not be made again as the corpus grows.
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
select t.* exclude (filename)
from read_parquet('%CORPUS%/tables/%TABLE%/**/*.parquet', filename = true) as t
join pubmine_units as u on parse_filename(t.filename, true) = u.file
join pubmine_current as c on c.pmid = t.pmid and c.version = t.version and c.place = u.place;
`

// literalGlob makes of a path the inside of an SQL string that matches, as a glob, that path alone.
func literalGlob(path string) string {
	return strings.NewReplacer("'", "''", "*", "[*]", "?", "[?]", "[", "[[]").Replace(filepath.ToSlash(path))
}

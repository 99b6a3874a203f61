package corpus

import (
	_ "embed"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// baseViews are the views that do not depend on a table; %CORPUS% is the corpus as a glob in a
// string.
//
//go:embed views.sql
var baseViews string

// ErrNothingPublished reports that a corpus has no tables yet.
var ErrNothingPublished = errors.New("nothing is published in it yet: run pubmine first")

// withoutDocument reports whether the rows of a table belong to no current document.
func withoutDocument(table string) bool { return table == "rejects" || table == "superseded" }

// Views returns SQL for DuckDB that creates the views of the corpus: <table>_current for every
// table whose rows belong to a document, and superseded. The views read the log of the corpus when
// they are queried, so they stay right as the corpus grows. DuckDB lists the log before the data
// files, which are not removed for some days: a query sees one version of a view. (Not so if the
// path of the corpus has one of the characters *, ? and [: DuckDB then lists it while it runs.)
func (c *Corpus) Views() (string, error) {
	s, err := c.Snapshot()
	if err != nil {
		return "", err
	}
	if len(s.Seen().Parts) == 0 {
		return "", explain(c.root, ErrNothingPublished)
	}
	root, err := filepath.Abs(c.root)
	if err != nil {
		return "", explain(c.root, err)
	}
	corpus := literalGlob(root)
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(baseViews, "%CORPUS%", corpus))
	for _, t := range schemas.Tables() {
		if !withoutDocument(t.Name) && c.hasTable(t.Name) {
			b.WriteString(strings.NewReplacer("%CORPUS%", corpus, "%TABLE%", t.Name).Replace(currentView))
		}
	}
	return b.String(), nil
}

// hasTable reports whether the corpus has files of a table: one that an older version wrote last
// has no file of tables that were added since, not even one without rows.
func (c *Corpus) hasTable(table string) bool {
	_, err := os.Stat(c.dir.Path(path.Join(dataDir, table)))
	return err == nil
}

const currentView = `
create or replace view %TABLE%_current as
select t.* exclude (filename)
from pubmine_current as c
join read_parquet('%CORPUS%/delta/%TABLE%/*.parquet', filename = true) as t
  on t.pmid = c.pmid and t.version = c.version and hash(parse_filename(t.filename, true), t.unit) = c.id;
`

// literalGlob returns the inside of an SQL string that, as a glob, matches only path.
func literalGlob(path string) string {
	return strings.NewReplacer("'", "''", "*", "[*]", "?", "[?]", "[", "[[]").Replace(filepath.ToSlash(path))
}

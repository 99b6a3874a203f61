package diff

import (
	"context"
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// defaultBatch is the number of pmids that are read at once: some ten MB.
const defaultBatch = 4096

// Options of a comparison.
type Options struct {
	Examples  int                   // per type and kind of change
	Documents int                   // in Result.MostChanged
	Each      func(Change) error    // receives every change, unless nil, in a fixed order
	Progress  func(done, all int64) // receives numbers of documents of the edition before, unless nil

	batch int // pmids that are read at once; 0: defaultBatch
}

// Compare compares two editions. path returns the path of a published file.
func Compare(
	ctx context.Context, path func(corpus.File) string, before, after *corpus.Edition, o Options,
) (*Result, error) {
	c := &comparison{path: path, options: o, tally: newTally(o)}
	r := &c.result
	r.Before, r.After = describe(before), describe(after)
	pairs := c.pairParts(before, after)
	tables := c.commonTables(before, after)
	for _, p := range pairs {
		if err := c.compareParts(ctx, p, tables); err != nil {
			return nil, err
		}
	}
	if err := c.finish(tables); err != nil {
		return nil, err
	}
	return r, nil
}

// comparison is the state of Compare.
type comparison struct {
	path    func(corpus.File) string
	options Options
	tally   *tally
	result  Result

	done, all int64 // documents of the edition before, in units that both have

	// where the documents of tally.most are
	parts map[string]*corpus.Part // of the edition before, by unit
}

// commonTables returns the tables that both editions have. It adds those that only one has to the
// result.
func (c *comparison) commonTables(before, after *corpus.Edition) (common []string) {
	rowsBefore, rowsAfter := before.Counts().Rows, after.Counts().Rows
	for _, task := range schemas.Tasks() {
		if task == schemas.TaskLinking {
			continue // its table is that of ner
		}
		table := schemas.TableOf(task)
		has := func(e *corpus.Edition, rows map[string]int64) bool {
			return rows[table] > 0 || e.Configuration != nil && slices.Contains(e.Configuration.Tasks, task)
		}
		a, b := has(before, rowsBefore), has(after, rowsAfter)
		only := Table{Name: table, Types: []Type{}, Retyped: []TypeChange{}}
		switch {
		case a && b && !slices.Contains(tableNames(), table):
			continue
		case a && b:
			common = append(common, table)
			continue
		case a:
			only.OnlyIn, only.Rows = before.ID, rowsBefore[table]
		case b:
			only.OnlyIn, only.Rows = after.ID, rowsAfter[table]
		default:
			continue
		}
		c.result.Tables = append(c.result.Tables, only)
	}
	return common
}

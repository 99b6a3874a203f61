package parquetio

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/schemas"
)

// mergeRows is how many rows [Writer.Merge] sorts in memory: a row of documents takes some 20 kB.
const mergeRows = 32 << 10

// Merge appends the rows of files of the writer's table, sorted by pmid and then by unit. Rows of
// one pmid and unit stay in their order. Rows of units that keep refuses are left out.
//
// Memory is bounded: rows are sorted by ranges of pmids. A row group is read once for every range
// that it has a pmid of, so that merging costs most where the files are least in order.
func (w *Writer) Merge(paths []string, keep func(unit string) bool) error {
	n, err := w.table.merge(paths, keep)
	return w.wrote(n, err)
}

// group is a row group of a file.
type group struct {
	path      string
	index     int
	low, high int32 // its pmids
}

// keyed is a row of any table.
type keyed interface{ DocumentKey() schemas.Key }

func merge[T keyed](paths []string, keep func(unit string) bool, write func([]T) error) error {
	groups, pmids, err := groupsOf(paths)
	if err != nil {
		return err
	}
	slices.Sort(pmids)
	for len(pmids) > 0 {
		n := min(mergeRows, len(pmids))
		low, high := pmids[0], pmids[n-1]
		for n < len(pmids) && pmids[n] == high {
			n++
		}
		pmids = pmids[n:]
		rows, err := rowsBetween[T](groups, low, high, keep)
		if err != nil {
			return err
		}
		slices.SortStableFunc(rows, func(a, b T) int {
			x, y := a.DocumentKey(), b.DocumentKey()
			return cmp.Or(cmp.Compare(x.PMID, y.PMID), cmp.Compare(x.Unit, y.Unit))
		})
		if err := write(rows); err != nil {
			return err
		}
	}
	return nil
}

// groupsOf returns the row groups of files, and the pmids of all their rows.
func groupsOf(paths []string) (groups []group, pmids []int32, err error) {
	for _, path := range paths {
		f, err := openFile(path, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return nil, nil, err
		}
		for i, g := range f.parquet.RowGroups() {
			values, err := pmidsOf(g)
			if err != nil {
				return nil, nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
			}
			if len(values) > 0 {
				groups = append(groups, group{path, i, slices.Min(values), slices.Max(values)})
				pmids = append(pmids, values...)
			}
		}
		if err := f.Close(); err != nil {
			return nil, nil, err
		}
	}
	return groups, pmids, nil
}

// rowsBetween returns the rows with pmids from low to high, in the order of files and rows.
func rowsBetween[T keyed](groups []group, low, high int32, keep func(unit string) bool) (rows []T, err error) {
	for len(groups) > 0 {
		of := groups[0].path
		n := slices.IndexFunc(groups, func(g group) bool { return g.path != of })
		if n < 0 {
			n = len(groups)
		}
		outside := func(g group) bool { return g.high < low || g.low > high }
		wanted := slices.DeleteFunc(slices.Clone(groups[:n]), outside)
		groups = groups[n:]
		if len(wanted) == 0 {
			continue
		}
		f, err := openTable[T](of)
		if err != nil {
			return nil, err
		}
		for _, g := range wanted {
			err = scanGroup(f.parquet.RowGroups()[g.index], func(row T) {
				if k := row.DocumentKey(); low <= k.PMID && k.PMID <= high && keep(k.Unit) {
					rows = append(rows, row)
				}
			})
			if err != nil {
				return nil, errors.Join(fmt.Errorf("read %s: %w", of, err), f.Close())
			}
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// scanGroup passes the rows of a row group to use.
func scanGroup[T any](group parquet.RowGroup, use func(T)) error {
	rows := newRowReader[T](func(schema *parquet.Schema) *rowsOf { return parquet.NewRowGroupReader(group, schema) })
	defer rows.Close()
	for {
		row, err := rows.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		use(row)
	}
}

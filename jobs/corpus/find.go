package corpus

import (
	"cmp"
	"errors"
	"slices"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// Find returns the current document of a record with its mentions, relations, summaries and
// answers, as the unit that revised it last has them. Of several versions it takes the highest that
// is not deleted, or the highest if all are deleted. It returns nil if no unit has the record.
// Relations are sorted by descending score.
func (c *Corpus) Find(s *Snapshot, pmid schemas.PMID) (*schemas.Rows, error) {
	unit, document, err := c.findDocument(s, pmid)
	if err != nil || unit == nil {
		return nil, explain(c.root, err)
	}
	key, r := document.Key, &schemas.Rows{Documents: []schemas.DocumentRow{document}}
	err = errors.Join(
		load(c, unit, "mentions", key, &r.Mentions, func(r *schemas.MentionRow) schemas.Key { return r.Key }),
		load(c, unit, "relations", key, &r.Relations, func(r *schemas.RelationRow) schemas.Key { return r.Key }),
		load(c, unit, "summaries", key, &r.Summaries, func(r *schemas.SummaryRow) schemas.Key { return r.Key }),
		load(c, unit, "answers", key, &r.Answers, func(r *schemas.AnswerRow) schemas.Key { return r.Key }),
	)
	slices.SortStableFunc(r.Relations, func(a, b schemas.RelationRow) int { return cmp.Compare(b.Score, a.Score) })
	return r, explain(c.root, err)
}

// load reads the rows of one document from one table of a unit.
func load[T any](c *Corpus, unit *Record, table string, key schemas.Key, into *[]T, keyOf func(*T) schemas.Key) error {
	rows, err := findRows[T](c, unit, table, key.PMID)
	*into = slices.DeleteFunc(rows, func(r T) bool { return keyOf(&r) != key })
	return err
}

// findDocument returns the current document of a PMID, and the unit that holds it.
func (c *Corpus) findDocument(s *Snapshot, pmid schemas.PMID) (*Record, schemas.DocumentRow, error) {
	type candidate struct {
		unit     *Record
		document schemas.DocumentRow
	}
	last := map[int16]candidate{} // by version
	units := s.History()
	for i := range units {
		unit := &units[i]
		if pmid < unit.FirstPMID || pmid > unit.LastPMID {
			continue
		}
		documents, err := findRows[schemas.DocumentRow](c, unit, "documents", int32(pmid))
		if err != nil {
			return nil, schemas.DocumentRow{}, err
		}
		for _, d := range documents {
			last[d.Version] = candidate{unit, d}
		}
	}
	var current candidate
	for _, x := range last {
		switch deleted := x.document.IsDeleted; {
		case current.unit == nil, !deleted && current.document.IsDeleted,
			deleted == current.document.IsDeleted && x.document.Version > current.document.Version:
			current = x
		}
	}
	return current.unit, current.document, nil
}

// findRows returns the rows of a PMID in one table of a unit.
func findRows[T any](c *Corpus, unit *Record, table string, pmid int32) ([]T, error) {
	i := slices.IndexFunc(unit.Files, func(f File) bool { return f.Table == table })
	if i < 0 || unit.Files[i].Rows == 0 {
		return nil, nil
	}
	return parquetio.Find[T](c.Path(unit.Files[i]), pmid)
}

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
func (c *Corpus) Find(e *Edition, pmid schemas.PMID) (*schemas.Rows, error) {
	part, document, err := c.findDocument(e, pmid)
	if err != nil || part == nil {
		return nil, explain(c.root, err)
	}
	key, r := document.Key, &schemas.Rows{Documents: []schemas.DocumentRow{document}}
	err = errors.Join(
		load(c, part, "mentions", key, &r.Mentions, func(r *schemas.MentionRow) schemas.Key { return r.Key }),
		load(c, part, "relations", key, &r.Relations, func(r *schemas.RelationRow) schemas.Key { return r.Key }),
		load(c, part, "summaries", key, &r.Summaries, func(r *schemas.SummaryRow) schemas.Key { return r.Key }),
		load(c, part, "answers", key, &r.Answers, func(r *schemas.AnswerRow) schemas.Key { return r.Key }),
	)
	slices.SortStableFunc(r.Relations, func(a, b schemas.RelationRow) int { return cmp.Compare(b.Score, a.Score) })
	return r, explain(c.root, err)
}

// load reads the rows of one document from one table of a part.
func load[T any](c *Corpus, part *Part, table string, key schemas.Key, into *[]T, keyOf func(*T) schemas.Key) error {
	rows, err := findRows[T](c, part, table, key.PMID)
	*into = slices.DeleteFunc(rows, func(r T) bool { return keyOf(&r) != key })
	return err
}

// findDocument returns the current document of a PMID, and the unit that holds it.
func (c *Corpus) findDocument(e *Edition, pmid schemas.PMID) (*Part, schemas.DocumentRow, error) {
	type candidate struct {
		part     *Part
		document schemas.DocumentRow
	}
	last := map[int16]candidate{} // by version
	units := e.History()
	for i := range units {
		unit := &units[i]
		if pmid < unit.FirstPMID || pmid > unit.LastPMID {
			continue
		}
		part, _ := e.find(unit.Unit)
		documents, err := findRows[schemas.DocumentRow](c, part, "documents", int32(pmid))
		if err != nil {
			return nil, schemas.DocumentRow{}, err
		}
		for _, d := range documents {
			if d.Unit == unit.Unit {
				last[d.Version] = candidate{part, d}
			}
		}
	}
	var current candidate
	for _, x := range last {
		switch deleted := x.document.IsDeleted; {
		case current.part == nil, !deleted && current.document.IsDeleted,
			deleted == current.document.IsDeleted && x.document.Version > current.document.Version:
			current = x
		}
	}
	return current.part, current.document, nil
}

// findRows returns the rows of a PMID in one table of a part.
func findRows[T any](c *Corpus, part *Part, table string, pmid int32) ([]T, error) {
	f := part.File(table)
	if f == nil {
		return nil, nil
	}
	return parquetio.Find[T](c.Path(*f), pmid)
}

package corpus

import (
	"cmp"
	"errors"
	"slices"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// Find returns the current document of a record with its mentions, relations, summaries, labels and
// answers. Of several versions it takes the highest that is not deleted, or the highest if all are
// deleted; of several revisions of the version the [Latest]. It returns nil if no unit has the
// record. Relations are sorted by descending score.
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
		load(c, part, "labels", key, &r.Labels, func(r *schemas.LabelRow) schemas.Key { return r.Key }),
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

// found is a document, and where it is.
type found struct {
	part     *Part
	unit     *Record
	document schemas.DocumentRow
}

// findDocument returns the current document of a PMID, and the part that holds it.
func (c *Corpus) findDocument(e *Edition, pmid schemas.PMID) (*Part, schemas.DocumentRow, error) {
	all, err := c.findDocuments(e, pmid)
	if err != nil {
		return nil, schemas.DocumentRow{}, err
	}
	slices.SortFunc(all, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.document.Version, b.document.Version), inHistory(*a.unit, *b.unit))
	})
	var current found
	for len(all) > 0 {
		n := 0
		var revisions []Revision
		for ; n < len(all) && all[n].document.Version == all[0].document.Version; n++ {
			d := &all[n].document
			revisions = append(revisions, all[n].unit.Revision(d.IsDeleted, d.DateRevised))
		}
		x := all[Latest(revisions)]
		if current.part == nil || !x.document.IsDeleted || current.document.IsDeleted {
			current = x
		}
		all = all[n:]
	}
	return current.part, current.document, nil
}

// findDocuments returns the documents of a PMID in all units.
func (c *Corpus) findDocuments(e *Edition, pmid schemas.PMID) ([]found, error) {
	var all []found
	for i := range e.Parts {
		part := &e.Parts[i]
		if !slices.ContainsFunc(part.Units, func(r Record) bool { return r.FirstPMID <= pmid && pmid <= r.LastPMID }) {
			continue
		}
		documents, err := findRows[schemas.DocumentRow](c, part, "documents", int32(pmid))
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			if unit := part.unit(d.Unit); unit != nil {
				all = append(all, found{part, unit, d})
			}
		}
	}
	return all, nil
}

// findRows returns the rows of a PMID in one table of a part.
func findRows[T any](c *Corpus, part *Part, table string, pmid int32) ([]T, error) {
	f := part.File(table)
	if f == nil {
		return nil, nil
	}
	return parquetio.Find[T](c.Path(*f), pmid)
}

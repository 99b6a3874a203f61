package corpus

import (
	"math"
	"slices"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// Revision is a record with some pmid and version, of which several units may have one.
type Revision struct {
	Release string // the unit is a file of this one of PubMed's releases; empty if of none
	Deleted bool
	Revised *schemas.Date // nil if it is not known
}

// Revision returns a record of the unit.
func (r *Record) Revision(deleted bool, revised *schemas.Date) Revision {
	v := Revision{Release: r.Release, Deleted: deleted, Revised: revised}
	if r.Release == local {
		v.Release = ""
	}
	return v
}

// Latest returns the index of the revision that is current, of all revisions of a record in the
// order of the history; -1 if there are none. The package doc has the rule, and Views has it in
// SQL.
func Latest(revisions []Revision) int {
	deletion, numbered := -1, -1 // the last deletion, and the last record of the newest release
	for i, r := range revisions {
		switch {
		case r.Deleted:
			deletion = i
		case r.Release != "" && (numbered < 0 || r.Release >= revisions[numbered].Release):
			numbered = i
		}
	}
	latest := deletion
	for i := deletion + 1; i < len(revisions); i++ {
		r := revisions[i]
		if r.Release != "" && i != numbered {
			continue
		}
		if latest == deletion || r.date() >= revisions[latest].date() {
			latest = i
		}
	}
	return latest
}

// date is when the record was revised; before any date if that is not known.
func (r Revision) date() schemas.Date {
	if r.Revised == nil {
		return math.MinInt32
	}
	return *r.Revised
}

// DocumentRevision is a revision with its key.
type DocumentRevision struct {
	schemas.Key
	Revision
	unit *Record
}

// revisionColumns are the columns of documents that decide which revision is current.
type revisionColumns struct {
	schemas.Key
	DateRevised *schemas.Date `parquet:"date_revised,optional,date"`
	IsDeleted   bool          `parquet:"is_deleted"`
}

// Revisions returns the revisions of some pmids, which are sorted, that a part has.
func (c *Corpus) Revisions(part *Part, pmids []int32) (all []DocumentRevision, err error) {
	f := part.File("documents")
	if f == nil || len(pmids) == 0 {
		return nil, nil
	}
	columns, err := parquetio.OpenColumns[revisionColumns](c.Path(*f))
	if err != nil {
		return nil, err
	}
	defer columns.Close()
	rows, err := columns.Select(pmids)
	for _, r := range rows {
		if unit := part.unit(r.Unit); unit != nil {
			all = append(all, DocumentRevision{r.Key, unit.Revision(r.IsDeleted, r.DateRevised), unit})
		}
	}
	return all, err
}

// LatestDocument returns the current one of all revisions of a record, of which there are some. It
// sorts them by history.
func LatestDocument(all []DocumentRevision) DocumentRevision {
	slices.SortFunc(all, func(a, b DocumentRevision) int { return inHistory(*a.unit, *b.unit) })
	revisions := make([]Revision, len(all))
	for i := range all {
		revisions[i] = all[i].Revision
	}
	return all[Latest(revisions)]
}

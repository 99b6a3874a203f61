package status

import (
	"cmp"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// deletedKeys returns the records whose current revision is a deletion.
func deletedKeys(c *corpus.Corpus, parts map[*corpus.Part]*partKeys) (map[key]bool, error) {
	deleted, all := map[key]bool{}, map[key][]revision{}
	for _, p := range parts {
		for _, k := range p.deleted {
			deleted[k] = true
		}
	}
	again := mayComeBack(parts)
	for part, p := range parts {
		if err := addRevisions(all, c, part, p.has(again).ToArray()); err != nil {
			return nil, err
		}
	}
	for k, revisions := range all {
		if !deleted[k] {
			continue
		}
		slices.SortFunc(revisions, func(a, b revision) int {
			return cmp.Or(cmp.Compare(a.unit.Sequence, b.unit.Sequence), cmp.Compare(a.unit.Unit, b.unit.Unit))
		})
		var rule []corpus.Revision
		for _, r := range revisions {
			rule = append(rule, r.Revision)
		}
		if !rule[corpus.Latest(rule)].Deleted {
			delete(deleted, k)
		}
	}
	return deleted, nil
}

// mayComeBack returns the pmids with a deletion that a part may have after it.
func mayComeBack(parts map[*corpus.Part]*partKeys) *roaring.Bitmap {
	deletions := map[uint32]*partKeys{} // the first one of each pmid
	deleted, again := roaring.New(), roaring.New()
	for _, p := range parts {
		for _, k := range p.deleted {
			deleted.Add(k.pmid)
			if d := deletions[k.pmid]; d == nil || p.first < d.first {
				deletions[k.pmid] = p
			}
		}
	}
	for _, p := range parts {
		p.has(deleted).Iterate(func(pmid uint32) bool {
			if d := deletions[pmid]; p.last > d.first || p.last == d.first && p != d {
				again.Add(pmid)
			}
			return true
		})
	}
	return again
}

// revision is a revision of a record, and the unit that has it.
type revision struct {
	corpus.Revision
	unit *corpus.Record
}

// revisionColumns are the columns of documents that decide which revision is current.
type revisionColumns struct {
	schemas.Key
	DateRevised *schemas.Date `parquet:"date_revised,optional,date"`
	IsDeleted   bool          `parquet:"is_deleted"`
}

// addRevisions adds the revisions of some pmids, sorted, that a part has.
func addRevisions(all map[key][]revision, c *corpus.Corpus, part *corpus.Part, pmids []uint32) error {
	if len(pmids) == 0 {
		return nil
	}
	columns, err := parquetio.OpenColumns[revisionColumns](c.Path(*part.File("documents")))
	if err != nil {
		return err
	}
	defer columns.Close()
	signed := make([]int32, len(pmids))
	for i, pmid := range pmids {
		signed[i] = int32(pmid)
	}
	rows, err := columns.Select(signed)
	if err != nil {
		return err
	}
	units := map[string]*corpus.Record{}
	for i := range part.Units {
		units[part.Units[i].Unit] = &part.Units[i]
	}
	for _, r := range rows {
		if unit := units[r.Unit]; unit != nil {
			k := key{uint32(r.PMID), int32(r.Version)}
			all[k] = append(all[k], revision{unit.Revision(r.IsDeleted, r.DateRevised), unit})
		}
	}
	return nil
}

package status

import (
	"github.com/RoaringBitmap/roaring/v2"

	"github.com/pubmine/pubmine/jobs/corpus"
)

// deletedKeys returns the records whose current revision is a deletion.
func deletedKeys(c *corpus.Corpus, parts map[*corpus.Part]*partKeys) (map[key]bool, error) {
	deleted, all := map[key]bool{}, map[key][]corpus.DocumentRevision{}
	for _, p := range parts {
		for _, k := range p.deleted {
			deleted[k] = true
		}
	}
	again := mayComeBack(parts)
	for part, p := range parts {
		var pmids []int32
		p.has(again).Iterate(func(pmid uint32) bool {
			pmids = append(pmids, int32(pmid))
			return true
		})
		revisions, err := c.Revisions(part, pmids)
		if err != nil {
			return nil, err
		}
		for _, r := range revisions {
			k := key{uint32(r.PMID), int32(r.Version)}
			all[k] = append(all[k], r)
		}
	}
	for k, revisions := range all {
		if !deleted[k] {
			continue
		}
		if !corpus.LatestDocument(revisions).Deleted {
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

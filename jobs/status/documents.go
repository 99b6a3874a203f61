package status

import (
	"context"
	"math"
	"runtime"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// Documents are the numbers of records, as the views count them.
type Documents struct {
	Current int64 `json:"current"` // rows of documents_current: PMIDs that are not deleted
	Deleted int64 `json:"deleted"` // PMIDs of which every version is deleted
	PMIDs   int64 `json:"pmids"`   // both
	// Tombstones is the number of rows that are deletions.
	Tombstones int64 `json:"tombstones"`
	// Superseded is the number of rows of the view superseded.
	Superseded int64 `json:"superseded"`
}

// key names a record.
type key struct {
	pmid    uint32
	version int32
}

// partKeys are the records of a part.
type partKeys struct {
	pmids       map[int32]*roaring.Bitmap // by version
	deleted     []key
	rows        int64
	first, last int64 // lowest and highest sequence of its units
}

// has returns the set of its pmids that are in a set.
func (p *partKeys) has(pmids *roaring.Bitmap) *roaring.Bitmap {
	found := roaring.New()
	for _, b := range p.pmids {
		found.Or(roaring.And(b, pmids))
	}
	return found
}

// readKeys reads the records of a part.
func readKeys(path string, part *corpus.Part) (*partKeys, error) {
	p := &partKeys{pmids: map[int32]*roaring.Bitmap{}, first: math.MaxInt64}
	for i := range part.Units {
		p.first, p.last = min(p.first, part.Units[i].Sequence), max(p.last, part.Units[i].Sequence)
	}
	keys, err := parquetio.ReadKeys(path)
	if err != nil {
		return nil, err
	}
	p.rows = int64(len(keys.PMID))
	pmids := map[int32][]uint32{} // by version
	for i, pmid := range keys.PMID {
		k := key{uint32(pmid), keys.Version[i]}
		pmids[k.version] = append(pmids[k.version], k.pmid)
		if keys.Deleted[i] {
			p.deleted = append(p.deleted, k)
		}
	}
	for version, list := range pmids {
		p.pmids[version] = roaring.BitmapOf(list...)
		p.pmids[version].RunOptimize()
	}
	return p, nil
}

// count counts the documents of an edition.
func (r *Reader) count(ctx context.Context, c *corpus.Corpus, e *corpus.Edition) (*Documents, error) {
	parts, err := r.readParts(ctx, c, e)
	if err != nil {
		return nil, err
	}
	d, all, pmids := &Documents{}, map[int32]*roaring.Bitmap{}, roaring.New()
	for _, p := range parts {
		d.Superseded += p.rows
		d.Tombstones += int64(len(p.deleted))
		for version, b := range p.pmids {
			if all[version] == nil {
				all[version] = roaring.New()
			}
			all[version].Or(b)
			pmids.Or(b)
		}
	}
	for _, b := range all {
		d.Superseded -= int64(b.GetCardinality()) // each record has one revision that is not superseded
	}
	d.Superseded += e.Counts().Rows["superseded"]
	deleted, err := deletedKeys(c, parts)
	if err != nil {
		return nil, err
	}
	d.PMIDs = int64(pmids.GetCardinality())
	d.Deleted = countDeleted(deleted, all)
	d.Current = d.PMIDs - d.Deleted
	return d, nil
}

// readParts reads the records of the parts that are new since the last call.
func (r *Reader) readParts(
	ctx context.Context, c *corpus.Corpus, e *corpus.Edition,
) (map[*corpus.Part]*partKeys, error) {
	var (
		mu    sync.Mutex
		pool  errgroup.Group
		kept  = map[string]*partKeys{}
		parts = map[*corpus.Part]*partKeys{}
	)
	pool.SetLimit(runtime.GOMAXPROCS(0))
	for i := range e.Parts {
		part := &e.Parts[i]
		f := part.File("documents")
		if f == nil {
			continue
		}
		pool.Go(func() (err error) {
			mu.Lock()
			p := r.parts[f.Path]
			mu.Unlock()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if p == nil {
				if p, err = readKeys(c.Path(*f), part); err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			kept[f.Path], parts[part] = p, p
			return nil
		})
	}
	err := pool.Wait()
	r.parts = kept
	return parts, err
}

// countDeleted returns the number of pmids of which every version is deleted.
func countDeleted(deleted map[key]bool, all map[int32]*roaring.Bitmap) (n int64) {
	pmids := map[uint32]bool{}
	for k := range deleted {
		pmids[k.pmid] = true
	}
	for pmid := range pmids {
		alive := false
		for version, b := range all {
			alive = alive || b.Contains(pmid) && !deleted[key{pmid, version}]
		}
		if !alive {
			n++
		}
	}
	return n
}

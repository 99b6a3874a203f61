package triples

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// current tells which document of a pmid is current.
type current struct {
	revised *roaring.Bitmap        // pmids with several documents or with a deletion
	keys    map[uint32]schemas.Key // of the current document of those; none if all are deleted
}

// readCurrent finds the current documents of an edition.
func readCurrent(ctx context.Context, c *corpus.Corpus, e *corpus.Edition) (*current, error) {
	r := &current{revised: roaring.New(), keys: map[uint32]schemas.Key{}}
	seen := roaring.New()
	held := make([]*roaring.Bitmap, len(e.Parts))
	for i := range e.Parts {
		held[i] = roaring.New()
		f := e.Parts[i].File("documents")
		if f == nil {
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		keys, err := parquetio.ReadKeys(c.Path(*f))
		if err != nil {
			return nil, damaged(err)
		}
		for j, pmid := range keys.PMID {
			held[i].Add(uint32(pmid))
			if !seen.CheckedAdd(uint32(pmid)) || keys.Deleted[j] {
				r.revised.Add(uint32(pmid))
			}
		}
	}
	type record struct {
		pmid    int32
		version int16
	}
	all := map[record][]corpus.DocumentRevision{}
	for i := range e.Parts {
		var pmids []int32
		for _, pmid := range roaring.And(held[i], r.revised).ToArray() {
			pmids = append(pmids, int32(pmid))
		}
		revisions, err := c.Revisions(&e.Parts[i], pmids)
		if err != nil {
			return nil, damaged(err)
		}
		for _, x := range revisions {
			all[record{x.PMID, x.Key.Version}] = append(all[record{x.PMID, x.Key.Version}], x)
		}
	}
	for record, revisions := range all {
		latest := corpus.LatestDocument(revisions)
		if have, ok := r.keys[uint32(record.pmid)]; !latest.Deleted && (!ok || have.Version < record.version) {
			r.keys[uint32(record.pmid)] = latest.Key
		}
	}
	return r, nil
}

// has reports whether a document is current.
func (r *current) has(key schemas.Key) bool {
	return !r.revised.Contains(uint32(key.PMID)) || r.keys[uint32(key.PMID)] == key
}

// damaged adds what to do to the error of reading a published file.
func damaged(err error) error {
	if missing := (*fs.PathError)(nil); errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is missing", missing.Path)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: run pubmine verify", err)
}

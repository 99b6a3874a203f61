package reuse

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
	"github.com/pubmine/pubmine/stages/generate"
)

// Files of parts, up to seven each, stay open for the next chunk, and their last pages in memory: a
// chunk of a new file often has records of a few old ones.
const (
	maxOpen  = 32 // parts with open files
	maxPages = 4  // parts with pages in memory
)

// Reuser finds results in parts. It is used from one goroutine at a time.
type Reuser struct {
	tasks []string
	want  map[string]string
	parts []*part // in the order in which they are tried
	open  []*part // the most recently used last
	log   func(line string)
}

// New returns the Reuser of a run of some tasks, in order, under the digests want, for parts whose
// files do not change. log, unless nil, receives a line for each part that cannot be read.
func New(parts []Part, tasks []string, want map[string]string, log func(line string)) *Reuser {
	r := &Reuser{tasks: tasks, want: want, log: log}
	r.Update(parts)
	return r
}

// Update replaces the parts. Of those that remain, recognised by the path of their documents, it
// keeps what was read.
func (r *Reuser) Update(parts []Part) {
	known := map[string]*part{}
	for _, p := range r.parts {
		known[p.Path("documents")] = p
	}
	r.parts = nil
	for _, p := range parts {
		same := p.reusable(r.tasks, r.want)
		if len(same) == 0 {
			continue
		}
		next, path := &part{Part: p, tasks: same}, p.Path("documents")
		if old := known[path]; old != nil && slices.Equal(old.tasks, same) {
			next, old.Part = old, p
			delete(known, path)
		}
		r.parts = append(r.parts, next)
	}
	r.open = slices.DeleteFunc(r.open, func(p *part) bool {
		gone := known[p.Path("documents")] == p
		if gone {
			p.open.close()
		}
		return gone
	})
	slices.SortStableFunc(r.parts, func(a, b *part) int {
		return cmp.Or(cmp.Compare(len(b.tasks), len(a.tasks)), cmp.Compare(b.Sequence, a.Sequence))
	})
}

// Close closes all files.
func (r *Reuser) Close() {
	for _, p := range r.open {
		p.open.close()
	}
	r.open = nil
}

// Reuse returns the results for the documents of a chunk.
func (r *Reuser) Reuse(ctx context.Context, _ schemas.Unit, docs []*schemas.Document) ([]*pipeline.Reused, error) {
	found := make([]*pipeline.Reused, len(docs))
	if len(r.parts) == 0 {
		return found, nil
	}
	if err := r.index(ctx, docs); err != nil {
		return nil, err
	}
	at := make([]int, len(docs)) // the part that is tried next for each document
	for {
		work := map[*part][]int{} // indexes of documents
		var order []*part
		for i, doc := range docs {
			for found[i] == nil && at[i] < len(r.parts) {
				p := r.parts[at[i]]
				at[i]++
				if p.has(doc.PMID) {
					if work[p] == nil {
						order = append(order, p)
					}
					work[p] = append(work[p], i)
					break
				}
			}
		}
		if len(order) == 0 {
			return found, nil
		}
		for _, p := range order {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.try(p, func() error { return r.readPart(p, docs, work[p], found) })
		}
	}
}

// index reads the pmids of the parts that may have one of the documents.
func (r *Reuser) index(ctx context.Context, docs []*schemas.Document) error {
	var pmids []schemas.PMID
	for _, doc := range docs {
		pmids = append(pmids, doc.PMID)
	}
	slices.Sort(pmids)
	for _, p := range r.parts {
		if p.pmids != nil {
			continue
		}
		first, _ := slices.BinarySearch(pmids, p.FirstPMID)
		if first == len(pmids) || pmids[first] > p.LastPMID {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p.pmids = roaring.New()
		r.try(p, p.readPMIDs)
	}
	return nil
}

func (p *part) readPMIDs() error {
	path := p.Path("documents")
	if path == "" {
		return nil
	}
	c, err := parquetio.OpenColumns[documentColumns](path)
	if err != nil {
		return err
	}
	defer c.Close()
	pmids, err := c.PMIDs()
	if err != nil {
		return err
	}
	for _, pmid := range pmids {
		p.pmids.Add(uint32(pmid))
	}
	p.pmids.RunOptimize()
	return nil
}

// try calls f, and puts the part aside if it fails: its documents are computed.
func (r *Reuser) try(p *part, f func() error) {
	err := f()
	if err == nil {
		return
	}
	p.broken = true
	if r.log != nil {
		r.log(fmt.Sprintf("earlier results are not reused, and computed again: %v", err))
	}
}

// use opens the tables of a part, and closes those of the part that was not used for longest.
// Sentences are needed only if no task is left to run: others get them anew.
func (r *Reuser) use(p *part) (err error) {
	if i := slices.Index(r.open, p); i >= 0 {
		r.open = slices.Delete(r.open, i, i+1)
	} else if p.open, err = openTables(&p.Part, p.tasks, len(p.tasks) == len(r.tasks)); err != nil {
		return err
	}
	r.open = append(r.open, p)
	if n := len(r.open); n > maxPages {
		r.open[n-1-maxPages].open.release()
	}
	if len(r.open) > maxOpen {
		r.open[0].open.close()
		r.open = slices.Delete(r.open, 0, 1)
	}
	return nil
}

// readPart sets the results that a part has for the documents of the given indexes.
func (r *Reuser) readPart(p *part, docs []*schemas.Document, indexes []int, found []*pipeline.Reused) error {
	if err := r.use(p); err != nil {
		return err
	}
	rows, err := p.open.texts(pmidsOf(docs, indexes))
	if err != nil {
		return err
	}
	texts := map[int]documentColumns{} // by index of the document
	for _, i := range indexes {
		sum := sha256.Sum256([]byte(docs[i].Text()))
		digest := hex.EncodeToString(sum[:])
		for _, row := range rows[pmid(docs[i])] {
			if row.TextSHA256 == digest {
				texts[i] = row
			}
		}
	}
	same := slices.Sorted(maps.Keys(texts))
	if len(same) == 0 {
		return nil
	}
	results, err := p.open.annotations(pmidsOf(docs, same))
	if err != nil {
		return err
	}
	for _, i := range same {
		found[i] = p.reused(docs[i], texts[i], results[texts[i].Key])
	}
	return nil
}

func pmid(doc *schemas.Document) int32 { return int32(doc.PMID) }

// pmidsOf returns the pmids of the documents of some indexes, sorted.
func pmidsOf(docs []*schemas.Document, indexes []int) []int32 {
	pmids := make([]int32, len(indexes))
	for k, i := range indexes {
		pmids[k] = pmid(docs[i])
	}
	slices.Sort(pmids)
	return slices.Compact(pmids)
}

// reused returns the results of a part for a document, or nil if its rows do not tell them.
func (p *part) reused(doc *schemas.Document, text documentColumns, rows *schemas.Rows) *pipeline.Reused {
	if rows == nil {
		rows = &schemas.Rows{}
	}
	rows.Documents = []schemas.DocumentRow{{Key: text.Key, Sections: text.Sections, TextSHA256: text.TextSHA256}}
	failed := func(r schemas.RejectRow) bool { return !slices.Contains(generate.Kinds(), r.Kind) }
	if slices.ContainsFunc(rows.Rejects, failed) {
		return nil
	}
	a, err := schemas.AnnotationsOf(doc, rows)
	if err != nil {
		return nil
	}
	a.Only(p.tasks...)
	return &pipeline.Reused{Annotations: a, Tasks: p.tasks}
}

package train

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// records yields the documents of pool files that may be trained on: not held out, and under an
// open licence as far as the files state one.
func (r *recipeReader) records(ctx context.Context, files []string) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		closed := map[dataset.Identifier]bool{}
		for record, err := range r.read(ctx, r.Licences) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !record.Open() {
				closed[record.ID] = true
			}
		}
		for record, err := range r.read(ctx, files) {
			if err != nil {
				yield(nil, err)
				return
			}
			doc := record.Document()
			if closed[record.ID] || (record.License != "" || len(record.Paragraphs) > 0) && !record.Open() ||
				r.held.Has(doc) {
				continue
			}
			if !yield(doc, nil) {
				return
			}
		}
	}
}

// read yields the records of pool files until an error occurs.
func (r *recipeReader) read(ctx context.Context, names []string) iter.Seq2[dataset.Record, error] {
	return func(yield func(dataset.Record, error) bool) {
		for i, name := range names {
			r.progress("pool", i, len(names), name)
			for record, err := range dataset.Pool(r.pool(name)) {
				if err == nil {
					err = ctx.Err()
				}
				if !yield(record, err) || err != nil {
					return
				}
			}
		}
	}
}

// silverDocuments returns documents of the pool in random order: those that the tag head is trained
// on, and those that the trunk is trained on.
func (r *recipeReader) silverDocuments(ctx context.Context) (head, trunk []*schemas.Document, err error) {
	const minBytes = 200 // less is a title without an abstract
	var docs []*schemas.Document
	for doc, err := range r.records(ctx, r.Pool) {
		if err != nil {
			return nil, nil, err
		}
		if len(doc.Text()) > minBytes {
			docs = append(docs, doc)
		}
	}
	random := rand.New(rand.NewPCG(r.Seed, 5))
	random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	head = docs[:min(len(docs), r.Silver.Documents)]
	trunk = docs[len(head):min(len(docs), r.Silver.Documents+r.Trunk.Documents)]
	return head, trunk, nil
}

// structuredAbstracts returns the documents of pool files that have a conclusion, each text once,
// in random order and without those that are held out.
func structuredAbstracts(
	ctx context.Context, files []string, held dataset.HeldOut,
) ([]*schemas.Document, error) {
	var docs []*schemas.Document
	seen := map[string]bool{}
	for _, path := range files {
		for record, err := range dataset.Pool(path) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err != nil {
				return nil, err
			}
			d := record.Document()
			if _, ok := ConclusionSpan(d); !ok || held.Has(d) || seen[d.Title()] || seen[d.Abstract()] {
				continue
			}
			seen[d.Title()], seen[d.Abstract()] = true, true
			docs = append(docs, d)
		}
	}
	random := rand.New(rand.NewPCG(9, 9))
	random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	return docs, nil
}

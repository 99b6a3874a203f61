package train

import (
	"context"
	"iter"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// records yields the pool's documents that may be trained on: not held out, and not known, from the
// files that state licences, to be closed.
func (s *session) records(ctx context.Context) iter.Seq2[*schemas.Document, error] {
	return s.openRecords(ctx, s.Pool)
}

// openRecords is records of other files of the pool.
func (s *session) openRecords(ctx context.Context, files []string) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		closed := map[dataset.Identifier]bool{}
		for record, err := range s.read(ctx, s.Licences) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !record.Open() {
				closed[record.ID] = true
			}
		}
		for record, err := range s.read(ctx, files) {
			if err != nil {
				yield(nil, err)
				return
			}
			doc := record.Document()
			if closed[record.ID] || (record.License != "" || len(record.Paragraphs) > 0) && !record.Open() ||
				s.held.Has(doc) {
				continue
			}
			if !yield(doc, nil) {
				return
			}
		}
	}
}

// read yields the records of pool files until there is an error.
func (s *session) read(ctx context.Context, names []string) iter.Seq2[dataset.Record, error] {
	return func(yield func(dataset.Record, error) bool) {
		for i, name := range names {
			s.progress("pool", i, len(names), name)
			for record, err := range dataset.Pool(s.pool(name)) {
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

// poolDocuments returns the pool's documents in random order: those that the head learns from, and
// those that the trunk learns from.
func (s *session) poolDocuments(ctx context.Context) (head, trunk []*schemas.Document, err error) {
	const least = 200 // bytes: less is a title without an abstract
	var docs []*schemas.Document
	for doc, err := range s.records(ctx) {
		if err != nil {
			return nil, nil, err
		}
		if len(doc.Text()) > least {
			docs = append(docs, doc)
		}
	}
	random := rand.New(rand.NewPCG(s.Seed, 5))
	random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
	head = docs[:min(len(docs), s.Silver.Documents)]
	trunk = docs[len(head):min(len(docs), s.Silver.Documents+s.Trunk.Documents)]
	return head, trunk, nil
}

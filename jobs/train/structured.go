package train

import (
	"context"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// structured returns the documents of pool files whose conclusions are known, each text once,
// shuffled. Documents that are held out are left out.
func structured(ctx context.Context, files []string, held dataset.HeldOut) ([]*schemas.Document, error) {
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

// abstracts makes structured abstracts ready, without states; hidden takes their headings away.
func abstracts(docs []*schemas.Document, p preparer, hidden bool) []Abstract {
	var out []Abstract
	for _, d := range docs {
		at, ok := ConclusionSpan(d)
		if !ok {
			continue
		}
		if hidden {
			d = dataset.Unlabelled(d)
		}
		out = append(out, Abstract{Text: p.Prepare(d), Conclusions: at})
	}
	return out
}

package train

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/train/lexicon"
	"github.com/pubmine/pubmine/schemas"
)

// chunk is how many silver documents are made ready at a time.
const chunk = 500

// teacher tags plain documents. It knows vocabularies beside the features of words.
type teacher struct {
	session       *session
	head          *tagLearner
	names         *lexicon.Lexicon
	weights, lean []float32 // of each type
}

// teach makes a teacher of the gold.
func (s *session) teach(ctx context.Context) (*teacher, error) {
	names, err := lexicon.Load(s.vocabularies())
	if err != nil {
		return nil, err
	}
	head, err := newTagLearner(s.Tags, 0, s.Seed)
	if err != nil {
		return nil, err
	}
	gold := s.gold(s.Tags.Corpora)
	for _, d := range gold {
		d.names = names.Features(d.text)
	}
	class := &alone{head, rand.New(rand.NewPCG(s.Seed, 6))}
	for epoch := range s.Silver.Epochs {
		loss, err := class.pass(ctx, gold)
		if err != nil {
			return nil, err
		}
		s.progress("teacher", epoch+1, s.Silver.Epochs, fmt.Sprintf("loss %.4f a word", loss))
	}
	t := &teacher{session: s, head: head, names: names}
	for _, typ := range s.Tags.Types {
		t.weights, t.lean = append(t.weights, s.Silver.Weight), append(t.lean, s.Silver.OutsideBias[typ])
	}
	return t, nil
}

// tag makes a document ready and tags it.
func (t *teacher) tag(doc *schemas.Document) *document {
	d := plainDocument(t.session.prepare.Prepare(doc), len(t.weights))
	d.names = t.names.Features(d.text)
	t.head.suggest(d, t.weights, t.lean, t.session.Silver.MinConfidence)
	d.names = nil
	return d
}

// silver learns from the pool as the teacher tags it, with some gold among it: Silver.Gold
// documents for each of the pool.
func (s *session) silver(
	ctx context.Context, stage string, l lesson, t *teacher, pool []*schemas.Document, gold []*document,
) error {
	random := rand.New(rand.NewPCG(s.Seed, 4))
	for start := 0; start < len(pool); start += chunk {
		end := min(start+chunk, len(pool))
		var docs []*document
		for _, doc := range pool[start:end] {
			docs = append(docs, t.tag(doc))
			if len(gold) > 0 && random.Float64() < s.Silver.Gold {
				docs = append(docs, gold[random.IntN(len(gold))])
			}
		}
		loss, err := l.pass(ctx, docs)
		if err != nil {
			return err
		}
		s.progress(stage, end, len(pool), fmt.Sprintf("loss %.4f a word", loss))
	}
	return nil
}

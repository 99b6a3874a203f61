package train

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/pubmine/pubmine/jobs/train/lexicon"
	"github.com/pubmine/pubmine/schemas"
)

// silverChunk is the number of silver documents that are prepared at a time.
const silverChunk = 500

// teacher annotates plain text, and so makes silver documents. It reads the features of words and a
// lexicon.
type teacher struct {
	head          *tagLearner
	lexicon       *lexicon.Lexicon
	prepare       preparer
	settings      Silver
	weights, bias []float32 // by type
}

// trainTeacher trains a teacher on the gold documents of the tag head.
func (t *trainer) trainTeacher(ctx context.Context) (*teacher, error) {
	names, err := lexicon.Load(t.tags.silver.vocabularies)
	if err != nil {
		return nil, err
	}
	head, err := newTagLearner(t.tags.settings, 0, t.seed)
	if err != nil {
		return nil, err
	}
	gold, err := t.documents(ctx, t.tags.train)
	if err != nil {
		return nil, err
	}
	for _, d := range gold {
		d.lexicon = names.Features(d.text)
	}
	o := t.tags.silver.settings
	runner := &headRunner{head, rand.New(rand.NewPCG(t.seed, 6))}
	if err := t.epochs(ctx, "teacher", o.Epochs, runner, gold); err != nil {
		return nil, err
	}
	teacher := &teacher{head: head, lexicon: names, prepare: t.prepare, settings: o}
	for _, typ := range t.tags.settings.Types {
		teacher.weights = append(teacher.weights, o.Weight)
		teacher.bias = append(teacher.bias, biasOf(o.OutsideBias, typ))
	}
	return teacher, nil
}

// document prepares and annotates a document.
func (t *teacher) document(doc *schemas.Document) *document {
	d := unlabelledDocument(t.prepare.Prepare(doc), len(t.weights))
	d.lexicon = t.lexicon.Features(d.text)
	t.head.label(d, t.weights, t.bias, t.settings.MinConfidence)
	d.lexicon = nil
	return d
}

// silverEpoch trains once on the pool as the teacher annotates it, with gold documents among it:
// Silver.Gold for each silver one.
func (t *trainer) silverEpoch(
	ctx context.Context, stage string, r epochRunner, teacher *teacher, pool []*schemas.Document, gold []*document,
) error {
	random := rand.New(rand.NewPCG(t.seed, 4))
	for start := 0; start < len(pool); start += silverChunk {
		end := min(start+silverChunk, len(pool))
		var docs []*document
		for _, doc := range pool[start:end] {
			docs = append(docs, teacher.document(doc))
			if len(gold) > 0 && random.Float64() < teacher.settings.Gold {
				docs = append(docs, gold[random.IntN(len(gold))])
			}
		}
		loss, err := r.epoch(ctx, docs)
		if err != nil {
			return err
		}
		t.progress(stage, end, len(pool), fmt.Sprintf("loss %.4f per word", loss))
	}
	return nil
}

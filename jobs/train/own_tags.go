package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/ner"
)

// lessonOn is a document with the states of its words.
type lessonOn struct {
	doc  *document
	rows [][]float32 // nil without states
}

// mentions learns to find mentions. After every epoch the head is measured on the development part,
// and in the end the best is kept.
func (s *fineTune) mentions(ctx context.Context) error {
	dim := 0
	if s.engine != nil {
		dim = s.engine.Dim()
	}
	o := s.Tags
	o.Types = s.types
	if s.before != nil && s.before.Linear.Table != nil {
		o.Bits = s.before.Linear.Table.Bits() // so that both can be joined
	}
	if 3*len(s.types) > heads.MaxLabels {
		return impossible("%d types: a head has room for %d", len(s.types), heads.MaxLabels/3)
	}
	learner, err := newTagLearner(o, dim, s.Seed)
	if err != nil {
		return err
	}
	if err := s.warmStart(learner); err != nil {
		return err
	}
	learn, err := s.samples(ctx, s.Train, "training documents")
	if err != nil {
		return err
	}
	dev, err := s.samples(ctx, s.Dev, "development documents")
	if err != nil {
		return err
	}
	lessons := make([]lessonOn, len(learn))
	for i := range learn {
		lessons[i] = lessonOn{s.document(&learn[i]), wordRows(&learn[i])}
	}
	best, err := s.epochs(ctx, learner, lessons, dev)
	if err != nil {
		return err
	}
	s.tagger, err = s.join(best)
	return err
}

// wordRows are the states of a sample's words.
func wordRows(x *Sample) [][]float32 {
	if x.States.Dim == 0 {
		return nil
	}
	rows := make([][]float32, len(x.Text.Words))
	for i, w := range x.Text.Words {
		rows[i] = x.States.Row(w.Token)
	}
	return rows
}

// epochs learns until the F1 on the development part has not risen for Patience epochs.
func (s *fineTune) epochs(
	ctx context.Context, learner *tagLearner, lessons []lessonOn, dev []Sample,
) (*heads.Tagger, error) {
	random := rand.New(rand.NewPCG(s.Seed, 3))
	var best *heads.Tagger
	most := -1.0
	began := time.Now()
	for epoch := 1; epoch <= s.Tags.Epochs && epoch-s.outcome.Best <= s.Patience; epoch++ {
		loss, words := 0.0, 0
		for _, i := range random.Perm(len(lessons)) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			for _, x := range lessons[i].doc.sentences {
				loss += learner.learn(lessons[i].doc, x, lessons[i].rows, nil)
			}
			words += len(lessons[i].doc.text.Words)
		}
		tagger := learner.tagger(s.Tags.Threshold)
		for k := range s.types {
			tagger.Linear.Bias[3*k] -= s.Tags.OutsideBias[""]
		}
		tagger.Repeat = slices.Repeat([]float32{s.Tags.RepeatBonus}, len(s.types))
		table, err := measureTags(tagger, dev)
		if err != nil {
			return nil, err
		}
		f1 := table.Micro().F1()
		if f1 > most {
			best, most, s.outcome.Best = tagger, f1, epoch
			s.outcome.Score[score.Subject{Task: schemas.TaskNER, Data: devSet}] = table
		}
		s.outcome.Curve = append(
			s.outcome.Curve, curves.Point{Epoch: epoch, Loss: loss / float64(max(1, words)), F1: f1},
		)
		last := min(s.Tags.Epochs, s.outcome.Best+s.Patience)
		left := time.Duration(float64(time.Since(began)) / float64(epoch) * float64(last-epoch)).Round(time.Second)
		s.progress(
			schemas.TaskNER,
			epoch,
			s.Tags.Epochs,
			fmt.Sprintf("loss %.4f a word, F1 %.1f on %d development documents (best %.1f, epoch %d), about %v left",
				loss/float64(max(1, words)), 100*f1, len(dev), 100*most, s.outcome.Best, left),
		)
	}
	return best, nil
}

// measureTags scores a head through the stage that a run uses.
func measureTags(tagger *heads.Tagger, dev []Sample) (score.Table, error) {
	table := score.Table{}
	stage := ner.New(tagger)
	for i := range dev {
		a := schemas.Annotations{Sentences: dev[i].Text.Sentences}
		if err := stage.Annotate(dev[i].Text, dev[i].States, &a); err != nil {
			return nil, err
		}
		found := slices.DeleteFunc(
			a.Mentions, func(m schemas.Mention) bool { return !slices.Contains(tagger.Types, m.Type) },
		)
		table.Mentions(&dev[i].Example, found)
	}
	return table, nil
}

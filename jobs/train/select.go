package train

import (
	"context"
	"fmt"
	"time"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// selectEpoch trains until the F1 on the dev sets has not risen for Tags.Patience epochs, and keeps
// the head of the best epoch.
func (t *trainer) selectEpoch(ctx context.Context, r *headRunner, docs []*document) error {
	o, best, began := t.tags.settings, -1.0, time.Now()
	for epoch := 1; epoch <= o.Epochs && epoch-t.outcome.Best <= o.Patience; epoch++ {
		loss, err := r.epoch(ctx, docs)
		if err != nil {
			return err
		}
		tagger := r.head.tagger(o.Threshold)
		f1, err := t.devF1(ctx, o.withBias(tagger))
		if err != nil {
			return err
		}
		if f1 > best {
			t.tagger, best, t.outcome.Best = tagger, f1, epoch
		}
		t.outcome.Curve = append(t.outcome.Curve, curves.Point{Epoch: epoch, Loss: loss, F1: f1})
		left := min(o.Epochs, t.outcome.Best+o.Patience) - epoch
		t.progress(schemas.TaskNER, epoch, o.Epochs, fmt.Sprintf(
			"loss %.4f per word, F1 %.1f on the dev set (best %.1f, epoch %d), about %v left", loss, 100*f1,
			100*best, t.outcome.Best,
			(time.Since(began)/time.Duration(epoch)*time.Duration(left)).Round(time.Second),
		))
	}
	return nil
}

// devF1 returns the micro-averaged F1 of a tagger on all dev sets together.
func (t *trainer) devF1(ctx context.Context, tagger *heads.Tagger) (float64, error) {
	find, err := t.finder(ctx, tagger)
	if err != nil {
		return 0, err
	}
	defer find.Close()
	table := score.Table{}
	for _, dev := range t.dev {
		if err := find.measure(dev.samples, table); err != nil {
			return 0, err
		}
	}
	return table.Micro().F1(), nil
}

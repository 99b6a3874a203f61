package train

import (
	"context"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/ner"
)

// finder finds mentions: the stage, and the trunk for texts that come without states.
type finder struct {
	ctx    context.Context
	stage  ner.Stage
	engine *biogpt.Engine // nil when the head reads no states, or texts come with them
}

// finder returns the finder of a tagger with the trunk as trained so far.
func (t *trainer) finder(ctx context.Context, tagger *heads.Tagger) (*finder, error) {
	f := &finder{ctx: ctx, stage: ner.New(tagger)}
	if tagger.Linear.Dim == 0 || t.engine != nil {
		return f, nil
	}
	var err error
	f.engine, err = biogpt.NewEngine(t.backend, t.trunk.config, t.trunk.params)
	return f, err
}

// Close frees the trunk.
func (f *finder) Close() error {
	if f.engine == nil {
		return nil
	}
	return f.engine.Close()
}

// Annotate finds mentions. Without states, it computes them.
func (f *finder) Annotate(t *model.Text, states model.States, a *schemas.Annotations) error {
	if f.engine != nil && states.Dim == 0 {
		var err error
		if states, err = encode(f.ctx, f.engine, t); err != nil {
			return err
		}
	}
	return f.stage.Annotate(t, states, a)
}

// measure adds the counts of mentions found in the samples to a table.
func (f *finder) measure(samples []sample, table score.Table) error {
	for i := range samples {
		a := schemas.Annotations{Sentences: samples[i].Text.Sentences}
		if err := f.Annotate(samples[i].Text, samples[i].States, &a); err != nil {
			return err
		}
		table.Mentions(&samples[i].Example, a.Mentions)
	}
	return nil
}

// encode returns the states of a text.
func encode(ctx context.Context, engine *biogpt.Engine, t *model.Text) (model.States, error) {
	var sequences [][]int32
	for _, w := range t.Windows {
		sequences = append(sequences, window{text: t, Window: w}.sequence())
	}
	rows, err := engine.Encode(ctx, sequences)
	if err != nil {
		return model.States{}, err
	}
	dim := engine.Dim()
	states := model.States{Dim: dim, Data: make([]float32, len(t.Tokens)*dim)}
	for i, w := range t.Windows {
		copy(states.Data[w.Start*dim:w.End*dim], rows[i][dim:])
	}
	return states, nil
}

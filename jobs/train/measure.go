package train

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/ner"
)

// measure scores a tagger on the development parts of the recipe's corpora, through the stage that
// a run uses, in a setting such as "features only".
func (s *session) measure(ctx context.Context, setting string, tagger *heads.Tagger) error {
	find, err := s.mentions(ctx, tagger)
	if err != nil {
		return err
	}
	defer find.Close()
	measured := score.Tables{}
	for i := range s.all {
		e := &s.all[i]
		if e.Split != "dev" || !slices.Contains(s.Measure, e.Corpus) {
			continue
		}
		var a schemas.Annotations
		if err := find.Annotate(s.prepare.Prepare(e.Doc), model.States{}, &a); err != nil {
			return err
		}
		name := score.Subject{Task: schemas.TaskNER, Data: e.Corpus + "/" + e.Split, Setting: setting}
		if measured[name] == nil {
			measured[name] = score.Table{}
		}
		measured[name].Mentions(e, a.Mentions)
	}
	maps.Copy(s.measured, measured)
	s.progress("measured", 1, 1, oneLine(measured))
	return nil
}

// oneLine is measures in one line.
func oneLine(measured score.Tables) string {
	var b strings.Builder
	for _, name := range measured.Subjects() {
		table := measured[name]
		fmt.Fprintf(&b, "%s %.1f", name, 100*table.Micro().F1())
		for _, typ := range table.Types() {
			fmt.Fprintf(
				&b, " %s %.1f (%.1f/%.1f)", typ, 100*table[typ].F1(), 100*table[typ].Precision(),
				100*table[typ].Recall(),
			)
		}
		b.WriteString("; ")
	}
	return b.String()
}

// finder finds mentions with the head and the trunk as they stand.
type finder struct {
	ctx    context.Context
	stage  ner.Stage
	engine *biogpt.Engine // nil when the head reads no states
}

// mentions returns the finder for a tagger and the trunk as it stands.
func (s *session) mentions(ctx context.Context, tagger *heads.Tagger) (*finder, error) {
	f := &finder{ctx: ctx, stage: ner.New(tagger)}
	if tagger.Linear.Dim == 0 {
		return f, nil
	}
	var err error
	f.engine, err = biogpt.NewEngine(s.backend, s.trunk, s.params)
	return f, err
}

// Close frees the trunk.
func (f *finder) Close() error {
	if f.engine == nil {
		return nil
	}
	return f.engine.Close()
}

// Annotate finds mentions; the states are its own.
func (f *finder) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	if f.engine == nil {
		return f.stage.Annotate(t, model.States{}, a)
	}
	states, err := encode(f.ctx, f.engine, t)
	if err != nil {
		return err
	}
	return f.stage.Annotate(t, states, a)
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

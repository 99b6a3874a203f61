// Package train trains models: it reads annotated corpora and plain abstracts, and writes a model
// directory.
//
// One trainer trains the heads of a model (mentions, relations, summary, answers, labels) from a
// plan of data and settings. There are two ways to make a plan: Run follows a Recipe, which trains
// a model from public corpora, its trunk first; FineTune trains heads on people's annotations on
// top of a model that exists. Package lm trains language models, and package prompttuning models
// that generate relations or answers. README.md describes the methods and the measurements behind
// the defaults.
//
// The tag head scores the words of a text by hashed lexical features and, where the model has a
// trained trunk, by its states. A linear-chain CRF per entity type decodes the scores, so corpora
// that annotate different types are trained on together: a sentence updates only the types that its
// corpus annotates. Heads for relations, summaries and answers read features only, and are
// calibrated on parts of the training set that they were not trained on. Documents of any dev set,
// by PubMed identifier or title, are removed from everything that is trained on.
//
// Training is a function of plan and data: the same seed gives the same weights on the same
// machine.
package train

import (
	"cmp"
	"context"
	"fmt"
	"maps"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/stages/text"
)

// Progress is called as training proceeds. note holds details, such as the loss.
type Progress func(stage string, done, total int, note string)

// Outcome is the result of training.
type Outcome struct {
	Curve   []curves.Point // by epoch, where the best epoch was selected
	Best    int            // selected epoch, from 1; 0 when none was selected
	Types   []string       // entity types that the model finds
	Dev     int            // documents of the dev set, where the plan held them out
	Score   score.Tables
	Answers *AnswerResult // nil when no answer head was trained
}

// trainer trains the heads of one plan.
type trainer struct {
	*plan
	progress Progress
	prepare  *text.Preparer
	backend  *biogpt.Backend
	engine   *biogpt.Engine // encodes documents with a trunk that stays fixed; nil without one
	dev      []devSamples   // for the tag head
	tagger   *heads.Tagger
	find     annotator        // finds mentions with the tagger, for relations
	tensors  []weights.Tensor // of the heads that were trained
	metadata map[string]string
	outcome  Outcome
}

// devSamples is a dev set prepared for the model.
type devSamples struct {
	data    string
	samples []sample
}

// train trains the heads of a plan and writes the model directory.
func train(ctx context.Context, p *plan, progress Progress) (Outcome, error) {
	t := newTrainer(p, progress)
	dir, err := modeldir.Create(p.out, modeldir.Options{Replace: true})
	if err != nil {
		return t.outcome, err
	}
	defer dir.Close()
	defer t.close()
	if err := t.train(ctx); err != nil {
		return t.outcome, err
	}
	return t.outcome, t.write(dir)
}

func newTrainer(p *plan, progress Progress) *trainer {
	return &trainer{
		plan: p, progress: progress, prepare: text.New(p.trunk.tok, p.trunk.window),
		metadata: map[string]string{}, outcome: Outcome{Score: score.Tables{}, Dev: p.heldOut},
	}
}

func (t *trainer) train(ctx context.Context) error {
	if err := t.open(); err != nil {
		return err
	}
	if t.tags != nil {
		if err := t.trainTags(ctx); err != nil {
			return err
		}
	}
	return t.trainTaskHeads(ctx)
}

// open opens the backend and, where heads read its states, the trunk.
func (t *trainer) open() (err error) {
	if t.tags == nil {
		return nil
	}
	if t.tags.states {
		if t.backend, err = biogpt.OpenBackend(cmp.Or(t.backendName, device.Auto)); err != nil {
			return err
		}
		t.engine, err = biogpt.Open(t.base.FS, t.backend)
		return err
	}
	if t.tags.joint != nil || t.tags.fixed != nil && t.tags.fixed.Linear.Dim > 0 {
		t.backend, err = device.OpenGradients(cmp.Or(t.backendName, device.Auto))
	}
	return err
}

// close frees the trunk.
func (t *trainer) close() {
	if t.engine != nil {
		_ = t.engine.Close() // frees memory only
	}
	if t.backend != nil {
		_ = t.backend.Close()
	}
}

// add adds the tensors and the metadata of a head.
func (t *trainer) add(tensors []weights.Tensor, metadata map[string]string) {
	t.tensors = append(t.tensors, tensors...)
	maps.Copy(t.metadata, metadata)
}

// samples prepares examples, with the states of a fixed trunk.
func (t *trainer) samples(ctx context.Context, examples []dataset.Example, stage string) ([]sample, error) {
	out := prepareSamples(examples, t.prepare)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if t.engine == nil {
			continue
		}
		var err error
		if out[i].States, err = encode(ctx, t.engine, out[i].Text); err != nil {
			return nil, err
		}
		if (i+1)%100 == 0 || i+1 == len(out) {
			t.progress(stage, i+1, len(out), "documents encoded")
		}
	}
	return out, nil
}

// impossible is a mistake in the options of training.
func impossible(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrPlan, fmt.Sprintf(format, args...))
}

package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

// Own says how a model is made of people's own annotations, on top of a model that exists. Trunk
// and vocabulary stay the base's. Every type that the annotations hold gets a chain of its own; a
// type that the base has, too, begins with what the base knows of it. The base's other types stay
// as they are, and so do its other heads, save relation heads that give relations of a type that is
// learned anew.
//
// Everything begins again when it is begun again: with hundreds of documents that takes a minute or
// two. The same annotations, base, seed and backend make the same bytes.
type FineTune struct {
	Name    string
	Sources []string          // where the annotations come from, for the card
	Train   []dataset.Example // Split is "train"
	Dev     []dataset.Example // Split is "dev"; none: a tenth of the documents of Train
	Tasks   []string          // "ner", "relations", "summary", "answers"
	Base    *catalog.Model
	OnlyNew bool // nothing of the base's heads is kept
	States  bool // chains read the trunk's states beside the features
	Out     string
	Backend string // of package biogpt; empty for "auto"
	Seed    uint64
	Tags    Tags // Types, Corpora and Weights are not looked at; Lean[""] is that of every type
	// Patience is after how many epochs without a better F1 on the development part learning ends.
	Patience int
}

// Few are settings for some dozens to some thousands of documents: Tags, and Patience. They were
// chosen by five-fold cross-validation on 100 abstracts with two types that the bundled model was
// not trained on (JNLPBA's cell types and DNA): F1 of the best epoch 51.4 without Lean and with a
// StateRate of 0.05, 54.7 with the Lean, 56.1 with both; 55.9 without states, and 49.7 to 52.0 with
// more dropout, more L1, or half the rate.
func FewShot() (Tags, int) {
	return Tags{
		Epochs: 30, Bits: 18, Rate: 0.1, ChainRate: 0.05, StateRate: 0.01, L1: 0.1, L2: 0.1, Dropout: 0.2, Threshold: 0.02,
		OutsideBias: map[string]float32{"": 0.5}, RepeatBonus: 1,
	}, 6
}

// Outcome is how training went.
type Outcome struct {
	Curve []curves.Point
	Best  int      // epoch that was kept, from 1; 0 when no mentions were learned
	Types []string // that the model finds
	Dev   int      // documents that were held out to measure on; answers need none
	Score score.Tables
	// Answers is how answers were measured; nil where they were not learned.
	Answers *AnswersMeasured
}

// own is one run of training on one's own annotations.
type fineTune struct {
	FineTune
	progress Progress
	types    []string          // to learn
	all      []dataset.Example // Train, before a part was held out
	prepare  *text.Preparer
	config   biogpt.Config
	backend  *biogpt.Backend
	file     *weights.File  // of the base
	before   *heads.Tagger  // of the base, nil where it has none
	engine   *biogpt.Engine // nil without States
	tagger   *heads.Tagger  // what is written
	outcome  Outcome
}

// RunOwn trains a model and writes its directory. Mistakes in what is asked for are an ErrOwn.
func RunFineTune(ctx context.Context, o FineTune, progress Progress) (Outcome, error) {
	s := fineTune{FineTune: o, progress: progress, outcome: Outcome{Score: score.Tables{}}}
	err := s.run(ctx)
	if err != nil {
		err = fmt.Errorf("train: %w", err)
	}
	return s.outcome, err
}

// ErrOwn is a mistake in what training was asked for.
var ErrPlan = errors.New("not possible")

func impossible(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrPlan, fmt.Sprintf(format, args...))
}

func (s *fineTune) run(ctx context.Context) error {
	if err := s.check(); err != nil {
		return err
	}
	s.split()
	words, err := tokenizer.Load(s.Base.FS)
	if err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	if s.config, err = biogpt.LoadConfig(s.Base.FS); err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	s.prepare = text.New(words, s.config.MaxPositions)
	file, closeFile, err := weights.OpenFS(s.Base.FS, biogpt.WeightsFile)
	if err != nil {
		return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
	}
	defer closeFile()
	if s.file = file; heads.HasTagger(file) {
		if s.before, err = heads.ReadTagger(file); err != nil {
			return fmt.Errorf("base %s: %w", s.Base.Card.Name, err)
		}
	}
	defer s.close()
	if err := s.open(); err != nil {
		return err
	}
	if slices.Contains(s.Tasks, schemas.TaskNER) {
		if err := s.mentions(ctx); err != nil {
			return err
		}
	}
	tensors, metadata, err := s.otherHeads(ctx)
	if err != nil {
		return err
	}
	return s.write(tensors, metadata)
}

// ownTasks are those that can be learned from one's own annotations.
func fineTuneTasks() []string {
	return schemas.Tasks()
}

// check says what is wrong with what is asked for, and finds out which types are to be learned.
func (s *fineTune) check() error {
	mentions := 0
	for _, e := range s.Train {
		mentions += len(e.Gold.Mentions)
		for _, t := range e.Types {
			if !slices.Contains(s.types, t) {
				s.types = append(s.types, t)
			}
		}
	}
	slices.Sort(s.types)
	for _, task := range s.Tasks {
		if !slices.Contains(fineTuneTasks(), task) {
			return impossible("task %q: choose from %s", task, strings.Join(fineTuneTasks(), ", "))
		}
	}
	switch {
	case len(s.Tasks) == 0:
		return impossible("name a task: %s", strings.Join(fineTuneTasks(), ", "))
	case slices.Contains(s.Tasks, schemas.TaskNER) && mentions == 0:
		return impossible("the documents to train on hold no mentions")
	case len(s.Train) < 2 && len(s.Dev) == 0:
		return impossible("%d document: at least 2 are needed, one of them to measure on", len(s.Train))
	}
	if a, err := os.Stat(s.Out); err == nil {
		if b, err := os.Stat(s.Base.Card.Name); err == nil && os.SameFile(a, b) {
			return impossible("%s is the base: write to another directory", s.Out)
		}
	}
	return nil
}

// split holds a tenth of the documents out where there is no development part, and keeps the
// documents of that out of training.
func (s *fineTune) split() {
	all, held := s.Train, len(s.Dev) == 0
	s.Train, s.Dev = dataset.HoldOut(s.Train, s.Dev, s.Seed)
	for i := range s.Dev {
		s.Dev[i].Types = s.types
	}
	if s.all = s.Train; held {
		s.all = all
	}
	if !slices.Equal(s.Tasks, []string{schemas.TaskAnswers}) { // which are cross-validated
		s.outcome.Dev = len(s.Dev)
	}
}

// open opens the trunk where it is to be read.
func (s *fineTune) open() (err error) {
	if !s.States {
		return nil
	}
	if s.backend, err = biogpt.OpenBackend(cmp.Or(s.Backend, "auto")); err != nil {
		return err
	}
	s.engine, err = biogpt.Open(s.Base.FS, s.backend)
	return err
}

func (s *fineTune) close() {
	if s.engine != nil {
		_ = s.engine.Close() // frees memory
	}
	if s.backend != nil {
		_ = s.backend.Close()
	}
}

// samples makes examples ready, with states where they are read.
func (s *fineTune) samples(ctx context.Context, examples []dataset.Example, stage string) ([]Sample, error) {
	out := samples(examples, s.prepare)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if s.engine == nil {
			continue
		}
		var err error
		if out[i].States, err = encode(ctx, s.engine, out[i].Text); err != nil {
			return nil, err
		}
		if (i+1)%100 == 0 || i+1 == len(out) {
			s.progress(stage, i+1, len(out), "documents read")
		}
	}
	return out, nil
}

// warmStart lets a learner begin with what the base knows of its types.
func (s *fineTune) warmStart(l *tagLearner) error {
	if s.before == nil {
		return nil
	}
	columns := make([]int, 3*len(s.types))
	for i, typ := range s.types {
		k := slices.Index(s.before.Types, typ)
		for j := range 3 {
			if columns[3*i+j] = -1; k >= 0 {
				columns[3*i+j] = 3*k + j
			}
		}
		if k >= 0 {
			copy(l.crf.Transitions[9*i:9*i+9], s.before.CRF.Transitions[9*k:9*k+9])
			copy(l.crf.Start[3*i:3*i+3], s.before.CRF.Start[3*k:3*k+3])
		}
	}
	return l.head.Start(s.before.Linear, columns, 1/(1-s.Tags.Dropout))
}

// join puts the base's other types beside what was learned.
func (s *fineTune) join(learned *heads.Tagger) (*heads.Tagger, error) {
	if s.before == nil || s.OnlyNew {
		return learned, nil
	}
	kept := slices.DeleteFunc(slices.Clone(s.before.Types), func(t string) bool { return slices.Contains(s.types, t) })
	if len(kept) == 0 {
		return learned, nil
	}
	others, err := s.before.Select(kept...)
	if err != nil {
		return nil, err
	}
	joined, err := heads.Join(others, learned)
	if err != nil {
		return nil, impossible(
			"%s beside the base's %s: %v: train on fewer types, or leave the base's out",
			strings.Join(s.types, ", "), strings.Join(kept, ", "), err,
		)
	}
	return joined, nil
}

// document makes a sample ready to learn tags from.
func (s *fineTune) document(x *Sample) *document {
	return goldDocument(&x.Example, x.Text, s.types, func(string, string) float32 { return 1 })
}

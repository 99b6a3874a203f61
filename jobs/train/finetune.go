package train

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// FineTuneOptions are the options of FineTune. Trunk and vocabulary stay the base's. A type of the
// annotations that the base has, too, starts from the base's weights. The other types of the base
// stay as they are, and so do its other heads, except relation heads with a relation type that is
// trained.
//
// Training is not resumed after an interruption: hundreds of documents take a minute or two.
type FineTuneOptions struct {
	Name    string
	Sources []string          // names of the training data, for the card
	Train   []dataset.Example // Split is "train"
	Dev     []dataset.Example // Split is "dev"; none: a tenth of the documents of Train
	Tasks   []string          // of schemas.Tasks
	Base    *catalog.Model
	OnlyNew bool // drop the heads of the base
	States  bool // the tag head reads the states of the trunk, not only features
	Out     string
	Backend string // of package biogpt; empty for "auto"
	Seed    uint64
	Tags    Tags // Types, Corpora and Weights are not used
}

// FewShot returns settings for dozens to thousands of documents.
func FewShot() Tags {
	return Tags{
		Epochs: 30, Patience: 6, Bits: 18, Rate: 0.1, CRFRate: 0.05, StateRate: 0.01, L1: 0.1, L2: 0.1, Dropout: 0.2,
		Threshold: 0.02, OutsideBias: map[string]float32{"": 0.5}, RepeatBonus: 1,
	}
}

// Names and limits of FineTune.
const (
	fineTunedRelations = "own"
	devSet             = "dev set"
	trainingSet        = "training set" // by cross-validation
	minDocuments       = 20             // for a summary or answer head
)

// FineTune trains heads on annotations, on top of a model that exists, and writes a model
// directory. Mistakes in the options are an ErrPlan.
func FineTune(ctx context.Context, o FineTuneOptions, progress Progress) (Outcome, error) {
	outcome, err := fineTune(ctx, o, progress)
	if err != nil {
		err = fmt.Errorf("train: %w", err)
	}
	return outcome, err
}

func fineTune(ctx context.Context, o FineTuneOptions, progress Progress) (Outcome, error) {
	if err := o.check(); err != nil {
		return Outcome{}, err
	}
	file, closeFile, err := weights.OpenFS(o.Base.FS, biogpt.WeightsFile)
	if err != nil {
		return Outcome{}, fmt.Errorf("base %s: %w", o.Base.Card.Name, err)
	}
	defer closeFile()
	p, err := o.plan(file)
	if err != nil {
		return Outcome{}, err
	}
	return train(ctx, p, progress)
}

// check reports mistakes in the options.
func (o *FineTuneOptions) check() error {
	mentions := 0
	for _, e := range o.Train {
		mentions += len(e.Gold.Mentions)
	}
	known := slices.DeleteFunc(schemas.Tasks(), schemas.Headless)
	for _, task := range o.Tasks {
		if !slices.Contains(known, task) {
			return impossible("task %q: choose from %s", task, strings.Join(known, ", "))
		}
	}
	switch {
	case len(o.Tasks) == 0:
		return impossible("name a task: %s", strings.Join(known, ", "))
	case o.trains(schemas.TaskNER) && mentions == 0:
		return impossible("the training documents hold no mentions")
	case len(o.Train) < 2 && len(o.Dev) == 0:
		return impossible("%d training document: at least 2 are needed, one of them for the dev set", len(o.Train))
	}
	if a, err := os.Stat(o.Out); err == nil {
		if b, err := os.Stat(o.Base.Card.Name); err == nil && os.SameFile(a, b) {
			return impossible("%s is the base: write to another directory", o.Out)
		}
	}
	return nil
}

func (o *FineTuneOptions) trains(task string) bool { return slices.Contains(o.Tasks, task) }

// plan makes the plan. file is the weights file of the base, which stays open during training.
func (o *FineTuneOptions) plan(file *weights.File) (p *plan, err error) {
	p = &plan{
		card: o.card(), out: o.Out, backendName: o.Backend, seed: o.Seed,
		base: o.Base, baseFile: file, onlyNew: o.OnlyNew,
	}
	if p.files, err = filesOf(o.Base); err != nil {
		return nil, err
	}
	if err := p.trunk.read(o.Base); err != nil {
		return nil, err
	}
	learn, dev := dataset.HoldOut(o.Train, o.Dev, o.Seed)
	if !slices.Equal(o.Tasks, []string{schemas.TaskAnswers}) { // cross-validated, without a dev set
		p.heldOut = len(dev)
	}
	if o.trains(schemas.TaskNER) {
		if p.tags, err = o.tagPlan(file, learn, dev); err != nil {
			return nil, err
		}
	}
	if o.trains(schemas.TaskRelations) {
		r, err := o.relationPlan(learn, dev)
		if err != nil {
			return nil, err
		}
		p.relations = []relationPlan{r}
	}
	if o.trains(schemas.TaskSummary) {
		if p.summary, err = o.summaryPlan(learn, dev); err != nil {
			return nil, err
		}
	}
	if o.trains(schemas.TaskAnswers) {
		if len(o.Dev) == 0 { // nothing was held out that cross-validation would need
			learn = o.Train
		}
		if p.answers, err = o.answerPlan(learn); err != nil {
			return nil, err
		}
	}
	if o.trains(schemas.TaskLabels) {
		p.labels, err = o.labelPlan(learn, dev)
	}
	return p, err
}

// card is the card, without the result of training.
func (o *FineTuneOptions) card() catalog.Card {
	base := o.Base.Card
	return catalog.Card{
		Name: o.Name, Version: "1", Licence: base.Licence, Attention: base.Attention, Window: base.Window,
		Types: base.Types, Training: slices.Concat(base.Training, o.Sources),
		Description: fmt.Sprintf(
			"%s on top of %s, trained on %s; the licence is that of the base.",
			strings.Join(o.Tasks, ", "), o.Base.ID(), strings.Join(o.Sources, ", "),
		),
	}
}

// tagPlan is the plan of the tag head, for all types of the annotations.
func (o *FineTuneOptions) tagPlan(file *weights.File, learn, dev []dataset.Example) (*tagPlan, error) {
	p := &tagPlan{settings: o.Tags, train: learn, states: o.States}
	types := typesOf(o.Train)
	p.settings.Types, p.settings.Weights = types, nil
	if 3*len(types) > heads.MaxLabels {
		return nil, impossible("%d types: a head has room for %d", len(types), heads.MaxLabels/3)
	}
	dev = slices.Clone(dev)
	for i := range dev {
		dev[i].Types = types
	}
	p.dev = []dataPart{{devSet, dev}}
	if !heads.HasTagger(file) {
		return p, nil
	}
	before, err := heads.ReadTagger(file)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", o.Base.Card.Name, err)
	}
	if before.Linear.Table != nil {
		p.settings.Bits = before.Linear.Table.Bits() // so that the two can be joined
	}
	if p.warm = before; !o.OnlyNew {
		p.beside = before
	}
	return p, nil
}

// typesOf returns the types that examples annotate, sorted.
func typesOf(examples []dataset.Example) (types []string) {
	for _, e := range examples {
		types = append(types, e.Types...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// relationPlan is the plan of a relation head, for all relation types and all pairs of entity types
// of the training set.
func (o *FineTuneOptions) relationPlan(learn, dev []dataset.Example) (relationPlan, error) {
	p := relationPlan{
		name: fineTunedRelations, data: strings.Join(o.Sources, ", "), devName: devSet, options: bioREDOptions(),
		train: withConcepts(learn), dev: withConcepts(dev),
	}
	r := &p.options
	r.Types, r.Pairs, r.Epochs, r.Seed, r.Folds = nil, nil, 8, o.Seed, 5
	for _, e := range p.train {
		for _, x := range e.Gold.Relations {
			if !slices.Contains(r.Types, x.Type) {
				r.Types = append(r.Types, x.Type)
			}
			types := [2]string{e.Gold.Mentions[x.Subject].Type, e.Gold.Mentions[x.Object].Type}
			if !slices.Contains(r.Pairs, types) && !slices.Contains(r.Pairs, [2]string{types[1], types[0]}) {
				r.Pairs = append(r.Pairs, types)
			}
		}
	}
	slices.Sort(r.Types)
	if len(r.Types) == 0 {
		return p, impossible("task %s: the training documents hold no relations", schemas.TaskRelations)
	}
	return p, nil
}

func withConcepts(examples []dataset.Example) []dataset.Example {
	out := make([]dataset.Example, len(examples))
	for i, e := range examples {
		out[i] = e.WithConcepts()
	}
	return out
}

// summaryPlan is the plan of the summary head.
func (o *FineTuneOptions) summaryPlan(learn, dev []dataset.Example) (*summaryPlan, error) {
	p := &summaryPlan{
		train: withConclusion(learn), dev: withConclusion(dev), devName: devSet, options: conclusionOptions(),
	}
	p.options.Seed = o.Seed
	if n := len(p.train); n < minDocuments {
		return nil, impossible(
			"task %s: %d of the training documents have a section of conclusions; at least %d are needed",
			schemas.TaskSummary, n, minDocuments,
		)
	}
	return p, nil
}

// withConclusion returns the documents of examples that are structured abstracts with a conclusion.
func withConclusion(examples []dataset.Example) (docs []*schemas.Document) {
	for _, e := range examples {
		if _, ok := ConclusionSpan(e.Doc); ok {
			docs = append(docs, e.Doc)
		}
	}
	return docs
}

// answerPlan is the plan of the answer head.
func (o *FineTuneOptions) answerPlan(learn []dataset.Example) (*answerPlan, error) {
	p := &answerPlan{data: trainingSet, examples: learn, options: pubMedQAOptions()}
	p.options.Seed = o.Seed
	n := 0
	for _, e := range learn {
		if e.Question != "" && slices.Contains(p.options.Answers, e.Answer) {
			n++
		}
	}
	if n < minDocuments {
		return nil, impossible(
			"task %s: %d of the training documents have a question with one of the answers %s; at least %d are needed",
			schemas.TaskAnswers, n, strings.Join(p.options.Answers, ", "), minDocuments,
		)
	}
	return p, nil
}

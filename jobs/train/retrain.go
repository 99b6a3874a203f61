package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/stages/ner"
)

// retrain trains the heads of the tasks in Recipe.Only and writes them into the model in
// Recipe.Out, of which all else stays.
func (r *recipeReader) retrain(ctx context.Context) (Outcome, error) {
	for _, task := range r.Only {
		if !slices.Contains(r.Tasks, task) {
			return Outcome{}, impossible(
				"the recipe trains the tasks %s alone, not %q", strings.Join(r.Tasks, ", "), task,
			)
		}
	}
	out, err := filepath.Abs(r.Out) // a directory, not the name of a model
	if err != nil {
		return Outcome{}, err
	}
	base, err := catalog.Resolve(out)
	if err != nil {
		return Outcome{}, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	file, closeFile, err := weights.OpenFS(base.FS, biogpt.WeightsFile)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", r.Out, err)
	}
	defer closeFile()
	all, _, err := dataset.Load(r.corpora())
	if err != nil {
		return Outcome{}, err
	}
	r.hold(all)
	p, err := r.retrainPlan(ctx, base, file)
	if err != nil {
		return Outcome{}, err
	}
	return train(ctx, p, r.progress)
}

// retrainPlan is the plan of some heads of a model that exists.
func (r *recipeReader) retrainPlan(ctx context.Context, base *catalog.Model, file *weights.File) (*plan, error) {
	p := &plan{
		out: r.Out, backendName: r.Backend, seed: r.Seed, card: base.Card, base: base, baseFile: file,
	}
	var err error
	if p.files, err = filesOf(base); err != nil {
		return nil, err
	}
	if err := p.trunk.read(base); err != nil {
		return nil, err
	}
	p.card.Version, p.card.Tasks, p.card.Training = r.Version, nil, r.trainingData()
	p.scores = slices.DeleteFunc(slices.Clone(base.Card.Scores), func(s catalog.Score) bool {
		return slices.Contains(r.Only, s.Task)
	})
	for _, task := range r.Only {
		if err := r.addTask(ctx, p, task); err != nil {
			return nil, fmt.Errorf("%s: %w", task, err)
		}
	}
	p.files[RecipeFile], err = jsonFile(r.Recipe)
	return p, err
}

// filesOf returns the files of a model beside weights, recipe and curves.
func filesOf(base *catalog.Model) (map[string][]byte, error) {
	files := map[string][]byte{}
	for name := range base.Card.SHA256 {
		if name == biogpt.WeightsFile || name == RecipeFile || name == CurveFile {
			continue
		}
		data, err := fs.ReadFile(base.FS, name)
		if err != nil {
			return nil, err
		}
		files[name] = data
	}
	return files, nil
}

// read sets the trunk of a model that stays as it is.
func (p *trunkPlan) read(base *catalog.Model) (err error) {
	if p.tok, err = tokenizer.Load(base.FS); err == nil {
		p.config, err = biogpt.LoadConfig(base.FS)
	}
	if err != nil {
		return fmt.Errorf("base %s: %w", base.Card.Name, err)
	}
	p.window = p.config.MaxPositions
	return nil
}

// mentionFinder returns the finder of the tagger that was trained, or else of that of the base.
func (t *trainer) mentionFinder(ctx context.Context) (*finder, error) {
	if t.tagger != nil {
		return t.finder(ctx, t.tagger)
	}
	if t.base == nil || !heads.HasTagger(t.baseFile) {
		return nil, errors.New("the model finds no mentions")
	}
	tagger, err := heads.ReadTagger(t.baseFile)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", t.base.Card.Name, err)
	}
	if t.backend, err = biogpt.OpenBackend(cmp.Or(t.backendName, device.Auto)); err != nil {
		return nil, err
	}
	engine, err := biogpt.Open(t.base.FS, t.backend)
	return &finder{ctx: ctx, stage: ner.New(tagger), engine: engine}, err
}

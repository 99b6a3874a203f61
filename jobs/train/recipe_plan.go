package train

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// Run trains a model by a recipe and writes its directory: its trunk first where Trunk.Masked names
// text for it and Recipe.TrunkDir does not hold it yet, then the heads. With Recipe.Only it trains
// some heads of a model that exists.
func Run(ctx context.Context, r Recipe, progress Progress) (Outcome, error) {
	outcome, err := run(ctx, r, progress)
	if err != nil {
		err = fmt.Errorf("train: %w", err)
	}
	return outcome, err
}

func run(ctx context.Context, recipe Recipe, progress Progress) (Outcome, error) {
	if err := recipe.check(); err != nil {
		return Outcome{}, err
	}
	r := &recipeReader{Recipe: recipe, progress: progress}
	if len(r.Only) > 0 {
		return r.retrain(ctx)
	}
	dir, err := r.openTrunk()
	if err != nil {
		return Outcome{}, fmt.Errorf("trunk: %w", err)
	}
	if dir != nil {
		defer dir.Close()
	}
	all, _, err := dataset.Load(r.corpora())
	if err != nil {
		return Outcome{}, err
	}
	r.hold(all)
	if err := r.checkTypes(); err != nil {
		return Outcome{}, err
	}
	if dir != nil {
		if err := r.trainTrunk(ctx, dir); err != nil {
			return Outcome{}, fmt.Errorf("trunk: %w", err)
		}
	}
	p, err := r.plan(ctx)
	if err != nil {
		return Outcome{}, err
	}
	return train(ctx, p, progress)
}

// recipeReader reads the data of a recipe and makes its plan.
type recipeReader struct {
	Recipe
	progress Progress
	all      []dataset.Example // all corpora, all parts
	held     dataset.HeldOut
}

// hold sets the examples and what is held out of training.
func (r *recipeReader) hold(all []dataset.Example) {
	r.all = r.promoteDev(all)
	r.held = dataset.NewHeldOut(r.all)
}

// promoteDev makes training parts of the dev parts that the recipe names among the corpora to train
// on ("drugprot/dev"). Nothing is measured on them then.
func (r *recipeReader) promoteDev(all []dataset.Example) []dataset.Example {
	all = slices.Clone(all)
	for i, e := range all {
		if slices.Contains(r.Tags.Corpora, e.Corpus+"/"+e.Split) {
			all[i].Split, all[i].Corpus = "train", e.Corpus+"/"+e.Split
		}
	}
	return all
}

// plan makes the plan of the recipe.
func (r *recipeReader) plan(ctx context.Context) (*plan, error) {
	p := &plan{
		out: r.Out, backendName: r.Backend, seed: r.Seed, files: map[string][]byte{},
		card: catalog.Card{
			Name: r.Name, Version: r.Version, Description: r.Description, Licence: "Apache-2.0",
			Training: r.trainingData(),
		},
	}
	var err error
	if p.trunk, err = r.trunk(ctx); err != nil {
		return nil, err
	}
	p.card.Attention, p.card.Window = p.trunk.config.Attention, p.trunk.config.MaxPositions
	if p.tags, err = r.tagPlan(ctx); err != nil {
		return nil, err
	}
	for _, task := range r.Tasks {
		if err := r.addTask(ctx, p, task); err != nil {
			return nil, fmt.Errorf("%s: %w", task, err)
		}
	}
	return p, r.addFiles(p)
}

// addTask adds the data and the settings of a task other than mentions.
func (r *recipeReader) addTask(ctx context.Context, p *plan, task string) (err error) {
	switch task {
	case schemas.TaskLinking:
		p.linking, err = r.linkingPlan()
	case schemas.TaskRelations:
		v, err := vocabulary.Open(vocabulary.Bundled)
		if err != nil {
			return err
		}
		biored, cid := bioREDOptions(), cidOptions()
		biored.Vocabulary, cid.Vocabulary = goldHierarchy{relation.Hierarchy(v)}, goldHierarchy{relation.Hierarchy(v)}
		p.relations = []relationPlan{
			r.relationPlan("biored", "biored", biored), r.relationPlan("cid", "bc5cdr", cid),
		}
	case schemas.TaskSummary:
		p.summary, err = r.summaryPlan(ctx)
	case schemas.TaskAnswers:
		p.answers, err = r.answerPlan()
	}
	return err
}

// addFiles adds the files of the model directory beside the weights.
func (r *recipeReader) addFiles(p *plan) error {
	vocabulary, err := p.trunk.tok.Files()
	if err != nil {
		return err
	}
	maps.Copy(p.files, vocabulary)
	for name, v := range map[string]any{biogpt.ConfigFile: p.trunk.config, RecipeFile: r.Recipe} {
		if p.files[name], err = jsonFile(v); err != nil {
			return err
		}
	}
	return nil
}

// trainingData names all that the model is trained on, each once.
func (r *recipeReader) trainingData() []string {
	var questions, names []string
	if slices.Contains(r.Tasks, schemas.TaskAnswers) {
		questions = []string{"pubmedqa"}
	}
	for _, name := range slices.Concat(r.Tags.Corpora, questions, r.Pool, r.Trunk.Masked.Files) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tagPlan is the plan of the tag head.
func (r *recipeReader) tagPlan(ctx context.Context) (*tagPlan, error) {
	p := &tagPlan{settings: r.Tags, train: r.training(r.Tags.Corpora), dev: r.devParts()}
	if r.Trunk.learns() {
		p.joint = &jointPlan{settings: r.Trunk, train: r.training(r.Trunk.Corpora)}
	}
	if r.Base != "" {
		var err error
		if p.fixed, err = r.baseTagger(); err != nil {
			return nil, err
		}
	}
	if r.Silver.Documents > 0 && r.Base == "" || r.Trunk.Documents > 0 {
		head, trunk, err := r.silverDocuments(ctx)
		if err != nil {
			return nil, err
		}
		p.silver = &silverPlan{settings: r.Silver, vocabularies: r.vocabularies(), head: head, trunk: trunk}
	}
	return p, nil
}

// checkTypes refuses an entity type that no training example annotates: its CRF would stay as it
// was initialised and tag at random.
func (r *recipeReader) checkTypes() error {
	training := r.training(r.Tags.Corpora)
	for _, typ := range r.Tags.Types {
		annotates := func(e dataset.Example) bool { return e.Annotates(typ) }
		if r.Base == "" && !slices.ContainsFunc(training, annotates) {
			return fmt.Errorf(
				"tags.types: no corpus of tags.corpora annotates %s: remove the type, or add a corpus", typ,
			)
		}
	}
	return nil
}

// training returns the training examples of corpora.
func (r *recipeReader) training(corpora []string) []dataset.Example {
	return slices.DeleteFunc(
		r.held.Training(r.all), func(e dataset.Example) bool { return !slices.Contains(corpora, e.Corpus) },
	)
}

// devParts returns the dev parts of the corpora that the recipe measures.
func (r *recipeReader) devParts() (parts []dataPart) {
	for _, e := range r.all {
		if e.Split != "dev" || !slices.Contains(r.Measure, e.Corpus) {
			continue
		}
		name := e.Corpus + "/" + e.Split
		i := slices.IndexFunc(parts, func(p dataPart) bool { return p.name == name })
		if i < 0 {
			i = len(parts)
			parts = append(parts, dataPart{name: name})
		}
		parts[i].examples = append(parts[i].examples, e)
	}
	return parts
}

// baseTagger reads the tag head of Recipe.Base, without its part for a trunk that will be replaced.
func (r *recipeReader) baseTagger() (*heads.Tagger, error) {
	file, closeFile, err := weights.OpenFS(catalog.Dir(r.Base), biogpt.WeightsFile)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.Base, err)
	}
	defer closeFile()
	tagger, err := heads.ReadTagger(file)
	if err != nil {
		return nil, fmt.Errorf("base %s: %w", r.Base, err)
	}
	if r.Trunk.learns() {
		tagger.Linear.Dim, tagger.Linear.Dense = 0, nil
	}
	return tagger, nil
}

// relationPlan is the plan of a relation head on one corpus.
func (r *recipeReader) relationPlan(name, corpus string, o relationOptions) relationPlan {
	return relationPlan{
		name: name, data: corpus, options: o, endToEnd: true,
		train: r.held.Training(dataset.Select(r.all, corpus, "train")),
		dev:   dataset.Select(r.all, corpus, "dev"), devName: corpus + "/dev",
	}
}

// summaryPlan is the plan of the summary head, with an eighth of the pool's structured abstracts as
// the dev set.
func (r *recipeReader) summaryPlan(ctx context.Context) (*summaryPlan, error) {
	var files []string
	for _, name := range r.Pool {
		files = append(files, r.pool(name))
	}
	docs, err := structuredAbstracts(ctx, files, r.held)
	if err != nil {
		return nil, err
	}
	dev := len(docs) / 8
	return &summaryPlan{
		train: docs[dev:], dev: docs[:dev], devName: "structured abstracts, held out",
		options: conclusionOptions(),
	}, nil
}

// answerPlan is the plan of the answer head on PubMedQA.
func (r *recipeReader) answerPlan() (*answerPlan, error) {
	examples, _, err := dataset.Read(
		filepath.Join(r.corpora(), "pubmedqa", "train.json"), dataset.PublicRules("pubmedqa", "train"),
	)
	if err != nil {
		return nil, err
	}
	return &answerPlan{
		data: "pubmedqa/train", examples: r.held.Training(examples), options: pubMedQAOptions(),
	}, nil
}

// trunk returns the vocabulary and the initial trunk.
func (r *recipeReader) trunk(ctx context.Context) (p trunkPlan, err error) {
	p.window = r.Trunk.Window
	if r.TrunkDir != "" {
		err = r.readTrunk(&p)
	} else if p.tok, err = r.vocabulary(ctx); err == nil {
		p.config = r.Trunk.config(p.tok.Size())
		p.params = biogpt.InitStructured(p.config, r.Seed)
	}
	if err == nil && r.Base != "" && !r.Trunk.learns() {
		p.config, p.params, err = biogpt.Load(catalog.Dir(r.Base))
	}
	return p, err
}

// readTrunk reads vocabulary and trunk from Recipe.TrunkDir.
func (r *recipeReader) readTrunk(p *trunkPlan) (err error) {
	dir := catalog.Dir(r.TrunkDir)
	if p.tok, err = tokenizer.Load(dir); err != nil {
		return err
	}
	if p.config, p.params, err = biogpt.Load(dir); err != nil {
		return err
	}
	if p.config.Attention != biogpt.Bidirectional {
		return fmt.Errorf(
			"%s: its attention is %s: tag heads need the states of a bidirectional trunk", r.TrunkDir,
			p.config.Attention,
		)
	}
	if want := r.Trunk.config(p.tok.Size()); want != p.config {
		return fmt.Errorf(
			"%s: its trunk has other sizes than the recipe: remove the directory to train the trunk again", r.TrunkDir,
		)
	}
	return nil
}

// vocabulary returns the vocabulary of Recipe.Base, or learns one from the pool.
func (r *recipeReader) vocabulary(ctx context.Context) (*tokenizer.Tokenizer, error) {
	if r.Base != "" {
		return tokenizer.Load(catalog.Dir(r.Base))
	}
	counts := map[string]int{}
	for doc, err := range r.records(ctx, r.Pool) {
		if err != nil {
			return nil, err
		}
		for _, w := range tokenizer.Words(doc.Text()) {
			counts[w]++
		}
	}
	tok, err := tokenizer.Learn(counts, r.Trunk.Vocabulary)
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	r.progress("vocabulary", 1, 1, fmt.Sprintf("%d pieces", tok.Size()))
	return tok, nil
}

package train

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/ner"
)

// toyData writes a directory with a pool and vocabularies.
func toyData(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	vocabularies := os.DirFS(filepath.Join("lexicon", "testdata", "vocab"))
	if err := os.CopyFS(filepath.Join(dir, "vocab"), vocabularies); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "pool"), 0o755); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for i := range 12 {
		fmt.Fprintf(&lines, `{"id": %d, "title": "Testamide caused renal failure", "abstract": "%s"}`+"\n", i,
			strings.Repeat("The drug testamide caused renal failure in mice, and ibuprofen did not. ", 4))
	}
	if err := os.WriteFile(filepath.Join(dir, "pool", "toy.jsonl"), []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func toyRecipe(t testing.TB) Recipe {
	tags := toyTags()
	tags.Corpora, tags.Epochs, tags.OutsideBias = []string{"made"}, 20, map[string]float32{"Chemical": 0.5}
	return Recipe{
		Name: "toy", Data: toyData(t), Out: filepath.Join(t.TempDir(), "model"), Backend: device.GoMLX, Seed: 1,
		Tags: tags, Pool: []string{"toy.jsonl"}, Measure: []string{"made"},
		Silver: Silver{Documents: 5, Epochs: 10, Weight: 0.5, MinConfidence: 0.5, Gold: 0.5},
		Trunk: Trunk{
			Vocabulary: 300, Hidden: 32, Layers: 1, Heads: 1, FFN: 32, Window: 32, Documents: 5,
			Corpora: []string{"made"}, Epochs: 1, StateWeight: 0.5, Rate: 0.001, Dropout: 0.1, StepTokens: 64,
			FeatureMask: 0.3, FeatureDropout: 0.3,
		},
	}
}

// toyExamples are two training documents and one of the dev set.
func toyExamples() []dataset.Example {
	dev := *made(
		"Aspirin caused hepatic failure", "The drug helped.", chemicalDisease, aspirin,
		[2]string{"Disease", "hepatic failure"},
	)
	dev.Split = "dev"
	return []dataset.Example{
		*made("Aspirin caused renal failure", "The drug helped.", chemicalDisease, aspirin, renalFailure),
		*made(
			"Mice", "The drug ibuprofen did not. Renal failure came.", chemicalDisease, ibuprofen,
			[2]string{"Disease", "Renal failure"},
		),
		dev,
	}
}

func quiet(string, int, int, string) {}

// makeToy trains a model by a recipe on the toy examples.
func makeToy(t testing.TB, recipe Recipe) Outcome {
	t.Helper()
	r := &recipeReader{Recipe: recipe, progress: quiet}
	r.hold(toyExamples())
	p, err := r.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := train(t.Context(), p, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

// The directory of a trained model is complete: the model finds mentions.
func TestModelOfRecipe(t *testing.T) {
	r := toyRecipe(t)
	makeToy(t, r)
	dir := os.DirFS(r.Out)
	if _, err := tokenizer.Load(dir); err != nil {
		t.Error(err)
	}
	cfg, _, err := biogpt.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(r.Out, biogpt.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	file, err := weightstest.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	tagger, err := heads.ReadTagger(file)
	if err != nil {
		t.Fatal(err)
	}
	if tagger.Linear.Dim != cfg.Hidden || !cmp.Equal(tagger.Types, chemicalDisease) {
		t.Errorf("a head for %d values and types %v", tagger.Linear.Dim, tagger.Types)
	}
	var a schemas.Annotations
	e := made("Aspirin caused renal failure", "x", nil)
	text := toyPreparer(t).Prepare(e.Doc)
	states := model.States{Dim: cfg.Hidden, Data: make([]float32, cfg.Hidden*len(text.Tokens))}
	if err := ner.New(tagger).Annotate(text, states, &a); err != nil || len(a.Mentions) != 2 {
		t.Errorf("mentions %v, error %v", a.Mentions, err)
	}
	made, err := catalog.Resolve(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	card := made.Card
	if len(card.SHA256) != 5 || card.Scores[0].Data != "made/dev" || card.Scores[0].Setting != "" ||
		card.Scores[0].F1 == 0 {
		t.Errorf("card %+v", card)
	}
}

// The same recipe and data give the same weights, also with the tag head of a base.
func TestRecipeIsReproducible(t *testing.T) {
	first := toyRecipe(t)
	first.Trunk.Documents, first.Trunk.Epochs = 0, 0
	makeToy(t, first)
	second := first
	second.Out = filepath.Join(t.TempDir(), "again")
	makeToy(t, second)
	based := first
	based.Out, based.Base, based.Tags.OutsideBias = filepath.Join(t.TempDir(), "based"), first.Out, nil
	makeToy(t, based)
	want := read(t, first.Out)
	for _, dir := range []string{second.Out, based.Out} {
		if got := read(t, dir); got != want {
			t.Errorf("%s differs", dir)
		}
	}
}

// With patience, training stops early and keeps the best epoch; the model directory has the curve.
func TestRecipeStopsEarly(t *testing.T) {
	r := toyRecipe(t)
	r.Trunk.Documents, r.Trunk.Epochs, r.Tags.Patience = 0, 0, 2
	outcome := makeToy(t, r)
	if n := len(outcome.Curve); outcome.Best == 0 || n != outcome.Best+2 || n >= r.Tags.Epochs {
		t.Errorf("best epoch %d of %d", outcome.Best, n)
	}
	f1 := f1Of(t, outcome, score.Subject{Task: schemas.TaskNER, Data: "made/dev"})
	if best := outcome.Curve[outcome.Best-1].F1; f1 != best {
		t.Errorf("F1 %.3f, the best epoch has %.3f", f1, best)
	}
	if _, err := os.Stat(filepath.Join(r.Out, CurveFile)); err != nil {
		t.Error(err)
	}
}

// A type that no corpus annotates is refused before anything is trained, unless a base has it.
func TestRecipeChecksTypes(t *testing.T) {
	r := &recipeReader{Recipe: toyRecipe(t), progress: quiet}
	r.hold(toyExamples())
	if err := r.checkTypes(); err != nil {
		t.Error(err)
	}
	r.Tags.Types = append(slices.Clone(r.Tags.Types), "Tool")
	if err := r.checkTypes(); err == nil || !strings.Contains(err.Error(), "annotates Tool") {
		t.Errorf("error %v", err)
	}
	if r.Base = "base"; r.checkTypes() != nil {
		t.Error("the types of a base are refused")
	}
}

func TestBiasOf(t *testing.T) {
	bias := map[string]float32{"": 0.5, "Gene": 0}
	if got := []float32{biasOf(bias, "Gene"), biasOf(bias, "Disease"), biasOf(nil, "Gene")}; !cmp.Equal(
		got, []float32{0, 0.5, 0},
	) {
		t.Errorf("%v", got)
	}
}

// With a tiny token rate the token table keeps its initial values, to the precision of the file,
// while the rest of the trunk is trained.
func TestTokenRate(t *testing.T) {
	moved := func(rate float64) (table, rest float64) {
		r := toyRecipe(t)
		r.Trunk.Documents, r.Trunk.Epochs, r.Trunk.Rate, r.Trunk.TokenRate = 0, 5, 0.02, rate
		makeToy(t, r)
		cfg, after, err := biogpt.Load(os.DirFS(r.Out))
		if err != nil {
			t.Fatal(err)
		}
		for name, before := range biogpt.InitStructured(cfg, r.Seed) {
			most := 0.0
			for i, x := range before {
				most = max(most, math.Abs(float64(x-after[name][i])))
			}
			if name == biogpt.TokenTable {
				table = most
			} else {
				rest = max(rest, most)
			}
		}
		return table, rest
	}
	if table, rest := moved(1e-9); table > 1e-4 || rest < 1e-3 {
		t.Errorf("the table moved by %g, the rest by %g", table, rest)
	}
	if table, _ := moved(0); table < 1e-3 {
		t.Errorf("the table moved by %g at the rate of a new trunk", table)
	}
}

func read(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, biogpt.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReadRecipe(t *testing.T) {
	whole, err := json.Marshal(toyRecipe(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want string }{
		{"whole", string(whole), ""},
		{"misspelt", strings.Replace(string(whole), `"seed"`, `"sed"`, 1), "sed"},
		{"no types", strings.Replace(string(whole), `["Chemical","Disease"]`, `[]`, 1), "tags.types"},
		{"tiny window", strings.Replace(string(whole), `"window":32`, `"window":2`, 1), "window"},
		{"unknown task", strings.Replace(string(whole), `"tasks":null`, `"tasks":["poems"]`, 1), `"poems"`},
		{"odd heads", strings.Replace(string(whole), `"heads":1`, `"heads":5`, 1), "num_attention_heads"},
		{"no JSON", "seed: 1", "invalid"},
	} {
		path := filepath.Join(t.TempDir(), RecipeFile)
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReadRecipe(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := ReadRecipe(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("a recipe that does not exist was read")
	}
}

// The recipes in the repository are valid, and their FFN is as wide as BioGPT's.
func TestRecipesOfTheRepository(t *testing.T) {
	for _, name := range []string{"bundled", "large"} {
		r, err := ReadRecipe(filepath.Join("..", "..", "model", "catalog", name, RecipeFile))
		if err != nil {
			t.Error(err)
		}
		if r.Name != name || r.Trunk.FFN != 4*r.Trunk.Hidden {
			t.Errorf(
				"recipe %s: name %q, FFN %d for a width of %d: BioGPT has four times the width", name,
				r.Name, r.Trunk.FFN, r.Trunk.Hidden,
			)
		}
	}
}

func TestRunWithoutData(t *testing.T) {
	r := toyRecipe(t)
	r.Backend = device.GoMLX
	if _, err := Run(t.Context(), r, quiet); err == nil ||
		!strings.Contains(err.Error(), "corpora") {
		t.Errorf("error %v", err)
	}
}

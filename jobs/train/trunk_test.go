package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/schemas"
)

// The heads read the trunk that was trained on text, with its vocabulary.
func TestTrunkOfText(t *testing.T) {
	r := toyRecipe(t)
	r.Trunk.FFN, r.Trunk.Documents, r.Trunk.Epochs = 48, 0, 1
	var lines strings.Builder
	for i := range 12 {
		fmt.Fprintf(
			&lines,
			`{"id": %d, "title": "On what the drug number %d did", `+
				`"abstract": "The drug testamide caused renal failure in mice %d times."}`+"\n",
			i,
			i,
			i,
		)
	}
	if err := os.WriteFile(filepath.Join(r.Data, "pool", "toy.jsonl"), []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	r.Trunk.Masked = Masked{Files: []string{"toy.jsonl"}, Epochs: 2, Rate: 1e-3, Tokens: 64}
	reader := &recipeReader{Recipe: r, progress: quiet}
	reader.hold(nil)
	plan, err := reader.trunkPlan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Train)+len(plan.Dev) != 12 || plan.Attention != biogpt.Bidirectional {
		t.Errorf("a plan of %d and %d documents, %s", len(plan.Train), len(plan.Dev), plan.Attention)
	}
	dir, err := reader.openTrunk()
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if err := reader.trainTrunk(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if again, err := reader.openTrunk(); again != nil || err != nil {
		t.Errorf("the trunk would be trained again, error %v", err)
	}
	r.TrunkDir = r.Out + ".trunk"
	want, _, err := biogpt.Load(os.DirFS(r.TrunkDir))
	if err != nil {
		t.Fatal(err)
	}
	makeToy(t, r)
	for _, name := range []string{"vocab.json", "merges.txt"} {
		if want, got := readFile(t, r.TrunkDir, name), readFile(t, r.Out, name); got != want {
			t.Errorf("%s is not that of the trunk", name)
		}
	}
	cfg, _, err := biogpt.Load(os.DirFS(r.Out))
	if err != nil || cfg != want {
		t.Errorf("config %+v, error %v, want %+v", cfg, err, want)
	}
	if r.TrunkDir = t.TempDir(); os.WriteFile(filepath.Join(r.TrunkDir, "vocab.json"), []byte("{}"), 0o644) != nil {
		t.Fatal("cannot write")
	}
	reader.Recipe = r
	if err := reader.readTrunk(&trunkPlan{}); err == nil {
		t.Error("an incomplete trunk was read")
	}
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The card names the text that the trunk was trained on beside the other data, each file once.
func TestTrainingOnTheCard(t *testing.T) {
	r := recipeReader{
		Recipe: Recipe{
			Tags: Tags{Corpora: []string{"a", "b/dev"}}, Pool: []string{"x", "y"},
			Trunk: Trunk{Masked: Masked{Files: []string{"y", "z"}}}, Tasks: []string{schemas.TaskAnswers},
		},
	}
	if got := strings.Join(r.trainingData(), " "); got != "a b/dev pubmedqa x y z" {
		t.Errorf("trained on %s", got)
	}
}

// Documents of dev parts that a recipe trains on are used for training, unless another dev part has
// them, too.
func TestPromoteDev(t *testing.T) {
	part := func(name, split, title string) dataset.Example {
		e := *made(title, "Nothing else.", chemicalDisease)
		e.Corpus, e.Split = name, split
		return e
	}
	r := recipeReader{Recipe: toyRecipe(t)}
	r.Tags.Corpora = []string{"a", "b/dev"}
	all := r.promoteDev([]dataset.Example{
		part("a", "train", "A title that is long enough"), part("b", "dev", "Another title that is long enough"),
		part("b", "dev", "A third title that is long enough"), part("c", "dev", "A third title that is long enough"),
	})
	var got []string
	for _, e := range dataset.NewHeldOut(all).Training(all) {
		got = append(got, e.Corpus+": "+e.Doc.Title())
	}
	if want := "a: A title that is long enough, b/dev: Another title that is long enough"; strings.Join(
		got, ", ",
	) != want {
		t.Errorf("training on %s, want %s", strings.Join(got, ", "), want)
	}
}

package train

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/jobs/train/loop/looptest"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/schemas"
)

// folder takes the files of a model directory.
type folder string

func (f folder) Write(name string, write func(io.Writer) error) (string, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return "", err
	}
	return "0", os.WriteFile(filepath.Join(string(f), name), b.Bytes(), 0o644)
}

// A trunk that learned from text first is what the heads read, with its own vocabulary.
func TestTrunkOfText(t *testing.T) {
	r := toyRecipe(t)
	r.Trunk.FFN, r.Trunk.Documents, r.Trunk.Epochs = 48, 0, 1
	var lines strings.Builder
	for i := range 12 {
		fmt.Fprintf(
			&lines,
			`{"id": %d, "title": "On what the drug number %d did", "abstract": "The drug testamide caused renal failure in mice %d times."}`+"\n",
			i, i, i,
		)
	}
	if err := os.WriteFile(filepath.Join(r.Data, "pool", "toy.jsonl"), []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	r.Trunk.Masked = Masked{Files: []string{"toy.jsonl"}, Epochs: 2, Rate: 1e-3, Tokens: 64}
	s := session{Recipe: r, progress: func(string, int, int, string) {}, held: dataset.NewHeldOut(nil)}
	plan, err := s.trunkPlan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Train)+len(plan.Dev) != 12 || plan.Attention != biogpt.Bidirectional {
		t.Errorf("a plan of %d and %d documents, %s", len(plan.Train), len(plan.Dev), plan.Attention)
	}
	plan.Backend = device.CPU
	r.TrunkDir = t.TempDir()
	outcome, err := lm.Run(t.Context(), plan, folder(r.TrunkDir), looptest.New(), func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	makeToy(t, r)
	for _, name := range []string{"vocab.json", "merges.txt"} {
		if want, got := readFile(t, r.TrunkDir, name), readFile(t, r.Out, name); got != want {
			t.Errorf("%s is not the trunk's", name)
		}
	}
	cfg, _, err := biogpt.Load(os.DirFS(r.Out))
	if err != nil || cfg != outcome.Config {
		t.Errorf("config %+v, error %v, want %+v", cfg, err, outcome.Config)
	}
	if r.TrunkDir = t.TempDir(); os.WriteFile(filepath.Join(r.TrunkDir, "vocab.json"), []byte("{}"), 0o644) != nil {
		t.Fatal("cannot write")
	}
	s.Recipe = r
	if err := s.readTrunk(); err == nil {
		t.Error("half a trunk was read")
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

// The card names the text that the trunk learned from beside the rest, each file once.
func TestTrainingOnTheCard(t *testing.T) {
	s := session{
		Recipe: Recipe{
			Tags: Tags{Corpora: []string{"a", "b/dev"}}, Pool: []string{"x", "y"},
			Trunk: Trunk{Masked: Masked{Files: []string{"y", "z"}}}, Tasks: []string{schemas.TaskAnswers},
		},
	}
	if got := strings.Join(s.training(), " "); got != "a b/dev pubmedqa x y z" {
		t.Errorf("trained on %s", got)
	}
}

// Development parts that a recipe gives to training are measured on no more, but what stands in
// another one stays held out.
func TestGivenParts(t *testing.T) {
	part := func(name, split, title string) dataset.Example {
		e := *made(title, "Nothing else.", chemicalDisease)
		e.Corpus, e.Split = name, split
		return e
	}
	s := session{Recipe: toyRecipe(t)}
	s.Tags.Corpora = []string{"a", "b/dev"}
	all := s.given([]dataset.Example{
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

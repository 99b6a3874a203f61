package train

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// tensorsOf returns the bytes of the tensors of a model that are not of relation heads.
func tensorsOf(t *testing.T, file *weights.File) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range file.Names() {
		tensor, err := file.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if !heads.Belongs(name, schemas.TaskRelations) {
			out[name] = string(tensor.Data)
		}
	}
	return out
}

func openModel(t *testing.T, dir string) (*catalog.Model, *weights.File) {
	t.Helper()
	m, err := catalog.Resolve(dir)
	if err != nil {
		t.Fatal(err)
	}
	file, closeFile, err := weights.OpenFS(m.FS, biogpt.WeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeFile() })
	return m, file
}

// Training some heads again keeps all else of the model, and the scores of the other tasks.
func TestRetrain(t *testing.T) {
	recipe := toyRecipe(t)
	makeToy(t, recipe)
	base, file := openModel(t, recipe.Out)
	r := toyReader(t)
	r.Out, r.Backend, r.Version, r.Tasks = recipe.Out, recipe.Backend, "2", []string{"relations"}
	r.Only = r.Tasks
	p, err := r.retrainPlan(t.Context(), base, file)
	if err != nil {
		t.Fatal(err)
	}
	before := tensorsOf(t, file)
	if _, err := train(t.Context(), p, quiet); err != nil {
		t.Fatal(err)
	}
	m, file := openModel(t, recipe.Out)
	if diff := cmp.Diff(before, tensorsOf(t, file)); diff != "" {
		t.Error("other tensors changed")
	}
	if found, err := heads.ReadRelations(file); err != nil || len(found) != 2 {
		t.Errorf("%d relation heads, %v", len(found), err)
	}
	if m.Card.Version != "2" || !slices.Equal(m.Card.Tasks, []string{schemas.TaskNER, schemas.TaskRelations}) ||
		!slices.Equal(m.Card.Types, base.Card.Types) {
		t.Errorf("card %+v", m.Card)
	}
	n := len(base.Card.Scores)
	if n == 0 || len(m.Card.Scores) <= n || cmp.Diff(base.Card.Scores, m.Card.Scores[:n]) != "" {
		t.Errorf("the scores %v became %v", base.Card.Scores, m.Card.Scores)
	}
}

func TestRetrainRefuses(t *testing.T) {
	recipe := toyRecipe(t)
	recipe.Tasks = []string{"relations"}
	for task, want := range map[string]string{"ner": "trains the tasks relations alone", "relations": "is unknown"} {
		recipe.Only = []string{task}
		if _, err := Run(t.Context(), recipe, quiet); !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), want) {
			t.Errorf("only %s: %v", task, err)
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/jobs/train"
	"github.com/pubmine/pubmine/model/catalog"
)

// recipeFile writes a changed copy of the bundled model's recipe, and returns its path.
func recipeFile(t *testing.T, change func(*train.Recipe)) string {
	t.Helper()
	recipe, err := train.ReadRecipe(filepath.Join("..", "..", "model", "catalog", "bundled", train.RecipeFile))
	if err != nil {
		t.Fatal(err)
	}
	change(&recipe)
	return jobstest.WriteJSON(t, filepath.Join(t.TempDir(), train.RecipeFile), recipe)
}

// The trunk of a recipe is trained in its own directory, which is reported and not trained in
// again.
func TestTrunkOfARecipe(t *testing.T) {
	masked := recipeFile(t, func(r *train.Recipe) {
		r.Trunk.Masked = train.Masked{Files: []string{"text.jsonl"}, Epochs: 1, Rate: 1e-3, Tokens: 512}
	})
	plain := recipeFile(t, func(r *train.Recipe) { r.Trunk.Masked = train.Masked{} })
	whole, foreign := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(whole, catalog.CardFile), filepath.Join(foreign, "notes.txt")} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, recipe, trunk string
		code                int
		printed, want       string // on standard error, and as the error
	}{
		{"an existing trunk", masked, whole, exit.Failure, "remove it to train it again", "corpora"},
		{"somebody's folder", masked, foreign, exit.Misuse, "", "notes.txt"},
		{"no data", masked, filepath.Join(t.TempDir(), "trunk"), exit.Failure, "", "train: corpus"},
		{"no text for the trunk", plain, foreign, exit.Failure, "", "corpora"},
		{"no recipe", filepath.Join(foreign, "none.json"), foreign, exit.Misuse, "", "none.json"},
	} {
		var printed bytes.Buffer
		args := strings.Fields(
			fmt.Sprintf(
				"train recipe %s --data %s --trunk %s --out %s --backend cpu", c.recipe, t.TempDir(), c.trunk,
				filepath.Join(t.TempDir(), "out"),
			),
		)
		err := executed(t, t.Context(), args, streams{out: new(bytes.Buffer), err: &printed})
		if exit.Code(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) ||
			!strings.Contains(printed.String(), c.printed) {
			t.Errorf("%s: exit code %d, error %v, printed %q", c.name, exit.Code(err), err, printed.String())
		}
	}
}

package train

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

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
	"github.com/pubmine/pubmine/stages/text"
)

// bundledFinder returns a finder with the bundled model.
func bundledFinder(t *testing.T) (*text.Preparer, *finder) {
	t.Helper()
	bundled, err := catalog.Resolve(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	data, err := fs.ReadFile(bundled.FS, biogpt.WeightsFile)
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
	tok, err := tokenizer.Load(bundled.FS)
	if err != nil {
		t.Fatal(err)
	}
	backend, err := biogpt.OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backend.Close() })
	engine, err := biogpt.Open(bundled.FS, backend)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return text.New(tok, engine.MaxLen()), &finder{ctx: t.Context(), stage: ner.New(tagger), engine: engine}
}

// The F1 of the bundled model on a part of the dev sets is close to that on its card.
func TestBundledModelFindsMentions(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the bundled model over 40 abstracts")
	}
	dir := filepath.Join("..", "..", "..", "shared", "data", "corpora")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public corpora are missing: ", err)
	}
	all, _, err := dataset.Load(dir, "bc5cdr", "biored")
	if err != nil {
		t.Fatal(err)
	}
	prepare, find := bundledFinder(t)
	for _, c := range []struct {
		corpus string
		least  float64
		types  int
	}{{"bc5cdr", 0.84, 2}, {"biored", 0.78, 5}} {
		table := score.Table{}
		for _, e := range dataset.Select(all, c.corpus, "dev")[:20] {
			var a schemas.Annotations
			if err := find.Annotate(prepare.Prepare(e.Doc), model.States{}, &a); err != nil {
				t.Fatal(err)
			}
			table.Mentions(&e, a.Mentions)
		}
		t.Logf("%s: %v of %v", c.corpus, table.Micro(), table)
		if f := table.Micro().F1(); f < c.least {
			t.Errorf("%s: F1 %.3f, want at least %.2f", c.corpus, f, c.least)
		}
		found := 0
		for _, n := range table {
			if n.TP > 0 {
				found++
			}
		}
		if found < c.types {
			t.Errorf("%s: %d types found, want %d", c.corpus, found, c.types)
		}
	}
}

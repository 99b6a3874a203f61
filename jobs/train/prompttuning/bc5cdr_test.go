package prompttuning

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/text"
)

// The upper bound of F1 on BC5CDR: that of a model that generates exactly the targets of BioGPT's
// authors, with BioGPT's vocabulary, after tokenisation, decoding, parsing and anchoring.
func TestUpperBoundOnBC5CDR(t *testing.T) {
	data := filepath.Join("..", "..", "..", "..", "shared", "data")
	tok, err := tokenizer.Load(os.DirFS(filepath.Join(data, "biogpt")))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	prepare := text.New(tok, 1024)
	for _, c := range []struct {
		part              string
		published, inText float64
	}{{"train", 0.964, 0.980}, {"dev", 0.974, 0.977}} {
		docs, _, err := dataset.Read(
			filepath.Join(data, "corpora", "bc5cdr", "biogpt_"+c.part+".json"),
			dataset.UserRules("bc5cdr", c.part, false),
		)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Plan{Task: "relations"}.Generation(docs, tok.Size(), 1024)
		if err != nil {
			t.Fatal(err)
		}
		want := model.Generation{
			Task: "relations", Template: "bc5cdr", Subject: "Chemical", Object: "Disease", Relation: "CID",
			SourceTokens: 640, TargetTokens: 375,
			SoftPrompt: []int32{42384, 42385, 42386, 42387, 42388, 42389, 42390, 42391, 42392},
		}
		if diff := cmp.Diff(want, g); diff != "" {
			t.Error(diff)
		}
		p, err := generate.NewPrompter(g, tok)
		if err != nil {
			t.Fatal(err)
		}
		texts, of := make([]*model.Text, len(docs)), make([]model.States, len(docs))
		for i := range docs {
			texts[i] = prepare.Prepare(docs[i].Doc)
			ids := p.Target(target(p, &docs[i]))
			ids = ids[:len(ids)-1]
			of[i].Completions = []model.Completion{{IDs: ids, LogProbs: make([]float64, len(ids)), Ended: true}}
		}
		tables, err := measureRelations(p, texts, of, docs)
		if err != nil {
			t.Fatal(err)
		}
		for name, least := range map[string]float64{AsPublished: c.published, InTheText: c.inText} {
			if got := tableOf(t, tables, name).Micro(); got.F1() < least-0.0005 {
				t.Errorf("%s, %s: %v, want F1 %.1f", c.part, name, got, 100*least)
			}
		}
	}
}

package prompttuning

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/stages/generate"
)

// lines reads annotated documents, with their relations between concepts.
func lines(t testing.TB, text string) []dataset.Example {
	t.Helper()
	docs, stats, err := dataset.JSONLines(strings.NewReader(text), dataset.UserRules("made", "train", false))
	if err != nil || stats.Dropped > 0 {
		t.Fatal(stats, err)
	}
	for i := range docs {
		docs[i] = docs[i].WithConcepts()
	}
	return docs
}

// annotated has Gene and Chemical in both orders, and a longer name for "Zorvelin".
const annotated = `{"title": "KRAS and Zorvelin", "abstract": "Zorvelin acid blocks EGFR.", "mentions": [
	{"start": 0, "end": 4, "type": "Gene", "concept": "G1"},
	{"start": 9, "end": 17, "type": "Chemical", "concept": "C1"},
	{"start": 18, "end": 31, "type": "Chemical", "concept": "C1"},
	{"start": 39, "end": 43, "type": "Gene", "concept": "G2"}],
	"relations": [{"type": "Inhibitor", "subject": "C1", "object": "G2"},
	{"type": "Agonist", "subject": "G1", "object": "C1"}]}
`

func TestPlanReadsTheDocuments(t *testing.T) {
	docs := lines(t, strings.ReplaceAll(annotated, "\n\t", " "))
	g, err := Plan{Task: "relations", Subject: "Chemical", Object: "Gene"}.Generation(docs, 500, 1024)
	if err != nil {
		t.Fatal(err)
	}
	want := model.Generation{
		Task: "relations", Template: "kd-dti", Subject: "Chemical", Object: "Gene",
		Labels:     []string{"Agonist", "Inhibitor"},
		SoftPrompt: []int32{500, 501, 502, 503, 504, 505, 506, 507, 508}, SourceTokens: 640, TargetTokens: 375,
	}
	if diff := cmp.Diff(want, g); diff != "" {
		t.Error(diff)
	}
	p, err := generate.NewPrompter(g, vocabularyOf(t, docs))
	if err != nil {
		t.Fatal(err)
	}
	// The second relation's subject is the same, so the corpus's order stays; the longest name
	// counts.
	if got := target(p, &docs[0]); got != "the interaction between zorvelin acid and egfr is inhibitor; "+
		"the interaction between zorvelin acid and kras is agonist." {
		t.Error(got)
	}
	found, err := Plan{Task: "relations"}.Generation(docs, 500, 1024)
	if err != nil || found.Subject != "Chemical" || found.Object != "Gene" {
		t.Errorf("the only pair: %+v, %v", found, err)
	}
}

// With several types the relations are in the order of their subjects in the source.
func TestTypedRelationsFollowTheSource(t *testing.T) {
	docs := lines(
		t,
		`{"title": "Aaa and bbb", "abstract": "Ccc.", "mentions": `+
			`[[0,3,"Chemical"],[8,11,"Chemical"],[12,15,"Gene"]], "relations": [["blocks",1,2],["binds",0,2]]}`,
	)
	g, err := Plan{Task: "relations"}.Generation(docs, 500, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p, err := generate.NewPrompter(g, vocabularyOf(t, docs))
	if err != nil {
		t.Fatal(err)
	}
	want := "the interaction between aaa and ccc is binds; the interaction between bbb and ccc is blocks."
	if got := target(p, &docs[0]); got != want {
		t.Error(got)
	}
}

func TestGenerationMistakes(t *testing.T) {
	two := lines(
		t,
		`{"title": "Aaa and bbb", "abstract": "Ccc.", "mentions": `+
			`[[0,3,"Chemical"],[8,11,"Disease"],[12,15,"Gene"]], "relations": [["a",0,1],["b",0,2],["a",2,0]]}`,
	)
	for want, plan := range map[string]Plan{
		"choose one with --pair: Chemical,Disease, or Chemical,Gene": {Task: "relations"},
		"has no relation types, and the documents have a, b": {
			Task: "relations", Template: "bc5cdr", Subject: "Chemical", Object: "Gene",
		},
		"template \"x\"": {Task: "relations", Template: "x", Subject: "Chemical", Object: "Gene"},
	} {
		if _, err := plan.Generation(two, 500, 1024); !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// asked are documents with questions: one in the title, one beside it, and none.
const asked = `{"title": "Does it help?", "abstract": "It did.", "question": "Does it help?", "answer": "yes"}
{"title": "Of mice", "abstract": "They ran.", "question": "Do mice run?", "answer": "no"}
{"title": "Of men", "abstract": "They walk."}
`

func TestTrainAnswers(t *testing.T) {
	docs := lines(t, asked)
	g, err := Plan{Task: "answers", Soft: 1}.Generation(docs, 500, 128)
	if err != nil || !slices.Equal(g.Labels, []string{"no", "yes"}) || g.Template != "pubmedqa" ||
		len(g.SoftPrompt) != 1 {
		t.Fatalf("%+v, %v", g, err)
	}
	words := vocabularyOf(t, docs)
	p, err := generate.NewPrompter(g, words)
	if err != nil {
		t.Fatal(err)
	}
	got, left := Examples(p, docs, false)
	if len(got) != 2 || left != 1 {
		t.Fatalf("%d examples, %d left", len(got), left)
	}
	if text := words.Decode(got[1].Tokens); text !=
		"question: Do mice run? context: They ran. the answer to the question given the context is no." {
		t.Errorf("%q", text)
	}
	// The text that a trained model generates is measured.
	o, err := Run(t.Context(), Training{
		Name: "asked", Base: newBase(t, docs, ""), Plan: Plan{Task: "answers"}, Train: docs, Dev: docs,
		Sources: []string{"asked.jsonl"}, Backend: device.CPU, Out: newDir(t, t.TempDir()),
		Options: Options{
			Rate: 1e-2, Epochs: 60, Evaluate: 60, Average: 1, Dropout: -1, Tokens: 128, Accumulate: 1,
			Seed: 1,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if table := tableOf(t, o.Score, InTheText); table.Micro().TP != 2 || table.Accuracy() != 1 {
		t.Errorf("%v", table)
	}
}

func TestOptionsFitTheModel(t *testing.T) {
	docs := reports(t, 12)
	words := vocabularyOf(t, docs)
	g, err := Plan{Task: "relations"}.Generation(docs, words.Size(), 128)
	if err != nil {
		t.Fatal(err)
	}
	p, err := generate.NewPrompter(g, words)
	if err != nil {
		t.Fatal(err)
	}
	examples, _ := Examples(p, docs, false)
	base := newBase(t, docs, "")
	cfg, err := biogpt.LoadConfig(base.FS)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Hidden = 1024
	if o := (Options{}).withDefaults(cfg, examples); o.Rate != 1e-5 || o.Epochs != 100 || o.Average != 5 ||
		o.Tokens != 1024 ||
		o.Accumulate != 1 ||
		o.Dropout != 0.1 {
		t.Errorf("%+v", o)
	}
	many := slices.Repeat(examples, 300)
	if o := (Options{}).withDefaults(cfg, many); o.Accumulate != 32 {
		t.Errorf("%d batches of a step", o.Accumulate)
	}
	cfg.Hidden = 256
	if o := (Options{Dropout: -1, Epochs: 3}).withDefaults(cfg, examples); o.Rate != 1.6e-4 || o.Average != 3 ||
		o.Dropout != 0 {
		t.Errorf("%+v", o)
	}
	cfg.Hidden = 32
	if o := (Options{}).withDefaults(cfg, examples); o.Rate != 1e-3 {
		t.Errorf("%+v", o)
	}
}

func TestShown(t *testing.T) {
	docs := lines(t, asked)
	if d := shown(&docs[1]); d.Title() != "Do mice run?" || d.Abstract() != "They ran." ||
		docs[1].Doc.Title() != "Of mice" {
		t.Errorf("%+v", d)
	}
	if d := shown(&docs[2]); d != docs[2].Doc {
		t.Errorf("%+v", d)
	}
}

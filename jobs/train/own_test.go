package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

// tools are documents on tools, and on the materials that they cut.
func tools(t *testing.T, n int) []dataset.Example {
	t.Helper()
	var b strings.Builder
	names := []string{"saw", "chisel", "hand plane", "rasp", "adze"}
	woods := []string{"oak", "ash", "elm"}
	for i := range n {
		tool, wood := names[i%len(names)], woods[i%len(woods)]
		title := fmt.Sprintf("Work number %d with a %s", i, tool)
		fmt.Fprintf(
			&b,
			"{\"id\": \"d%d\", \"title\": %q, \"abstract\": \"The %s cut %s well.\", \"mentions\": [[%d, %d, \"Tool\"], [%d, %d, \"Wood\"]], \"relations\": [[\"Cuts\", 0, 1]]}\n",
			i, title, tool, wood, len(title)-len(tool), len(title), len(title)+len(tool)+10,
			len(title)+len(tool)+10+len(wood),
		)
	}
	examples, stats, err := dataset.JSONLines(strings.NewReader(b.String()), dataset.UserRules("tools", "train", false))
	if err != nil || stats.Dropped > 0 {
		t.Fatal(err, stats)
	}
	return examples
}

func toyOwn(t *testing.T, base string) FineTune {
	t.Helper()
	m, err := catalog.Resolve(base)
	if err != nil {
		t.Fatal(err)
	}
	tags, patience := FewShot()
	tags.Epochs = 8
	return FineTune{
		Name: "tools", Sources: []string{"tools.jsonl"}, Train: tools(t, 30), Tasks: []string{"ner"}, Base: m, States: true,
		Out: filepath.Join(t.TempDir(), "own"), Backend: device.CPU, Seed: 1, Tags: tags, Patience: patience,
	}
}

func runOwn(t *testing.T, o FineTune) (Outcome, *catalog.Model, *weights.File) {
	t.Helper()
	outcome, err := RunFineTune(t.Context(), o, func(string, int, int, string) {})
	if err != nil {
		t.Fatal(err)
	}
	made, err := catalog.Resolve(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(o.Out, biogpt.WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	file, err := weights.OpenBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, made, file
}

// toyBase is a model of chemicals and diseases.
func toyBase(t *testing.T) string {
	t.Helper()
	r := toyRecipe(t)
	makeToy(t, r)
	return r.Out
}

// New types stand beside the base's, whose chains and trunk stay as they are; the same command
// again makes the same bytes.
func TestOwn(t *testing.T) {
	base := toyBase(t)
	o := toyOwn(t, base)
	outcome, made, file := runOwn(t, o)
	types := []string{"Chemical", "Disease", "Tool", "Wood"}
	if !cmp.Equal(made.Card.Types, types) || !cmp.Equal(outcome.Types, types) ||
		!cmp.Equal(made.Card.Tasks, []string{"ner"}) {
		t.Errorf("card %+v, outcome %+v", made.Card, outcome)
	}
	if f := outcome.Score[score.Subject{Task: schemas.TaskNER, Data: devSet}].Micro().F1(); f < 0.9 || outcome.Dev != 3 || outcome.Best == 0 {
		t.Errorf("F1 %.2f on %d documents, best epoch %d", f, outcome.Dev, outcome.Best)
	}
	tagger, err := heads.ReadTagger(file)
	if err != nil {
		t.Fatal(err)
	}
	old, closeOld, err := weights.OpenFS(o.Base.FS, biogpt.WeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer closeOld()
	before, err := heads.ReadTagger(old)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := tagger.Select("Chemical", "Disease")
	if err != nil {
		t.Fatal(err)
	}
	same, err := before.Select("Chemical", "Disease")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(same, kept, cmp.AllowUnexported(heads.Table{})); diff != "" {
		t.Error("the base's chains changed:", diff)
	}
	for _, name := range old.Names() {
		if strings.HasPrefix(name, "biogpt.") {
			a, err1 := old.Tensor(name)
			b, err2 := file.Tensor(name)
			if err := errors.Join(err1, err2); err != nil || !cmp.Equal(a, b) {
				t.Errorf("tensor %s changed, error %v", name, err)
			}
		}
	}
	if page, err := os.ReadFile(filepath.Join(o.Out, CurveFile)); err != nil ||
		!strings.Contains(string(page), "Training of tools") {
		t.Errorf("curves: %v", err)
	}
	again := o
	again.Out = filepath.Join(t.TempDir(), "own")
	_, second, _ := runOwn(t, again)
	if made.Digest != second.Digest {
		t.Error("the same command made another model")
	}
}

// Relations and the new types alone; a model made so is a base itself, and its types are learned on
// from what it knows.
func TestOwnOnlyNew(t *testing.T) {
	o := toyOwn(t, toyBase(t))
	o.OnlyNew, o.States, o.Tasks = true, false, []string{"ner", "relations"}
	outcome, made, file := runOwn(t, o)
	if !cmp.Equal(made.Card.Types, []string{"Tool", "Wood"}) ||
		!cmp.Equal(made.Card.Tasks, []string{"ner", "relations"}) {
		t.Errorf("card %+v", made.Card)
	}
	judges, err := relation.ReadHeads(file)
	if err != nil || len(judges) != 1 || !cmp.Equal(judges[0].Types, []string{"Cuts"}) ||
		!cmp.Equal(judges[0].Pairs, [][2]string{{"Tool", "Wood"}}) {
		t.Errorf("relation heads %+v, error %v", judges, err)
	}
	if f := outcome.Score[score.Subject{Task: schemas.TaskRelations, Data: devSet, Setting: "gold mentions"}].Micro().F1(); f < 0.9 {
		t.Errorf("relations: F1 %.2f", f)
	}
	on := toyOwn(t, o.Out)
	on.Tasks, on.States, on.Tags.Epochs = []string{"ner"}, false, 1
	more, _, file := runOwn(t, on)
	if judges, err := relation.ReadHeads(file); err != nil || len(judges) != 1 {
		t.Errorf("%d relation heads are kept, error %v", len(judges), err)
	}
	if more.Curve[0].F1 < 0.9 || more.Curve[0].Loss > outcome.Curve[0].Loss/2 {
		t.Errorf("learning on begins at %+v, learning began at %+v", more.Curve[0], outcome.Curve[0])
	}
}

func TestOwnRefuses(t *testing.T) {
	base := toyBase(t)
	plain := toyOwn(t, base)
	for want, change := range map[string]func(o *FineTune){
		`task "dance"`:           func(o *FineTune) { o.Tasks = []string{"dance"} },
		"name a task":            func(o *FineTune) { o.Tasks = nil },
		"hold no mentions":       func(o *FineTune) { o.Train = []dataset.Example{{Doc: o.Train[0].Doc}, {Doc: o.Train[1].Doc}} },
		"at least 2 are needed":  func(o *FineTune) { o.Train = o.Train[:1] },
		"section of conclusions": func(o *FineTune) { o.Tasks = []string{"summary"} },
		"hold no relations": func(o *FineTune) {
			o.Tasks = []string{"relations"}
			o.Train = []dataset.Example{o.Train[0].Only("Tool"), o.Train[1].Only("Tool"), o.Train[2].Only("Tool")}
			for i := range o.Train {
				o.Train[i].ConceptRelations = nil
			}
		},
	} {
		o := plain
		o.Out = filepath.Join(t.TempDir(), "own")
		change(&o)
		if _, err := RunFineTune(t.Context(), o, func(string, int, int, string) {}); !errors.Is(err, ErrPlan) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if _, err := os.Stat(filepath.Join(o.Out, catalog.CardFile)); err == nil {
			t.Errorf("%s: a model was written", want)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := RunFineTune(stopped, plain, func(string, int, int, string) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Documents of the development part are not trained on, whoever names them.
func TestOwnSplit(t *testing.T) {
	all := tools(t, 30)
	s := fineTune{FineTune: FineTune{Train: all, Seed: 3}}
	s.split()
	if len(s.Dev) != 3 || len(s.Train) != 27 {
		t.Errorf("%d and %d documents", len(s.Dev), len(s.Train))
	}
	s = fineTune{FineTune: FineTune{Train: all, Dev: all[:10:10]}}
	s.split()
	if len(s.Dev) != 10 || len(s.Train) != 20 || s.Dev[0].Split != "dev" {
		t.Errorf("%d and %d documents", len(s.Dev), len(s.Train))
	}
}

// A type that the base has is learned on; the others of the base stay.
func TestOwnOfBase(t *testing.T) {
	o := toyOwn(t, toyBase(t))
	o.Train = nil
	for i := range 20 {
		name := []string{"zorvaline", "quinbrate", "veltamide"}[i%3]
		e := *made(fmt.Sprintf("Report %d on %s in renal failure", i, name), "The drug "+name+" did not help.", []string{"Chemical"}, [2]string{"Chemical", name})
		e.Gold.Mentions = append(e.Gold.Mentions, e.Gold.Mentions[0])
		e.Gold.Mentions[1].Span = find(e.Doc.Text()[len(e.Doc.Title()):], name)
		e.Gold.Mentions[1].Start += len(e.Doc.Title())
		e.Gold.Mentions[1].End += len(e.Doc.Title())
		e.Gold.Mentions[1].ID, e.Gold.Mentions[1].Section = 1, 1
		o.Train = append(o.Train, e)
	}
	outcome, made, _ := runOwn(t, o)
	if !cmp.Equal(made.Card.Types, []string{"Disease", "Chemical"}) {
		t.Errorf("types %v", made.Card.Types)
	}
	if f := outcome.Score[score.Subject{Task: schemas.TaskNER, Data: devSet}]["Chemical"].F1(); f < 0.9 {
		t.Errorf("F1 %.2f", f)
	}
}

// The summary head learns from structured abstracts, mentions are not needed.
func TestOwnSummary(t *testing.T) {
	o := toyOwn(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"summary"}, nil, false
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(
			&lines,
			"{\"id\": \"s%d\", \"title\": \"Trial %d of a saw\", \"sections\": [[\"AIM\", \"To see whether saw %d cuts.\"], [\"RESULTS\", \"It cut %d boards.\"], [\"CONCLUSIONS\", \"We conclude that saw %d cuts.\"]]}\n",
			i, i, i, i, i,
		)
	}
	examples, _, err := dataset.JSONLines(strings.NewReader(lines.String()), dataset.UserRules("s", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	o.Train = examples
	_, made, file := runOwn(t, o)
	if !cmp.Equal(made.Card.Tasks, []string{"ner", "summary"}) || !cmp.Equal(made.Card.Types, chemicalDisease) {
		t.Errorf("card %+v", made.Card)
	}
	head, err := summary.ReadHead(file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := EvaluateSummaries(
		abstracts([]*schemas.Document{examples[0].Doc}, toyPreparer(t), true), Head(head, 1),
	)
	if err != nil || found.HitRate() != 1 {
		t.Errorf("hits %v, error %v", found, err)
	}
}

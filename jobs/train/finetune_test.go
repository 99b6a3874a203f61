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
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
)

// tools are documents on tools and on the materials that they cut.
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
			`{"id": "d%d", "title": %q, "abstract": "The %s cut %s well.", `+
				`"mentions": [[%d, %d, "Tool"], [%d, %d, "Wood"]], "relations": [["Cuts", 0, 1]]}`+"\n",
			i,
			title,
			tool,
			wood,
			len(title)-len(tool),
			len(title),
			len(title)+len(tool)+10,
			len(title)+len(tool)+10+len(wood),
		)
	}
	examples, stats, err := dataset.JSONLines(strings.NewReader(b.String()), dataset.UserRules("tools", "train", false))
	if err != nil || stats.Dropped > 0 {
		t.Fatal(err, stats)
	}
	return examples
}

func toyFineTune(t *testing.T, base string) FineTuneOptions {
	t.Helper()
	m, err := catalog.Resolve(base)
	if err != nil {
		t.Fatal(err)
	}
	tags := FewShot()
	tags.Epochs = 8
	return FineTuneOptions{
		Name: "tools", Sources: []string{"tools.jsonl"}, Train: tools(t, 30), Tasks: []string{"ner"}, Base: m,
		States: true,
		Out:    filepath.Join(t.TempDir(), "own"), Backend: device.CPU, Seed: 1, Tags: tags,
	}
}

func runFineTune(t *testing.T, o FineTuneOptions) (Outcome, *catalog.Model, *weights.File) {
	t.Helper()
	outcome, err := FineTune(t.Context(), o, quiet)
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
	file, err := weightstest.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, made, file
}

// toyBase is a model for chemicals and diseases.
func toyBase(t *testing.T) string {
	t.Helper()
	r := toyRecipe(t)
	makeToy(t, r)
	return r.Out
}

// New types join those of the base, whose tag head and trunk stay as they are; the same options
// give the same model.
func TestFineTune(t *testing.T) {
	base := toyBase(t)
	o := toyFineTune(t, base)
	outcome, made, file := runFineTune(t, o)
	types := []string{"Chemical", "Disease", "Tool", "Wood"}
	if !cmp.Equal(made.Card.Types, types) || !cmp.Equal(outcome.Types, types) ||
		!cmp.Equal(made.Card.Tasks, []string{"ner"}) {
		t.Errorf("card %+v, outcome %+v", made.Card, outcome)
	}
	if f := f1Of(t, outcome, score.Subject{Task: schemas.TaskNER, Data: devSet}); f < 0.9 || outcome.Dev != 3 ||
		outcome.Best == 0 {
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
		t.Error("the tag head of the base changed:", diff)
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
	_, second, _ := runFineTune(t, again)
	if made.Digest != second.Digest {
		t.Error("the same options gave another model")
	}
}

// A model of the new types and relations only is a base itself: training its types further starts
// from its weights.
func TestFineTuneOnlyNew(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	o.OnlyNew, o.States, o.Tasks = true, false, []string{"ner", "relations"}
	outcome, made, file := runFineTune(t, o)
	if !cmp.Equal(made.Card.Types, []string{"Tool", "Wood"}) ||
		!cmp.Equal(made.Card.Tasks, []string{"ner", "relations"}) {
		t.Errorf("card %+v", made.Card)
	}
	judges, err := heads.ReadRelations(file)
	if err != nil || len(judges) != 1 || !cmp.Equal(judges[0].Types, []string{"Cuts"}) ||
		!cmp.Equal(judges[0].Pairs, [][2]string{{"Tool", "Wood"}}) {
		t.Errorf("relation heads %+v, error %v", judges, err)
	}
	subject := score.Subject{Task: schemas.TaskRelations, Data: devSet, Setting: "gold mentions"}
	if f := f1Of(t, outcome, subject); f < 0.9 {
		t.Errorf("relations: F1 %.2f", f)
	}
	on := toyFineTune(t, o.Out)
	on.Tasks, on.States, on.Tags.Epochs = []string{"ner"}, false, 1
	more, _, file := runFineTune(t, on)
	if judges, err := heads.ReadRelations(file); err != nil || len(judges) != 1 {
		t.Errorf("%d relation heads stay, error %v", len(judges), err)
	}
	if more.Curve[0].F1 < 0.9 || more.Curve[0].Loss > outcome.Curve[0].Loss/2 {
		t.Errorf("the first epoch gives %+v, before %+v", more.Curve[0], outcome.Curve[0])
	}
}

func TestFineTuneMistakes(t *testing.T) {
	base := toyBase(t)
	plain := toyFineTune(t, base)
	for want, change := range map[string]func(o *FineTuneOptions){
		`task "dance"`: func(o *FineTuneOptions) { o.Tasks = []string{"dance"} },
		"name a task":  func(o *FineTuneOptions) { o.Tasks = nil },
		"hold no mentions": func(o *FineTuneOptions) {
			o.Train = []dataset.Example{{Doc: o.Train[0].Doc}, {Doc: o.Train[1].Doc}}
		},
		"at least 2 are needed":  func(o *FineTuneOptions) { o.Train = o.Train[:1] },
		"section of conclusions": func(o *FineTuneOptions) { o.Tasks = []string{"summary"} },
		"hold no relations": func(o *FineTuneOptions) {
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
		if _, err := FineTune(t.Context(), o, quiet); !errors.Is(err, ErrPlan) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if _, err := os.Stat(filepath.Join(o.Out, catalog.CardFile)); err == nil {
			t.Errorf("%s: a model was written", want)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := FineTune(stopped, plain, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Documents of the dev set are not trained on.
func TestFineTuneSplit(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	file, closeFile, err := weights.OpenFS(o.Base.FS, biogpt.WeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer closeFile()
	all := o.Train
	for _, c := range []struct {
		dev          []dataset.Example
		learned, out int
	}{{nil, 27, 3}, {all[:10:10], 20, 10}} {
		o.Dev = c.dev
		p, err := o.plan(file)
		if err != nil {
			t.Fatal(err)
		}
		dev := p.tags.dev[0].examples
		if len(dev) != c.out || len(p.tags.train) != c.learned || p.heldOut != c.out || dev[0].Split != "dev" {
			t.Errorf("%d and %d documents", len(dev), len(p.tags.train))
		}
	}
}

// A type that the base has is trained further; the others of the base stay.
func TestFineTuneTypeOfBase(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	o.Train = nil
	for i := range 20 {
		name := []string{"zorvaline", "quinbrate", "veltamide"}[i%3]
		e := *made(
			fmt.Sprintf("Report %d on %s in renal failure", i, name), "The drug "+name+" did not help.",
			[]string{"Chemical"}, [2]string{"Chemical", name},
		)
		e.Gold.Mentions = append(e.Gold.Mentions, e.Gold.Mentions[0])
		e.Gold.Mentions[1].Span = find(e.Doc.Text()[len(e.Doc.Title()):], name)
		e.Gold.Mentions[1].Start += len(e.Doc.Title())
		e.Gold.Mentions[1].End += len(e.Doc.Title())
		e.Gold.Mentions[1].ID, e.Gold.Mentions[1].Section = 1, 1
		o.Train = append(o.Train, e)
	}
	outcome, made, _ := runFineTune(t, o)
	if !cmp.Equal(made.Card.Types, []string{"Disease", "Chemical"}) {
		t.Errorf("types %v", made.Card.Types)
	}
	if f := tableOf(t, outcome, score.Subject{Task: schemas.TaskNER, Data: devSet})["Chemical"].F1(); f < 0.9 {
		t.Errorf("F1 %.2f", f)
	}
}

// The summary head is trained on structured abstracts, without mentions.
func TestFineTuneSummary(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"summary"}, nil, false
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(
			&lines,
			`{"id": "s%d", "title": "Trial %d of a saw", "sections": [["AIM", "To see whether saw %d cuts."], `+
				`["RESULTS", "It cut %d boards."], ["CONCLUSIONS", "We conclude that saw %d cuts."]]}`+"\n",
			i,
			i,
			i,
			i,
			i,
		)
	}
	examples, _, err := dataset.JSONLines(strings.NewReader(lines.String()), dataset.UserRules("s", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	o.Train = examples
	_, made, file := runFineTune(t, o)
	if !cmp.Equal(made.Card.Tasks, []string{"ner", "summary"}) || !cmp.Equal(made.Card.Types, chemicalDisease) {
		t.Errorf("card %+v", made.Card)
	}
	head, err := heads.ReadSummary(file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := EvaluateSummaries(
		prepareAbstracts([]*schemas.Document{examples[0].Doc}, toyPreparer(t), true), stagePicker(head, 1),
	)
	if err != nil || found.HitRate() != 1 {
		t.Errorf("hits %v, error %v", found, err)
	}
}

package generate_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/text"
)

func TestPrompts(t *testing.T) {
	words := letters(t)
	g := harm()
	g.SourceTokens, g.Beams, g.LengthPenalty = 10, 3, 0.5
	p := prompter(t, g)
	got := p.Prompts(text.New(words, 100).Prepare(document("Ab", "cd.")))
	want := slices.Concat(words.Encode("ab. cd."), []int32{900, 901})
	if len(got) != 1 || !slices.Equal(got[0].IDs, want) || got[0].MaxNew != 200 || got[0].Beams != 3 ||
		got[0].LengthPenalty != 0.5 {
		t.Errorf("%+v, want %v", got, want)
	}
	// One token too many: the last that stays becomes "...", which this vocabulary spells as <unk>.
	ids := p.Source(document("abcdef", "ghijk"))
	if cut := slices.Concat(words.Encode("abcdef. ghi")[:10], []int32{tokenizer.Unk, 900, 901}); !slices.Equal(
		ids, cut,
	) {
		t.Errorf("%v, want %v", ids, cut)
	}
	if ids := p.Source(document("abcde", "fghi")); len(ids) != 13 ||
		slices.Contains(ids, tokenizer.Unk) { // "abcde." and "fghi": just enough
		t.Errorf("%v", ids)
	}
	if got := p.Prompts(text.New(words, 100).Prepare(document(""))); got != nil {
		t.Errorf("nothing to show: %v", got)
	}
	if got, want := p.Target("abc"), append(words.Encode("abc")[1:], tokenizer.EOS); !slices.Equal(got, want) {
		t.Errorf("target %v, want %v", got, want)
	}
	if got := p.Target(strings.Repeat("a", 300)); len(got) != 200 || got[199] != tokenizer.EOS ||
		got[198] != tokenizer.Unk {
		t.Errorf("a long target: %v", got)
	}
}

func TestCutEndsInDots(t *testing.T) {
	tok, err := tokenizer.Learn(map[string]int{"...": 20, "ab": 10, "b": 10, "a": 10}, 100)
	if err != nil {
		t.Fatal(err)
	}
	dots := tok.Append(nil, "...", 0)
	if len(dots) != 1 {
		t.Fatalf("%v", dots)
	}
	g := harm()
	g.SourceTokens = 2
	p, err := generate.NewPrompter(g, tok)
	if err != nil {
		t.Fatal(err)
	}
	if ids := p.Source(document("ab ab ab")); len(ids) != 5 || ids[2] != dots[0].ID {
		t.Errorf("%v", ids)
	}
}

func TestPrompterRefuses(t *testing.T) {
	for name, change := range map[string]func(*model.Generation){
		"is not one of":                    func(g *model.Generation) { g.Template = "other" },
		"is of task answers":               func(g *model.Generation) { g.Template = "hoc" },
		"needs the types of subject and o": func(g *model.Generation) { g.Object = "" },
		"and that of the relation":         func(g *model.Generation) { g.Relation = "" },
		"unless it generates it":           func(g *model.Generation) { g.Template = "ddi" },
	} {
		g := harm()
		change(&g)
		if _, err := generate.NewPrompter(g, letters(t)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	g := model.Generation{
		Task: "answers", Template: "pubmedqa", Labels: []string{"yes", "no", "maybe"}, SourceTokens: 100,
		TargetTokens: 100,
	}
	stage := generate.Answers{Prompter: prompter(t, g)}
	prepare := text.New(letters(t), 1000)
	ask := func(doc *schemas.Document, generated string) (a schemas.Annotations) {
		t.Helper()
		x := prepare.Prepare(doc)
		states := model.States{}
		for range stage.Prompts(x) {
			c := completion(t, generated, 0.9)
			for i := range len(c.LogProbs) - 4 {
				c.LogProbs[i] = math.Log(0.1) // all but "yes."
			}
			states.Completions = append(states.Completions, c)
		}
		if err := stage.Annotate(x, states, &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	doc := document("Does it help?", "It did.")
	const generated = "the answer to the question given the context is "
	a := ask(doc, generated+"yes.")
	if len(a.Answers) != 1 || len(a.Rejects) > 0 {
		t.Fatalf("%+v", a)
	}
	if x := a.Answers[0]; x.Answer != "yes" || x.Question != "Does it help?" || x.QuestionID != "ed8d1a98" ||
		math.Abs(float64(x.Score)-0.9) > 0.01 {
		t.Errorf("%+v", x)
	}
	if a := ask(document("It helps", "It did."), generated+"yes."); len(a.Answers)+len(a.Rejects) > 0 {
		t.Errorf("nothing was asked: %+v", a)
	}
	if a := ask(doc, generated+"perhaps."); len(a.Answers) > 0 || len(a.Rejects) != 1 ||
		a.Rejects[0].Kind != generate.KindUnknown {
		t.Errorf("%+v", a)
	}
	if a := ask(doc, "well."); len(a.Answers) > 0 || len(a.Rejects) != 1 ||
		a.Rejects[0].Kind != generate.KindUnreadable {
		t.Errorf("%+v", a)
	}
	other, err := answer.NewQuestion("Does aspirin hurt?")
	if err != nil {
		t.Fatal(err)
	}
	stage.Questions = []answer.Question{
		answer.OwnQuestion("Does it hurt"), other, answer.OwnQuestion("Is it good?"), // nothing is on aspirin
	}
	a = ask(doc, generated+"no.")
	if len(a.Answers) != 2 || a.Answers[0].Question != "Does it hurt" || a.Answers[1].Question != "Is it good?" ||
		a.Answers[1].Answer != "no" ||
		a.Answers[0].QuestionID == a.Answers[1].QuestionID {
		t.Errorf("%+v", a.Answers)
	}
	if p := stage.Prompts(prepare.Prepare(doc)); len(p) != 2 ||
		!strings.HasPrefix(letters(t).Decode(p[0].IDs), "question: Does it hurt context: It did") {
		t.Errorf("%v", p)
	}
	if err := stage.Annotate(
		prepare.Prepare(doc), model.States{Completions: make([]model.Completion, 3)}, &a,
	); err == nil {
		t.Error("three completions for two questions")
	}
	if stage.Name() != "answers" || !slices.Contains(generate.Kinds(), generate.KindCutOff) {
		t.Error("names")
	}
}

func TestPublished(t *testing.T) {
	for _, name := range generate.Names() {
		g, err := generate.Published(name, 42_384, 42_384+9, 1024)
		if err != nil || g.SoftPrompt[0] != 42_384 || len(g.SoftPrompt) != 9 || g.Check(42_393, 1024) != nil {
			t.Errorf("%s: %+v, %v, %v", name, g, err, g.Check(42_393, 1024))
		}
		if _, err := generate.NewPrompter(g, letters(t)); err != nil {
			t.Error(err)
		}
	}
	if _, err := generate.Published("bc5cdr", 10, 10, 1024); err == nil {
		t.Error("no soft tokens, and no error")
	}
	if _, err := generate.Published("other", 10, 19, 1024); err == nil {
		t.Error("an unknown template, and no error")
	}
}

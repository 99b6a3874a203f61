package answer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/text"
)

func prepare(title string, abstract ...string) *model.Text {
	d := &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	if len(abstract) > 0 {
		d.Sections = append(d.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: strings.Join(abstract, " ")})
	}
	return text.Sentences{}.Prepare(d)
}

// denying is trained to answer no to a denied finding.
func denying(t testing.TB) *heads.AnswerClassifier {
	t.Helper()
	l, err := heads.NewLearner(3, 0, heads.Rates{Bits: 12, Feature: 0.1, Dense: 0.01, L2: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float32, 3)
	for range 20 {
		for label, finding := range []string{
			"Dogs were better (p < 0.01).", "There was no difference.", "However, it may be so.",
		} {
			f := answer.Features(
				nil, features.NewQuestion(prepare("Zorv", "We looked at dogs.", finding), "Does zorv help?"),
			)
			l.Score(p, nil, f)
			heads.Softmax(p)
			p[label]--
			l.Update(p, nil, f, nil)
		}
	}
	return &heads.AnswerClassifier{Answers: []string{"yes", "no", "maybe"}, Linear: l.Linear(0), Temperature: 1}
}

func ask(t testing.TB, questions ...string) answer.Stage {
	t.Helper()
	var all []answer.Question
	for _, text := range questions {
		q, err := answer.NewQuestion(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, q)
	}
	stage, err := answer.New(denying(t), all...)
	if err != nil {
		t.Fatal(err)
	}
	return stage
}

func TestAnnotate(t *testing.T) {
	stage := ask(t, "Does quarx improve gout?", "Is quarx in gout new?", "Does ataxia end with quarx?")
	for _, c := range []struct {
		text, want string
	}{
		{"Gout was better (P = .002).", "yes"}, {"There was no difference in gout.", "no"},
		{"However, gout may heal.", "maybe"},
	} {
		text := prepare("Quarx", "We gave it to cats.", c.text, "It was on a Monday.")
		var a schemas.Annotations
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Answers) != 2 { // nobody speaks of ataxia
			t.Fatalf("%s: %+v", c.text, a.Answers)
		}
		got := a.Answers[0]
		if got.Answer != c.want || got.Evidence != c.text || !cmp.Equal(got.Sentences, []int32{2}) ||
			got.Question != "Does quarx improve gout?" ||
			got.Score < 0.4 ||
			got.Score > 1 {
			t.Errorf("%+v, want %s", got, c.want)
		}
	}
}

func TestOther(t *testing.T) {
	var a schemas.Annotations
	if err := ask(t, "Does quarx heal?").Annotate(prepare("Quarx"), model.States{}, &a); err != nil ||
		len(a.Answers) > 0 {
		t.Errorf("no abstract: %+v, %v", a.Answers, err)
	}
	other := ask(t, "Does quarx heal?").WithQuestions(answer.OwnQuestion("Does zorv heal?"))
	if err := other.Annotate(prepare("Zorv", "It heals."), model.States{}, &a); err != nil || len(a.Answers) != 1 ||
		a.Answers[0].QuestionID != answer.QuestionID("Does zorv heal?") {
		t.Errorf("other question: %+v, %v", a.Answers, err)
	}
	if other.Name() != "answers" {
		t.Error(other.Name())
	}
}

func TestHeadErrors(t *testing.T) {
	linear := &heads.Linear{Labels: 2, Bias: []float32{0, 0}}
	for _, c := range []struct {
		head heads.AnswerClassifier
		want string
	}{
		{heads.AnswerClassifier{Answers: []string{"yes"}, Linear: linear, Temperature: 1}, "1 answers need"},
		{heads.AnswerClassifier{Temperature: 1}, "0 answers need"},
		{heads.AnswerClassifier{Answers: []string{"yes", "no"}, Linear: linear}, "temperature of 0"},
		{
			heads.AnswerClassifier{
				Answers: []string{"yes", "no"}, Linear: &heads.Linear{Labels: 2, Dim: 4}, Temperature: 1,
			},
			"states of 4",
		},
	} {
		if _, err := answer.New(&c.head); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// file returns a model's file with a head in it.
func file(t testing.TB, h *heads.AnswerClassifier) []byte {
	t.Helper()
	tensors, metadata, err := h.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTensors(t *testing.T) {
	want := denying(t)
	f, err := weightstest.Open(file(t, want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := heads.ReadAnswer(f)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(heads.Table{})); diff != "" {
		t.Error(diff)
	}
}

// Whatever is asked of whatever text, an answer is one of the head's, and rests on a sentence of
// the abstract.
func TestTotal(t *testing.T) {
	stage := ask(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOf(rapid.SampledFrom([]rune("nobetr p<=.05% gout.?:Ü ")))
		text := prepare(words.Draw(t, "title"), words.Draw(t, "first"), words.Draw(t, "second"))
		var a schemas.Annotations
		if err := stage.WithQuestions(
			answer.Question{Text: words.Draw(t, "question")},
		).Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		for _, x := range a.Answers {
			s := text.Sentences[x.Sentences[0]]
			if !strings.Contains("yes no maybe", x.Answer) || !(x.Score > 0 && x.Score <= 1) ||
				text.Body[s.Start:s.End] != x.Evidence ||
				s.Section != 1 {
				t.Fatalf("%+v", x)
			}
		}
	})
}

// Whatever a file holds, reading a head gives an error or a head that can be used.
func FuzzReadHead(f *testing.F) {
	f.Add(file(f, denying(f)))
	f.Add(
		file(
			f,
			&heads.AnswerClassifier{
				Answers: []string{"yes"}, Linear: &heads.Linear{Labels: 1, Bias: []float32{1}}, Temperature: 2,
			},
		),
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := weightstest.Open(data)
		if err != nil {
			return
		}
		head, err := heads.ReadAnswer(file)
		if err != nil {
			return
		}
		stage, err := answer.New(head, answer.Question{Text: "Does zorv help?"})
		if err != nil {
			t.Fatal(err)
		}
		if err := stage.Annotate(
			prepare("Zorv", "It did not help."), model.States{}, &schemas.Annotations{},
		); err != nil {
			t.Fatal(err)
		}
	})
}

// Where no sentence speaks for an answer more than another, it rests on the last; it never rests on
// the title.
func TestRestsOnTheLast(t *testing.T) {
	stage := ask(t, "Does zorv help?")
	for n := 1; n < 6; n++ {
		var sentences []string
		for range n {
			sentences = append(sentences, "We looked at zorv.")
		}
		text := prepare("Zorv", sentences...)
		var a schemas.Annotations
		if err := stage.Annotate(text, model.States{}, &a); err != nil || len(a.Answers) != 1 {
			t.Fatal(a.Answers, err)
		}
		if got := a.Answers[0].Sentences; !cmp.Equal(got, []int32{int32(n)}) {
			t.Errorf("of %d equal sentences: %v", n, got)
		}
	}
}

// The features of a question are its own and those of each sentence that is looked at.
func TestFeatures(t *testing.T) {
	q := features.NewQuestion(
		prepare("Zorv", "It may help.", "It helps.", "No.", "It did not help more (P > 0.05)."), "Does zorv help?",
	)
	want := q.Append([]uint32{7})
	first, end := q.Sentences()
	for i := first; i < end; i++ {
		want = q.AppendSentence(want, i)
	}
	if diff := cmp.Diff(want, answer.Features([]uint32{7}, q)); diff != "" || end-first != 3 || end != 5 {
		t.Errorf("sentences %d to %d: %s", first, end, diff)
	}
}

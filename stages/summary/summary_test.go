package summary

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
)

// prepare makes a text of a title and the sentences of an abstract; words part at spaces, and every
// word is a token.
func prepare(title string, sentences ...string) *model.Text {
	abstract := strings.Join(sentences, " ")
	t := &model.Text{
		Body: title + " " + abstract,
		Sections: []schemas.Section{
			{Kind: schemas.KindTitle, Text: title},
			{Kind: schemas.KindAbstract, Text: abstract},
		},
	}
	at := 0
	for i, s := range append([]string{title}, sentences...) {
		t.Sentences = append(
			t.Sentences, schemas.Sentence{Section: min(i, 1), Span: schemas.Span{Start: at, End: at + len(s)}},
		)
		for _, w := range strings.Fields(s) {
			span := schemas.Span{Start: at, End: at + len(w)}
			t.Words = append(t.Words, model.Word{Span: span, Sentence: i, Token: len(t.Tokens)})
			t.Tokens = append(t.Tokens, model.Token{Span: span})
			at += len(w) + 1
		}
	}
	return t
}

// concluding is a head that likes sentences with "conclusion".
func concluding(t *testing.T, dim int) *heads.Linear {
	t.Helper()
	l, err := heads.NewLearner(1, dim, heads.Rates{Bits: 14, Feature: 0.3, Dense: 0.05}, 1)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("Quarx", "We saw dogs there.", "In conclusion quarx works well.", "Trial number is four.")
	seen := features.NewSentences(text)
	for range 20 {
		for i := 1; i <= 3; i++ {
			f := seen.Append(nil, i)
			grad := []float32{0.5}
			if i == 2 {
				grad[0] = -0.5
			}
			l.Update(grad, make([]float32, dim), f, nil)
		}
	}
	return l.Linear(0)
}

func TestAnnotate(t *testing.T) {
	for _, dim := range []int{0, 3} {
		stage, err := New(concluding(t, dim), 1)
		if err != nil {
			t.Fatal(err)
		}
		text := prepare("Zorv", "We saw cats.", "In conclusion zorv works badly.", "Trial number is five.")
		var a schemas.Annotations
		if err := stage.Annotate(
			text, model.States{Dim: dim, Data: make([]float32, dim*len(text.Tokens))}, &a,
		); err != nil {
			t.Fatal(err)
		}
		if len(a.Summaries) != 1 {
			t.Fatalf("%+v", a)
		}
		s := a.Summaries[0]
		if s.Text != "In conclusion zorv works badly." || s.Method != schemas.MethodExtracted || s.Score < 0.5 ||
			s.Score > 1 ||
			!cmp.Equal(s.Sentences, []int32{2}) {
			t.Errorf("dim %d: %+v", dim, s)
		}
	}
}

func TestNoAbstract(t *testing.T) {
	stage, err := New(concluding(t, 0), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []*model.Text{{Body: " "}, {
		Body: "Zorv ", Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: "Zorv"}},
		Sentences: []schemas.Sentence{{Span: schemas.Span{End: 4}}}, Words: []model.Word{{Span: schemas.Span{End: 4}}},
	}} {
		var a schemas.Annotations
		if err := stage.Annotate(text, model.States{}, &a); err != nil || len(a.Summaries) != 0 {
			t.Errorf("%q: %+v, %v", text.Body, a, err)
		}
	}
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		name        string
		p, n        []float32
		most        int
		from, count int
	}{
		{"one", []float32{0.1, 0.9}, []float32{10, 10}, 2, 1, 1},
		{"both", []float32{0.1, 0.9, 0.9}, []float32{10, 10, 10}, 2, 1, 2},
		{"both, but one is asked for", []float32{0.1, 0.8, 0.9}, []float32{10, 10, 10}, 1, 2, 1},
		{"the longer of two sure ones", []float32{0.9, 0.9}, []float32{5, 20}, 1, 1, 1},
		{"never", []float32{0, 0}, []float32{5, 5}, 2, 0, 1},
		{"no words", []float32{0.5}, []float32{0}, 2, 0, 1},
	} {
		if from, count := pick(c.p, c.n, c.most); from != c.from || count != c.count {
			t.Errorf("%s: %d sentences from %d, want %d from %d", c.name, count, from, c.count, c.from)
		}
	}
}

// TestPickIsTheBest compares with every run of sentences.
func TestPickIsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float32Range(0, 1), 1, 8).Draw(t, "p")
		n := rapid.SliceOfN(rapid.Float32Range(1, 40), len(p), len(p)).Draw(t, "n")
		most := rapid.IntRange(1, 2).Draw(t, "most")
		value := func(from, count int) float64 {
			shared, length, wanted := 0.0, 0.0, 0.0
			for i := range p {
				wanted += float64(p[i] * n[i])
				if from <= i && i < from+count {
					shared += float64(p[i] * n[i])
					length += float64(n[i])
				}
			}
			return 2 * shared / max(length+wanted, 1e-6)
		}
		from, count := pick(p, n, most)
		if count < 1 || count > most || from+count > len(p) {
			t.Fatalf("%d sentences from %d of %d", count, from, len(p))
		}
		for i := range p {
			for k := 1; k <= most && i+k <= len(p); k++ {
				if value(i, k) > value(from, count)+1e-4 {
					t.Fatalf(
						"%d from %d is worth %v, %d from %d only %v", k, i, value(i, k), count, from,
						value(from, count),
					)
				}
			}
		}
	})
}

func TestErrors(t *testing.T) {
	head := concluding(t, 3)
	if _, err := New(&heads.Linear{Labels: 2}, 1); err == nil || !strings.Contains(err.Error(), "1 label") {
		t.Error(err)
	}
	if _, err := New(head, 3); err == nil || !strings.Contains(err.Error(), "not 3") {
		t.Error(err)
	}
	stage, err := New(head, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.Annotate(prepare("a", "b"), model.States{}, &schemas.Annotations{}); err == nil ||
		!strings.Contains(err.Error(), "not of the same model") {
		t.Error(err)
	}
	if stage.Name() != "summary" {
		t.Error(stage.Name())
	}
}

func TestState(t *testing.T) {
	text := prepare("a", "b c", "d")
	s := model.States{Dim: 2, Data: []float32{1, 1, 2, 4, 4, 8, 9, 9}}
	if diff := cmp.Diff([]float32{3, 6}, heads.SentenceState(nil, text, s, 1)); diff != "" {
		t.Error(diff)
	}
}

func TestTensors(t *testing.T) {
	head := concluding(t, 3)
	var file bytes.Buffer
	if err := weights.Write(&file, heads.SummaryTensors(head), nil); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	read, err := heads.ReadSummary(f)
	if err != nil {
		t.Fatal(err)
	}
	x, y := []float32{0}, []float32{0}
	head.Score(x, []float32{1, 2, 3}, []uint32{1 << 20})
	read.Score(y, []float32{1, 2, 3}, []uint32{1 << 20})
	if x[0] != y[0] {
		t.Errorf("%v became %v", x, y)
	}
}

package relation_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// prepare makes a text of a title and the sentences of an abstract; every word is one token.
func prepare(title string, sentences ...string) *model.Text {
	t := &model.Text{Body: title + " " + strings.Join(sentences, " ")}
	t.Sections = []schemas.Section{
		{Kind: schemas.KindTitle, Text: title},
		{Kind: schemas.KindAbstract, Text: strings.Join(sentences, " ")},
	}
	at := 0
	for i, s := range append([]string{title}, sentences...) {
		t.Sentences = append(
			t.Sentences, schemas.Sentence{Section: min(i, 1), Span: schemas.Span{Start: at, End: at + len(s)}},
		)
		start := -1
		flush := func(end int) {
			if start >= 0 {
				t.Words = append(
					t.Words,
					model.Word{Span: schemas.Span{Start: start, End: end}, Sentence: i, Token: len(t.Tokens)},
				)
				t.Tokens = append(t.Tokens, model.Token{Span: schemas.Span{Start: start, End: end}})
				start = -1
			}
		}
		for k, r := range s {
			switch {
			case r == ' ':
				flush(at + k)
			case strings.ContainsRune("(),.-", r):
				flush(at + k)
				start = at + k
				flush(at + k + 1)
			case start < 0:
				start = at + k
			}
		}
		flush(at + len(s))
		at += len(s) + 1
	}
	return t
}

// find returns the mentions of names given as "Type:text", at every occurrence of the text.
func find(t *model.Text, names ...string) []schemas.Mention {
	var found []schemas.Mention
	for _, n := range names {
		typ, text, _ := strings.Cut(n, ":")
		for at := 0; ; {
			i := strings.Index(t.Body[at:], text)
			if i < 0 {
				break
			}
			span := schemas.Span{Start: at + i, End: at + i + len(text)}
			at = span.End
			sentence := 0
			for k, s := range t.Sentences {
				if s.Start <= span.Start {
					sentence = k
				}
			}
			found = append(found, schemas.Mention{ID: len(found), Sentence: sentence, Span: span, Type: typ, Score: 1})
		}
	}
	return found
}

// induced is trained to relate exactly the pairs with "induced" between them.
func induced(t *testing.T, dim int) *heads.RelationClassifier {
	t.Helper()
	l, err := heads.NewLearner(2, dim*heads.PairStates, heads.Rates{Bits: 14, Feature: 0.3, Dense: 0.05}, 1)
	if err != nil {
		t.Fatal(err)
	}
	h := &heads.RelationClassifier{
		Types: []string{"CID"}, Pairs: [][2]string{{"Chemical", "Disease"}}, Temperature: 1, Threshold: 0.5,
	}
	p := make([]float32, 2)
	for range 20 {
		for k, verb := range []string{"induced", "treated", "caused", "relieved"} {
			text := prepare("A report", "We saw that zorv "+verb+" tremor in dogs.")
			found := names.GroupMentions(text.Body, find(text, "Chemical:zorv", "Disease:tremor"))
			f := features.NewPairs(text, found).Append(nil, 0, 1)
			var state []float32
			if dim > 0 {
				state = heads.PairState(nil, text, states(text, dim), found[0], found[1])
			}
			l.Score(p, state, f)
			heads.Softmax(p)
			p[1-k%2]--
			l.Update(p, state, f, nil)
		}
	}
	h.Linear = l.Linear(0)
	return h
}

// states gives every token a state made of its text's length and place.
func states(t *model.Text, dim int) model.States {
	s := model.States{Dim: dim, Data: make([]float32, dim*len(t.Tokens))}
	for i := range s.Data {
		s.Data[i] = float32(math.Sin(float64(i)))
	}
	return s
}

func TestAnnotate(t *testing.T) {
	for _, dim := range []int{0, 4} {
		h := induced(t, dim)
		h.Threshold = 0.8
		stage, err := relation.New(nil, h)
		if err != nil {
			t.Fatal(err)
		}
		text := prepare(
			"Effects of quarx", "A dog had ataxia.", "Here quarx induced ataxia and relieved fever in rats.",
			"Ataxia ended when quarx did.",
		)
		a := schemas.Annotations{
			Mentions: find(text, "Chemical:quarx", "Disease:ataxia", "Disease:fever", "Species:dog"),
		}
		if err := stage.Annotate(text, states(text, dim), &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Relations) != 1 {
			t.Fatalf("dim %d: relations %+v", dim, a.Relations)
		}
		r := a.Relations[0]
		subject, object := a.Mentions[r.Subject], a.Mentions[r.Object]
		if text.Body[subject.Start:subject.End] != "quarx" || text.Body[object.Start:object.End] != "ataxia" ||
			r.Sentence != 2 {
			t.Errorf("dim %d: %+v joins %+v and %+v", dim, r, subject, object)
		}
		if r.Evidence != "Here quarx induced ataxia and relieved fever in rats." || r.Method != schemas.MethodHead ||
			r.Type != "CID" ||
			r.Score < 0.5 ||
			r.Score > 1 {
			t.Errorf("dim %d: %+v", dim, r)
		}
	}
}

func TestAcrossSentences(t *testing.T) {
	h := induced(t, 0)
	h.Threshold = 0
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("Quarx", "Nothing.", "Then ataxia.")
	a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
	if err := stage.Annotate(text, model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Relations) != 1 || a.Relations[0].Sentence != -1 || a.Relations[0].Evidence != "Quarx … Then ataxia." {
		t.Errorf("%+v", a.Relations)
	}
	text = prepare("Quarx", "Then ataxia.")
	a = schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
	if err := stage.Annotate(text, model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	if a.Relations[0].Evidence != text.Body {
		t.Errorf("%+v", a.Relations)
	}
}

// The evidence is the sentence that states the relation, not the one in which the mentions are
// nearest.
func TestEvidenceOfTheBestMentions(t *testing.T) {
	h := induced(t, 0)
	h.Threshold = 0
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("Quarx, ataxia", "We saw that quarx possibly induced ataxia in dogs.", "Ataxia, quarx.")
	a := schemas.Annotations{
		Mentions: find(text, "Chemical:Quarx", "Chemical:quarx", "Disease:ataxia", "Disease:Ataxia"),
	}
	if err := stage.Annotate(text, model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Relations) != 1 || a.Relations[0].Sentence != 1 || a.Relations[0].Certainty != schemas.Speculative {
		t.Errorf("%+v", a.Relations)
	}
}

// forest is trees that give all pairs the same log-odds.
func forest(odds float32) *trees.Forest {
	return &trees.Forest{
		Columns: features.PairColumns, Depth: 1, Feature: []int32{0}, Threshold: []float32{0},
		Leaf: []float32{odds, odds},
	}
}

// Trees decide whether a pair is related.
func TestTreesDecide(t *testing.T) {
	text := prepare("A report", "Quarx induced ataxia and relieved fever.")
	for odds, want := range map[float32]int{-3: 0, 3: 2} {
		h := induced(t, 0)
		h.Trees = forest(odds)
		stage, err := relation.New(nil, h)
		if err != nil {
			t.Fatal(err)
		}
		a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia", "Disease:fever")}
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Relations) != want {
			t.Errorf("log-odds %v: %+v", odds, a.Relations)
		}
	}
	h := induced(t, 0)
	h.Trees = &trees.Forest{Columns: 3, Depth: 1}
	if _, err := relation.New(nil, h); err == nil || !strings.Contains(err.Error(), "trees of 3 columns") {
		t.Errorf("error %v", err)
	}
}

// opened counts the calls of an Opener whose vocabulary has no hierarchy.
type opened int

func (o *opened) open() (features.Hierarchy, error) {
	*o++
	return o, nil
}

// Is reports false.
func (*opened) Is(string, string) bool { return false }

// The vocabulary is opened only where trees can read it.
func TestVocabularyIsOpened(t *testing.T) {
	text := prepare("A report", "Quarx induced ataxia.")
	for _, c := range []struct {
		trees, concepts bool
		want            opened
	}{{false, true, 0}, {true, false, 0}, {true, true, 1}} {
		var calls opened
		h := induced(t, 0)
		if c.trees {
			h.Trees = forest(1)
		}
		stage, err := relation.New(calls.open, h)
		if err != nil {
			t.Fatal(err)
		}
		a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
		if c.concepts {
			a.Mentions[0].Concept = "A"
		}
		if err := stage.Annotate(text, model.States{}, &a); err != nil || len(a.Relations) != 1 {
			t.Errorf("%+v, %v", a.Relations, err)
		}
		if calls != c.want {
			t.Errorf("trees %v, concepts %v: opened %d times, want %d", c.trees, c.concepts, calls, c.want)
		}
	}
	h := induced(t, 0)
	h.Trees = forest(1)
	stage, err := relation.New(func() (features.Hierarchy, error) { return nil, errors.New("no vocabulary") }, h)
	if err != nil {
		t.Fatal(err)
	}
	a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
	a.Mentions[0].Concept = "A"
	if err := stage.Annotate(text, model.States{}, &a); err == nil {
		t.Error("a vocabulary that cannot be opened is no error")
	}
}

// Two heads that relate a pair make one relation, with the less likely type as an alternative.
func TestOneRelationForAPair(t *testing.T) {
	strong, weak := induced(t, 0), induced(t, 0)
	strong.Trees, strong.Types = forest(2), []string{"Positive_Correlation"}
	weak.Trees, weak.Threshold = forest(-1), 0.1
	never := induced(t, 0)
	never.Trees, never.Types = forest(-4), []string{"Bind"}
	stage, err := relation.New(nil, weak, never, strong)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("A report", "Quarx did not induce ataxia.")
	a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
	if err := stage.Annotate(text, model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Relations) != 1 {
		t.Fatalf("%+v", a.Relations)
	}
	r := a.Relations[0]
	if r.Type != "Positive_Correlation" || len(r.Alternatives) != 1 || r.Alternatives[0].Type != "CID" ||
		r.Alternatives[0].Score >= r.Score || r.Certainty != schemas.Negated {
		t.Errorf("%+v", r)
	}
}

// A specific head decides unless the pair is likelier to be negatively correlated.
func TestNegativeCorrelationDecides(t *testing.T) {
	for typ, want := range map[string]string{
		"Positive_Correlation": "CID", "Negative_Correlation": "Negative_Correlation",
	} {
		specific, general := induced(t, 0), induced(t, 0)
		specific.Trees = forest(0.2)
		general.Trees = forest(2)
		general.Types = []string{typ, "Bind"}
		general.Linear.Labels, general.Linear.Bias = 3, []float32{0, 9, 0}
		stage, err := relation.New(nil, specific, general)
		if err != nil {
			t.Fatal(err)
		}
		text := prepare("A report", "Quarx was given against ataxia.")
		a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Relations) != 1 || a.Relations[0].Type != want || len(a.Relations[0].Alternatives) != 1 {
			t.Errorf("%s: %+v", typ, a.Relations)
		}
	}
}

// A concept has no relation with itself, a part of it, or an overlapping mention.
func TestNoRelationOfOneThing(t *testing.T) {
	h := induced(t, 0)
	h.Threshold = 0
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("A report", "Quarx levels induced quarx poisoning.")
	mentions := find(text, "Chemical:Quarx", "Disease:poisoning")
	for name, c := range map[string]struct {
		change func(m []schemas.Mention)
		want   int
	}{
		"different things": {func([]schemas.Mention) {}, 1},
		"one concept":      {func(m []schemas.Mention) { m[0].Concept, m[1].Concept = "A", "A" }, 0},
		"one in common":    {func(m []schemas.Mention) { m[0].Concept, m[1].Concept = "A|B", "B" }, 0},
		"overlap":          {func(m []schemas.Mention) { m[0].End = m[1].Start + 2 }, 0},
	} {
		a := schemas.Annotations{Mentions: slices.Clone(mentions)}
		c.change(a.Mentions)
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		if len(a.Relations) != c.want {
			t.Errorf("%s: %+v", name, a.Relations)
		}
	}
}

func TestHeadErrors(t *testing.T) {
	linear := &heads.Linear{Labels: 2, Bias: []float32{0, 0}}
	for _, c := range []struct {
		head heads.RelationClassifier
		want string
	}{
		{
			heads.RelationClassifier{Types: []string{"A", "B"}, Linear: linear, Temperature: 1},
			"2 relation types need a head of 3 labels",
		},
		{heads.RelationClassifier{Types: []string{"A"}, Linear: linear}, "temperature of 0"},
		{heads.RelationClassifier{Types: []string{"A"}, Temperature: 1, Scale: -1, Linear: linear}, "scale of -1"},
		{
			heads.RelationClassifier{Types: []string{"A"}, Temperature: 1, Linear: &heads.Linear{Labels: 2, Dim: 4}},
			"width of 4",
		},
		{heads.RelationClassifier{Types: []string{"A"}}, "need a head"},
	} {
		if _, err := relation.New(nil, &c.head); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	stage, err := relation.New(nil, induced(t, 4))
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("quarx", "ataxia")
	a := schemas.Annotations{Mentions: find(text, "Chemical:quarx", "Disease:ataxia")}
	if err := stage.Annotate(text, model.States{}, &a); err == nil ||
		!strings.Contains(err.Error(), "not of the same model") {
		t.Errorf("error %v", err)
	}
}

// TestTotal: whatever mentions there are, names hold each exactly once, and relations join mentions
// of the right types.
func TestTotal(t *testing.T) {
	h := induced(t, 0)
	h.Threshold = 0
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("Zorvaline (ZVL) induced β-tremor", "It was bad (QD).", "ZVL induced QD and β-tremor.")
	rapid.Check(t, func(t *rapid.T) {
		var a schemas.Annotations
		for i := range rapid.IntRange(0, 8).Draw(t, "mentions") {
			w := rapid.IntRange(0, len(text.Words)-1).Draw(t, "word")
			last := rapid.IntRange(w, min(w+2, len(text.Words)-1)).Draw(t, "last")
			typ := rapid.SampledFrom([]string{"Chemical", "Disease", "Gene"}).Draw(t, "type")
			a.Mentions = append(a.Mentions, schemas.Mention{
				ID: i, Type: typ, Score: 1, Sentence: text.Words[w].Sentence,
				Span: schemas.Span{Start: text.Words[w].Start, End: text.Words[last].End},
			})
		}
		count := 0
		for _, n := range names.GroupMentions(text.Body, a.Mentions) {
			count += len(n.Mentions)
			for _, m := range n.Mentions {
				if m.Type != n.Type || !utf8.ValidString(text.Body[m.Start:m.End]) {
					t.Fatalf("%+v in %+v", m, n)
				}
			}
		}
		if count != len(a.Mentions) {
			t.Fatalf("%d mentions became %d", len(a.Mentions), count)
		}
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		pairs := map[[2]int]bool{}
		for _, r := range a.Relations {
			if pair := [2]int{r.Subject, r.Object}; pairs[pair] {
				t.Fatalf("two relations of %v", pair)
			} else {
				pairs[pair] = true
			}
			for part := range strings.SplitSeq(r.Evidence, schemas.EvidenceGap) {
				if part == "" || !strings.Contains(text.Body, part) {
					t.Fatalf("evidence %q", r.Evidence)
				}
			}
			if a.Mentions[r.Subject].Type != "Chemical" || a.Mentions[r.Object].Type != "Disease" || r.Score < 0 ||
				r.Score > 1 {
				t.Fatalf("%+v", r)
			}
		}
	})
}

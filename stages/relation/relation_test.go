package relation_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
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

// find marks the mentions of names given as "Type:text", at every place where the text stands.
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

func names(t *model.Text, found []features.Entity) []string {
	var out []string
	for _, n := range found {
		s := n.Type
		for _, m := range n.Mentions {
			s += "|" + t.Body[m.Start:m.End]
		}
		out = append(out, s)
	}
	return out
}

func TestNames(t *testing.T) {
	text := prepare(
		"Zorvaline and beta-tremor", "Zorvalines (ZVL), quarx disease (QD) and Beta tremor.",
		"ZVL gave QD to QD mice.",
	)
	mentions := find(
		text, "Chemical:Zorvaline", "Chemical:ZVL", "Disease:beta-tremor", "Disease:Beta tremor",
		"Disease:quarx disease", "Disease:QD", "Species:mice",
	)
	got := names(text, relation.Names(text.Body, mentions))
	want := []string{
		"Chemical|Zorvaline|Zorvaline",
		"Disease|beta-tremor|Beta tremor",
		"Chemical|ZVL|ZVL", // the s of "Zorvalines" stands between
		"Disease|quarx disease|QD|QD|QD",
		"Species|mice",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range mentions { // concepts decide where there are any
		mentions[i].Concept = "C1"
	}
	if got := relation.Names(text.Body, mentions); len(got) != 3 {
		t.Errorf("%d names of one concept and three types", len(got))
	}
}

func TestKey(t *testing.T) {
	for a, b := range map[string]string{
		"Seizures": "seizure", "beta-catenin": "Beta Catenin", "IL-2": "il2", "arthritis": "Arthritis", "β-blockers": "β blocker",
	} {
		if relation.Key(a) != relation.Key(b) {
			t.Errorf("Key(%q) = %q, Key(%q) = %q", a, relation.Key(a), b, relation.Key(b))
		}
	}
	for a, b := range map[string]string{"virus": "viru", "gas": "ga", "loss": "los", "+": "-"} {
		if relation.Key(a) == relation.Key(b) {
			t.Errorf("Key(%q) = Key(%q)", a, b)
		}
	}
}

// induced learns that what "induced" stands between is related, and nothing else is.
func induced(t *testing.T, dim int) *relation.Head {
	t.Helper()
	l, err := heads.NewLearner(2, dim*relation.States, heads.Rates{Bits: 14, Feature: 0.3, Dense: 0.05}, 1)
	if err != nil {
		t.Fatal(err)
	}
	h := &relation.Head{
		Types: []string{"CID"}, Pairs: [][2]string{{"Chemical", "Disease"}}, Temperature: 1, Threshold: 0.5,
	}
	p := make([]float32, 2)
	for range 20 {
		for k, verb := range []string{"induced", "treated", "caused", "relieved"} {
			text := prepare("A report", "We saw that zorv "+verb+" tremor in dogs.")
			found := relation.Names(text.Body, find(text, "Chemical:zorv", "Disease:tremor"))
			f := features.NewPairs(text, found).Append(nil, 0, 1)
			var state []float32
			if dim > 0 {
				state = relation.State(nil, text, states(text, dim), found[0], found[1])
			}
			l.Score(p, state, f)
			relation.Softmax(p)
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
		stage, err := relation.New(h)
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
	stage, err := relation.New(h)
	if err != nil {
		t.Fatal(err)
	}
	text := prepare("Quarx", "Nothing.", "Then ataxia.")
	a := schemas.Annotations{Mentions: find(text, "Chemical:Quarx", "Disease:ataxia")}
	if err := stage.Annotate(text, model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Relations) != 1 || a.Relations[0].Sentence != -1 || a.Relations[0].Evidence != "" {
		t.Errorf("%+v", a.Relations)
	}
}

func TestCandidatesOfOneType(t *testing.T) {
	h := &relation.Head{Pairs: [][2]string{{"Gene", "Gene"}, {"Chemical", "Gene"}}}
	n := []features.Entity{{Type: "Gene"}, {Type: "Chemical"}, {Type: "Gene"}, {Type: "Disease"}}
	var got []relation.Candidate
	for c := range h.Candidates(n) {
		got = append(got, c)
		if len(got) == 3 {
			break
		}
	}
	if diff := cmp.Diff([]relation.Candidate{{0, 2}, {1, 0}, {1, 2}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHeadErrors(t *testing.T) {
	linear := &heads.Linear{Labels: 2, Bias: []float32{0, 0}}
	for _, c := range []struct {
		head relation.Head
		want string
	}{
		{relation.Head{Types: []string{"A", "B"}, Linear: linear, Temperature: 1}, "2 relation types need a head of 3 labels"},
		{relation.Head{Types: []string{"A"}, Linear: linear}, "temperature of 0"},
		{relation.Head{Types: []string{"A"}, Temperature: 1, Scale: -1, Linear: linear}, "scale of -1"},
		{relation.Head{Types: []string{"A"}, Temperature: 1, Linear: &heads.Linear{Labels: 2, Dim: 4}}, "width of 4"},
		{relation.Head{Types: []string{"A"}}, "need a head"},
	} {
		if _, err := relation.New(&c.head); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	stage, err := relation.New(induced(t, 4))
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

// Scale and shift move the odds of being related, and nothing else: hand-computed for odds of 3,
// halved and lowered by log 2 in logarithm.
func TestProbabilities(t *testing.T) {
	h := relation.Head{Temperature: 2, Scale: 0.5, Shift: float32(-math.Log(2))}
	got := []float32{0, float32(2 * math.Log(2)), 0} // 1/4, 1/2, 1/4
	h.Probabilities(got)
	related := math.Sqrt(3) / 2 / (1 + math.Sqrt(3)/2)
	want := []float32{float32(1 - related), float32(related * 2 / 3), float32(related / 3)}
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// Whatever the scores, probabilities add up to one and keep the order of being related.
func TestProbabilitiesAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.SliceOfN(rapid.Float32Range(-90, 90), 3, 3)
		h := relation.Head{
			Temperature: 1, Scale: rapid.Float32Range(0, 3).Draw(t, "scale"),
			Shift: rapid.Float32Range(-3, 3).Draw(t, "shift"),
		}
		plain := relation.Head{Temperature: 1}
		a, b := one.Draw(t, "a"), one.Draw(t, "b")
		pa, pb := slices.Clone(a), slices.Clone(b)
		for _, p := range [][]float32{a, b} {
			h.Probabilities(p)
			if sum := p[0] + p[1] + p[2]; math.Abs(float64(sum-1)) > 1e-5 {
				t.Fatalf("%v add up to %v", p, sum)
			}
		}
		plain.Probabilities(pa)
		plain.Probabilities(pb)
		if pa[0] < pb[0]-1e-3 && a[0] > b[0]+1e-3 {
			t.Fatalf("%v and %v became %v and %v", pa, pb, a, b)
		}
	})
}

func TestTensors(t *testing.T) {
	var tensors []weights.Tensor
	metadata := map[string]string{}
	written := map[string]*relation.Head{"a": induced(t, 4), "b": induced(t, 0)}
	written["b"].Scale, written["b"].Shift = 0.5, -1
	for name, h := range written {
		some, meta, err := h.Tensors(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors = append(tensors, some...)
		for k, v := range meta {
			metadata[k] = v
		}
	}
	var file bytes.Buffer
	if err := weights.Write(&file, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weights.OpenBytes(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	read, err := relation.ReadHeads(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != 2 {
		t.Fatalf("%d heads", len(read))
	}
	for i, name := range []string{"a", "b"} {
		want, got := written[name], read[i]
		x, y := make([]float32, 2), make([]float32, 2)
		state := make([]float32, want.Linear.Dim)
		want.Linear.Score(x, state, []uint32{1 << 20, 1 << 30})
		got.Linear.Score(y, state, []uint32{1 << 20, 1 << 30})
		if !cmp.Equal(x, y) || !cmp.Equal(want.Pairs, got.Pairs) || want.Threshold != got.Threshold ||
			want.Temperature != got.Temperature ||
			want.Scale != got.Scale ||
			want.Shift != got.Shift {
			t.Errorf("%s: %+v became %+v", name, want, got)
		}
	}
}

// TestTotal: whatever mentions there are, names hold each exactly once, and relations join mentions
// of the right types.
func TestTotal(t *testing.T) {
	h := induced(t, 0)
	h.Threshold = 0
	stage, err := relation.New(h)
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
				ID: i, Type: typ, Score: 1, Sentence: text.Words[w].Sentence, Span: schemas.Span{Start: text.Words[w].Start, End: text.Words[last].End},
			})
		}
		count := 0
		for _, n := range relation.Names(text.Body, a.Mentions) {
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
		for _, r := range a.Relations {
			if a.Mentions[r.Subject].Type != "Chemical" || a.Mentions[r.Object].Type != "Disease" || r.Score < 0 ||
				r.Score > 1 {
				t.Fatalf("%+v", r)
			}
		}
	})
}

package train

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/lexicon"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

func toyPreparer(t testing.TB) *text.Preparer {
	t.Helper()
	counts := map[string]int{}
	sample := "The drug aspirin caused renal failure in mice , and ibuprofen did not . abcdefghijklmnopqrstuvwxyz-"
	for _, w := range tokenizer.Words(sample) {
		counts[w] += 20
	}
	tok, err := tokenizer.Learn(counts, 400)
	if err != nil {
		t.Fatal(err)
	}
	return text.New(tok, 32)
}

// made returns an example with the given mentions (type and text), each at its first occurrence.
func made(title, abstract string, types []string, mentions ...[2]string) *dataset.Example {
	doc := &schemas.Document{Version: 1, Sections: []schemas.Section{
		{Kind: schemas.KindTitle, Text: title}, {Kind: schemas.KindAbstract, Text: abstract},
	}}
	e := &dataset.Example{Corpus: "made", Split: "train", Doc: doc, Types: types}
	for _, m := range mentions {
		e.Gold.Mentions = append(e.Gold.Mentions, schemas.Mention{Span: find(doc.Text(), m[1]), Type: m[0]})
	}
	return e
}

func find(body, s string) schemas.Span {
	for i := range body {
		if len(body) >= i+len(s) && body[i:i+len(s)] == s {
			return schemas.Span{Start: i, End: i + len(s)}
		}
	}
	return schemas.Span{}
}

var chemicalDisease = []string{"Chemical", "Disease"}

// Mentions of toy documents: type and text.
var (
	aspirin      = [2]string{"Chemical", "Aspirin"}
	ibuprofen    = [2]string{"Chemical", "ibuprofen"}
	renalFailure = [2]string{"Disease", "renal failure"}
)

func one(string, string) float32 { return 1 }

func show(tags []heads.Tag) string {
	s := ""
	for _, k := range tags {
		s += string("OBI"[k])
	}
	return s
}

func TestLabelledDocument(t *testing.T) {
	prepare := toyPreparer(t)
	for _, c := range []struct {
		name              string
		example           *dataset.Example
		chemical, disease string // tags, or "" when the type is not annotated
		ignored           string // ignored words of diseases
	}{
		{
			"plain", made("Aspirin", "renal failure in mice", chemicalDisease, aspirin, renalFailure),
			"BOOOO", "OBIOO", "",
		},
		{"only one type annotated", made("Aspirin", "renal failure", []string{"Disease"}, renalFailure), "", "OBI", ""},
		{
			"nested", made("x", "renal failure", chemicalDisease, renalFailure, [2]string{"Disease", "failure"}),
			"OOO", "OBI", "",
		},
		{"part of a word", made("x", "renal failures", chemicalDisease, renalFailure), "OOO", "OOO", "-xx"},
		{
			"over a sentence",
			made("x", "It was renal. Failure came.", chemicalDisease, [2]string{"Disease", "renal. Failure"}),
			"OOOOOOOO", "OOOOOOOO", "---xxx--",
		},
	} {
		d := labelledDocument(c.example, prepare.Prepare(c.example.Doc), chemicalDisease, one)
		if got := show(d.gold[0]); got != c.chemical {
			t.Errorf("%s: chemicals %s, want %s", c.name, got, c.chemical)
		}
		if got := show(d.gold[1]); got != c.disease {
			t.Errorf("%s: diseases %s, want %s", c.name, got, c.disease)
		}
		ignored := ""
		for _, s := range d.ignored[1] {
			ignored += map[bool]string{true: "x", false: "-"}[s]
		}
		if ignored != c.ignored {
			t.Errorf("%s: ignored %s, want %s", c.name, ignored, c.ignored)
		}
	}
}

func TestMaskedSpansAreIgnored(t *testing.T) {
	e := made("x", "renal failure in mice", chemicalDisease, [2]string{"Disease", "renal failure"})
	e.Masked = []dataset.Masked{{Span: find(e.Doc.Text(), "failure in"), Type: "Disease"}}
	d := labelledDocument(e, toyPreparer(t).Prepare(e.Doc), chemicalDisease, one)
	if diff := cmp.Diff([]bool{false, false, false, true, false}, d.ignored[1]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWeightZero(t *testing.T) {
	e := made("Aspirin", "x", chemicalDisease, [2]string{"Chemical", "Aspirin"})
	weights := Tags{Weights: map[string]float32{"made/Chemical": 0}}
	d := labelledDocument(e, toyPreparer(t).Prepare(e.Doc), chemicalDisease, weights.weight)
	if d.weights[0] != 0 || d.weights[1] != 1 {
		t.Errorf("weights %v", d.weights)
	}
}

func toyTags() Tags {
	return Tags{
		Types: chemicalDisease, Bits: 14, Rate: 0.3, CRFRate: 0.1, StateRate: 0.05, L1: 0.01, L2: 0.01, Dropout: 0.1,
	}
}

// toy are documents on aspirin, ibuprofen and renal failure. The last one does not annotate
// diseases.
func toy(t testing.TB) []*document {
	t.Helper()
	prepare := toyPreparer(t)
	var docs []*document
	for _, e := range []*dataset.Example{
		made("Aspirin caused renal failure", "The drug helped.", chemicalDisease, aspirin, renalFailure),
		made(
			"Mice", "The drug ibuprofen did not. Renal failure came.", chemicalDisease, ibuprofen,
			[2]string{"Disease", "Renal failure"},
		),
		made(
			"Ibuprofen caused hepatic failure", "Nothing else.", []string{"Chemical"},
			[2]string{"Chemical", "Ibuprofen"},
		),
	} {
		docs = append(docs, labelledDocument(e, prepare.Prepare(e.Doc), chemicalDisease, one))
	}
	return docs
}

func learned(t testing.TB) *tagLearner {
	t.Helper()
	l, err := newTagLearner(toyTags(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	runner := &headRunner{l, rand.New(rand.NewPCG(1, 1))}
	first, err := runner.epoch(t.Context(), toy(t))
	if err != nil {
		t.Fatal(err)
	}
	var loss float64
	for range 30 {
		if loss, err = runner.epoch(t.Context(), toy(t)); err != nil {
			t.Fatal(err)
		}
	}
	if loss > first/5 {
		t.Errorf("the loss went from %v to %v", first, loss)
	}
	return l
}

func TestLabel(t *testing.T) {
	l := learned(t)
	e := made("Ibuprofen caused it", "Aspirin caused hepatic failure.", nil)
	d := unlabelledDocument(toyPreparer(t).Prepare(e.Doc), 2)
	l.label(d, []float32{0.5, 0.25}, []float32{0, 0}, 0.5)
	if got := show(d.gold[0]); got != "BOOBOOOO" {
		t.Errorf("chemicals %s, want BOOBOOOO", got)
	}
	if diff := cmp.Diff([]float32{0.5, 0.25}, d.weights); diff != "" {
		t.Errorf("weights (-want +got):\n%s", diff)
	}
	l.label(d, []float32{1, 0}, []float32{0, 0}, 1.1) // higher than any probability
	for i, ignored := range d.ignored[0] {
		if ignored != (d.gold[0][i] != heads.Outside) {
			t.Errorf("word %d: tag %v, ignored %v", i, d.gold[0][i], ignored)
		}
	}
}

// Types that a corpus does not annotate keep their weights.
func TestUnannotatedTypesKeepWeights(t *testing.T) {
	l, err := newTagLearner(toyTags(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&headRunner{l, rand.New(rand.NewPCG(1, 1))}).epoch(t.Context(), toy(t)[2:]); err != nil {
		t.Fatal(err)
	}
	d := toy(t)[0]
	scores := make([]float32, 6)
	for i := range d.text.Words {
		l.head.Score(scores, nil, d.features(nil, i))
		if scores[0] == 0 || scores[3] != 0 || scores[4] != 0 || scores[5] != 0 {
			t.Fatalf("word %d: scores %v", i, scores)
		}
	}
}

func TestLexiconFeaturesReachTheLearner(t *testing.T) {
	e := made("Aspirin", "x", nil)
	d := unlabelledDocument(toyPreparer(t).Prepare(e.Doc), 1)
	before := len(d.features(nil, 0))
	names := lexicon.New()
	names.Add("aspirin", "D")
	d.lexicon = names.Features(d.text)
	if after := len(d.features(nil, 0)); after <= before {
		t.Errorf("%d features with the lexicon, %d without", after, before)
	}
}

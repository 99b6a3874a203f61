package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/text"
)

// plainPreparer splits words as every model does; its tokens are letters.
func plainPreparer(t *testing.T) *text.Preparer {
	t.Helper()
	counts := map[string]int{}
	for c := 'a'; c <= 'z'; c++ {
		counts[string(c)] = 100
	}
	tok, err := tokenizer.Learn(counts, 300)
	if err != nil {
		t.Fatal(err)
	}
	return text.New(tok, 256)
}

// sharedData returns the directory of the public corpora, or skips the test.
func sharedData(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public corpora are missing: want ../shared/data beside the repository")
	}
	if testing.Short() {
		t.Skip("trains for seconds: skipped with -short")
	}
	return dir
}

// induced returns documents in PubTator in which a chemical induces one disease and relieves
// another.
func induced(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 1))
	chemicals := []string{"zorvaline", "quarxol", "mirbetan", "plontide"}
	diseases := []string{"tremor", "gout", "ataxia", "pox", "fever", "cramp"}
	var b strings.Builder
	for i := range n {
		c, order := chemicals[random.IntN(len(chemicals))], random.Perm(len(diseases))
		x, y := diseases[order[0]], diseases[order[1]]
		title := fmt.Sprintf("Report %d on %s", i, c)
		verbs := [][2]string{{"induced", "relieved"}, {"caused", "cured"}}[random.IntN(2)]
		abstract := fmt.Sprintf("In dogs %s %s %s. Later %s %s %s.", c, verbs[0], x, c, verbs[1], y)
		fmt.Fprintf(&b, "%d|t|%s\n%d|a|%s\n", i+1, title, i+1, abstract)
		body := title + " " + abstract
		mention := func(name, typ, concept string) {
			for at := 0; ; {
				k := strings.Index(body[at:], name)
				if k < 0 {
					return
				}
				fmt.Fprintf(&b, "%d\t%d\t%d\t%s\t%s\t%s\n", i+1, at+k, at+k+len(name), name, typ, concept)
				at += k + len(name)
			}
		}
		mention(c, "Chemical", "C1")
		mention(x, "Disease", "D1")
		mention(y, "Disease", "D2")
		fmt.Fprintf(&b, "%d\tCID\tC1\tD1\n\n", i+1)
	}
	return b.String()
}

func inducedSamples(t *testing.T, n int, seed uint64) []sample {
	t.Helper()
	examples, _, err := dataset.PubTator(strings.NewReader(induced(n, seed)), dataset.PublicRules("toy", "train"))
	if err != nil {
		t.Fatal(err)
	}
	return prepareSamples(examples, plainPreparer(t))
}

// With enough related pairs, trees decide, and they are cross-validated like the rest.
func TestTreesOfRelations(t *testing.T) {
	o := cidOptions()
	o.Ensemble, o.Epochs, o.Folds, o.Trees.Trees = 1, 4, 2, 20
	h, count, err := trainRelations(inducedSamples(t, minRelated, 1), o)
	if err != nil {
		t.Fatal(err)
	}
	if h.Trees == nil || h.Trees.Trees() != 20 || count.F1() < 0.95 {
		t.Errorf("trees %v, cross-validated %v", h.Trees, count)
	}
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	table, err := evaluateRelations(inducedSamples(t, 40, 2), fromGold, stage, o.Ordered)
	if err != nil || table.Micro().F1() < 0.95 {
		t.Errorf("%v, %v", table.Micro(), err)
	}
	if h, _, err = trainRelations(inducedSamples(t, minRelated-1, 1), o); err != nil || h.Trees != nil {
		t.Errorf("trees of few pairs: %v", err)
	}
}

func TestGoldHierarchy(t *testing.T) {
	h := goldHierarchy{asGiven{}}
	for concept, want := range map[string]bool{"D003643": true, "MESH:D003643": true, "OMIM:1": false, "672": false} {
		if got := h.Is(concept, "C01"); got != want {
			t.Errorf("%s: %v", concept, got)
		}
	}
}

// asGiven is a hierarchy in which all headings of MeSH stand below all others.
type asGiven struct{}

func (asGiven) Is(concept, ancestor string) bool {
	return strings.HasPrefix(concept, "MESH:") && strings.HasPrefix(ancestor, "MESH:")
}

func TestRelationsLearn(t *testing.T) {
	learn, dev := inducedSamples(t, 60, 1), inducedSamples(t, 40, 2)
	o := cidOptions()
	h, count, err := trainRelations(learn, o)
	if err != nil {
		t.Fatal(err)
	}
	if count.F1() < 0.9 {
		t.Errorf("cross-validated %v", count)
	}
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]mentionSource{
		"gold": fromGold, "ungrouped": func(s *sample) ([]schemas.Mention, error) { return plainMentions(s), nil },
	} {
		table, err := evaluateRelations(dev, m, stage, o.Ordered)
		if err != nil {
			t.Fatal(err)
		}
		if table["CID"].F1() < 0.9 {
			t.Errorf("%s mentions: %v", name, table["CID"])
		}
		base, err := evaluateRelations(dev, m, cooccurrence{o, true}, o.Ordered)
		if err != nil {
			t.Fatal(err)
		}
		if got := base["CID"]; got != (score.Count{TP: 40, FP: 40}) {
			t.Errorf("%s mentions, every pair: %+v", name, got)
		}
	}
}

// A head is trained on states when features are not informative.
func TestRelationsReadStates(t *testing.T) {
	learn := inducedSamples(t, 60, 1)
	for i := range learn {
		s := &learn[i]
		s.States = model.States{Dim: 2, Data: make([]float32, 2*len(s.Text.Tokens))}
		for _, m := range s.Gold.Mentions {
			for _, w := range s.Text.Words {
				if w.Start >= m.Start && w.End <= m.End {
					s.States.Row(w.Token)[0] = 1
					if m.Concept == "D2" {
						s.States.Row(w.Token)[1] = 4
					}
				}
			}
		}
	}
	o := cidOptions()
	o.Dropout, o.Rates.Dense = 1, 0.3 // all features are dropped
	h, count, err := trainRelations(learn, o)
	if err != nil {
		t.Fatal(err)
	}
	if h.Linear.Dim != 2*heads.PairStates || count.F1() < 0.95 {
		t.Errorf("width %d, %v", h.Linear.Dim, count)
	}
}

func TestRelationsAreReproducible(t *testing.T) {
	o := cidOptions()
	o.Epochs, o.Folds, o.Ensemble = 2, 2, 2
	var tensors [2]any
	for i := range tensors {
		h, _, err := trainRelations(inducedSamples(t, 20, 1), o)
		if err != nil {
			t.Fatal(err)
		}
		some, meta, err := h.Tensors("cid")
		if err != nil {
			t.Fatal(err)
		}
		tensors[i] = []any{some, meta}
	}
	if diff := cmp.Diff(tensors[0], tensors[1]); diff != "" {
		t.Error(diff)
	}
}

func TestUnorderedLabels(t *testing.T) {
	o := bioREDOptions()
	s := sample{
		Example: dataset.Example{
			ConceptRelations: []dataset.ConceptRelation{
				{Type: "Bind", A: "x", B: "y"},
				{Type: "Other", A: "x", B: "z"},
			},
		},
	}
	want := map[[2]string]int{{"x", "y"}: 4, {"y", "x"}: 4}
	if diff := cmp.Diff(want, o.labels(&s)); diff != "" {
		t.Error(diff)
	}
	o.Ordered = true
	if diff := cmp.Diff(map[[2]string]int{{"x", "y"}: 4}, o.labels(&s)); diff != "" {
		t.Error(diff)
	}
}

func TestFitThreshold(t *testing.T) {
	predict := func(logOdds float64, label int) prediction {
		return prediction{scores: []float32{0, float32(logOdds)}, label: label}
	}
	predicted := []prediction{
		predict(3, 1), predict(2, 1), predict(1, 0), predict(-1, 1), predict(-2, 0), predict(-3, 0),
	}
	threshold, count := fitThreshold(predicted, &heads.RelationClassifier{Temperature: 1})
	if count != (score.Count{TP: 3, FP: 1}) { // F1 6/7; stopping after two gives 4/5
		t.Errorf("%+v", count)
	}
	if low, high := sigmoid(-2), sigmoid(-1); float64(threshold) <= low || float64(threshold) >= high {
		t.Errorf("threshold %v is not between %v and %v", threshold, low, high)
	}
	// A related pair that gets the wrong type is a false positive and a false negative.
	predicted = []prediction{{scores: []float32{0, 5, 1}, label: 2}, {scores: []float32{0, 5, 1}, label: 1}}
	_, count = fitThreshold(predicted, &heads.RelationClassifier{Temperature: 1})
	if count != (score.Count{TP: 1, FP: 1, FN: 1}) {
		t.Errorf("%+v", count)
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The temperature is the factor by which scores are too large.
func TestFitTemperature(t *testing.T) {
	for _, truth := range []float64{0.5, 1, 2.5, 5} {
		random := rand.New(rand.NewPCG(3, 1))
		var predicted []prediction
		for range 3000 {
			x := 2 * random.NormFloat64()
			label := 0
			if random.Float64() < sigmoid(x) {
				label = 1
			}
			predicted = append(predicted, prediction{scores: []float32{0, float32(x * truth)}, label: label})
		}
		if got := float64(fitTemperature(predicted)); got < truth/1.25 || got > truth*1.25 {
			t.Errorf("temperature %v, want %v", got, truth)
		}
	}
}

// Log-odds that are twice too large for plausible candidates are scaled down, whatever those of
// others are.
func TestFitScale(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	var predicted []prediction
	for range 6000 {
		x := 2 * random.NormFloat64()
		truth := x
		if sigmoid(x) >= minPlausible {
			truth = 0.5*x - 0.4
		}
		label := 0
		if random.Float64() < sigmoid(truth) {
			label = 1
		}
		predicted = append(predicted, prediction{scores: []float32{0, float32(x)}, label: label})
	}
	scale, shift := fitScale(predicted, 1)
	if math.Abs(float64(scale)-0.5) > 0.1 || math.Abs(float64(shift)+0.4) > 0.1 {
		t.Errorf("scale %v, shift %v", scale, shift)
	}
	if scale, shift := fitScale(predicted[:150], 1); scale != 0 || shift != 0 {
		t.Errorf("few candidates: scale %v, shift %v", scale, shift)
	}
	for i := range predicted { // negative correlation
		predicted[i].label = 1 - predicted[i].label
	}
	if scale, shift := fitScale(predicted, 1); scale != 0 || shift != 0 {
		t.Errorf("negative correlation: scale %v, shift %v", scale, shift)
	}
}

// The head reaches the documented F1 on the dev set of BC5CDR.
func TestCID(t *testing.T) {
	all, _, err := dataset.Load(filepath.Join(sharedData(t), "corpora"), "bc5cdr")
	if err != nil {
		t.Fatal(err)
	}
	p := plainPreparer(t)
	learn := prepareSamples(dataset.NewHeldOut(all).Training(dataset.Select(all, "bc5cdr", "train")), p)
	dev := prepareSamples(dataset.Select(all, "bc5cdr", "dev"), p)
	o := cidOptions()
	o.Epochs, o.Folds, o.Ensemble = 3, 2, 2
	h, count, err := trainRelations(learn, o)
	if err != nil {
		t.Fatal(err)
	}
	stage, err := relation.New(nil, h)
	if err != nil {
		t.Fatal(err)
	}
	f := func(find annotator) float64 {
		table, err := evaluateRelations(dev, fromGold, find, true)
		if err != nil {
			t.Fatal(err)
		}
		return table.Micro().F1()
	}
	everyPair, sameSentence, ours := f(cooccurrence{o, false}), f(cooccurrence{o, true}), f(stage)
	t.Logf("every pair %.3f, of a sentence %.3f, head %.3f (cross-validated %v)", everyPair, sameSentence, ours, count)
	if math.Abs(everyPair-0.323) > 0.01 || math.Abs(sameSentence-0.439) > 0.01 {
		t.Errorf("every pair %.3f, of a sentence %.3f: the reference has 0.323 and 0.439", everyPair, sameSentence)
	}
	if ours < 0.55 {
		t.Errorf("F1 %.3f, want 0.55", ours)
	}
}

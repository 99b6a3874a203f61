package train

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/trees"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/stages/relation"
)

// relationOptions are the candidates of a relation head, and how it is trained.
type relationOptions struct {
	Types     []string    // relation types; others of the corpus count as unrelated
	Pairs     [][2]string // entity types of subject and object
	Ordered   bool        // a relation holds from subject to object only
	Rates     heads.Rates
	Dropout   float32 // share of features that is dropped at each step
	Threshold float32 // buckets without a weight of this size are removed
	Epochs    int
	Folds     int // of cross-validation, which chooses the threshold
	Ensemble  int // number of heads of different seeds whose weights are averaged
	Trees     trees.Options
	// Vocabulary tells trees which concepts are narrower; nil for none.
	Vocabulary features.Hierarchy
	Seed       uint64
}

// cidOptions are options for chemical-induced diseases, the relation of BC5CDR.
func cidOptions() relationOptions {
	return relationOptions{
		Types: []string{"CID"}, Pairs: [][2]string{{dataset.Chemical, dataset.Disease}}, Ordered: true,
		Rates:   heads.Rates{Bits: 18, Feature: 0.1, Dense: 0.01, L1: 3, L2: 1, DenseL2: 1e-4},
		Dropout: 0.5, Epochs: 8, Folds: 5, Ensemble: 4, Trees: trees.Defaults(), Seed: 1,
	}
}

// bioREDOptions are options for the eight relation types of BioRED (Luo et al., 2022), which have
// no direction.
func bioREDOptions() relationOptions {
	o := cidOptions()
	o.Types = []string{
		"Association", "Positive_Correlation", "Negative_Correlation", "Bind", "Cotreatment", "Comparison",
		"Drug_Interaction", "Conversion",
	}
	o.Pairs = [][2]string{
		{
			dataset.Chemical, dataset.Disease,
		}, {dataset.Chemical, dataset.Gene}, {dataset.Gene, dataset.Disease}, {dataset.Disease, dataset.Variant},
		{
			dataset.Chemical, dataset.Variant,
		}, {dataset.Gene, dataset.Gene}, {dataset.Chemical, dataset.Chemical}, {dataset.Variant, dataset.Variant},
	}
	o.Ordered, o.Epochs, o.Folds = false, 4, 3
	return o
}

// candidate is a pair of entities of a document with its label.
type candidate struct {
	features []uint32
	state    []float32
	label    int
	document int
}

// grouped is the candidates of a document, for one way of grouping its mentions.
type grouped struct {
	*relation.Document
	pairs    []heads.Candidate
	labels   []int
	document int
	plain    bool // the mentions were grouped by their text
}

// minRelated is the minimum number of related pairs from which trees are learned.
const minRelated = 200

// trainRelations trains a relation head. Trees, temperature, scale, shift and threshold are chosen
// by cross-validation, so that no dev set is needed for them; scale and shift on entities whose
// mentions are grouped by their text, as a run groups them. It returns the counts at that
// threshold, too.
func trainRelations(samples []sample, o relationOptions) (*heads.RelationClassifier, score.Count, error) {
	var groups []*grouped
	for i := range samples {
		groups = append(groups, o.group(&samples[i], i, false), o.group(&samples[i], i, true))
	}
	pairs, related := candidatesOf(groups)
	linear, err := o.learn(pairs, func(int) bool { return true })
	if err != nil {
		return nil, score.Count{}, err
	}
	h := o.head(linear.Linear(o.Threshold))
	v, err := o.crossValidate(groups, pairs, len(samples))
	if err != nil {
		return nil, score.Count{}, err
	}
	if related >= minRelated {
		if h.Trees, err = v.stack(o.Trees); err != nil {
			return nil, score.Count{}, err
		}
	}
	var count score.Count
	h.Temperature = fitTemperature(v.predictions)
	h.Scale, h.Shift = fitScale(v.plain(), h.Temperature)
	h.Threshold, count = fitThreshold(v.predictions, h)
	return h, count, nil
}

func (o *relationOptions) head(linear *heads.Linear) *heads.RelationClassifier {
	return &heads.RelationClassifier{Types: o.Types, Pairs: o.Pairs, Linear: linear}
}

// group returns the candidates of a sample, with its mentions grouped by concept or, if plain, by
// their text only.
func (o *relationOptions) group(s *sample, document int, plain bool) *grouped {
	mentions := goldMentions(s)
	if plain {
		mentions = plainMentions(s)
	}
	g := &grouped{Document: relation.NewDocument(s.Text, s.States, mentions), document: document, plain: plain}
	g.pairs = g.Candidates(o.head(nil))
	concepts := make([][]string, len(g.Entities))
	for i, n := range g.Entities {
		for _, m := range n.Mentions {
			concepts[i] = append(concepts[i], dataset.Concepts(s.Gold.Mentions[m.ID])...)
		}
	}
	labels := o.labels(s)
	for _, c := range g.pairs {
		label := 0
		for _, a := range concepts[c.Subject] {
			for _, b := range concepts[c.Object] {
				label = cmp.Or(label, labels[[2]string{a, b}])
			}
		}
		g.labels = append(g.labels, label)
	}
	return g
}

// candidatesOf returns the candidates of all groups with their features, and the number of related
// ones that were grouped by concept.
func candidatesOf(groups []*grouped) (all []candidate, related int) {
	for _, g := range groups {
		dim := heads.PairStates * g.StateDim()
		for i, c := range g.pairs {
			all = append(all, candidate{
				features: g.Pairs.Append(nil, c.Subject, c.Object), state: g.State(nil, dim, c), label: g.labels[i],
				document: g.document,
			})
			if g.labels[i] > 0 && !g.plain {
				related++
			}
		}
	}
	return all, related
}

// labels maps pairs of concepts to 1 + the index of their relation type.
func (o *relationOptions) labels(s *sample) map[[2]string]int {
	labels := map[[2]string]int{}
	for _, r := range s.ConceptRelations {
		if i := slices.Index(o.Types, r.Type); i >= 0 {
			labels[[2]string{r.A, r.B}] = i + 1
			if !o.Ordered {
				labels[[2]string{r.B, r.A}] = i + 1
			}
		}
	}
	return labels
}

// learn trains an ensemble on the candidates of the documents that use accepts, and averages the
// weights.
func (o *relationOptions) learn(pairs []candidate, use func(document int) bool) (*heads.Learner, error) {
	ensemble := make([]*heads.Learner, max(1, o.Ensemble))
	for i := range ensemble {
		one := *o
		one.Seed += uint64(i)
		var err error
		if ensemble[i], err = one.learnOne(pairs, use); err != nil {
			return nil, err
		}
	}
	ensemble[0].Average(ensemble[1:]...)
	return ensemble[0], nil
}

func (o *relationOptions) learnOne(pairs []candidate, use func(document int) bool) (*heads.Learner, error) {
	dim := 0
	if len(pairs) > 0 {
		dim = len(pairs[0].state)
	}
	l, err := heads.NewLearner(len(o.Types)+1, dim, o.Rates, o.Seed)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.Seed, 5))
	var order []int
	for i := range pairs {
		if use(pairs[i].document) {
			order = append(order, i)
		}
	}
	p := make([]float32, l.Labels)
	var kept []uint32
	for range o.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			kept = kept[:0]
			for _, f := range pairs[i].features {
				if random.Float32() >= o.Dropout {
					kept = append(kept, f)
				}
			}
			l.Score(p, pairs[i].state, kept)
			heads.Softmax(p)
			p[pairs[i].label]--
			l.Update(p, pairs[i].state, kept, nil)
		}
	}
	return l, nil
}

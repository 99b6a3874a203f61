package train

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
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
	Seed      uint64
}

// cidOptions are options for chemical-induced diseases, the relation of BC5CDR.
func cidOptions() relationOptions {
	return relationOptions{
		Types: []string{"CID"}, Pairs: [][2]string{{dataset.Chemical, dataset.Disease}}, Ordered: true,
		Rates:   heads.Rates{Bits: 18, Feature: 0.1, Dense: 0.01, L1: 3, L2: 1, DenseL2: 1e-4},
		Dropout: 0.5, Epochs: 8, Folds: 5, Ensemble: 4, Seed: 1,
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
	plain    bool // the mentions were grouped by their text
}

// trainRelations trains a relation head. Temperature, scale, shift and threshold are chosen by
// cross-validation, so that no dev set is needed for them; scale and shift on entities whose
// mentions are grouped by their text, as a run groups them. It returns the counts at that
// threshold, too.
func trainRelations(samples []sample, o relationOptions) (*heads.RelationClassifier, score.Count, error) {
	var pairs []candidate
	for i := range samples {
		pairs = o.pairs(pairs, &samples[i], i)
	}
	linear, err := o.learn(pairs, func(int) bool { return true })
	if err != nil {
		return nil, score.Count{}, err
	}
	h := o.head(linear.Linear(o.Threshold))
	predicted, plain, err := o.crossValidate(pairs, len(samples))
	if err != nil {
		return nil, score.Count{}, err
	}
	var count score.Count
	h.Temperature = fitTemperature(predicted)
	h.Scale, h.Shift = fitScale(plain, h.Temperature)
	h.Threshold, count = fitThreshold(predicted, h)
	return h, count, nil
}

func (o *relationOptions) head(linear *heads.Linear) *heads.RelationClassifier {
	return &heads.RelationClassifier{Types: o.Types, Pairs: o.Pairs, Linear: linear}
}

// pairs appends the candidates of a sample twice: with its mentions grouped by concept, and by
// their text only, as a run groups them.
func (o *relationOptions) pairs(dst []candidate, s *sample, document int) []candidate {
	dst = o.append(dst, s, goldMentions(s), document)
	first := len(dst)
	dst = o.append(dst, s, plainMentions(s), document)
	for i := range dst[first:] {
		dst[first+i].plain = true
	}
	return dst
}

func sentenceAt(t *model.Text, at int) int {
	i, found := slices.BinarySearchFunc(
		t.Sentences, at, func(s schemas.Sentence, at int) int { return cmp.Compare(s.Start, at) },
	)
	if !found {
		i--
	}
	return max(i, 0)
}

func (o *relationOptions) append(dst []candidate, s *sample, mentions []schemas.Mention, document int) []candidate {
	entities := names.GroupMentions(s.Text.Body, mentions)
	seen := features.NewPairs(s.Text, entities)
	concepts := make([][]string, len(entities))
	for i, n := range entities {
		for _, m := range n.Mentions {
			concepts[i] = append(concepts[i], dataset.Concepts(s.Gold.Mentions[m.ID])...)
		}
	}
	labels := o.labels(s)
	for c := range o.head(nil).Candidates(entities) {
		p := candidate{features: seen.Append(nil, c.Subject, c.Object), document: document}
		if s.States.Dim > 0 {
			p.state = heads.PairState(nil, s.Text, s.States, entities[c.Subject], entities[c.Object])
		}
		for _, a := range concepts[c.Subject] {
			for _, b := range concepts[c.Object] {
				p.label = cmp.Or(p.label, labels[[2]string{a, b}])
			}
		}
		dst = append(dst, p)
	}
	return dst
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

// crossValidate predicts each candidate with heads that were not trained on its document. plain are
// the candidates whose mentions were grouped by their text.
func (o *relationOptions) crossValidate(pairs []candidate, documents int) (all, plain []prediction, err error) {
	random := rand.New(rand.NewPCG(o.Seed, 6))
	fold := make([]int, documents)
	for i := range fold {
		fold[i] = random.IntN(o.Folds)
	}
	p := make([]float32, len(o.Types)+1)
	for k := range o.Folds {
		l, err := o.learn(pairs, func(d int) bool { return fold[d] != k })
		if err != nil {
			return nil, nil, err
		}
		for i := range pairs {
			if fold[pairs[i].document] != k {
				continue
			}
			l.Score(p, pairs[i].state, pairs[i].features)
			j := prediction{slices.Clone(p), pairs[i].label}
			if all = append(all, j); pairs[i].plain {
				plain = append(plain, j)
			}
		}
	}
	return all, plain, nil
}

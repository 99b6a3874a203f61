package train

import (
	"math/rand/v2"
	"strings"

	learntrees "github.com/pubmine/pubmine/jobs/train/trees"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/trees"
)

// crossValidated is predictions of candidates by heads that were not trained on their documents.
type crossValidated struct {
	predictions []prediction
	rows        [][]float32 // columns of each candidate
	fold        []int
	isPlain     []bool // the mentions were grouped by their text
	folds       int
}

// crossValidate predicts each candidate with a linear head that was not trained on its document.
func (o *relationOptions) crossValidate(
	groups []*grouped, pairs []candidate, documents int,
) (*crossValidated, error) {
	random := rand.New(rand.NewPCG(o.Seed, 6))
	fold := make([]int, documents)
	for i := range fold {
		fold[i] = random.IntN(o.Folds)
	}
	v := &crossValidated{folds: o.Folds}
	labels := len(o.Types) + 1
	for k := range o.Folds {
		l, err := o.learn(pairs, func(d int) bool { return fold[d] != k })
		if err != nil {
			return nil, err
		}
		scorer := heads.NewPairScorer(l, labels)
		for _, g := range groups {
			if fold[g.document] != k {
				continue
			}
			h := o.Vocabulary
			if g.plain {
				h = nil
			}
			scores := g.Scores(scorer, l.Dim, labels, g.pairs)
			v.rows = append(v.rows, g.Columns(scorer, g.pairs, scores, h)...)
			for i, s := range scores {
				v.predictions = append(v.predictions, prediction{scores: s, label: g.labels[i]})
				v.fold, v.isPlain = append(v.fold, k), append(v.isPlain, g.plain)
			}
		}
	}
	return v, nil
}

// stack learns trees on the predictions, and sets the odds of each to those of trees that were not
// learned on its document.
func (v *crossValidated) stack(o learntrees.Options) (*trees.Forest, error) {
	learn := func(use func(fold int) bool) (*trees.Forest, error) {
		var rows [][]float32
		var related []bool
		for i, row := range v.rows {
			if use(v.fold[i]) {
				rows, related = append(rows, row), append(related, v.predictions[i].label > 0)
			}
		}
		return learntrees.Learn(rows, related, o)
	}
	for k := range v.folds {
		forest, err := learn(func(fold int) bool { return fold != k })
		if err != nil {
			return nil, err
		}
		for i, row := range v.rows {
			if v.fold[i] == k {
				v.predictions[i].odds, v.predictions[i].stacked = forest.Score(row), true
			}
		}
	}
	return learn(func(int) bool { return true })
}

// plain returns the predictions of entities whose mentions were grouped by their text.
func (v *crossValidated) plain() (some []prediction) {
	for i, p := range v.predictions {
		if v.isPlain[i] {
			some = append(some, p)
		}
	}
	return some
}

// goldHierarchy is the hierarchy of a vocabulary for the identifiers of gold annotations, where
// those of MeSH have no prefix.
type goldHierarchy struct{ features.Hierarchy }

// Is reports whether a concept stands below another one.
func (h goldHierarchy) Is(concept, ancestor string) bool {
	return h.Hierarchy.Is(withPrefix(concept), withPrefix(ancestor))
}

func withPrefix(concept string) string {
	if len(concept) > 1 && strings.Contains("CD", concept[:1]) && !strings.Contains(concept, ":") {
		return "MESH:" + concept
	}
	return concept
}

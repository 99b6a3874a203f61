// Package linking trains the head of task linking (package model/linker) on documents whose
// mentions have concepts.
//
// The names of the training set are collected with their concepts. A forest per type is trained to
// tell the right candidate of an entity from the others, on entities whose document was left out
// when the names were collected: otherwise every name would be known.
package linking

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/trees"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/linker"
	forest "github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
)

// Sample is a document with gold mentions.
type Sample struct {
	Example dataset.Example
	Text    *model.Text
	// Found holds predicted mentions of types that the corpus does not annotate. Those of species
	// tell the genes of two species apart.
	Found []schemas.Mention
}

// Options are the settings of training.
type Options struct {
	Folds int
	Trees trees.Options
	Seed  uint64
}

// Defaults are the settings of the bundled model.
func Defaults() Options {
	o := Options{Folds: 5, Trees: trees.Defaults(), Seed: 1}
	o.Trees.Trees, o.Trees.MinWeight, o.Trees.Columns = 500, 1, 0.3
	return o
}

// document is a sample with the gold concepts of its entities.
type document struct {
	*linker.Document
	gold []string // of each entity, joined by "|"; "" for none
	fold int
}

// Train returns a head for the concepts of a vocabulary.
func Train(ctx context.Context, v *vocabulary.Vocabulary, samples []Sample, o Options) (*linker.Head, error) {
	t := &trainer{Options: o, vocabulary: v}
	random := rand.New(rand.NewPCG(o.Seed, 11))
	fold := map[string]int{} // by title: corpora share documents
	for _, s := range samples {
		title := s.Example.Doc.Title()
		if _, ok := fold[title]; !ok {
			fold[title] = random.IntN(o.Folds)
		}
		t.documents = append(t.documents, t.document(s, fold[title]))
	}
	head := linker.NewHead(v, t.names(func(*document) bool { return true }))
	for _, types := range [][]string{ // the ranker of genes reads the species
		{dataset.Species}, {dataset.Chemical, dataset.Disease, dataset.CellLine, dataset.Gene},
	} {
		rows, err := t.rows(ctx, types, head)
		if err == nil && len(rows[dataset.Gene]) > 0 {
			err = t.addFirst(ctx, rows, head)
		}
		if err != nil {
			return nil, err
		}
		for _, typ := range types {
			if len(rows[typ]) == 0 {
				continue // the names decide
			}
			ranker, err := t.rank(rows[typ])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", typ, err)
			}
			ranker.First = head.Rankers[typ].First
			head.Rankers[typ] = ranker
		}
	}
	return head, nil
}

type trainer struct {
	Options
	vocabulary *vocabulary.Vocabulary
	documents  []document
}

func (t *trainer) document(s Sample, fold int) document {
	s.Example = s.Example.WithIdentifiers(t.vocabulary)
	d := document{Document: linker.NewDocument(s.Text, s.Mentions()), fold: fold}
	for _, e := range d.Entities {
		if !s.Example.Annotates(e.Type) {
			d.gold = append(d.gold, unknown)
			continue
		}
		counts := map[string]int{}
		best := ""
		for _, m := range e.Mentions {
			if counts[m.Concept]++; counts[m.Concept] > counts[best] {
				best = m.Concept
			}
		}
		d.gold = append(d.gold, best)
	}
	return d
}

// unknown is the gold concept of an entity whose type the corpus does not annotate.
const unknown = "?"

// Mentions returns the gold mentions, and those that were found of other types.
func (s *Sample) Mentions() []schemas.Mention {
	mentions := slices.Clone(s.Example.Gold.Mentions)
	for i, m := range mentions {
		mentions[i].Sentence = s.Text.SentenceAt(m.Start)
	}
	for _, m := range s.Found {
		if !s.Example.Annotates(m.Type) {
			mentions = append(mentions, m)
		}
	}
	return mentions
}

// addFirst trains the first round for genes, by halves, and replaces their rows by those of the
// second round.
func (t *trainer) addFirst(ctx context.Context, rows map[string][]example, head *linker.Head) error {
	var second []example
	for half := range 2 {
		first, err := t.learn(
			slices.DeleteFunc(slices.Clone(rows[dataset.Gene]), func(e example) bool { return e.fold%2 == half }),
		)
		if err != nil {
			return err
		}
		head.Rankers[dataset.Gene] = linker.Ranker{First: first}
		all, err := t.rows(ctx, []string{dataset.Gene}, head)
		if err != nil {
			return err
		}
		for _, e := range all[dataset.Gene] {
			if e.fold%2 == half {
				second = append(second, e)
			}
		}
	}
	first, err := t.learn(rows[dataset.Gene])
	head.Rankers[dataset.Gene] = linker.Ranker{First: first}
	rows[dataset.Gene] = second
	return err
}

// names collects the names of the documents that use accepts.
func (t *trainer) names(use func(*document) bool) linker.Names {
	names := linker.Names{}
	for i := range t.documents {
		d := &t.documents[i]
		for k, e := range d.Entities {
			if d.gold[k] == "" || d.gold[k] == unknown || !use(d) {
				continue
			}
			for _, name := range e.Names {
				names.Add(e.Type, name, d.gold[k], 1)
			}
		}
	}
	return names
}

// example is the candidates of an entity.
type example struct {
	rows   [][]float32
	right  []bool
	fold   int
	weight int // number of mentions
	gold   string
}

// rows returns the candidates of the entities of some types, with the names of the other folds.
func (t *trainer) rows(ctx context.Context, types []string, head *linker.Head) (map[string][]example, error) {
	rows := map[string][]example{}
	for fold := range t.Folds {
		names := linker.NewHead(t.vocabulary, t.names(func(d *document) bool { return d.fold != fold }))
		names.Rankers = head.Rankers
		l := linker.New(t.vocabulary, names)
		for i := range t.documents {
			d := &t.documents[i]
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if d.fold != fold {
				continue
			}
			found := make([]example, len(d.Entities))
			l.Rows(d.Document, func(i int, id string, x []float32) {
				found[i].rows = append(found[i].rows, x)
				found[i].right = append(found[i].right, subset(id, d.gold[i]))
			})
			for i, e := range d.Entities {
				if slices.Contains(types, e.Type) && d.gold[i] != unknown {
					found[i].fold, found[i].weight, found[i].gold = fold, len(e.Mentions), d.gold[i]
					rows[e.Type] = append(rows[e.Type], found[i])
				}
			}
		}
	}
	return rows, nil
}

// subset reports whether all of some identifiers, joined by "|", are among others.
func subset(a, b string) bool {
	all := strings.Split(b, "|")
	for id := range strings.SplitSeq(a, "|") {
		if !slices.Contains(all, id) {
			return false
		}
	}
	return true
}

// rank trains the forest of a type and calibrates it.
func (t *trainer) rank(examples []example) (linker.Ranker, error) {
	forest, err := t.learn(examples)
	if err != nil {
		return linker.Ranker{}, err
	}
	r := linker.Ranker{Trees: forest}
	total := 0.0
	var all []outcome
	for half := range 2 {
		in := func(e example) bool { return e.fold%2 == half }
		other, err := t.learn(slices.DeleteFunc(slices.Clone(examples), in))
		if err != nil {
			return r, err
		}
		for _, e := range examples {
			if in(e) && len(e.rows) > 0 {
				all = append(all, e.best(other))
			}
			if in(e) && e.gold != "" {
				total += float64(e.weight)
			}
		}
	}
	r.Scale, r.Shift = calibrate(all)
	r.Threshold = threshold(all, r.Scale, r.Shift, total)
	return r, nil
}

// threshold returns the minimum probability with the best F1 of the mentions, of total that have
// concepts.
func threshold(all []outcome, scale, shift float32, total float64) (best float32) {
	most := -1.0
	for step := range 9 {
		least := 0.2 + 0.05*float32(step)
		right, answered := 0.0, 0.0
		for _, o := range all {
			if p := 1 / (1 + math.Exp(-(float64(scale)*o.score + float64(shift)))); float32(p) >= least {
				answered += o.weight
				if o.right {
					right += o.weight
				}
			}
		}
		if f1 := 2 * right / max(total+answered, 1); f1 > most {
			most, best = f1, least
		}
	}
	return best
}

func (t *trainer) learn(examples []example) (*forest.Forest, error) {
	var rows [][]float32
	var right []bool
	for _, e := range examples {
		rows, right = append(rows, e.rows...), append(right, e.right...)
	}
	return trees.Learn(rows, right, t.Trees)
}

// outcome is the score of the best candidate of an entity, and whether it is right.
type outcome struct {
	score  float64
	right  bool
	weight float64
}

func (e *example) best(f *forest.Forest) outcome {
	best := outcome{score: math.Inf(-1), weight: float64(e.weight)}
	for i, row := range e.rows {
		if s := float64(f.Score(row)); s > best.score {
			best.score, best.right = s, e.right[i]
		}
	}
	return best
}

// calibrate returns the factor and the offset of the scores with the least cross-entropy (Platt,
// 1999), by gradient descent.
func calibrate(all []outcome) (scale, shift float32) {
	a, b := 1.0, 0.0
	for range 2000 {
		ga, gb, n := 0.0, 0.0, 1e-9
		for _, o := range all {
			p := 1 / (1 + math.Exp(-(a*o.score + b)))
			if o.right {
				p--
			}
			ga += o.weight * p * o.score
			gb += o.weight * p
			n += o.weight
		}
		a -= 0.1 * ga / n
		b -= 0.1 * gb / n
	}
	return float32(max(a, 0.01)), float32(b)
}

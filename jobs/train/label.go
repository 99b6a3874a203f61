package train

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/label"
)

// minLabelled is the number of training documents that a label needs.
const minLabelled = 5

// labelOptions are how the label head is trained.
type labelOptions struct {
	Rates   heads.Rates
	Dropout float32 // share of features that is dropped at each step
	Epochs  int
	Folds   int // of cross-validation
	Seed    uint64
}

// topicOptions are options for labels of abstracts.
func topicOptions() labelOptions {
	return labelOptions{
		Rates:   heads.Rates{Bits: 17, Feature: 0.1, Dense: 0.01, L1: 0.3, L2: 100},
		Dropout: 0.3, Epochs: 8, Folds: 5, Seed: 1,
	}
}

// labelPlan is the plan of the label head.
func (o *FineTuneOptions) labelPlan(learn, dev []dataset.Example) (*labelPlan, error) {
	p := &labelPlan{train: labelled(learn), dev: labelled(dev), devName: devSet, options: topicOptions()}
	p.options.Seed = o.Seed
	if n := len(p.train); n < minDocuments {
		return nil, impossible(
			"task %s: %d of the training documents have labels; at least %d are needed", schemas.TaskLabels, n, minDocuments,
		)
	}
	switch names, _ := labelNames(p.train); {
	case len(names) == 0:
		return nil, impossible("task %s: no label has %d training documents", schemas.TaskLabels, minLabelled)
	case len(names) > heads.MaxLabels:
		return nil, impossible("task %s: %d labels, more than %d", schemas.TaskLabels, len(names), heads.MaxLabels)
	}
	return p, nil
}

// labelled returns the examples that are labelled.
func labelled(examples []dataset.Example) []dataset.Example {
	return slices.DeleteFunc(slices.Clone(examples), func(e dataset.Example) bool { return e.Labels == nil })
}

// labelNames returns the labels that have enough documents, and those that have too few.
func labelNames(examples []dataset.Example) (names, rare []string) {
	count := map[string]int{}
	for _, e := range examples {
		for _, x := range e.Labels {
			count[x]++
		}
	}
	for x, n := range count {
		if n >= minLabelled {
			names = append(names, x)
		} else {
			rare = append(rare, x)
		}
	}
	slices.Sort(names)
	slices.Sort(rare)
	return names, rare
}

// labelSample is a document as features, with the labels that it has.
type labelSample struct {
	features []uint32
	labels   []bool
}

// labelSamples reads documents.
func labelSamples(samples []sample, names []string) []labelSample {
	out := make([]labelSample, len(samples))
	for i, s := range samples {
		out[i] = labelSample{features.Labels(nil, s.Text), make([]bool, len(names))}
		for j, name := range names {
			out[i].labels[j] = slices.Contains(s.Labels, name)
		}
	}
	return out
}

// trainLabels trains a label head. The threshold of each label is the best one by
// cross-validation (bestThreshold), whose counts are returned, too.
func trainLabels(docs []labelSample, names []string, o labelOptions) (*heads.LabelClassifier, score.Table, error) {
	order := rand.New(rand.NewPCG(o.Seed, 12)).Perm(len(docs))
	found := make([][]prediction, len(names)) // by label
	for fold := range o.Folds {
		var learn []labelSample
		for i, k := range order {
			if i%o.Folds != fold {
				learn = append(learn, docs[k])
			}
		}
		l, err := o.learn(learn, len(names))
		if err != nil {
			return nil, nil, err
		}
		for i, k := range order {
			if i%o.Folds != fold {
				continue
			}
			scores := make([]float32, len(names))
			l.Score(scores, nil, docs[k].features)
			for j := range names {
				found[j] = append(found[j], prediction{scores: scores[j : j+1], label: btoi(docs[k].labels[j])})
			}
		}
	}
	h, table := &heads.LabelClassifier{Labels: names}, score.Table{}
	for j, name := range names {
		threshold, count := bestThreshold(found[j])
		h.Thresholds, table[name] = append(h.Thresholds, threshold), count
	}
	l, err := o.learn(docs, len(names))
	if err != nil {
		return nil, nil, err
	}
	h.Linear = l.Linear(0)
	return h, table, h.Check()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// learn trains a head on documents.
func (o *labelOptions) learn(docs []labelSample, labels int) (*heads.Learner, error) {
	l, err := heads.NewLearner(labels, 0, o.Rates, o.Seed)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.Seed, 13))
	order, gradients := slices.Clone(docs), make([]float32, labels)
	var kept []uint32
	for range o.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, d := range order {
			kept = dropout(random, append(kept[:0], d.features...), o.Dropout)
			l.Score(gradients, nil, kept)
			for j, has := range d.labels {
				gradients[j] = label.Probability(gradients[j]) - float32(btoi(has))
			}
			l.Update(gradients, nil, kept, nil)
		}
	}
	return l, nil
}

// bestThreshold returns the minimum probability with the best F1, and the counts there: halfway
// between two predictions. The label is given to no more documents than have it: the best F1 of a
// rare label that is hard to tell is that of giving it to all.
func bestThreshold(all []prediction) (float32, score.Count) {
	slices.SortStableFunc(all, func(a, b prediction) int { return cmp.Compare(b.scores[0], a.scores[0]) })
	positive := 0
	for _, p := range all {
		positive += p.label
	}
	threshold, best, now := float32(1), score.Count{FN: positive}, score.Count{FN: positive}
	for i, p := range all {
		if p.label == 1 {
			now.TP, now.FN = now.TP+1, now.FN-1
		} else {
			now.FP++
		}
		if i+1 < len(all) && all[i+1].scores[0] == p.scores[0] || now.F1() <= best.F1() || i >= positive {
			continue
		}
		best, threshold = now, label.Probability(p.scores[0])
		if i+1 < len(all) {
			threshold = (threshold + label.Probability(all[i+1].scores[0])) / 2
		}
	}
	return threshold, best
}

// trainLabelHead trains the label head, and measures it on the dev set.
func (t *trainer) trainLabelHead(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := t.labels
	names, rare := labelNames(p.train)
	h, count, err := trainLabels(labelSamples(prepareSamples(p.train, t.prepare), names), names, p.options)
	if err != nil {
		return err
	}
	tensors, metadata, err := h.Tensors()
	if err != nil {
		return err
	}
	t.add(tensors, metadata)
	stage, err := label.New(h)
	if err != nil {
		return err
	}
	table := score.Table{}
	for _, s := range prepareSamples(p.dev, t.prepare) {
		var found schemas.Annotations
		if err := stage.Annotate(s.Text, s.States, &found); err != nil {
			return err
		}
		table.Labels(s.Labels, found.Labels)
	}
	t.outcome.Score[score.Subject{Task: schemas.TaskLabels, Data: p.devName}] = table
	note := fmt.Sprintf("cross-validated %v; %d documents in the dev set: %v", count.Micro(), len(p.dev), table.Micro())
	if len(rare) > 0 {
		note += fmt.Sprintf("; left out, with fewer than %d documents: %s", minLabelled, strings.Join(rare, ", "))
	}
	t.progress(schemas.TaskLabels, 1, 1, note)
	return nil
}

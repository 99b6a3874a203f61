// Package score compares predicted annotations with gold annotations, as the field does:
//
//   - Mentions: strict span and type, micro-averaged: a mention is a true positive when type, start
//     and end match. Overlaps relaxes the span.
//   - Relations: per document, the set of (type, concept, concept), as in BioCreative V's task of
//     chemical-induced disease (Wei et al., 2015). Predicted mentions have no concepts, so a
//     mention gets the concepts of the gold mentions with the same text in that document
//     (NameConcepts). By mention, a predicted mention has concepts only if its span and type match
//     a gold mention.
//   - Summaries: ROUGE-L (Lin, 2004; F1 of the longest common subsequence of words), and whether
//     the selected sentence belongs to the conclusions.
//   - Answers: accuracy, and the mean of the F1 of each gold answer (macro-F1, as PubMedQA's
//     authors measure; Jin et al., 2019).
//   - Calibration: the accuracy of predictions by score.
package score

import (
	"fmt"
	"maps"
	"slices"
)

// Count is the numbers of true positives, false positives and false negatives.
type Count struct{ TP, FP, FN int }

// Add returns the sum of both.
func (c Count) Add(o Count) Count {
	return Count{c.TP + o.TP, c.FP + o.FP, c.FN + o.FN}
}

// Precision is TP / (TP + FP); 0 without predictions.
func (c Count) Precision() float64 { return share(c.TP, c.TP+c.FP) }

// Recall is TP / (TP + FN); 0 without gold annotations.
func (c Count) Recall() float64 { return share(c.TP, c.TP+c.FN) }

// F1 is the harmonic mean of precision and recall.
func (c Count) F1() float64 { return share(2*c.TP, 2*c.TP+c.FP+c.FN) }

// String prints the three measures in percent.
func (c Count) String() string {
	return fmt.Sprintf("P %.1f R %.1f F1 %.1f", 100*c.Precision(), 100*c.Recall(), 100*c.F1())
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Table holds a Count for every type.
type Table map[string]Count

// Micro is the sum over all types.
func (t Table) Micro() (sum Count) {
	for _, c := range t {
		sum = sum.Add(c)
	}
	return sum
}

// Macro is the mean F1 of the types that have gold annotations; 0 if there are none.
func (t Table) Macro() float64 {
	sum, n := 0.0, 0
	for _, c := range t {
		if c.TP+c.FN > 0 {
			sum += c.F1()
			n++
		}
	}
	return sum / float64(max(1, n))
}

// Answer adds one question; the types of the table are the answers, "" is no answer.
func (t Table) Answer(predicted, gold string) {
	if predicted == gold {
		t[gold] = t[gold].Add(Count{TP: 1})
		return
	}
	t[gold] = t[gold].Add(Count{FN: 1})
	if predicted != "" {
		t[predicted] = t[predicted].Add(Count{FP: 1})
	}
}

// Accuracy is the share of gold answers that were predicted.
func (t Table) Accuracy() float64 { return t.Micro().Recall() }

// Types returns the types, sorted.
func (t Table) Types() []string { return slices.Sorted(maps.Keys(t)) }

// addSets compares two sets of annotations.
func addSets[K comparable](gold, predicted map[K]bool, typ func(K) string, t Table) {
	for k := range predicted {
		if gold[k] {
			t[typ(k)] = t[typ(k)].Add(Count{TP: 1})
		} else {
			t[typ(k)] = t[typ(k)].Add(Count{FP: 1})
		}
	}
	for k := range gold {
		if !predicted[k] {
			t[typ(k)] = t[typ(k)].Add(Count{FN: 1})
		}
	}
}

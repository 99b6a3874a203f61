// Package score measures annotations against what annotators found, as the field does:
//
//   - Mentions: strict span and type, micro-averaged: a mention counts when type, start and end are
//     all right.
//   - Relations: by document, each relation a (type, concept, concept) of a set, as BioCreative V
//     scored chemical-induced disease (Wei et al., 2015). Found relations have mentions, not
//     concepts, so a mention stands for the concepts that the annotators gave its text in that
//     document (ByName). By mention, a found mention stands for concepts only where it is one of
//     the annotators' by bounds and type.
//   - Summaries: ROUGE-L (Lin, 2004; F1 of the longest common subsequence of words), and whether
//     the sentence picked belongs to the wanted ones.
//   - Answers: accuracy, and the mean over the wanted answers of each one's F1 (macro-F1, as
//     PubMedQA's authors measure; Jin et al., 2019).
//   - Calibration: how often what has a score is right.
package score

import (
	"fmt"
	"maps"
	"slices"
)

// Count is how many were found rightly, found wrongly, and missed.
type Count struct{ TP, FP, FN int }

// Add returns the sum of both.
func (c Count) Add(o Count) Count {
	return Count{c.TP + o.TP, c.FP + o.FP, c.FN + o.FN}
}

// Precision is the share of the found that is right; 0 when nothing was found.
func (c Count) Precision() float64 { return share(c.TP, c.TP+c.FP) }

// Recall is the share of the wanted that was found; 0 when nothing was wanted.
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

// Macro is the mean F1 of the types of which something was wanted; 0 when there are none.
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

// Answer adds one answered question: the table's types are the answers.
func (t Table) Answer(found, wanted string) {
	w := t[wanted]
	if found == wanted {
		w.TP++
		t[wanted] = w
		return
	}
	w.FN++
	t[wanted] = w
	if found != "" {
		f := t[found]
		f.FP++
		t[found] = f
	}
}

// Accuracy is the share of wanted answers that were found.
func (t Table) Accuracy() float64 { return t.Micro().Recall() }

// Types returns the types in order.
func (t Table) Types() []string { return slices.Sorted(maps.Keys(t)) }

// sets counts found against wanted, both without repeats.
func sets[K comparable](wanted, found map[K]bool, typ func(K) string, t Table) {
	for k := range found {
		c := t[typ(k)]
		if wanted[k] {
			c.TP++
		} else {
			c.FP++
		}
		t[typ(k)] = c
	}
	for k := range wanted {
		if !found[k] {
			c := t[typ(k)]
			c.FN++
			t[typ(k)] = c
		}
	}
}

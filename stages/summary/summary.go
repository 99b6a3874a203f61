// Package summary extracts one sentence, or two neighbouring ones, that state the conclusion of an
// abstract.
//
// A head gives each sentence of the abstract the probability that it belongs to the conclusions,
// from its lexical features (package features: words, position, words shared with the title, the
// heading of its section) and, if it was trained with a trunk, from the mean of the hidden states
// of its words. The summary is the set S of sentences, with n words and probability p each, that
// has the best
//
//	expected F1(S) = 2 * sum over S of p*n / (sum over S of n + sum over all of p*n)
//
// which is the value of ROUGE-L if the conclusions are sentences of the abstract. So there are two
// sentences if both are likely, else one. The text of a summary is that of the document, byte by
// byte. The stage is pure.
package summary

import (
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// Task is the task that the stage serves.
const Task = schemas.TaskSummary

// Version is the version of this stage. Increase it with every change that can change the summary
// of the same text, states and head, MaxSentences included: results of another version are computed
// again.
const Version = 1

// MaxSentences is the maximum number of sentences in a summary.
const MaxSentences = 2

// Stage adds a summary to a document's annotations.
type Stage struct {
	head *heads.Linear
	most int // sentences in a summary
}

// New returns the stage for a head of one label, whose score is the log-odds of being part of the
// conclusions. most is the maximum number of sentences in a summary: 1 to MaxSentences.
func New(head *heads.Linear, most int) (Stage, error) {
	if head.Labels != 1 {
		return Stage{}, fmt.Errorf("summary: the head must have 1 label, not %d", head.Labels)
	}
	if most < 1 || most > MaxSentences {
		return Stage{}, fmt.Errorf("summary: the maximum must be 1 to %d sentences, not %d", MaxSentences, most)
	}
	return Stage{head, most}, nil
}

// Name returns Task.
func (Stage) Name() string { return Task }

// ReadsStates reports whether the head was trained with a trunk.
func (st Stage) ReadsStates() bool { return st.head.Dim > 0 }

// Annotate appends one summary, or none if the document has no abstract.
func (st Stage) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	if st.head.Dim != 0 && (s.Dim != st.head.Dim || len(s.Data) != len(t.Tokens)*s.Dim) {
		return fmt.Errorf(
			"summary: the head reads states of %d values for %d tokens, and got %d values of %d: "+
				"head and trunk are not of the same model",
			st.head.Dim, len(t.Tokens), len(s.Data), s.Dim,
		)
	}
	seen := features.NewSentences(t)
	first, end := seen.Abstract()
	if first == end {
		return nil
	}
	p, n := make([]float32, end-first), make([]float32, end-first)
	var lexical []uint32
	var state []float32
	for i := range p {
		lexical = seen.Append(lexical[:0], first+i)
		if st.head.Dim != 0 {
			state = heads.SentenceState(state, t, s, first+i)
		}
		st.head.Score(p[i:i+1], state, lexical)
		p[i] = float32(1 / (1 + math.Exp(-float64(p[i]))))
		n[i] = float32(seen.Length(first + i))
	}
	from, count := pick(p, n, st.most)
	summary := schemas.Summary{Method: schemas.MethodExtracted}
	for i := from; i < from+count; i++ {
		summary.Sentences = append(summary.Sentences, int32(first+i))
		summary.Score += p[i] / float32(count)
	}
	summary.Text = t.Body[t.Sentences[first+from].Start:t.Sentences[first+from+count-1].End]
	a.Summaries = append(a.Summaries, summary)
	return nil
}

// pick returns the run of at most most sentences with the best expected F1; of equal ones the
// first.
func pick(p, n []float32, most int) (from, count int) {
	var wanted float32
	for i := range p {
		wanted += p[i] * n[i]
	}
	best := float32(-1)
	for i := range p {
		var shared, length float32
		for k := 1; k <= most && i+k <= len(p); k++ {
			shared += p[i+k-1] * n[i+k-1]
			length += n[i+k-1]
			if f := 2 * shared / max(length+wanted, 1e-6); f > best {
				best, from, count = f, i, k
			}
		}
	}
	return from, count
}

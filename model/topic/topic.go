// Package topic decides whether a text addresses a question.
//
// The terms of a question are its content words; function words, question words and numbers are
// none. A text has a term in any of its forms: inflected, in British or American spelling, with or
// without a hyphen ("IL-2", "IL2"), as an abbreviation that the text or the question explains, or
// under another of its names (Synonyms).
//
// Two numbers are known of a word: how rare it is, and how often an abstract has a word of its own
// title. Of "aspirin", 95% have it; of "role", 39%. Both are counted in frequencies.txt, and their
// product is the weight of a term: a text that lacks "role" may address the question all the same.
//
// The probability that a text addresses a question is a logistic function of two shares of the
// weight of all terms: that of the terms in the text, and that of the terms in its best sentence.
// In addition, a short question has terms that must be in the text: see term.isRequired.
package topic

import (
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this package. Increase it with every change that can change a
// probability: answers of another version are computed again.
const Version = 1

// Threshold is the minimum probability of a text that addresses a question. Of PubMedQA's 500
// training questions, 97% reach it with their own abstract without its title.
const Threshold = 0.04

// The coefficients of the logistic function. They were fitted to PubMedQA's 500 training questions:
// with their own abstracts (without titles and conclusions) as positives, and with 20 other
// abstracts of PubMedQA each and, at a tenth of the weight, the 20 of 6,000 PubMed abstracts with
// the highest coverage each as negatives.
const (
	intercept   = -8.11
	perCoverage = 7.59 // of the share of terms in the text
	perNearness = 7.03 // of the share of terms in the best sentence
)

// Synonyms returns other names of the thing that a name names: "acetylsalicylic acid" for
// "aspirin".
type Synonyms func(name string) []string

// longestName is the maximum number of words of a name with synonyms.
const longestName = 5

// Question is a question as terms.
type Question struct {
	terms []term
	rare  int // number of terms of weight minRare or more
}

// term is a content word of a question.
type term struct {
	frequency
	stem  string
	names [][]string // the text has the term if a sentence has all keys of one of these
	near  string     // key that texts have that have a word with the same beginning; half counts
}

// Parse reads a question. No synonyms are known if synonyms is nil.
func Parse(question string, synonyms Synonyms) *Question {
	q := &Question{}
	all := tokens(question)
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].joined {
			end++
		}
		q.addRun(all[i:end])
		i = end
	}
	for _, p := range abbrev.Find(question, []schemas.Span{{Start: 0, End: len(question)}}) {
		short, long := question[p.Short.Start:p.Short.End], question[p.Long.Start:p.Long.End]
		q.addName(long, short)
		q.addName(short, long)
	}
	for i := range all {
		for end := i + 1; synonyms != nil && end <= min(i+longestName, len(all)); end++ {
			name := question[all[i].start:all[end-1].end]
			for _, other := range synonyms(name) {
				q.addName(name, other)
			}
		}
	}
	return q
}

// Empty reports whether the question has no terms.
func (q *Question) Empty() bool { return len(q.terms) == 0 }

// addRun adds the terms of joined tokens: each if all are content words ("double-balloon"), or else
// one ("IL-2").
func (q *Question) addRun(run []token) {
	joined, content := "", true
	for _, t := range run {
		joined += t.text
		content = content && t.isContent()
	}
	if len(run) == 1 && !content || !strings.ContainsFunc(joined, unicode.IsLetter) {
		return
	}
	whole := [][]string{{stem(joined)}, {compound(joined)}}
	if !content {
		q.add(term{stem: stem(joined), names: whole})
		return
	}
	for _, t := range run {
		q.add(term{stem: stem(t.text), names: append([][]string{{stem(t.text)}}, whole...), near: beginning(t.text)})
	}
}

func (q *Question) add(t term) {
	if slices.ContainsFunc(q.terms, func(x term) bool { return x.stem == t.stem }) {
		return
	}
	t.frequency = frequencyOf(t.stem)
	if t.rarity >= minRare {
		q.rare++
	}
	q.terms = append(q.terms, t)
}

// addName makes another name stand for all terms in name.
func (q *Question) addName(name, other string) {
	var stems []string
	joined := ""
	for _, t := range tokens(name) {
		stems = append(stems, stem(t.text))
		joined += t.text
	}
	stems = append(stems, stem(joined))
	for i := range q.terms {
		if slices.Contains(stems, q.terms[i].stem) {
			q.terms[i].names = append(q.terms[i].names, keysOf(other)...)
		}
	}
}

// Minimum numbers of required terms (isRequired).
const (
	minRare     = 3.5   // rarity of a rare term
	minCommon   = 2.5   // rarity of a common word that may be required: "cancer", "depression"
	minKept     = 0.945 // share of abstracts that have the word of their title: "aspirin"
	minKeptSole = 0.86  // the same of the only rare term: "ACE"
)

// isRequired reports whether a text that lacks the term does not address the question. In a
// question with at most four rare terms, these are the rare ones that nearly all abstracts share
// with their titles; with at most three, also words too rare to know that of; with at most two,
// also common words. A longer question has no required terms.
func (q *Question) isRequired(t *term) bool {
	switch {
	case t.rarity == maxRarity:
		return q.rare <= 3
	case t.rarity >= minRare:
		return q.rare <= 4 && t.kept >= minKept || q.rare == 1 && t.kept >= minKeptSole
	}
	return q.rare <= 2 && t.rarity >= minCommon && t.kept >= minKept
}

// Probability returns the probability that a text addresses the question.
func (q *Question) Probability(d *Document) float32 {
	var all, found float64
	var each [maxSentences]float64 // by sentence
	for i := range q.terms {
		t := &q.terms[i]
		w, at := t.rarity*t.kept, d.find(t.names)
		all += w
		if at == 0 {
			w /= 2
			at = d.keys[t.near]
		}
		if at == 0 {
			if q.isRequired(t) {
				return 0
			}
			continue
		}
		found += w
		for ; at != 0; at &= at - 1 {
			each[bits.TrailingZeros64(uint64(at))] += w
		}
	}
	if all == 0 {
		return 0
	}
	x := intercept + perCoverage*found/all + perNearness*slices.Max(each[:])/all
	return float32(1 / (1 + math.Exp(-x)))
}

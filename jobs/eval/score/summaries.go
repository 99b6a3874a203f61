package score

import (
	"strings"
	"unicode"
)

// Summaries sums measures over documents.
type Summaries struct {
	Documents int
	Hits      int     // documents whose selected sentences belong to the conclusions
	RougeL    float64 // sum over documents
}

// Add counts one document: the selected text, the conclusions, and whether the selection belongs to
// them.
func (s *Summaries) Add(selected, conclusions string, hit bool) {
	s.Documents++
	if hit {
		s.Hits++
	}
	s.RougeL += RougeL(selected, conclusions)
}

// HitRate is the share of documents with a hit.
func (s *Summaries) HitRate() float64 { return share(s.Hits, s.Documents) }

// MeanRougeL is the mean ROUGE-L over documents.
func (s *Summaries) MeanRougeL() float64 {
	if s.Documents == 0 {
		return 0
	}
	return s.RougeL / float64(s.Documents)
}

// RougeL is the F1 of the longest common subsequence of the words (runs of letters and digits, in
// lower case) of both texts.
func RougeL(predicted, gold string) float64 {
	a, b := rougeWords(predicted), rougeWords(gold)
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

func rougeWords(s string) []string {
	return strings.FieldsFunc(
		strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) },
	)
}

// common is the length of the longest common subsequence.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

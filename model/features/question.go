package features

import (
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/model"
)

// Templates of question features. Their order is part of the format, as is that of the classes of
// cues.txt: new ones are added at the end.
const (
	questionOpening uint32 = 0x400 + iota
	questionColon
	questionCue
	questionCount
	questionPlace
	questionPair
)

// Question computes the features of a yes/no/maybe question about one text: the form of the
// question, and the cues (cues.txt) in the text's last sentences and in all of them. Words are no
// features, except the first word of the question: a few hundred training questions are too few to
// learn the meaning of words.
type Question struct {
	words []string // in lower case
	asked cues
	found []cues // of each sentence of the abstract
	first int    // the first sentence of the abstract
}

// tailSentences is the number of sentences at the end with features for each sentence.
const looked = 3

// NewQuestion reads a question about a text.
func NewQuestion(t *model.Text, question string) *Question {
	seen := NewSentences(t)
	q := &Question{words: split(strings.ToLower(question)), first: seen.first}
	q.asked = cuesOf(q.words)
	for i, sentence := range t.Sentences {
		words := split(strings.ToLower(t.Body[sentence.Start:sentence.End]))
		if i >= q.first {
			q.found = append(q.found, cuesOf(words))
		}
	}
	return q
}

// Append appends the features of the question and of the text as a whole to dst.
func (q *Question) Append(dst []uint32) []uint32 {
	add := func(template uint32, values ...Hash) {
		h := Template(template)
		for _, v := range values {
			h = h.Uint(uint64(v))
		}
		dst = append(dst, h.Sum())
	}
	opening := Hash(1)
	if len(q.words) > 0 {
		opening = Template(0).String(q.words[0])
	}
	add(questionOpening, opening)
	colon := false
	for i, w := range q.words[:max(0, len(q.words)-1)] { // "Enteroscopy: is it safe?"
		if w == ":" {
			colon = true
			add(questionOpening, 2, Template(0).String(q.words[i+1]))
		}
	}
	add(questionColon, truth(colon))
	for x := range cueClasses().count {
		if q.asked&(1<<x) != 0 {
			add(questionCue, Hash(x))
		}
		n := 0
		for _, c := range q.found {
			n += int(c >> x & 1)
		}
		add(questionCount, Hash(x), Hash(min(n, 3)))
	}
	return dst
}

// Sentences returns the sentences [first, end) of the text that AppendSentence takes: the last ones
// of the abstract.
func (q *Question) Sentences() (first, end int) {
	return q.first + max(0, len(q.found)-looked), q.first + len(q.found)
}

// AppendSentence appends the features of one of Sentences to dst.
func (q *Question) AppendSentence(dst []uint32, sentence int) []uint32 {
	i := sentence - q.first
	found, fromEnd := q.found[i], Hash(len(q.found)-1-i)
	for x := range cueClasses().count {
		if found&(1<<x) == 0 {
			continue
		}
		dst = append(dst, Template(questionPlace).Int(x).Uint(uint64(fromEnd)).Sum())
		for y := x + 1; y < cueClasses().count; y++ {
			if found&(1<<y) != 0 {
				dst = append(dst, Template(questionPair).Int(x).Int(y).Sum())
			}
		}
	}
	return dst
}

// split cuts a text into runs of letters, numbers with their decimal points, and other characters.
func split(s string) []string {
	const (
		space = iota
		letters
		number
		other
	)
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r):
			return letters
		case unicode.IsDigit(r), r == '.', r == '·':
			return number
		case unicode.IsSpace(r):
			return space
		}
		return other
	}
	var words []string
	last, from := space, 0
	for i, r := range s {
		if k := kind(r); k != last || k == other {
			if last != space {
				words = append(words, s[from:i])
			}
			last, from = k, i
		}
	}
	if last != space {
		words = append(words, s[from:])
	}
	return words
}

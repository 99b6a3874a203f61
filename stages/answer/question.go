package answer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/schemas"
)

// Question is a question about every document.
type Question struct {
	ID    string // QuestionID(Text)
	Text  string
	topic *topic.Question // nil for a document's own question
}

// NewQuestion returns the question of a text, with runs of white space replaced by single spaces. A
// text that is not a question to answer with yes or no, or without a content word, is an error.
func NewQuestion(text string) (Question, error) {
	q := OwnQuestion(strings.Join(strings.Fields(text), " "))
	if q.topic = topic.Parse(q.Text, nil); q.topic.Empty() || !utf8.ValidString(q.Text) {
		return Question{}, fmt.Errorf("question %q has no content word", q.Text)
	}
	if !isYesNo(q.Text) {
		return Question{}, fmt.Errorf("%q cannot be answered by yes, no or maybe: begin with a verb, as in %q",
			q.Text, "Does aspirin reduce the risk of stroke?")
	}
	return q, nil
}

// OwnQuestion returns the question that a document itself asks, as its title: whatever its form is,
// the document addresses it.
func OwnQuestion(text string) Question {
	return Question{ID: QuestionID(text), Text: text}
}

// QuestionID returns the first eight hex digits of the SHA-256 of a question, the same in every
// run.
func QuestionID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// OnTopic returns the probability that a text addresses the question, and whether it is enough for
// an answer. It is 1 if the question is the title of the text. d is the index of the text.
func (q Question) OnTopic(t *model.Text, d *topic.Document) (p float32, ok bool) {
	if q.topic == nil {
		return 1, true
	}
	for _, s := range t.Sections {
		if s.Kind == schemas.KindTitle && strings.Join(strings.Fields(s.Text), " ") == q.Text {
			return 1, true
		}
	}
	p = q.topic.Probability(d)
	return p, p >= topic.Threshold
}

// isYesNo reports whether a text is a question to answer with yes or no. It decides by the first
// words of its clauses: the first clause that begins with a verb ("is", "does") or with a question
// word ("what", "how") decides, but a verb in a later clause outweighs a question word. A question
// without either has a topic and a claim about it: "Aripiprazole: a new risk factor for gambling?".
func isYesNo(text string) bool {
	parts := clauses(text)
	asks := false
	for i, words := range parts {
		switch {
		case verbs[words[0]]:
			request := len(words) > 2 && words[1] == "you" && requests[words[2]]
			return len(words) > 1 && !request && !questionWords[words[len(words)-1]]
		case i > 0 && len(words) > 1 && conjunctions[words[0]] && verbs[words[1]]:
			return true
		}
		first := words[0]
		if len(words) > 1 && prepositions[first] { // "In which patients"
			first = words[1]
		}
		asks = asks || questionWords[words[0]] || questionWords[first] || questionWords[words[len(words)-1]]
	}
	last := parts[len(parts)-1]
	return strings.HasSuffix(strings.TrimRight(text, `"'”’) `), "?") && len(parts) > 1 && len(last) > 1 && !asks &&
		last[0] != "best"
}

// clauses returns the words of the clauses of a text in lower case; there is at least one clause
// with a word in a text with a letter.
func clauses(text string) (all [][]string) {
	text = strings.NewReplacer("--", ";", "—", ";", "–", ";", " - ", ";").Replace(strings.ToLower(text))
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(":;,.?!", r) }) {
		words := strings.FieldsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '-'
		})
		words = slices.DeleteFunc(words, func(w string) bool { return strings.Trim(w, "'-") == "" })
		if len(words) > 0 {
			all = append(all, words)
		}
	}
	if len(all) == 0 {
		all = [][]string{{text}}
	}
	return all
}

var (
	verbs = setOf("does do did is are was were can could may might must will would should shall has have had am " +
		"isn't aren't doesn't don't didn't wasn't weren't can't won't hasn't haven't shouldn't cannot it's")
	questionWords = setOf("what which who whom whose how why when where what's")
	conjunctions  = setOf("and or but if then so")
	requests      = setOf("tell explain list describe give show name say help recommend suggest summarize find")
	prepositions  = setOf("in to for by at on from with under of")
)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

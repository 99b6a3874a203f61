package features

import (
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Templates of sentence features. Their order is part of the format: new ones are added at the end.
const (
	sentenceWord uint32 = 0x300 + iota
	sentenceBigram
	sentenceOpening
	sentenceFromStart
	sentenceFromEnd
	sentenceCount
	sentenceLength
	sentenceTitle
	sentenceDigits
	sentenceLabel
	sentencePlace
	sentenceNeighbour
	sentenceEnding
)

// Sentences computes the features of the sentences of an abstract, as candidates for its
// conclusion.
type Sentences struct {
	text   *model.Text
	words  []model.WordRange // of each sentence
	forms  []Hash
	title  map[Hash]bool // forms of the title's words of four letters or more
	first  int           // the first sentence of the abstract
	opened []Hash        // the first two words of each sentence
}

// NewSentences reads the sentences of a text.
func NewSentences(t *model.Text) *Sentences {
	s := &Sentences{
		text: t, words: make([]model.WordRange, len(t.Sentences)), forms: make([]Hash, len(t.Words)),
		title: map[Hash]bool{},
	}
	for i, w := range t.Words {
		s.forms[i] = Template(0).Lower(t.Word(i))
		at := &s.words[w.Sentence]
		if at.End == 0 {
			at.Start = i
		}
		at.End = i + 1
	}
	for i, sentence := range t.Sentences {
		if t.Sections[sentence.Section].Kind != schemas.KindTitle {
			break
		}
		s.first = i + 1
		for k := s.words[i].Start; k < s.words[i].End; k++ {
			if s.content(k) {
				s.title[s.forms[k]] = true
			}
		}
	}
	for i := range t.Sentences {
		h := Hash(0)
		for k := s.words[i].Start; k < min(s.words[i].End, s.words[i].Start+2); k++ {
			h = h.Uint(uint64(s.forms[k]))
		}
		s.opened = append(s.opened, h)
	}
	return s
}

// content reports whether a word is taken for a content word: four bytes or more.
func (s *Sentences) content(k int) bool { return s.text.Words[k].End-s.text.Words[k].Start >= 4 }

// Abstract returns the sentences [first, end) of the abstract.
func (s *Sentences) Abstract() (first, end int) { return s.first, len(s.text.Sentences) }

// Append appends the features of sentence i of the abstract to dst: about three for every word.
func (s *Sentences) Append(dst []uint32, i int) []uint32 {
	add := func(template uint32, values ...Hash) {
		h := Template(template)
		for _, v := range values {
			h = h.Uint(uint64(v))
		}
		dst = append(dst, h.Sum())
	}
	w := s.words[i]
	n := len(s.text.Sentences) - s.first
	fromStart, fromEnd := Hash(min(i-s.first, 8)), Hash(min(len(s.text.Sentences)-1-i, 8))
	add(sentenceFromStart, fromStart)
	add(sentenceFromEnd, fromEnd)
	add(sentenceFromEnd, fromEnd, Hash(min(n, 12)))
	add(sentenceCount, Hash(bucket(n)), Hash(10*(i-s.first)/n))
	add(sentenceLength, Hash(bucket(w.Len())), Hash(min(fromEnd, 3)))
	previous, opening, digits, shared, content := Hash(1), Hash(0), 0, 0, 0
	for k := w.Start; k < w.End; k++ {
		form := s.forms[k]
		add(sentenceWord, form)
		add(sentenceBigram, previous, form)
		if k < w.Start+4 {
			opening = opening.Uint(uint64(form))
			add(sentenceOpening, opening)
			add(sentenceOpening, 1, form)
		}
		if k < w.Start+12 {
			add(sentencePlace, form, Hash(min(fromEnd, 3)))
		}
		previous = form
		if c := s.text.Body[s.text.Words[k].Start]; '0' <= c && c <= '9' {
			digits++
		}
		if s.content(k) {
			content++
			if s.title[form] {
				shared++
			}
		}
	}
	add(sentenceDigits, Hash(bucket(digits)))
	add(sentenceTitle, Hash(bucket(shared)))
	add(sentenceTitle, 1, Hash(10*shared/max(content, 1)))
	add(sentenceTitle, 2, Hash(10*shared/max(len(s.title), 1)))
	if i > s.first {
		add(sentenceNeighbour, 0, s.opened[i-1])
	}
	if i+1 < len(s.opened) {
		add(sentenceNeighbour, 1, s.opened[i+1])
	}
	section := s.text.Sections[s.text.Sentences[i].Section]
	if label := heading(section); label != "" {
		add(sentenceLabel, Template(0).Lower(label))
	}
	return dst
}

// heading is NLM's category of a section, or else the first word of its label without a plural:
// "CONCLUSION".
func heading(s schemas.Section) string {
	label := s.Category
	if label == "" || label == "UNASSIGNED" {
		label = s.Label
	}
	if at := strings.IndexFunc(label, func(r rune) bool { return !unicode.IsLetter(r) }); at >= 0 {
		label = label[:at]
	}
	return strings.TrimRight(strings.ToUpper(label), "S")
}

// contains reports whether one of two names is part of the other, in lower case.
func contains(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return strings.Contains(a, b) || strings.Contains(b, a)
}

// Length is the number of words of sentence i.
func (s *Sentences) Length(i int) int { return s.words[i].Len() }

package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// AnnotationsOf is the inverse of NewRows: it returns the annotations from which the rows of a
// document were made, for a document with the same text and sections. NewRows makes the same rows
// of them, apart from keys and model. It returns an error if the text differs, or if an annotation
// was rejected, so that the rows do not tell what the stages found. Columns that follow from others
// may be empty: the texts of sentences, mentions, subjects and objects, and concepts of the latter.
func AnnotationsOf(doc *Document, r *Rows) (*Annotations, error) {
	if err := checkSameText(doc, r); err != nil {
		return nil, err
	}
	b := inverse{text: doc.Text(), a: &Annotations{}}
	b.offsets = byteOffsets(b.text)
	for _, add := range []func(*Rows) error{b.addSentences, b.addMentions, b.addRelations, b.addRejects} {
		if err := add(r); err != nil {
			return nil, fmt.Errorf("rows of pmid %d: %w", doc.PMID, err)
		}
	}
	for _, s := range r.Summaries {
		b.a.Summaries = append(b.a.Summaries, Summary{
			Text: s.Text, Method: s.Method, Sentences: slices.Clone(s.Sentences), Score: s.Score,
		})
	}
	for _, x := range r.Answers {
		b.a.Answers = append(b.a.Answers, Answer{
			QuestionID: x.QuestionID, Question: x.Question, Answer: x.Answer, Score: x.Score,
			Sentences: slices.Clone(x.Sentences), Evidence: x.Evidence,
		})
	}
	for _, x := range r.Labels {
		b.a.Labels = append(b.a.Labels, Label{Name: x.Label, Score: x.Score})
	}
	for i := range r.Vectors { // at most one
		b.a.Vector = slices.Clone(r.Vectors[i].Vector)
	}
	return b.a, nil
}

// checkSameText returns an error unless the row of documents has the text and sections of doc.
func checkSameText(doc *Document, r *Rows) error {
	if doc.Deleted || len(r.Documents) != 1 || r.Documents[0].IsDeleted {
		return fmt.Errorf("rows of pmid %d: there is not exactly one document", doc.PMID)
	}
	row := &r.Documents[0]
	sum := sha256.Sum256([]byte(doc.Text()))
	same := row.TextSHA256 == hex.EncodeToString(sum[:]) && len(row.Sections) == len(doc.Sections)
	// With equal texts, sections of the same number of code points are equal.
	at := int32(0)
	for i := 0; same && i < len(doc.Sections); i++ {
		s, have := doc.Sections[i], row.Sections[i]
		end := at + int32(len([]rune(s.Text)))
		same = have == SectionRow{Kind: s.Kind, Label: s.Label, Category: s.Category, DocStart: at, DocEnd: end}
		at = end + 1
	}
	if !same {
		return fmt.Errorf("rows of pmid %d: they are of another text or of other sections", doc.PMID)
	}
	return nil
}

// inverse collects the annotations of one document.
type inverse struct {
	text    string
	offsets []int // of each code point, in bytes, and the end; nil when the text is ASCII
	a       *Annotations
}

// byteOffsets returns the byte offset of each code point and of the end, or nil for ASCII.
func byteOffsets(text string) []int {
	if strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0 {
		return nil
	}
	offsets := make([]int, 0, len(text)+1)
	for i := range text {
		offsets = append(offsets, i)
	}
	return append(offsets, len(text))
}

// span returns the bytes of a range of code points that has the given text, unless that is empty.
func (b *inverse) span(start, end int32, text string) (Span, error) {
	points := len(b.text)
	if b.offsets != nil {
		points = len(b.offsets) - 1
	}
	if start < 0 || start > end || int(end) > points {
		return Span{}, fmt.Errorf("code points %d to %d of %d", start, end, points)
	}
	s := Span{int(start), int(end)}
	if b.offsets != nil {
		s = Span{b.offsets[start], b.offsets[end]}
	}
	if text != "" && b.text[s.Start:s.End] != text {
		return Span{}, fmt.Errorf("code points %d to %d are not the text of the row", start, end)
	}
	return s, nil
}

// next returns an error unless id is that of the next of n annotations: a gap is a rejected one.
func next(table string, id int32, n int) error {
	if int(id) != n {
		return fmt.Errorf("%s %d is missing", table, n)
	}
	return nil
}

func (b *inverse) addSentences(r *Rows) error {
	for i, s := range r.Sentences {
		if err := next("sentence", s.Sentence, i); err != nil {
			return err
		}
		at, err := b.span(s.DocStart, s.DocEnd, s.Text)
		if err != nil {
			return fmt.Errorf("sentence %d: %w", i, err)
		}
		b.a.Sentences = append(b.a.Sentences, Sentence{Section: int(s.Section), Span: at})
	}
	return nil
}

func (b *inverse) addMentions(r *Rows) error {
	for i, m := range r.Mentions {
		if err := next("mention", m.Mention, i); err != nil {
			return err
		}
		at, err := b.span(m.DocStart, m.DocEnd, m.Text)
		if err != nil {
			return fmt.Errorf("mention %d: %w", i, err)
		}
		b.a.Mentions = append(b.a.Mentions, Mention{
			ID: i, Section: int(m.Section), Sentence: int(m.Sentence), Span: at, Type: m.Type, Score: m.Score,
			Concept: m.Concept, ConceptName: m.ConceptName, ConceptScore: m.ConceptScore, Method: m.Method,
		})
	}
	return nil
}

func (b *inverse) addRelations(r *Rows) error {
	for i, x := range r.Relations {
		if err := next("relation", x.Relation, i); err != nil {
			return err
		}
		sentence := -1
		if x.Sentence != nil {
			sentence = int(*x.Sentence)
		}
		var alternatives []Alternative
		for _, a := range x.Alternatives {
			alternatives = append(alternatives, Alternative(a))
		}
		b.a.Relations = append(b.a.Relations, Relation{
			Type: x.Type, Subject: int(x.Subject), Object: int(x.Object), Sentence: sentence, Score: x.Score,
			Alternatives: alternatives, Certainty: x.Certainty, Method: x.Method, Evidence: x.Evidence,
		})
	}
	return nil
}

// addRejects adds those of the stages. Those of NewRows stand for annotations that are lost.
func (b *inverse) addRejects(r *Rows) error {
	for _, x := range r.Rejects {
		if strings.HasPrefix(x.Kind, "bad-") || x.Record != nil {
			return fmt.Errorf("%s was rejected: %s", x.Stage, x.Kind)
		}
		b.a.Rejects = append(b.a.Rejects, Reject{Stage: x.Stage, Kind: x.Kind, Message: x.Message})
	}
	return nil
}

// Only drops the results of all tasks but the given ones. Generated mentions are of task relations,
// so that relations without ner leave all mentions. Without linking no mention has a concept.
func (a *Annotations) Only(tasks ...string) {
	has := func(task string) bool { return slices.Contains(tasks, task) }
	if !has(TaskRelations) {
		a.Relations = nil
		a.Mentions = slices.DeleteFunc(a.Mentions, func(m Mention) bool {
			return !has(TaskNER) || m.Method == MethodGenerated
		})
		for i := range a.Mentions {
			a.Mentions[i].ID = i
		}
	}
	if !has(TaskLinking) {
		for i := range a.Mentions {
			m := &a.Mentions[i]
			m.Concept, m.ConceptName, m.ConceptScore = "", "", 0
		}
	}
	if !has(TaskSummary) {
		a.Summaries = nil
	}
	if !has(TaskAnswers) {
		a.Answers = nil
	}
	if !has(TaskLabels) {
		a.Labels = nil
	}
	if !has(TaskVectors) {
		a.Vector = nil
	}
	a.Rejects = slices.DeleteFunc(a.Rejects, func(r Reject) bool { return !has(r.Stage) })
}

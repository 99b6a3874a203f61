package text

import (
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/sentence"
)

// Sentences is the Preparer of a run without a model: its Texts have only sentences.
type Sentences struct{}

// Prepare returns the Text of the document, with the same sentences as those of a [Preparer].
func (Sentences) Prepare(doc *schemas.Document) *model.Text {
	t := &model.Text{Body: doc.Text(), Sections: doc.Sections}
	for section, at := range doc.SectionSpans() {
		for _, span := range split(doc.Sections[section].Kind, t.Body[at.Start:at.End]) {
			span = schemas.Span{Start: at.Start + span.Start, End: at.Start + span.End}
			t.Sentences = append(t.Sentences, schemas.Sentence{Section: section, Span: span})
		}
	}
	return t
}

// split returns the sentences of a section.
func split(kind, text string) []schemas.Span {
	if kind != schemas.KindTitle {
		return sentence.Split(text)
	}
	start := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	end := len(strings.TrimRightFunc(text, unicode.IsSpace))
	if start >= end {
		return nil
	}
	return []schemas.Span{{Start: start, End: end}}
}

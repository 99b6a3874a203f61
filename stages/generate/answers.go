package generate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

// Answers is the stage that adds generated answers to a document's annotations.
type Answers struct {
	*Prompter
	Questions []string // about every document; if there are none, the question is the document's title
}

// Name returns schemas.TaskAnswers.
func (Answers) Name() string { return schemas.TaskAnswers }

// ReadsStates is false: the stage reads completions.
func (Answers) ReadsStates() bool { return false }

// Prompts returns a prompt for each question.
func (s Answers) Prompts(t *model.Text) []model.Prompt {
	var prompts []model.Prompt
	for _, d := range s.asked(t) {
		prompts = append(prompts, s.Prompter.prompts(d)...)
	}
	return prompts
}

// asked returns the document of a text once for each question, with the question as its title.
func (s Answers) asked(t *model.Text) []*schemas.Document {
	own := &schemas.Document{Sections: t.Sections}
	if s.Template.question != "" || len(s.Questions) == 0 {
		if s.Template.Question(own) == "" {
			return nil
		}
		return []*schemas.Document{own}
	}
	var docs []*schemas.Document
	for _, q := range s.Questions {
		docs = append(docs, Ask(own, q))
	}
	return docs
}

// Ask returns the document with a question in place of its title.
func Ask(d *schemas.Document, question string) *schemas.Document {
	asked := *d
	asked.Sections = []schemas.Section{{Kind: schemas.KindTitle, Text: question}}
	for _, s := range d.Sections {
		if s.Kind != schemas.KindTitle {
			asked.Sections = append(asked.Sections, s)
		}
	}
	return &asked
}

// Annotate parses the completions. A document without a question gets no answer.
func (s Answers) Annotate(t *model.Text, states model.States, a *schemas.Annotations) error {
	if len(states.Completions) == 0 {
		return nil
	}
	docs := s.asked(t)
	if len(docs) != len(states.Completions) {
		return fmt.Errorf("%d completions for %d questions", len(states.Completions), len(docs))
	}
	for i, c := range states.Completions {
		if err := check(c); err != nil {
			return err
		}
		s.annotate(cmp.Or(s.Template.question, strings.TrimSpace(docs[i].Title())), c, a)
	}
	return nil
}

func (s Answers) annotate(question string, c model.Completion, a *schemas.Annotations) {
	text := s.Text(c)
	found, ok := s.Template.ReadAnswer(text)
	switch {
	case !ok:
		a.Rejects = append(
			a.Rejects,
			schemas.Reject{Stage: schemas.TaskAnswers, Kind: KindUnreadable, Message: fmt.Sprintf("%q", text)},
		)
		return
	case !allowed(found.Text, s.Labels):
		a.Rejects = append(a.Rejects, schemas.Reject{
			Stage: schemas.TaskAnswers, Kind: KindUnknown,
			Message: fmt.Sprintf("answer %q is not one of %s", found.Text, strings.Join(s.Labels, ", ")),
		})
		return
	}
	a.Answers = append(a.Answers, schemas.Answer{
		QuestionID: answer.QuestionID(question), Question: question, Answer: found.Text,
		Score: score(c, s.ends(c), found.Start, found.End),
	})
}

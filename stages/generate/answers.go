package generate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

// Answers is the stage that adds generated answers to a document's annotations.
type Answers struct {
	*Prompter
	// Questions are asked of the documents that address them. Without any, the question is the
	// document's title.
	Questions []answer.Question
}

// Name returns schemas.TaskAnswers.
func (Answers) Name() string { return schemas.TaskAnswers }

// ReadsStates is false: the stage reads completions.
func (Answers) ReadsStates() bool { return false }

// Prompts returns a prompt for each question that the document addresses.
func (s Answers) Prompts(t *model.Text) []model.Prompt {
	var prompts []model.Prompt
	for _, q := range s.asked(t) {
		prompts = append(prompts, s.Prompter.prompts(q.doc)...)
	}
	return prompts
}

// asked is a document with a question as its title, and the probability that it addresses it.
type asked struct {
	doc     *schemas.Document
	onTopic float32
}

// asked returns the document of a text once for each question that it addresses.
func (s Answers) asked(t *model.Text) []asked {
	own := &schemas.Document{Sections: t.Sections}
	if s.Template.question != "" || len(s.Questions) == 0 {
		if s.Template.Question(own) == "" {
			return nil
		}
		return []asked{{own, 1}}
	}
	var all []asked
	d := topic.Index(t)
	for _, q := range s.Questions {
		if p, ok := q.OnTopic(t, d); ok {
			all = append(all, asked{Ask(own, q.Text), p})
		}
	}
	return all
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
	questions := s.asked(t)
	if len(questions) != len(states.Completions) {
		return fmt.Errorf("%d completions for %d questions", len(states.Completions), len(questions))
	}
	for i, c := range states.Completions {
		if err := check(c); err != nil {
			return err
		}
		q := questions[i]
		s.annotate(cmp.Or(s.Template.question, strings.TrimSpace(q.doc.Title())), q.onTopic, c, a)
	}
	return nil
}

func (s Answers) annotate(question string, onTopic float32, c model.Completion, a *schemas.Annotations) {
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
		Score: onTopic * score(c, s.ends(c), found.Start, found.End),
	})
}

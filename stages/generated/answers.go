package generated

import (
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Answers is the stage that adds what a model answers to a document's annotations.
type Answers struct{ *Prompter }

// Name returns "answers".
func (Answers) Name() string { return TaskAnswers }

// Annotate reads what the model wrote. A document that asks nothing has no answer.
func (s Answers) Annotate(t *model.Text, states model.States, a *schemas.Annotations) error {
	c, ok, err := written(states)
	if err != nil || !ok {
		return err
	}
	text := s.Text(c)
	answer, ok := s.Template.ReadAnswer(text)
	switch {
	case !ok:
		a.Rejects = append(a.Rejects, schemas.Reject{Stage: TaskAnswers, Kind: KindUnreadable, Message: fmt.Sprintf("%q", text)})
		return nil
	case !may(answer.Text, s.Labels):
		a.Rejects = append(a.Rejects, schemas.Reject{
			Stage: TaskAnswers, Kind: KindUnknown, Message: fmt.Sprintf("answer %q is not one of %s", answer.Text, strings.Join(s.Labels, ", ")),
		})
		return nil
	}
	a.Answers = append(a.Answers, schemas.Answer{
		QuestionID: s.Template.Name, Question: s.Template.Question(&schemas.Document{Sections: t.Sections}), Answer: answer.Text,
		Score: score(c, s.ends(c), answer.Start, answer.End),
	})
	return nil
}

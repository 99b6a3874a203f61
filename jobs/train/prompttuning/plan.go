package prompttuning

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// ErrPlan is a mistake in a plan, or documents that cannot be trained on.
var ErrPlan = errors.New("not possible")

func impossible(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrPlan, fmt.Sprintf(format, args...))
}

// Plan is the text to generate. Fields that are empty are derived from the documents.
type Plan struct {
	Task string // "relations" or "answers"
	// Template is a template of package generate. The default is bc5cdr for relations of one type,
	// kd-dti for several, and pubmedqa for answers.
	Template string
	Subject  string // with Object: the entity types of the relations to train on
	Object   string
	Soft     int // number of soft tokens; default that of the template's authors
}

// Generation completes a plan for a model with the given numbers of vocabulary pieces and
// positions.
func (p Plan) Generation(examples []dataset.Example, pieces, positions int) (model.Generation, error) {
	g := model.Generation{Task: p.Task, Template: p.Template, Subject: p.Subject, Object: p.Object}
	var err error
	switch p.Task {
	case schemas.TaskRelations:
		err = completeRelations(&g, examples)
	case schemas.TaskAnswers:
		err = completeAnswers(&g, examples)
	default:
		err = impossible(
			"task %q: only %s and %s can be generated", p.Task, schemas.TaskRelations, schemas.TaskAnswers,
		)
	}
	if err != nil {
		return g, err
	}
	t, err := generate.Lookup(g.Template)
	if err != nil {
		return g, impossible("%v", err)
	}
	if t.Task != p.Task {
		return g, impossible("template %s is of task %s, not of %s", g.Template, t.Task, p.Task)
	}
	soft := p.Soft
	if soft == 0 {
		soft = t.Soft
	}
	if g.SourceTokens, g.TargetTokens = t.Room(positions, soft); g.SourceTokens < 1 || g.TargetTokens < 2 {
		return g, impossible("%d soft tokens are too many for a model with %d positions", soft, positions)
	}
	for i := range soft {
		g.SoftPrompt = append(g.SoftPrompt, int32(pieces+i))
	}
	return g, nil
}

// completeRelations sets entity types, relation types and template.
func completeRelations(g *model.Generation, examples []dataset.Example) error {
	var pairs [][2]string
	for i := range examples {
		types := typesOf(&examples[i])
		for _, r := range examples[i].ConceptRelations {
			if a, b := types[r.A], types[r.B]; a != "" && b != "" && !slices.Contains(pairs, [2]string{a, b}) &&
				!slices.Contains(pairs, [2]string{b, a}) {
				pairs = append(pairs, [2]string{a, b})
			}
		}
	}
	if g.Subject == "" || g.Object == "" {
		switch len(pairs) {
		case 0:
			return impossible("the documents hold no relations between named entities")
		case 1:
			g.Subject, g.Object = pairs[0][0], pairs[0][1]
		default:
			var list []string
			for _, p := range pairs {
				list = append(list, p[0]+","+p[1])
			}
			slices.Sort(list)
			return impossible(
				"the documents relate several pairs of entity types: choose one with --pair: %s",
				strings.Join(list, ", or "),
			)
		}
	}
	var types []string
	for i := range examples {
		for _, r := range relationsOf(&examples[i], g.Subject, g.Object) {
			if !slices.Contains(types, r.Type) {
				types = append(types, r.Type)
			}
		}
	}
	slices.Sort(types)
	if len(types) == 0 {
		return impossible("the documents relate no %s to a %s", g.Subject, g.Object)
	}
	if g.Template == "" {
		if g.Template = "bc5cdr"; len(types) > 1 {
			g.Template = "kd-dti"
		}
	}
	t, err := generate.Lookup(g.Template)
	switch {
	case err != nil:
		return impossible("%v", err)
	case t.Typed():
		g.Labels = types
	case len(types) > 1:
		return impossible(
			"template %s has no relation types, and the documents have %s: choose kd-dti", g.Template,
			strings.Join(types, ", "),
		)
	default:
		g.Relation = types[0]
	}
	return nil
}

// completeAnswers sets answers and template.
func completeAnswers(g *model.Generation, examples []dataset.Example) error {
	if g.Template == "" {
		g.Template = "pubmedqa"
	}
	for _, e := range examples {
		if e.Answer != "" && !slices.Contains(g.Labels, e.Answer) {
			g.Labels = append(g.Labels, e.Answer)
		}
	}
	slices.Sort(g.Labels)
	if len(g.Labels) == 0 {
		return impossible("the documents hold no questions with answers")
	}
	return nil
}

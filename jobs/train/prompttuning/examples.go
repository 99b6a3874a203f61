package prompttuning

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// Examples returns training examples of documents. With source, the loss includes source and soft
// tokens. skipped is the number of documents without a target.
func Examples(p *generate.Prompter, docs []dataset.Example, source bool) (examples []trunk.Example, skipped int) {
	for i := range docs {
		prompt, target := p.Source(shown(&docs[i])), target(p, &docs[i])
		if prompt == nil || target == "" {
			skipped++
			continue
		}
		ids := slices.Concat(prompt, p.Target(target))
		e := trunk.Example{Tokens: ids[:len(ids)-1], Targets: slices.Clone(ids[1:])}
		if !source {
			for k := range len(prompt) - 1 {
				e.Targets[k] = trunk.NoTarget
			}
		}
		examples = append(examples, e)
	}
	return examples, skipped
}

// shown returns the document as the model reads it: with its question, if any, as the title.
func shown(e *dataset.Example) *schemas.Document {
	if e.Question == "" {
		return e.Doc
	}
	return generate.Ask(e.Doc, e.Question)
}

// target returns the text to generate for a document; empty for none.
func target(p *generate.Prompter, e *dataset.Example) string {
	if p.Task == schemas.TaskAnswers {
		if e.Answer == "" {
			return ""
		}
		return p.Template.Answer(e.Answer)
	}
	return p.Template.Relations(triples(p, e))
}

// triples returns the relations of a document between names.
func triples(p *generate.Prompter, e *dataset.Example) []generate.Triple {
	names := longest(e)
	var list []generate.Triple
	for _, r := range relationsOf(e, p.Subject, p.Object) {
		if subject, object := names[r.A], names[r.B]; subject != "" && object != "" {
			list = append(list, generate.Triple{Subject: subject, Object: object, Type: r.Type})
		}
	}
	if p.Template.Typed() {
		source := p.Template.Source(e.Doc)
		slices.SortStableFunc(list, func(x, y generate.Triple) int {
			return cmp.Compare(strings.Index(source, x.Subject), strings.Index(source, y.Subject))
		})
	}
	return list
}

// relationsOf returns the relations between concepts of the two types, in the order of the corpus,
// with the subject as A. In corpora of relations without a direction it may be B.
func relationsOf(e *dataset.Example, subject, object string) []dataset.ConceptRelation {
	types := typesOf(e)
	var list []dataset.ConceptRelation
	for _, r := range e.ConceptRelations {
		switch a, b := types[r.A], types[r.B]; {
		case a == subject && b == object:
			list = append(list, r)
		case b == subject && a == object:
			list = append(list, dataset.ConceptRelation{Type: r.Type, A: r.B, B: r.A})
		}
	}
	return list
}

// typesOf returns the type of each concept of a document.
func typesOf(e *dataset.Example) map[string]string {
	types := map[string]string{}
	eachName(e, func(n dataset.Name) { types[n.Concept] = n.Type })
	return types
}

// longest returns the longest name of each concept, in lower case.
func longest(e *dataset.Example) map[string]string {
	names := map[string]string{}
	eachName(e, func(n dataset.Name) {
		if name := strings.ToLower(n.Text); utf8.RuneCountInString(name) > utf8.RuneCountInString(names[n.Concept]) {
			names[n.Concept] = name
		}
	})
	return names
}

// eachName calls do with every name of every concept of a document: those of its mentions, then
// those without a span.
func eachName(e *dataset.Example, do func(dataset.Name)) {
	body := e.Doc.Text()
	for _, m := range e.Gold.Mentions {
		for _, c := range dataset.Concepts(m) {
			do(dataset.Name{Type: m.Type, Text: body[m.Start:m.End], Concept: c})
		}
	}
	for _, n := range e.Names {
		if n.Concept != "" {
			do(n)
		}
	}
}

package generate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Template has the texts of one task: the source made from a document, and the form of the target.
type Template struct {
	Name   string
	Task   string
	Soft   int // number of soft tokens of BioGPT's authors
	cap    int // maximum number of source tokens with 1,024 positions
	source func(d *schemas.Document) string

	// A sentence about two entities is open, subject, " and ", object, then closed (" exists") or,
	// if closed is empty, " is " and the type. A sentence with an answer is open and the answer.
	open, closed string
	separator    string         // of sentences in the authors' scripts; empty for answers
	pattern      *regexp.Regexp // of a sentence in the authors' scripts
	inConclusion string         // "in conclusion," as in the authors' scripts
	question     string         // if it is not the document's title
}

// Typed reports whether the sentences of the template have the type of a relation.
func (t *Template) Typed() bool { return t.Task == schemas.TaskRelations && t.closed == "" }

// minTarget is the number of tokens that an answer or two relations need.
const minTarget = 48

// Room returns the maximum numbers of tokens of source and target in a model with the given numbers
// of positions and soft tokens. With 1,024 positions the source has those of BioGPT's authors, 640
// for relations and 900 for answers; with others the same share, unless that leaves less than
// minTarget to the target. The target has the rest.
func (t *Template) Room(positions, soft int) (source, target int) {
	source = min(positions*t.cap/1024, positions-soft-min(minTarget, positions/3))
	return source, positions - source - soft
}

// Source returns the source of a document, or "" if it has none.
func (t *Template) Source(d *schemas.Document) string { return t.source(d) }

// Question returns the question about a document, or "" if its title is not a question.
func (t *Template) Question(d *schemas.Document) string {
	if t.question != "" {
		return t.question
	}
	if title := strings.TrimSpace(d.Title()); strings.HasSuffix(title, "?") {
		return title
	}
	return ""
}

// and separates the names of a sentence, is separates the type from them.
const (
	and = " and "
	is  = " is "
)

// templates returns new copies of the templates of BioGPT's authors.
func templates() []*Template {
	const relation, interaction = "the relation between ", "the interaction between "
	const answer, kind = "the answer to the question given the context is", "the type of this document is"
	return []*Template{
		{
			Name: "bc5cdr", Task: schemas.TaskRelations, Soft: 9, cap: 640, source: lowerAbstract,
			open: relation, closed: " exists", separator: ";",
			pattern: regexp.MustCompile("^" + relation + "(.*) and (.*) exists"), inConclusion: "in conclusion ,",
		},
		{
			Name: "kd-dti", Task: schemas.TaskRelations, Soft: 9, cap: 640, source: lowerAbstract,
			open: interaction, separator: "; ",
			pattern: regexp.MustCompile("^" + interaction + "(.*) and (.*) is (.*)"), inConclusion: "in conclusion,",
		},
		{
			Name: "ddi", Task: schemas.TaskRelations, Soft: 9, cap: 640, separator: "; ", open: interaction,
			source:  func(d *schemas.Document) string { return lower(strings.TrimSpace(d.Abstract())) },
			pattern: regexp.MustCompile("^" + interaction + "(.*) and (.*) is (.*)"), inConclusion: "in conclusion,",
		},
		{
			Name: "pubmedqa", Task: schemas.TaskAnswers, Soft: 9, cap: 900, source: questionContext, open: answer,
			pattern: regexp.MustCompile(answer + "(.*)"), inConclusion: "in conclusion,",
		},
		{
			Name: "hoc", Task: schemas.TaskAnswers, Soft: 1, cap: 900, open: kind,
			question: "What is the type of this document?",
			source:   func(d *schemas.Document) string { return strings.TrimSpace(d.Text()) },
			pattern:  regexp.MustCompile(kind + "(.*)"), inConclusion: "in conclusion,",
		},
	}
}

// Published describes a model that BioGPT's authors fine-tuned with a template. Its token table has
// more rows than the vocabulary has pieces: those of the soft tokens.
func Published(template string, pieces, rows, positions int) (model.Generation, error) {
	t, err := Lookup(template)
	if err != nil {
		return model.Generation{}, err
	}
	if rows <= pieces {
		return model.Generation{}, fmt.Errorf(
			"template %s: the token table has %d rows and the vocabulary %d pieces, so there are no soft tokens",
			template, rows, pieces,
		)
	}
	g := model.Generation{Task: t.Task, Template: template}
	switch template {
	case "bc5cdr":
		g.Subject, g.Object, g.Relation = "Chemical", "Disease", "CID"
	case "kd-dti":
		g.Subject, g.Object = "Chemical", "Gene"
	case "ddi":
		g.Subject, g.Object, g.Labels = "Chemical", "Chemical", []string{"advise", "effect", "int", "mechanism"}
	case "pubmedqa":
		g.Labels = []string{"maybe", "no", "yes"}
	}
	for id := pieces; id < rows; id++ {
		g.SoftPrompt = append(g.SoftPrompt, int32(id))
	}
	g.SourceTokens, g.TargetTokens = t.Room(positions, len(g.SoftPrompt))
	return g, nil
}

// Lookup returns the template of a name.
func Lookup(name string) (*Template, error) {
	all := templates()
	i := slices.IndexFunc(all, func(t *Template) bool { return t.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("template %q is not one of %s", name, strings.Join(Names(), ", "))
	}
	return all[i], nil
}

// Names returns the names of the templates.
func Names() []string {
	var names []string
	for _, t := range templates() {
		names = append(names, t.Name)
	}
	return names
}

// lower is Python's str.lower with line breaks replaced by spaces. It is for texts in which no
// letter's lower case depends on its neighbours.
func lower(text string) string {
	return strings.ToLower(strings.NewReplacer("\r\n", " ", "\n", " ").Replace(text))
}

// lowerAbstract returns title and abstract in lower case, with a full stop after a title that ends
// in a letter, a digit or "_".
func lowerAbstract(d *schemas.Document) string {
	title, abstract := d.Title(), d.Abstract()
	if title == "" || abstract == "" {
		return lower(title + abstract)
	}
	separator := " "
	if last, _ := utf8.DecodeLastRuneInString(title); last == '_' || unicode.IsLetter(last) || unicode.IsNumber(last) {
		separator = ". "
	}
	return lower(title + separator + abstract)
}

// questionContext returns the source of PubMedQA, whose documents have the question as their title.
func questionContext(d *schemas.Document) string {
	title := strings.TrimSpace(d.Title())
	if title == "" {
		return ""
	}
	return "question: " + title + " context: " + strings.Join(strings.Fields(d.Abstract()), " ") + " "
}

// Triple is the content of a sentence about two entities. Type is empty if the template does not
// have it.
type Triple struct{ Subject, Object, Type string }

// Relations returns the target for triples, in lower case. It is "" for none: BioGPT is not trained
// on documents without relations.
func (t *Template) Relations(triples []Triple) string {
	var sentences []string
	for _, x := range triples {
		s := t.open + x.Subject + and + x.Object
		if t.closed != "" {
			s += t.closed
		} else {
			s += is + x.Type
		}
		sentences = append(sentences, strings.ToLower(s))
	}
	if len(sentences) == 0 {
		return ""
	}
	return strings.Join(sentences, "; ") + "."
}

// Answer returns the target for an answer.
func (t *Template) Answer(answer string) string { return t.open + " " + answer + "." }

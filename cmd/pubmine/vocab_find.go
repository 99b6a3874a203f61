package main

import (
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// vocabularyFlag names the vocabulary of a command.
type vocabularyFlag struct {
	Vocabulary flags.Name `default:"bundled" help:"Name of a vocabulary, or file (default ${default})."`
}

func (c *vocabularyFlag) open() (*vocabulary.Vocabulary, error) {
	v, err := vocabulary.Open(string(c.Vocabulary))
	if err != nil {
		return nil, exit.BadInput(string(c.Vocabulary), err)
	}
	return v, nil
}

// vocabFindCommand is pubmine vocab find.
type vocabFindCommand struct {
	Name string `arg:"" help:"Name, or identifier such as MESH:D001241."`
	vocabularyFlag
	Under flags.Name `placeholder:"ID" help:"Only this concept and those below it, such as MESH:D012459."`
}

// Help is the description in pubmine vocab find --help.
func (*vocabFindCommand) Help() string {
	return example("pubmine vocab find aspirin", "pubmine vocab find MESH:D001241") + `

Columns: identifier, type, species, preferred name, the name that matched, its kind, and how it
matched: exact, folded (but for case and spaces), normalized (but for hyphens, plurals, Greek
letters and British spelling), or identifier. For an identifier its names, tree numbers and parents
follow.`
}

// Run runs the command.
func (c *vocabFindCommand) Run(std streams) error {
	v, err := c.open()
	if err != nil {
		return err
	}
	under, ok := v.Lookup(string(c.Under))
	if c.Under != "" && !ok {
		return exit.Usage("--under %s: vocabulary %s has no such identifier", c.Under, c.Vocabulary)
	}
	out := tableWriter(std.out)
	found := 0
	line := func(x vocabulary.Concept, name, kind, manner string) {
		if c.Under != "" && !v.Is(x, under) {
			return
		}
		found++
		inert.Fprintf(
			out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", v.ConceptID(x), v.Type(x), v.Species(x), v.Name(x), name, kind, manner,
		)
	}
	concept, byID := v.Lookup(c.Name)
	if byID {
		line(concept, c.Name, "", "identifier")
	}
	for _, e := range v.Find(c.Name) {
		line(e.Concept, e.Name, e.Kind.String(), e.Manner.String())
	}
	if byID && found > 0 {
		printConcept(out, v, concept)
	}
	if found == 0 {
		inert.Fprintf(std.err, "pubmine: no concept of vocabulary %s has the name or identifier %q\n", c.Vocabulary, c.Name)
	}
	return out.Flush()
}

// printConcept prints the names of a concept, and its place in the hierarchy.
func printConcept(out io.Writer, v *vocabulary.Vocabulary, c vocabulary.Concept) {
	for name, kind := range v.Names(c) {
		inert.Fprintf(out, "  %s\t%s\n", kind, name)
	}
	if trees := v.Trees(c); len(trees) > 0 {
		inert.Fprintf(out, "  tree\t%s\n", strings.Join(trees, " "))
	}
	for _, p := range v.Parents(c) {
		inert.Fprintf(out, "  parent\t%s\t%s\n", v.ConceptID(p), v.Name(p))
	}
}

// vocabMatchCommand is pubmine vocab match.
type vocabMatchCommand struct {
	Text string `arg:"" help:"A text."`
	vocabularyFlag
	All bool `help:"Also matches that are within others."`
}

// Help is the description in pubmine vocab match --help.
func (*vocabMatchCommand) Help() string {
	return example(`pubmine vocab match "Aspirin lowers the risk of colorectal cancer."`) + `

Columns: first and last byte, the words, and identifiers, types and preferred names of the concepts.`
}

// Run runs the command.
func (c *vocabMatchCommand) Run(std streams) error {
	v, err := c.open()
	if err != nil {
		return err
	}
	out, m := tableWriter(std.out), v.Matcher()
	matches := m.Longest(c.Text, vocabulary.AnyType)
	if c.All {
		matches = m.All(c.Text)
	}
	for _, x := range matches {
		m.Entries(x, func(concept vocabulary.Concept, _ vocabulary.Kind) {
			inert.Fprintf(out, "%d\t%d\t%s\t%s\t%s\t%s\n", x.Start, x.End, c.Text[x.Start:x.End], v.ConceptID(concept),
				v.Type(concept), v.Name(concept))
		})
	}
	return out.Flush()
}

// vocabExportCommand is pubmine vocab export.
type vocabExportCommand struct{ vocabularyFlag }

// Help is the description in pubmine vocab export --help.
func (*vocabExportCommand) Help() string {
	return example("pubmine vocab export > names.tsv") + `

One line for each name, separated by tabs: identifier, type, species, kind of the name, name.`
}

// Run runs the command.
func (c *vocabExportCommand) Run(std streams) error {
	v, err := c.open()
	if err != nil {
		return err
	}
	for _, typ := range v.Types() {
		for concept := range v.Concepts(typ) {
			for name, kind := range v.Names(concept) {
				id, species := v.ConceptID(concept), v.Species(concept)
				_, err := inert.Fprintf(std.out, "%s\t%s\t%s\t%s\t%s\n", id, typ, species, kind, name)
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

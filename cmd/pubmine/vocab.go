package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/store"
	build "github.com/pubmine/pubmine/jobs/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary"
)

// vocabCommand groups the commands about vocabularies.
type vocabCommand struct {
	Build  vocabBuildCommand  `cmd:"" exits:"42 75" help:"Build a vocabulary from files such as MeSH, gene_info or an ontology."`
	Info   vocabInfoCommand   `cmd:"" exits:"42" help:"Show the sources, licences and sizes of a vocabulary."`
	List   vocabListCommand   `cmd:"" help:"List the bundled vocabulary and those in the user's folder."`
	Find   vocabFindCommand   `cmd:"" exits:"42" help:"Print the concepts of a name or identifier."`
	Match  vocabMatchCommand  `cmd:"" exits:"42" help:"Print the names of a vocabulary in a text."`
	Export vocabExportCommand `cmd:"" exits:"42" help:"Print all concepts of a vocabulary with their names."`
}

// Help is the description in pubmine vocab --help.
func (*vocabCommand) Help() string { return example("pubmine vocab find aspirin") }

// vocabBuildCommand is pubmine vocab build.
type vocabBuildCommand struct {
	Recipe  flags.Name `arg:"" placeholder:"RECIPE" help:"File of the recipe."`
	Output  flags.Name `required:"" placeholder:"FILE" help:"File to write; FILE.vocab in the user's folder can be named without path and ending."`
	Sources flags.Name `placeholder:"DIR" help:"Directory of the sources (default: that of the recipe)."`
}

// Help is the description in pubmine vocab build --help.
func (*vocabBuildCommand) Help() string {
	return example("pubmine vocab build recipe.json --sources downloads --output mesh2026.vocab") + `

A recipe is JSON: a name, a version and a list of sources, each with name, licence, attribution,
file, format (` + strings.Join(build.Formats(), ", ") + `) and type. For example

    {"name": "mesh2026", "version": "1", "sources": [{"name": "MeSH", "licence": "NLM",
     "attribution": "NLM", "file": "desc2026.xml.gz", "format": "mesh-xml", "prefix": "MESH:",
     "types": [{"tree": "C", "type": "Disease"}, {"tree": "D", "type": "Chemical"}]}]}

The manual describes all fields. Files may be compressed with gzip.`
}

// Run runs the command.
func (c *vocabBuildCommand) Run(std streams) error {
	data, err := os.ReadFile(string(c.Recipe))
	if err != nil {
		return exit.BadInput(string(c.Recipe), err)
	}
	recipe, err := build.ParseRecipe(data)
	if err != nil {
		return exit.BadInput(string(c.Recipe), err)
	}
	dirs := []string{filepath.Dir(string(c.Recipe))}
	if c.Sources != "" {
		dirs = slices.Insert(dirs, 0, string(c.Sources))
	}
	contents, err := build.Build(recipe, dirs...)
	if err != nil {
		return exit.BadInput(string(c.Recipe), err)
	}
	if err := writeVocabulary(string(c.Output), contents); err != nil {
		return err
	}
	v, err := vocabulary.Inspect(string(c.Output))
	if err != nil {
		return err
	}
	printVocabulary(std, v)
	return nil
}

func writeVocabulary(path string, contents []byte) error {
	f, err := store.CreateBeside(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(contents); err != nil {
		return err
	}
	return f.Publish(filepath.Base(path))
}

// vocabInfoCommand is pubmine vocab info.
type vocabInfoCommand struct {
	Vocabulary flags.Name `arg:"" help:"Name of a vocabulary, or file."`
}

// Help is the description in pubmine vocab info --help.
func (*vocabInfoCommand) Help() string { return example("pubmine vocab info bundled") }

// Run runs the command.
func (c *vocabInfoCommand) Run(std streams) error {
	v, err := vocabulary.Inspect(string(c.Vocabulary))
	if err != nil {
		return exit.BadInput(string(c.Vocabulary), err)
	}
	printVocabulary(std, v)
	return nil
}

func printVocabulary(std streams, v *vocabulary.Vocabulary) {
	card := v.Card
	inert.Fprintf(std.out, "%s version %s\n", v.ID(), card.Version)
	if card.Description != "" {
		inert.Fprintf(std.out, "%s\n", card.Description)
	}
	inert.Fprintf(std.out, "%d bytes, sha256 %s\n", v.Size, v.SHA256)
	inert.Fprintf(
		std.out, "%d concepts, %d names, %d retired or alternative identifiers\n\n", vocabulary.Total(card.Concepts),
		vocabulary.Total(card.Names), card.Retired,
	)
	out := tableWriter(std.out)
	inert.Fprintf(out, "TYPE\tCONCEPTS\tNAMES\n")
	for _, typ := range slices.Sorted(maps.Keys(card.Concepts)) {
		inert.Fprintf(out, "%s\t%d\t%d\n", typ, card.Concepts[typ], card.Names[typ])
	}
	inert.Fprintf(out, "\nSOURCE\tVERSION\tDATE\tCONCEPTS\tNAMES\tLICENCE\n")
	for _, s := range card.Sources {
		inert.Fprintf(out, "%s\t%s\t%s\t%d\t%d\t%s\n", s.Name, s.Version, s.Date, s.Concepts, s.Names, s.Licence)
	}
	inert.Fprintf(out, "\n")
	for _, s := range card.Sources {
		inert.Fprintf(out, "%s: %s %s\n", s.Name, s.Attribution, s.URL)
	}
	_ = out.Flush() // std.out keeps its error
}

// vocabListCommand is pubmine vocab list.
type vocabListCommand struct{}

// Help is the description in pubmine vocab list --help.
func (*vocabListCommand) Help() string {
	return example("pubmine vocab list") + `

The user's folder is pubmine/vocabularies in the user's cache, or PUBMINE_VOCABULARIES.`
}

// Run runs the command.
func (c *vocabListCommand) Run(std streams) error {
	names, err := vocabulary.Names()
	if err != nil {
		return err
	}
	out := tableWriter(std.out)
	for _, name := range append([]string{vocabulary.Bundled}, names...) {
		v, err := vocabulary.Inspect(name)
		if err != nil {
			inert.Fprintf(std.err, "pubmine: skipped %v\n", err)
			continue
		}
		inert.Fprintf(
			out, "%s\t%s\t%d concepts\t%d names\n", name, v.ID(), vocabulary.Total(v.Card.Concepts),
			vocabulary.Total(v.Card.Names),
		)
	}
	return out.Flush()
}

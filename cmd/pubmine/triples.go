package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/triples"
	"github.com/pubmine/pubmine/schemas"
)

// triplesShown is the number of triples that the table has unless --limit is given.
const triplesShown = 25

// triplesCommand is pubmine triples.
type triplesCommand struct {
	corpusFlag
	Output       flags.Name     `xor:"form" placeholder:"FILE" help:"Write all to a new file: .parquet, .csv, .tsv or .jsonl."`
	JSON         bool           `name:"json" xor:"form" help:"Print JSON: fields as in \"go doc github.com/pubmine/pubmine/jobs/triples\"."`
	Limit        flags.Positive `placeholder:"N" help:"Only the N best supported triples (a table: 25)."`
	Type         []string       `placeholder:"TYPE" help:"Only relations of this type, such as CID; several separated by commas."`
	Concept      []string       `placeholder:"ID" help:"Only triples with this concept, such as MESH:D004317; several separated by commas."`
	Name         []string       `sep:"none" placeholder:"NAME" help:"Only triples with an entity of this name; may be given several times."`
	ConceptsOnly bool           `help:"Leave out names without a concept."`
	MinScore     flags.Share    `placeholder:"SCORE" help:"Minimum score of a relation to count."`
	MinAbstracts flags.Positive `placeholder:"N" help:"Minimum number of abstracts of a triple."`
}

// Help is the description in pubmine triples --help.
func (*triplesCommand) Help() string {
	return example("pubmine triples --corpus C --min-score 0.5",
		"pubmine triples --corpus C --name doxorubicin --type CID", "pubmine triples --corpus C --output triples.parquet") + `

Aggregates the relations of the current documents: subject, relation type and object, each once, with
the number of abstracts that state it, their PMIDs, mean and best score, first and last year, and
whether one of them is retracted. A concept is one entity under all its names. Mentions without a
concept are grouped by type and normalized name.

"go doc github.com/pubmine/pubmine/jobs/triples" describes the columns of the files.`
}

// Run runs the command.
func (c *triplesCommand) Run(ctx context.Context, std streams) error {
	if c.Output != "" {
		if err := triples.Check(string(c.Output)); err != nil {
			return exit.UsageError{Err: err}
		}
	}
	opened, err := corpus.Open(c.root())
	if err != nil {
		return err
	}
	current, err := opened.Current()
	if err != nil {
		return err
	}
	result, err := triples.Aggregate(ctx, opened, current, triples.Options{
		Types: c.Type, MinScore: float32(c.MinScore), ConceptsOnly: c.ConceptsOnly, Concepts: c.Concept, Names: c.Name,
		MinAbstracts: int(c.MinAbstracts), Progress: logProgress(std.err),
	})
	if ctx.Err() != nil {
		return exit.Stopped(ctx)
	}
	if err != nil {
		return fmt.Errorf("corpus %s: %w", c.root(), err)
	}
	all := len(result.Triples)
	if c.Limit > 0 {
		result.Triples = result.Triples[:min(all, int(c.Limit))]
	}
	switch {
	case c.JSON:
		return printJSON(std.out, result)
	case c.Output != "":
		if err := triples.WriteFile(string(c.Output), result.Triples); err != nil {
			return err
		}
		_, err := inert.Fprintf(std.out, "%s: %s triples of %s relations in %s abstracts\n", c.Output,
			view.Number(int64(len(result.Triples))), view.Number(result.Relations), view.Number(result.Documents))
		return err
	}
	return c.print(std.out, result, all)
}

// print prints the table, or why there is none.
func (c *triplesCommand) print(w io.Writer, r *triples.Result, all int) error {
	if r.Relations == 0 {
		_, err := inert.Fprintf(w, "corpus %s has no relations: they are made by task %s\n", c.root(),
			schemas.TaskRelations)
		return err
	}
	if all == 0 {
		_, err := inert.Fprintf(w, "no triple: none of %s relations of types %s passes the options\n",
			view.Number(r.Relations), strings.Join(r.Types, ", "))
		return err
	}
	if c.Limit == 0 {
		r.Triples = r.Triples[:min(all, triplesShown)]
	}
	if err := view.Triples(w, r.Triples); err != nil {
		return err
	}
	_, err := inert.Fprintf(w, "\n%s of %s triples, of %s relations in %s abstracts\n",
		view.Number(int64(len(r.Triples))), view.Number(int64(all)), view.Number(r.Relations), view.Number(r.Documents))
	return err
}

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inputs"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
)

// queryFlags are the options of an input from NCBI in place of files.
type queryFlags struct {
	Query   flags.Name     `placeholder:"QUERY" help:"Process the records of a PubMed query instead of files."`
	PMIDs   flags.Name     `name:"pmids" placeholder:"FILE" help:"Process the records of a file with a PMID per line instead of files; - is standard input."`
	Max     flags.Positive `placeholder:"N" help:"Maximum number of records; of a query the newest."`
	Since   flags.Name     `placeholder:"DAY" help:"Only records of the query that entered PubMed on DAY (YYYY-MM-DD) or later."`
	Email   string         `env:"NCBI_EMAIL" placeholder:"ADDRESS" help:"Address at which NCBI can reach you before it blocks you."`
	BaseURL string         `name:"base-url" hidden:"" help:"URL of the E-utilities."`

	clock eutils.Clock // nil except in tests
}

// keyVariable holds the NCBI API key. It is no option, because other users can see command lines.
const keyVariable = "NCBI_API_KEY"

const queryHelp = `With --query or --pmids the records come from NCBI: 2.5 requests per second, 8
with an API key in NCBI_API_KEY. The result of a query is kept in DIR/meta/plans: the same command
continues with the same records, and --replace searches again.`

// online reports whether the records come from NCBI.
func (f *queryFlags) online() bool { return f.Query != "" || f.PMIDs != "" }

func (f *queryFlags) validate(c *runCommand) error {
	switch {
	case f.Query != "" && f.PMIDs != "", f.online() && len(c.Inputs) > 0:
		return exit.Usage("inputs: give only one of files, --query and --pmids: see pubmine run --help")
	case !f.online() && len(c.Inputs) == 0:
		return exit.Usage("no inputs: give files of PubMed XML, or --query, or --pmids: see pubmine run --help")
	case f.Max > 0 && !f.online():
		return exit.Usage("--max: use it with --query or --pmids; for files use --limit")
	case f.Since != "" && f.Query == "":
		return exit.Usage("--since: use it with --query")
	case f.online() && c.Limit > 0:
		return exit.Usage("--limit: use --max with --query and --pmids")
	}
	if _, err := time.Parse(time.DateOnly, string(f.Since)); f.Since != "" && err != nil {
		return exit.Usage("--since %q: give a day as YYYY-MM-DD", f.Since)
	}
	return nil
}

// input returns the source of the records.
func (f *queryFlags) input(root string, replace bool, w io.Writer) (pipeline.Source, error) {
	client, err := eutils.New(eutils.Options{
		BaseURL: f.BaseURL, Email: f.Email, Key: strings.TrimSpace(os.Getenv(keyVariable)), Clock: f.clock,
	})
	if err != nil {
		return nil, exit.Usage("NCBI: %w", err)
	}
	if f.Email == "" {
		fmt.Fprintln(w, "pubmine: NCBI asks for an address to contact: give --email, or set NCBI_EMAIL")
	}
	if f.PMIDs != "" {
		pmids, err := f.readPMIDs()
		if err != nil {
			return nil, err
		}
		return jobs.NewListSource(client, string(f.PMIDs), pmids), nil
	}
	query := eutils.Query{Term: string(f.Query), Since: string(f.Since), Max: int(f.Max)}
	return jobs.NewQuerySource(client, root, query, replace, func(plan *eutils.Plan) { printPlan(w, plan) }), nil
}

// printPlan prints the warnings of PubMed, and the number of records of a query.
func printPlan(w io.Writer, plan *eutils.Plan) {
	for _, warning := range plan.Warnings {
		inert.Fprintf(w, "pubmine: query: %s\n", warning)
	}
	inert.Fprintf(w, "pubmine: query: %s records in PubMed, %s of them in the plan %s\n",
		view.Number(int64(plan.Count)), view.Number(int64(len(plan.PMIDs))), plan.Query.Name())
}

func (f *queryFlags) readPMIDs() (pmids []schemas.PMID, err error) {
	err = inputs.Read(string(f.PMIDs), func(name string, in io.Reader) error {
		if pmids, err = eutils.ReadPMIDs(in); err != nil {
			return exit.Usage("--pmids %s: %w", name, err)
		}
		return nil
	})
	if f.Max > 0 && int(f.Max) < len(pmids) {
		pmids = pmids[:f.Max]
	}
	return pmids, err
}

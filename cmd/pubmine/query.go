package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
)

// queryFlags are the options of an input from NCBI in place of files.
type queryFlags struct {
	Query   string `placeholder:"QUERY" help:"Fetch what PubMed finds for a query, in place of files."`
	PMIDs   string `name:"pmids" placeholder:"FILE" help:"Fetch the records of a file of PMIDs, one in a line, in place of files."`
	Max     int    `placeholder:"N" help:"Fetch at most N records, of a query the newest."`
	Since   string `placeholder:"DAY" help:"Only what is new to the query: records that entered PubMed on DAY (YYYY-MM-DD) or later."`
	Email   string `env:"NCBI_EMAIL" placeholder:"ADDRESS" help:"Where NCBI can reach you if you ask too much of it."`
	BaseURL string `name:"base-url" hidden:"" help:"Where the E-utilities are."`

	clock eutils.Clock // nil but in tests
}

// keyVariable holds the NCBI API key. It is no flag, because what is on a command line is seen by
// all.
const keyVariable = "NCBI_API_KEY"

const queryHelp = `With --query or --pmids the records come from NCBI: 2.5 requests per second, 8
with an API key in NCBI_API_KEY. The result of a query is kept in DIR/meta/plans: the same command
continues with the same records, and --replace searches again.`

// online reports whether the records come from NCBI.
// online reports whether the input is to be fetched.
func (f *queryFlags) online() bool { return f.Query != "" || f.PMIDs != "" }

func (f *queryFlags) validate(c *runCommand) error {
	switch {
	case f.Query != "" && f.PMIDs != "", f.online() && len(c.Inputs) > 0:
		return exit.Usage("inputs: give files, or --query, or --pmids, one of them: see pubmine run --help")
	case !f.online() && len(c.Inputs) == 0:
		return exit.Usage("no inputs: give files of PubMed XML, or --query, or --pmids: see pubmine run --help")
	case f.Max < 0:
		return exit.Usage("--max %d: give a number of records, 1 or more", f.Max)
	case f.Max > 0 && !f.online():
		return exit.Usage("--max: it goes with --query and --pmids; files take --limit")
	case f.Since != "" && f.Query == "":
		return exit.Usage("--since: it goes with --query")
	case f.online() && c.Limit > 0:
		return exit.Usage("--limit: with --query and --pmids it is --max")
	}
	if _, err := time.Parse(time.DateOnly, f.Since); f.Since != "" && err != nil {
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
		fmt.Fprintln(w, "pubmine: NCBI wants an address to write to before it blocks a user: give --email, or set NCBI_EMAIL")
	}
	if f.PMIDs != "" {
		pmids, err := f.readPMIDs()
		if err != nil {
			return nil, err
		}
		return jobs.NewListSource(client, f.PMIDs, pmids), nil
	}
	query := eutils.Query{Term: f.Query, Since: f.Since, Max: int(f.Max)}
	return jobs.NewQuerySource(client, root, query, replace, func(plan *eutils.Plan) { printPlan(w, plan) }), nil
}

// printPlan prints the warnings of PubMed, and the number of records of a query.
func printPlan(w io.Writer, plan *eutils.Plan) {
	for _, warning := range plan.Warnings {
		fmt.Fprintf(w, "pubmine: query: %s\n", warning)
	}
	fmt.Fprintf(w, "pubmine: query: %s records in PubMed, %s of them in the plan %s\n",
		view.Number(int64(plan.Count)), view.Number(int64(len(plan.PMIDs))), plan.Query.Name())
}

func (f *queryFlags) readPMIDs() ([]schemas.PMID, error) {
	file, err := os.Open(f.PMIDs)
	if err != nil {
		return nil, exit.Usage("--pmids: %w", err)
	}
	defer file.Close()
	pmids, err := eutils.ReadPMIDs(file)
	if err != nil {
		return nil, exit.Usage("--pmids %s: %w", f.PMIDs, err)
	}
	if f.Max > 0 && f.Max < len(pmids) {
		pmids = pmids[:f.Max]
	}
	return pmids, nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
)

// queryFlags are those of an input that is fetched from NCBI in place of files.
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

const queryHelp = `With --query or --pmids the records come from NCBI, 2.5 requests a second, 8 with an API key in NCBI_API_KEY. What a query finds is kept in
DIR/meta/plans: the same command goes on with the same records, --replace searches again.`

// online reports whether the input is to be fetched.
func (f *queryFlags) online() bool { return f.Query != "" || f.PMIDs != "" }

func (f *queryFlags) validate(c *runCommand) error {
	switch {
	case f.Query != "" && f.PMIDs != "", f.online() && len(c.Inputs) > 0:
		return usage("inputs: give files, or --query, or --pmids, one of them: see pubmine run --help")
	case !f.online() && len(c.Inputs) == 0:
		return usage("no inputs: give files of PubMed XML, or --query, or --pmids: see pubmine run --help")
	case f.Max < 0:
		return usage("--max %d: give a number of records, 1 or more", f.Max)
	case f.Max > 0 && !f.online():
		return usage("--max: it goes with --query and --pmids; files take --limit")
	case f.Since != "" && f.Query == "":
		return usage("--since: it goes with --query")
	case f.online() && c.Limit > 0:
		return usage("--limit: with --query and --pmids it is --max")
	}
	if _, err := time.Parse(time.DateOnly, f.Since); f.Since != "" && err != nil {
		return usage("--since %q: give a day as YYYY-MM-DD", f.Since)
	}
	return nil
}

// input returns what is to be fetched.
func (f *queryFlags) input(root string, replace bool, w io.Writer) (*fetched, error) {
	client, err := eutils.New(eutils.Options{
		BaseURL: f.BaseURL, Email: f.Email, Key: strings.TrimSpace(os.Getenv(keyVariable)), Clock: f.clock,
	})
	if err != nil {
		return nil, usage("NCBI: %w", err)
	}
	if f.Email == "" {
		fmt.Fprintln(
			w,
			"pubmine: NCBI wants to know whom to write to before it blocks an address: give --email, or set NCBI_EMAIL",
		)
	}
	if f.PMIDs != "" {
		pmids, err := f.readPMIDs()
		if err != nil {
			return nil, err
		}
		return &fetched{Source: eutils.NewList(client, listName(f.PMIDs), pmids), say: w}, nil
	}
	plans := &planFolder{dir: store.New(root, nil), again: replace}
	return &fetched{
		Source: eutils.NewQuery(client, plans, eutils.Query{Term: f.Query, Since: f.Since, Max: f.Max}), say: w,
	}, nil
}

func (f *queryFlags) readPMIDs() ([]schemas.PMID, error) {
	file, err := os.Open(f.PMIDs)
	if err != nil {
		return nil, usage("--pmids: %w", err)
	}
	defer file.Close()
	pmids, err := eutils.ReadPMIDs(file)
	if err != nil {
		return nil, usage("--pmids %s: %w", f.PMIDs, err)
	}
	if f.Max > 0 && f.Max < len(pmids) {
		pmids = pmids[:f.Max]
	}
	return pmids, nil
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// listName names a list by its file, so that a list that has grown is known again.
func listName(path string) string {
	name := filepath.Base(path)
	name = notInNames.ReplaceAllString(strings.TrimSuffix(name, filepath.Ext(name)), "_")
	return "pmids-" + name[:min(len(name), 100)]
}

// fetched is an input from NCBI that says, when it is known, what it is.
type fetched struct {
	*eutils.Source
	say  io.Writer
	once sync.Once
}

// Units lists what there is to fetch.
func (f *fetched) Units(ctx context.Context) ([]schemas.Unit, error) {
	units, err := f.Source.Units(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := f.Plan(ctx)
	if err == nil {
		f.once.Do(func() { describe(f.say, plan) })
	}
	return units, err
}

func describe(w io.Writer, plan *eutils.Plan) {
	for _, warning := range plan.Warnings {
		fmt.Fprintf(w, "pubmine: query: %s\n", warning)
	}
	if plan.Query.Term != "" {
		fmt.Fprintf(w, "pubmine: query: %s records in PubMed, %s of them in the plan %s\n",
			view.Number(int64(plan.Count)), view.Number(int64(len(plan.PMIDs))), plan.Query.Name())
	}
}

// planFolder keeps plans in a corpus.
type planFolder struct {
	dir   *store.Dir
	again bool // as if there were none
}

func planPath(name string) string { return "meta/plans/" + name + ".json" }

// Get returns a plan.
func (p *planFolder) Get(name string) ([]byte, error) {
	if p.again {
		return nil, fs.ErrNotExist
	}
	return p.dir.Get(planPath(name))
}

// Put keeps a plan.
func (p *planFolder) Put(name string, data []byte) error { return p.dir.Put(planPath(name), data) }

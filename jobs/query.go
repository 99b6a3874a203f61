package jobs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
)

// NewQuerySource returns the records that PubMed finds for a query. The plan of the query, which
// lists the PMIDs, is kept in the corpus, so that a run that is started again takes the same
// records; replace searches again. described is called once, when the plan is known.
func NewQuerySource(
	client *eutils.Client, root string, q eutils.Query, replace bool, described func(*eutils.Plan),
) pipeline.Source {
	plans := &planStore{dir: store.New(root, nil), ignore: replace}
	return &querySource{Source: eutils.NewQuery(client, plans, q), plans: plans, described: described}
}

// NewListSource returns the records of a list of PMIDs. Its units are named after its file, "-" for
// standard input: a list that has grown replaces its former self, and lists in other directories
// are other units.
func NewListSource(client *eutils.Client, path string, pmids []schemas.PMID) pipeline.Source {
	return eutils.NewList(client, listName(path), pmids)
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// listName returns the name of a file and a hash of its absolute path.
func listName(path string) string {
	if path == "-" {
		return "pmids-stdin"
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	name := filepath.Base(path)
	name = notInNames.ReplaceAllString(strings.TrimSuffix(name, filepath.Ext(name)), "_")
	return fmt.Sprintf("pmids-%s-%.4x", name[:min(len(name), 100)], sha256.Sum256([]byte(path)))
}

// querySource is a query that describes its plan when it is first listed.
type querySource struct {
	*eutils.Source
	plans     *planStore
	described func(*eutils.Plan)
	once      sync.Once
}

// Units returns the units of the plan.
func (s *querySource) Units(ctx context.Context) ([]schemas.Unit, error) {
	units, err := s.Source.Units(ctx)
	if err != nil {
		return nil, err
	}
	if plan, err := s.Plan(ctx); err == nil {
		s.once.Do(func() { s.described(plan) })
	}
	return units, err
}

// planStore keeps plans in a corpus.
type planStore struct {
	dir     *store.Dir
	ignore  bool // plans of earlier runs
	preview bool // keep none
}

func planPath(name string) string { return "meta/plans/" + name + ".json" }

// Get returns a plan.
func (p *planStore) Get(name string) ([]byte, error) {
	if p.ignore {
		return nil, fs.ErrNotExist
	}
	return p.dir.Get(planPath(name))
}

// Put keeps a plan.
func (p *planStore) Put(name string, data []byte) error {
	if p.preview {
		return nil
	}
	return p.dir.Put(planPath(name), data)
}

package verify

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/sources/eutils"
)

// plans is the folder of the frozen queries.
const plans = "meta/plans"

// checkPlans returns the problems of the frozen queries.
func checkPlans(root string) (problems []corpus.Problem, err error) {
	entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(plans)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		file := path.Join(plans, e.Name())
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || e.IsDir() {
			problems = append(problems, corpus.Problem{Path: file, What: "is not the plan of a query: move it away"})
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := eutils.CheckPlan(name, data); err != nil {
			problems = append(problems, corpus.Problem{Path: file, What: err.Error() +
				": it cannot be restored: remove it, and the same query searches PubMed again"})
		}
	}
	return problems, nil
}

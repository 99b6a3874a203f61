package corpus_test

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

func viewsOf(t *testing.T, root string) (string, error) {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return c.Views()
}

// .ci/check_history.py runs the views.
func TestViews(t *testing.T) {
	root := filepath.Join(corpus.QuickDir(t), "Paul's [best] * corpus?")
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	sql, err := viewsOf(t, root)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^create or replace view (\w+) as$`).FindAllStringSubmatch(sql, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	want := []string{
		"answers_current", "documents_current", "mentions_current", "pubmine_current", "pubmine_log", "pubmine_ranked",
		"pubmine_units", "pubmine_versions", "relations_current", "sentences_current", "summaries_current",
		"superseded",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if path := "/Paul''s [[]best] [*] corpus[?]/delta/mentions/"; !strings.Contains(sql, path) {
		t.Errorf("no %s in:\n%s", path, sql)
	}
	if strings.Contains(sql, "%") {
		t.Error("a placeholder is left")
	}
	mustMine(t, root, script(t, "pubmed26n%04d"), spec("m1"), corpus.Options{})
	if later, err := viewsOf(t, root); err != nil || later != sql {
		t.Errorf("the views change with the corpus: %v", err)
	}
}

func TestNoViewsOfNothing(t *testing.T) {
	root := corpus.QuickDir(t)
	mustMine(t, root, pipelinetest.Source{}, spec("m1"), corpus.Options{})
	if _, err := viewsOf(t, root); !errors.Is(err, corpus.ErrNothingPublished) {
		t.Errorf("got %v", err)
	}
}

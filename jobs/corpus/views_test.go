package corpus_test

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
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
	root := filepath.Join(storetest.QuickDir(t), "Paul's [best] * corpus?")
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
		"answers_current", "documents_current", "labels_current", "mentions_current", "pubmine_current",
		"pubmine_log", "pubmine_ranked",
		"pubmine_units", "pubmine_versions", "relations_current", "sentences_current", "summaries_current",
		"superseded", "vectors_current",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if place := "/Paul''s [[]best] [*] corpus[?]/delta/mentions/"; !strings.Contains(sql, place) {
		t.Errorf("no %s in:\n%s", place, sql)
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
	root := storetest.QuickDir(t)
	mustMine(t, root, pipelinetest.Source{}, spec("m1"), corpus.Options{})
	if _, err := viewsOf(t, root); !errors.Is(err, corpus.ErrNothingPublished) {
		t.Errorf("got %v", err)
	}
}

// DuckDB lists a pattern of one directory when it plans a query, in the order of the query, and one
// of several directories while it runs: the log must be listed before the data files that it names.
func TestViewsListTheLogFirst(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	views, err := viewsOf(t, root)
	if err != nil {
		t.Fatal(err)
	}
	patterns := regexp.MustCompile(`read_(?:text|parquet)\('([^']*)'`).FindAllStringSubmatch(views, -1)
	if len(patterns) < 4 || !strings.Contains(patterns[0][1], "/meta/log/") ||
		!strings.Contains(patterns[1][1], "/meta/copy/") {
		t.Errorf("the views list %v", patterns)
	}
	for _, p := range patterns {
		if strings.ContainsAny(path.Dir(p[1]), "*?[") {
			t.Errorf("%s is a pattern of several directories", p[1])
		}
	}
}

// A corpus of an older version has no files of tables that were added since.
func TestViewsOfOlderCorpus(t *testing.T) {
	root := storetest.QuickDir(t)
	mustMine(t, root, source(), spec("m1"), corpus.Options{})
	if err := os.RemoveAll(filepath.Join(root, "delta", "vectors")); err != nil {
		t.Fatal(err)
	}
	if sql, err := viewsOf(t, root); err != nil || strings.Contains(sql, "vectors") {
		t.Errorf("error %v, views\n%s", err, sql)
	}
}

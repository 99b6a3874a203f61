package sources_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// set is a file of the smallest records.
func set(pmids ...int) string {
	var b strings.Builder
	b.WriteString("<PubmedArticleSet>")
	for _, pmid := range pmids {
		fmt.Fprintf(&b, "<PubmedArticle><MedlineCitation><PMID>%d</PMID></MedlineCitation></PubmedArticle>\n", pmid)
	}
	return b.String() + "</PubmedArticleSet>"
}

// folder writes files, packed where the name ends in .gz, and returns where they are.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := []byte(content)
		if strings.HasSuffix(name, ".gz") {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			data = packed.Bytes()
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// list returns the names of the units, each with its path below root.
func list(t *testing.T, root string, s *sources.FileSource) []string {
	t.Helper()
	units, err := s.Units(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range units {
		relative, err := filepath.Rel(root, u.Path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, u.Name+" = "+filepath.ToSlash(relative))
	}
	return lines
}

func files(t *testing.T, paths ...string) *sources.FileSource {
	t.Helper()
	s, err := sources.Files(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	root := filepath.Join("..", "testdata", "pubmed")
	for name, newSource := range map[string]func(t *testing.T) pipeline.Source{
		"files":   func(t *testing.T) pipeline.Source { return files(t, root) },
		"limit":   func(t *testing.T) pipeline.Source { return pipeline.Limit(files(t, root), 20) },
		"limit 0": func(t *testing.T) pipeline.Source { return pipeline.Limit(files(t, root), 0) },
	} {
		t.Run(name, func(t *testing.T) { pipelinetest.RunSource(t, newSource) })
	}
}

func TestFolder(t *testing.T) {
	root := folder(t, map[string]string{
		"b.xml": set(1), "a/deep er/x+1.xml.gz": set(2), "a/y.XML": set(3), "bare": set(4),
		".hidden/x.xml": set(5), "a/.x.xml": set(6), "a/search.xml": "<eSearchResult/>", "notes": "text",
		"notes.md": "text", "x.json": "{}", "x.xml.part": set(7), "empty.xml": "", "nothing": "",
	})
	s := files(t, root)
	want := []string{
		"a.deep_er.x_1-dadeec3b = a/deep er/x+1.xml.gz", "a.y = a/y.XML", "b = b.xml", "bare = bare",
		"empty = empty.xml",
	}
	if diff := cmp.Diff(want, list(t, root, s)); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
	var skipped []string
	for _, skip := range s.Skipped() {
		skipped = append(skipped, filepath.Base(skip.Path)+": "+skip.Reason)
	}
	want = []string{
		"search.xml: not PubMed XML (root element <eSearchResult>)",
		`notes: not PubMed XML (it begins with "text")`, "nothing: empty file",
	}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	root := folder(t, map[string]string{
		"p/a/x.xml": set(1), "p/b/x.xml": set(2), "p/c/X.xml": set(4), "q/a b.xml": set(5), "q/a+b.xml": set(6),
		"q/" + strings.Repeat("long/", 40) + "x.xml": set(7), "r/x.xml": set(8), "r/x.xml.gz": set(8),
	})
	at := func(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }
	tests := map[string]struct{ paths, want []string }{
		"one file": {[]string{at("p", "a", "x.xml")}, []string{"x = p/a/x.xml"}},
		"twice the same": {
			[]string{at("p", "a"), at("p", "a", "x.xml"), at("p", "*", "..", "a", "x.xml")},
			[]string{"x = p/a/x.xml"},
		},
		"one folder": {
			[]string{at("p")}, []string{"a.x = p/a/x.xml", "b.x = p/b/x.xml", "c.X = p/c/X.xml"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, list(t, root, files(t, test.paths...))); diff != "" {
				t.Errorf("units (-want +got):\n%s", diff)
			}
		})
	}
	pipelinetest.RunSource(t, func(t *testing.T) pipeline.Source { return files(t, at("q"), at("p")) })
	for _, paths := range [][]string{{at("p", "a"), at("p", "c")}, {at("p", "?", "x.xml")}, {at("r")}} {
		if _, err := sources.Files(paths...); err == nil || !strings.Contains(err.Error(), "both named unit") {
			t.Errorf("%v: %v", paths, err)
		}
	}
}

func TestNothingToRead(t *testing.T) {
	root := folder(t, map[string]string{"a/x.md": "text"})
	for path, message := range map[string]string{
		filepath.Join(root, "none.xml"): "no such file or folder",
		filepath.Join(root, "*.xml"):    "no file matches",
		filepath.Join(root, "[.xml"):    "no file matches",
		root:                            "no PubMed XML found",
	} {
		_, err := sources.Files(path)
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), path) {
			t.Errorf("Files(%s): %v, want %q", path, err, message)
		}
	}
}

// TestNamedFileIsRead takes a file that is named as it is, whatever it is.
func TestNamedFileIsRead(t *testing.T) {
	root := folder(t, map[string]string{"x.json": "{}", "y.xml": set(1)[:30]})
	for _, name := range []string{"x.json", "y.xml"} {
		s := files(t, filepath.Join(root, name))
		units, err := s.Units(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var last error
		for _, last = range s.Documents(context.Background(), units[0]) {
		}
		var bad *schemas.BadInputError
		if !errors.As(last, &bad) || bad.Path != filepath.Join(root, name) ||
			errors.Is(last, pubmed.ErrNotPubMed) != (name == "x.json") {
			t.Errorf("%s: %v", name, last)
		}
	}
}

func TestDigestAndStamp(t *testing.T) {
	ctx := context.Background()
	root := folder(t, map[string]string{"x.xml": set(1, 2)})
	path := filepath.Join(root, "x.xml")
	s := files(t, path)
	units, err := s.Units(ctx)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := s.Digest(ctx, units[0])
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(set(1, 2)))); err != nil || digest != want {
		t.Errorf("digest %s, %v, want %s", digest, err, want)
	}
	if items := pipelinetest.ReadUnit(t, s, units[0]); len(items) != 2 {
		t.Errorf("%d documents", len(items))
	}

	if err := os.WriteFile(path, []byte(set(1, 3)), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range s.Documents(ctx, units[0]) {
	}
	var bad *schemas.BadInputError
	if !errors.As(last, &bad) || !errors.Is(last, sources.ErrChanged) {
		t.Errorf("a changed file ends in %v", last)
	}
	if err := os.WriteFile(path, []byte(set(1, 3)[:40]), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, last = range s.Documents(ctx, units[0]) {
	}
	if !errors.As(last, &bad) || !errors.Is(last, sources.ErrChanged) {
		t.Errorf("a file that is being written ends in %v", last)
	}
	if again, err := files(t, path).Units(ctx); err != nil || again[0] != units[0] || again[0].Stamp != "" {
		t.Errorf("unit %+v, %v; was %+v", again[0], err, units[0])
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, last = range s.Documents(ctx, units[0]) {
	}
	if !errors.Is(last, os.ErrNotExist) {
		t.Errorf("a removed file ends in %v", last)
	}
	if _, err := s.Digest(ctx, units[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("digest of a removed file: %v", err)
	}
}

func TestSymlinks(t *testing.T) {
	root := folder(t, map[string]string{"real/x.xml": set(1)})
	for link, target := range map[string]string{"link": "real", "real/y.xml": "x.xml", "real/dangling.xml": "none"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Skip(err)
		}
	}
	want := []string{"dangling = link/dangling.xml", "x = link/x.xml", "y = link/y.xml"}
	if diff := cmp.Diff(want, list(t, root, files(t, filepath.Join(root, "link")))); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
}

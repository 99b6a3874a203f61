package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Compact merges the parts of a corpus, which stays intact and shows the same.
func TestCompact(t *testing.T) {
	root := filepath.Join(t.TempDir(), "C")
	for _, file := range []string{"articles.xml", "books.xml"} {
		sample := filepath.Join("..", "..", "testdata", "pubmed", file)
		stdout(t, "run", sample, "--corpus", root, "--tasks", "none")
	}
	before := stdout(t, "status", "--corpus", root)
	dry := stdout(t, "compact", "--corpus", root, "--dry-run")
	if !strings.HasPrefix(dry, "would be merged  2 parts of ") {
		t.Errorf("dry run:\n%s", dry)
	}
	if got := stdout(t, "compact", "--corpus", root); !strings.HasPrefix(got, "merged  2 parts of ") {
		t.Errorf("printed\n%s", got)
	}
	if got := stdout(t, "compact", "--corpus", root); got != "merged  nothing: no two parts are small enough\n" {
		t.Errorf("again:\n%s", got)
	}
	if got := stdout(t, "verify", "--corpus", root); !strings.Contains(got, "no problems") {
		t.Errorf("verify:\n%s", got)
	}
	count := func(s string) string { return strings.SplitN(s, "version", 2)[0] }
	if after := stdout(t, "status", "--corpus", root); count(after) != count(before) {
		t.Errorf("status was\n%s\nis\n%s", before, after)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
)

func TestVocab(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "golden.vocab")
	recipe := filepath.Join("..", "..", "jobs", "vocabulary", "testdata", "recipe.json")
	built := stdout(t, "vocab", "build", recipe, "--output", file)
	if info := stdout(t, "vocab", "info", file); info != built || !strings.Contains(info, "golden@") {
		t.Errorf("build printed %s, info %s", built, info)
	}
	found := stdout(t, "vocab", "find", "e coli", "--vocabulary", file)
	if !strings.Contains(found, "NCBITaxon:562") || !strings.Contains(found, "normalized") {
		t.Errorf("find printed %s", found)
	}
	if found := stdout(t, "vocab", "find", "DOID:267", "--vocabulary", file); !strings.Contains(found, "MESH:D006394") {
		t.Errorf("find printed %s", found)
	}
	if list := stdout(t, "vocab", "list"); !strings.Contains(list, "bundled@") {
		t.Errorf("list printed %s", list)
	}
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"vocab", "build", broken, "--output", file}, {"vocab", "info", broken},
		{"vocab", "find", "x", "--vocabulary", "no-such"},
	} {
		pubmine(t, exit.Input, args...)
	}
}

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
	if found := stdout(t, "vocab", "find", "e coli", "--under", "DOID:267", "--vocabulary", file); found != "" {
		t.Errorf("find below a disease printed %s", found)
	}
	matched := stdout(t, "vocab", "match", "Growth of Escherichia coli.", "--vocabulary", file)
	if !strings.HasPrefix(matched, "10  26  Escherichia coli  NCBITaxon:562") {
		t.Errorf("match printed %s", matched)
	}
	all := stdout(t, "vocab", "match", "Growth of Escherichia coli.", "--all", "--vocabulary", file)
	if !strings.Contains(all, strings.TrimSpace(matched)) {
		t.Errorf("match --all printed %s", all)
	}
	exported := stdout(t, "vocab", "export", "--vocabulary", file)
	if !strings.Contains(exported, "\tEscherichia coli\n") {
		t.Errorf("export printed %s", exported)
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
	pubmine(t, exit.Misuse, "vocab", "find", "x", "--under", "no-such", "--vocabulary", file)
}

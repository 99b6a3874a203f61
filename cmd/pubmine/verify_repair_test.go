package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything maps the files of a corpus to their contents.
func everything(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		found[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// matches returns the files that match a pattern below a corpus.
func matches(t *testing.T, root, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found
}

// Damage of any kind is found, and --repair restores the same bytes.
func TestVerifyRepairs(t *testing.T) {
	input := filepath.Join(t.TempDir(), "in.xml")
	write(t, input, setOf(article(1, "Aspirin in rats"), article(2, "Fever in mice"), article(3, "Headache")))
	second := filepath.Join(t.TempDir(), "second.xml")
	write(t, second, setOf(article(4, "Caffeine in cats")))
	root := filepath.Join(t.TempDir(), "C")
	stdout(t, "run", input, "--corpus", root, "--tasks", "ner,relations")
	stdout(t, "run", second, "--corpus", root)
	stdout(t, "run", input, "--corpus", root, "--tasks", "none", "--drop-tables") // another edition
	before := everything(t, root)
	for name, damage := range map[string]func() error{
		"data file cut": func() error { return os.Truncate(matches(t, root, "delta/mentions/in-*.parquet")[0], 100) },
		"data files lost": func() error {
			links := matches(t, root, "tables/*/*/in.parquet")
			for _, f := range append(links, matches(t, root, "delta/*/in-*.parquet")...) {
				if err := os.Remove(f); err != nil {
					return err
				}
			}
			return nil
		},
		"data file flipped": func() error {
			path := matches(t, root, "delta/documents/second-*.parquet")[0]
			data, err := os.ReadFile(path)
			data[len(data)/2] ^= 4
			return errors.Join(err, os.WriteFile(path, data, 0o666))
		},
		"data file renamed": func() error {
			path := matches(t, root, "delta/documents/second-*.parquet")[0]
			link := matches(t, root, "tables/documents/*/second.parquet")[0]
			return errors.Join(os.Remove(link), os.Rename(path, path+".old"))
		},
		"log lost":    func() error { return os.RemoveAll(filepath.Join(root, "meta/log")) },
		"corpus.json": func() error { return os.Truncate(filepath.Join(root, "corpus.json"), 5) },
		"Delta log":   func() error { return os.RemoveAll(filepath.Join(root, "delta/mentions/_delta_log")) },
		"empty file":  func() error { return os.Truncate(filepath.Join(root, "delta/answers/+empty.parquet"), 5) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			if out, message := pubmine(t, 1, "verify", "--corpus", root); !strings.Contains(message, " problem") {
				t.Errorf("verify prints %s%s", out, message)
			}
			out, _ := pubmine(t, 0, "verify", "--corpus", root, "--repair")
			if !strings.Contains(out, "no problems") || strings.Count(out, "\n") < 2 {
				t.Errorf("repair prints %s", out)
			}
			if diff := cmp.Diff(before, everything(t, root)); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
			stdout(t, "verify", "--corpus", root)
		})
	}
}

// A data file that cannot be computed again stays as it is, and the message tells what is needed.
func TestRepairNeeds(t *testing.T) {
	input := filepath.Join(t.TempDir(), "in.xml")
	text := setOf(article(1, "Aspirin in rats"))
	write(t, input, text)
	root := filepath.Join(t.TempDir(), "C")
	stdout(t, "run", input, "--corpus", root, "--tasks", "none")
	file := matches(t, root, "delta/documents/in-*.parquet")[0]
	if err := os.Truncate(file, 100); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "notes.txt"), "mine")
	for want, change := range map[string]func() error{
		"unit in needs its input, " + input + " with sha256 ": func() error { return os.Remove(input) },
		"the file has other content now":                      func() error { return os.WriteFile(input, []byte(text+"\n"), 0o666) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		out, message := pubmine(t, 1, "verify", "--corpus", root, "--repair")
		if !strings.Contains(out, want) || !strings.Contains(out, "notes.txt: belongs to no edition") ||
			!strings.Contains(message, "2 problems") {
			t.Errorf("repair prints %s%s", out, message)
		}
	}
	write(t, input, text)
	if err := os.Remove(filepath.Join(root, "notes.txt")); err != nil {
		t.Fatal(err)
	}
	stdout(t, "verify", "--corpus", root, "--repair")
}

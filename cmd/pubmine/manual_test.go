package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a Markdown document.
type block struct {
	language, text string
	line, end      int // numbers of its fences
}

// blocks returns the fenced blocks of a document.
func blocks(document string) []block {
	var (
		all  []block
		open *block
		n    int
	)
	for line := range strings.Lines(document) {
		n++
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open == nil:
			open = &block{language: fence, line: n}
		case isFence:
			open.end = n
			all, open = append(all, *open), nil
		case open != nil:
			open.text += line
		}
	}
	return all
}

// Blocks marked sh run, one after the other in one directory, without a network. A block marked
// text directly after one is its output, in which … stands for any text.
func TestManual(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command of the manuals")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, least := range map[string]int{"README.md": 3, "cmd/pubmine/README.md": 15} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			dir, list, ran := exampleDir(t, root), blocks(string(document)), 0
			for i, b := range list {
				if b.language != "sh" {
					continue
				}
				ran++
				out := runExample(t, dir, name, b)
				if i+1 == len(list) || list[i+1].language != "text" || list[i+1].line > b.end+2 {
					continue
				}
				if !outputPattern(list[i+1].text).MatchString(out) {
					t.Errorf("%s, line %d: the output differs from the text block at line %d:\n%s",
						name, b.line, list[i+1].line, out)
				}
			}
			if ran < least {
				t.Errorf("%s: only %d blocks marked sh", name, ran)
			}
		})
	}
}

// exampleDir returns a directory that looks like a clone of the repository in which the program was
// built.
func exampleDir(t *testing.T, root string) string {
	t.Helper()
	program, err := exec.LookPath("pubmine")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	for to, from := range map[string]string{"bin/pubmine": program, "testdata": filepath.Join(root, "testdata")} {
		if err := os.Symlink(from, filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var needsMore = regexp.MustCompile(`(?m)^\s*(make|git|go|curl|wget|docker|pip|duckdb|python3?)\s`)

func runExample(t *testing.T, dir, name string, b block) string {
	t.Helper()
	if needsMore.MatchString(b.text) {
		t.Fatalf("%s, line %d: mark a block that needs other programs or a network as console", name, b.line)
	}
	home := filepath.Join(dir, ".home")
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", b.text)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "PUBMINE_HUB_URL=http://127.0.0.1:1",
		"http_proxy=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1")
	var out, errs bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &errs
	if err := shell.Run(); err != nil {
		t.Fatalf("%s, line %d: %v\n%s%s", name, b.line, err, b.text, errs.String())
	}
	return out.String()
}

// outputPattern matches an output like text, with other white space within lines: columns are as
// wide as their contents.
func outputPattern(text string) *regexp.Regexp {
	pattern := regexp.MustCompile(` +`).ReplaceAllString(regexp.QuoteMeta(strings.TrimSpace(text)), " *")
	pattern = regexp.MustCompile(`(?m)^…$`).ReplaceAllString(pattern, `(?s:.*)`)
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	return regexp.MustCompile(`^\s*` + pattern + `\s*$`)
}

func TestOutputPattern(t *testing.T) {
	for _, test := range []struct {
		text, out string
		want      bool
	}{
		{"a\n", "a\n", true},
		{"a …\n…\n", "a 1\nb\nc\n", true},
		{"a …\nc\n", "a 1\nb\nc\n", false},
		{"1.5", "1x5", false},
		{"a  …", "a    1", true},
		{"… cpu", "→ cpu", true},
	} {
		if got := outputPattern(test.text).MatchString(test.out); got != test.want {
			t.Errorf("%q for %q: %v", test.text, test.out, got)
		}
	}
}

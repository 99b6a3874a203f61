package lexicon

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Load reads the vocabularies of a directory.
func Load(dir string) (*Lexicon, error) {
	l := New()
	trees := map[string][]string{}
	for _, step := range []struct {
		file string
		line func(string)
	}{
		{"mesh/mesh2020.nodes", func(s string) {
			if tree, name, ok := strings.Cut(s, "\t"); ok && len(tree) >= 3 {
				trees[name] = append(trees[name], tree[:3])
			}
		}},
		{"mesh/d2014.bin.gz", l.mesh(trees)},
		{"disease/HumanDO.obo", l.ontology()},
		{"gene/Homo_sapiens.gene_info.gz", l.gene},
	} {
		if err := lines(filepath.Join(dir, filepath.FromSlash(step.file)), step.line); err != nil {
			return nil, fmt.Errorf("lexicon: %w", err)
		}
	}
	return l, nil
}

// mesh reads descriptors: "MH = heading", then "ENTRY = synonym". Names with a comma are skipped:
// they are inverted, and listed in natural order, too.
func (l *Lexicon) mesh(trees map[string][]string) func(string) {
	var categories []string
	return func(s string) {
		field, name, _ := strings.Cut(s, " = ")
		switch field {
		case "MH":
			categories = trees[name]
		case "ENTRY":
		default:
			return
		}
		if strings.Contains(name, ", ") {
			return
		}
		for _, c := range categories {
			l.Add(name, c)
		}
	}
}

// ontology reads terms in OBO format: "name: …" and `synonym: "…" EXACT`.
func (l *Lexicon) ontology() func(string) {
	return func(s string) {
		field, rest, _ := strings.Cut(s, ": ")
		switch field {
		case "name":
			l.Add(rest, "DO")
		case "synonym":
			if parts := strings.SplitN(rest, `"`, 3); len(parts) == 3 && strings.HasPrefix(parts[2], " EXACT") {
				l.Add(parts[1], "DO")
			}
		}
	}
}

// gene reads NCBI's gene_info: symbol in column 3, synonyms in 5, names in 12 and 14.
func (l *Lexicon) gene(s string) {
	columns := strings.Split(s, "\t")
	if len(columns) < 14 || strings.HasPrefix(s, "#") {
		return
	}
	for _, c := range []struct {
		column   int
		category string
	}{{2, "symbol"}, {4, "synonym"}, {11, "gene"}, {13, "gene"}} {
		for _, name := range strings.Split(columns[c.column], "|") {
			if name != "-" {
				l.Add(name, c.category)
			}
		}
	}
}

func lines(path string, line func(string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		line(scan.Text())
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// runs yields the runs of letters and of digits of a name, as words are split.
func runs(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, last := 0, 0
		for i, r := range name {
			kind := kindOf(r)
			if kind != last {
				if last != 0 && !yield(name[start:i]) {
					return
				}
				start, last = i, kind
			}
		}
		if last != 0 {
			yield(name[start:])
		}
	}
}

func kindOf(r rune) int {
	switch {
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return 1
	case unicode.IsDigit(r):
		return 2
	}
	return 0
}

func alphanumeric(word string) bool {
	for _, r := range word {
		return kindOf(r) != 0
	}
	return false
}

package topic

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

var update = flag.Bool("update", false, "rewrite expected output")

// index returns the index of an abstract.
func index(abstract string) *Document {
	d := &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindAbstract, Text: abstract}}}
	return Index(text.Sentences{}.Prepare(d))
}

type record struct{ Title, Abstract string }

// pool returns the records of files of the pool.
func pool(t *testing.T, names ...string) (all []record) {
	for _, name := range names {
		f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "pool", name))
		if err != nil {
			t.Skip(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		s := bufio.NewScanner(z)
		s.Buffer(nil, 1<<26)
		for s.Scan() {
			var r record
			if err := json.Unmarshal(s.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			all = append(all, r)
		}
	}
	return all
}

// The table is counted in the pool; -update counts it again.
func TestFrequencies(t *testing.T) {
	if *update {
		writeFrequencies(t)
	}
	if n := len(frequencies()); n < 7000 || n > 9000 {
		t.Errorf("%d stems", n)
	}
	for word, f := range frequencies() {
		if !(f.rarity >= 0 && f.rarity < maxRarity && f.kept >= 0 && f.kept < 1) {
			t.Errorf("%s: %+v", word, f)
		}
	}
	if a, b := frequencyOf("aspirin"), frequencyOf("role"); a.rarity <= b.rarity || a.kept <= b.kept {
		t.Errorf("aspirin %+v, role %+v", a, b)
	}
	if f := frequencyOf("zorvaline"); f.rarity != maxRarity {
		t.Errorf("an unknown word: %+v", f)
	}
}

// tally counts the abstracts with a stem, the titles with it, and the abstracts of those.
type tally struct{ abstracts, titles, kept int }

func writeFrequencies(t *testing.T) {
	all := pool(t, "abstracts.jsonl.gz", "abstracts_more.part1.jsonl.gz")
	counts := map[string]tally{}
	for _, r := range all {
		for s := range stemsOf(r.Title + " " + r.Abstract) {
			c := counts[s]
			c.abstracts++
			counts[s] = c
		}
		if len(r.Abstract) < 500 || len(r.Title) < 10 || strings.HasSuffix(r.Title, "?") {
			continue
		}
		d := index(r.Abstract)
		for _, x := range Parse(r.Title, nil).terms {
			c := counts[x.stem]
			if c.titles++; d.find(x.names) != 0 {
				c.kept++
			}
			counts[x.stem] = c
		}
	}
	const base, prior = 0.85, 5 // of rare words; as many titles are added to every word's
	lines := map[frequency][]string{}
	for s, c := range counts {
		rarity := math.Round(2*math.Log(float64(len(all))/float64(c.abstracts))) / 2
		if c.abstracts == 0 || rarity >= maxRarity || unicode.IsDigit(rune(s[0])) || functionWords[s] {
			continue
		}
		kept := (float64(c.kept) + prior*base) / (float64(c.titles) + prior)
		kept = 1 - math.Exp(-math.Round(-2*math.Log(1-kept))/2)
		f := frequency{rarity, math.Round(1000*kept) / 1000}
		lines[f] = append(lines[f], s)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Stems of %d abstracts and titles: rarity and share kept (see frequency.go).\n", len(all))
	for _, f := range slices.SortedFunc(maps.Keys(lines), func(a, b frequency) int {
		return cmp.Or(cmp.Compare(a.rarity, b.rarity), cmp.Compare(a.kept, b.kept))
	}) {
		slices.Sort(lines[f])
		fmt.Fprintf(&b, "%.1f %.3f: %s\n", f.rarity, f.kept, strings.Join(lines[f], " "))
	}
	if err := os.WriteFile("frequencies.txt", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// stemsOf returns the stems of a text, and those of compounds like "IL-2".
func stemsOf(text string) map[string]bool {
	seen := map[string]bool{}
	all := tokens(text)
	for i, x := range all {
		seen[stem(x.text)] = true
		if x.joined && !(x.isContent() && all[i-1].isContent()) {
			seen[stem(all[i-1].text+x.text)] = true
		}
	}
	return seen
}

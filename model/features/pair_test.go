package features

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// named makes entities of "Type:text", each with a mention at every occurrence of the text.
func named(t *model.Text, typed ...string) []names.Entity {
	var out []names.Entity
	for _, n := range typed {
		typ, s, _ := strings.Cut(n, ":")
		name := names.Entity{Type: typ}
		for at := 0; ; {
			i := strings.Index(t.Body[at:], s)
			if i < 0 {
				break
			}
			name.Mentions = append(
				name.Mentions, schemas.Mention{Type: typ, Span: schemas.Span{Start: at + i, End: at + i + len(s)}},
			)
			at += i + len(s)
		}
		out = append(out, name)
	}
	return out
}

func pairExample() (*model.Text, []names.Entity) {
	t := cut(
		"Zorvaline-induced β-tremor", "Zorvaline was given to dogs with gout.",
		"Two had β-tremor after zorv, none had gout.",
	)
	return t, named(t, "Chemical:Zorvaline", "Disease:β-tremor", "Disease:gout", "Chemical:zorv")
}

// The features of a pair are part of the format of trained models: when this fails, heads have to
// be trained again.
func TestPairFeaturesGolden(t *testing.T) {
	text, entities := pairExample()
	p := NewPairs(text, entities)
	var out strings.Builder
	for _, c := range [][2]int{{0, 1}, {0, 2}, {3, 1}, {0, 3}} {
		fmt.Fprintf(&out, "%d %d:", c[0], c[1])
		for _, f := range p.Append(nil, c[0], c[1]) {
			fmt.Fprintf(&out, " %08x", f)
		}
		out.WriteByte('\n')
	}
	golden(t, "pairs.txt", out.String())
}

// TestPairSees changes one thing at a time: the features must change with it, or stay.
func TestPairSees(t *testing.T) {
	sum := func(chemical, disease string, title string, sentences ...string) []uint32 {
		text := cut(title, sentences...)
		return NewPairs(text, named(text, chemical, disease)).Append(nil, 0, 1)
	}
	base := sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that zorv induced gout.")
	for name, other := range map[string][]uint32{
		"word between": sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that zorv relieved gout."),
		"order":        sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that gout induced zorv."),
		"word before":  sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw how zorv induced gout."),
		"word after":   sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that zorv induced gout early."),
		"title":        sum("Chemical:zorv", "Disease:gout", "On dogs", "We saw that zorv induced gout."),
		"sentence":     sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that zorv induced.", "Also gout."),
		"name":         sum("Chemical:zork", "Disease:gout", "On zork", "We saw that zork induced gout."),
		"type":         sum("Gene:zorv", "Disease:gout", "On zorv", "We saw that zorv induced gout."),
		"how often": sum("Chemical:zorv", "Disease:gout", "On zorv", "We saw that zorv induced gout.",
			"And gout."),
		"word of a title": sum("Chemical:zorv", "Disease:gout", "Of zorv", "We saw that zorv induced gout."),
	} {
		if slices.Equal(base, other) {
			t.Errorf("%s: no feature changed", name)
		}
	}
	if !slices.Equal(base, sum("Chemical:zorv", "Disease:gout", "ON zorv", "We saw that zorv INDUCED gout.")) {
		t.Error("the case of words matters")
	}
}

func TestOtherNamesBetween(t *testing.T) {
	text := cut("x", "The zorv or quarx or zork with gout.")
	p := NewPairs(text, named(text, "Chemical:zorv", "Chemical:quarx", "Chemical:zork", "Disease:gout"))
	for i, want := range []int{2, 1, 0} {
		if got := p.others(p.entities[i].places[0], p.entities[3].places[0]); got != want {
			t.Errorf("name %d: %d others between, want %d", i, got, want)
		}
	}
	if p.entities[2].rank != 2 || p.entities[2].common != 0 {
		t.Errorf("%+v", p.entities[2])
	}
}

func TestBucket(t *testing.T) {
	last := 0
	for n := range 2000 {
		b := bucket(n)
		if b < last || b > last+1 || n <= 5 && b != n {
			t.Fatalf("bucket(%d) = %d after %d", n, b, last)
		}
		last = b
	}
	if last != 13 {
		t.Errorf("bucket(1999) = %d", last)
	}
}

// TestPairsTakeAnyEntities: entities may overlap, hold each other, or lie outside of the words.
func TestPairsTakeAnyEntities(t *testing.T) {
	text, _ := pairExample()
	rapid.Check(t, func(t *rapid.T) {
		var entities []names.Entity
		for range rapid.IntRange(2, 5).Draw(t, "names") {
			n := names.Entity{Type: rapid.SampledFrom([]string{"Chemical", "Disease"}).Draw(t, "type")}
			for range rapid.IntRange(1, 3).Draw(t, "mentions") {
				start := rapid.IntRange(0, len(text.Body)-1).Draw(t, "start")
				end := rapid.IntRange(start, len(text.Body)).Draw(t, "end")
				n.Mentions = append(
					n.Mentions, schemas.Mention{Type: n.Type, Span: schemas.Span{Start: start, End: end}},
				)
			}
			entities = append(entities, n)
		}
		p := NewPairs(text, entities)
		for i := range entities {
			for j := range entities {
				if i != j &&
					(len(p.Append(nil, i, j)) < 10 || !slices.Equal(p.Append(nil, i, j), p.Append(nil, i, j))) {
					t.Fatal("too few features, or not always the same")
				}
			}
		}
	})
}

func BenchmarkPairs(b *testing.B) {
	text, entities := pairExample()
	p := NewPairs(text, entities)
	var dst []uint32
	for b.Loop() {
		dst = p.Append(dst[:0], 0, 1)
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-%s +now; -update rewrites it):\n%s", path, diff)
	}
}

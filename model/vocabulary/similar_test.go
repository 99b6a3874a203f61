package vocabulary_test

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// trigramsOf returns the trigrams of a name.
func trigramsOf(name string) map[string]bool {
	set := map[string]bool{}
	for end := 0; end < len(name); {
		var word []byte
		word, _, end = normalize.Next(nil, name, end)
		for i, b := range word {
			if b >= 0x80 {
				word[i] = '?'
			}
		}
		if len(word) == 0 {
			continue
		}
		padded := " " + string(word) + " "
		for i := range len(padded) - 2 {
			set[padded[i:i+3]] = true
		}
	}
	return set
}

// similarNaively returns the most similar name of each concept of a type, the best first.
func similarNaively(v *vocabulary.Vocabulary, typ, name string) []vocabulary.SimilarName {
	all, frequency := 0, map[string]int{}
	for c := range v.Concepts(typ) {
		for name := range v.Names(c) {
			all++
			for gram := range trigramsOf(name) {
				frequency[gram]++
			}
		}
	}
	dot := func(a, b map[string]bool) float64 {
		sum := 0.0
		for gram := range a {
			if b[gram] {
				idf := math.Log(float64(1+all)/float64(1+frequency[gram])) + 1
				sum += math.Round(64 * idf * idf)
			}
		}
		return sum
	}
	query := trigramsOf(name)
	var found []vocabulary.SimilarName
	for c := range v.Concepts(typ) {
		best := vocabulary.SimilarName{Concept: c}
		for name := range v.Names(c) {
			grams := trigramsOf(name)
			cosine := dot(query, grams) / math.Sqrt(dot(query, query)*dot(grams, grams))
			if cosine > best.Cosine+1e-6 {
				best.Name, best.Cosine = name, cosine
			}
		}
		if best.Name != "" {
			found = append(found, best)
		}
	}
	slices.SortStableFunc(found, func(a, b vocabulary.SimilarName) int {
		return cmp.Compare(math.Round(b.Cosine*1e6), math.Round(a.Cosine*1e6))
	})
	return found
}

// Find returns what a comparison with all names returns.
func TestSimilarEqualsNaiveSearch(t *testing.T) {
	text := rapid.StringMatching(`[abC1é語][ab1 -]{0,6}( (tumors?|b|aab))?`)
	rapid.Check(t, func(t *rapid.T) {
		var builder vocabulary.Builder
		for i := range rapid.IntRange(1, 12).Draw(t, "concepts") {
			builder.Add(vocabulary.Record{
				ID: "X:" + strings.Repeat("1", i+1), Type: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
				Names: names(rapid.SliceOfN(text, 1, 4).Draw(t, "names")...),
			})
		}
		data, err := builder.Encode(vocabulary.Card{})
		if err != nil {
			t.Fatal(err)
		}
		v, err := vocabulary.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		s := vocabulary.NewSimilar(v, "B")
		for range 3 {
			name, k := text.Draw(t, "name"), rapid.IntRange(0, 6).Draw(t, "k")
			want := similarNaively(v, "B", name)
			want = want[:min(k, len(want))]
			got := s.Find(name, k)
			if len(got) != len(want) {
				t.Fatalf("%q: %v, want %v", name, got, want)
			}
			for i := range got {
				same := got[i].Concept == want[i].Concept && got[i].Name == want[i].Name
				if !same || math.Abs(got[i].Cosine-want[i].Cosine) > 1e-6 {
					t.Fatalf("%q: %v, want %v", name, got, want)
				}
			}
		}
	})
}

func TestSimilar(t *testing.T) {
	v := decode(t, records())
	s := vocabulary.NewSimilar(v, "Disease")
	for name, want := range map[string]string{
		"breast tumours":     "Tumor, Breast Cancer",
		"cancer of a breast": "Breast Cancer, Cancer",
		"Cancers":            "Cancer, Breast Cancer",
		"zzz":                "", "": "",
	} {
		var got []string
		for _, x := range s.Find(name, 12) {
			got = append(got, x.Name)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("Find(%q) = %q, want %q", name, got, want)
		}
	}
	if got := s.Find("CANCER", 1); len(got) != 1 || got[0].Cosine != 1 || v.ConceptID(got[0].Concept) != "MESH:D009369" {
		t.Errorf("%v", got)
	}
	if got := vocabulary.NewSimilar(v, "none").Find("cancer", 12); len(got) > 0 {
		t.Errorf("%v of a type without names", got)
	}
}

func BenchmarkSimilar(b *testing.B) {
	s := vocabulary.NewSimilar(bundled(b), "Disease")
	queries := []string{
		"decreased renal function", "granulosa cell tumor of the ovary", "membranous glomerulonephritis", "OAB",
		"QTc prolongation", "parkinsonian syndromes", "aggressiveness", "chronic obstructive airway disease",
		"hereditary breast and ovarian cancers", "tardive dyskinetic movements", "hyperplastic marrow", "analgesia",
	}
	s.Find("", 0)
	for b.Loop() {
		for _, name := range queries {
			s.Find(name, 12)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(queries)), "µs/query")
}

func BenchmarkSimilarIndex(b *testing.B) {
	v := bundled(b)
	s := vocabulary.NewSimilar(v, "Disease")
	before := heap()
	for b.Loop() {
		s = vocabulary.NewSimilar(v, "Disease")
		s.Find("", 0)
	}
	b.ReportMetric(float64(heap()-before)/1e6, "MB")
	runtime.KeepAlive(s)
	runtime.KeepAlive(v)
}

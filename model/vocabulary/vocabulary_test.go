package vocabulary_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

func names(texts ...string) []vocabulary.Name {
	var list []vocabulary.Name
	for _, text := range texts {
		list = append(list, vocabulary.Name{Text: text})
	}
	return list
}

func records() []vocabulary.Record {
	return []vocabulary.Record{
		{
			ID: "MESH:D001241", Type: "Chemical", Names: names("Aspirin", "Acetylsalicylic Acid"),
			Trees: []string{"D02.455.1"},
		},
		{ID: "MESH:D000001", Type: "Chemical", Names: names("Salicylates"), Trees: []string{"D02.455"}},
		{ID: "MESH:C600014", Type: "Chemical", Names: names("aspirin lysine"), Parents: []string{"MESH:D001241"},
			Other: []string{"MESH:C000001"}},
		{ID: "MESH:D009369", Type: "Disease", Names: names("Neoplasms", "Tumor", "Cancer"), Trees: []string{"C04"}},
		{
			ID: "MESH:D001943", Type: "Disease", Names: names("Breast Neoplasms", "Breast Cancer"),
			Trees: []string{"C04.588.180"},
		},
		{ID: "NCBIGene:847", Type: "Gene", Species: "NCBITaxon:9606", Names: []vocabulary.Name{
			{Text: "CAT", Kind: vocabulary.Symbol}, {Text: "catalase"},
		}},
		{ID: "NCBIGene:12359", Type: "Gene", Species: "NCBITaxon:10090", Names: []vocabulary.Name{
			{Text: "Cat", Kind: vocabulary.Symbol}, {Text: "catalase"},
		}},
		{ID: "NCBITaxon:9685", Type: "Species", Names: names("Felis catus", "cat"),
			Parents: []string{"NCBITaxon:9682"}},
		{ID: "NCBITaxon:9682", Parents: []string{"NCBITaxon:9681"}}, // without names
		{ID: "NCBITaxon:9681", Type: "Species", Names: names("Felidae")},
		{ID: "CVCL:A0B1", Type: "CellLine", Species: "NCBITaxon:9606", Names: names("TNF-α 3")},
		{ID: "own/id", Type: "Other", Names: names("1,2-thing")},
	}
}

func build(t testing.TB, records []vocabulary.Record) []byte {
	t.Helper()
	var b vocabulary.Builder
	for _, r := range records {
		b.Add(r)
	}
	data, err := b.Encode(vocabulary.Card{Name: "small", Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode(t testing.TB, records []vocabulary.Record) *vocabulary.Vocabulary {
	t.Helper()
	v, err := vocabulary.Decode(build(t, records))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func found(v *vocabulary.Vocabulary, name string) string {
	var s []string
	for _, e := range v.Find(name) {
		s = append(s, v.ConceptID(e.Concept)+" "+e.Manner.String()+" "+e.Kind.String())
	}
	return strings.Join(s, ", ")
}

func TestFind(t *testing.T) {
	v := decode(t, records())
	for name, want := range map[string]string{
		"Aspirin":        "MESH:D001241 exact preferred name",
		"aspirins":       "MESH:D001241 normalized preferred name",
		"tumours":        "MESH:D009369 normalized synonym",
		"breast  cancer": "MESH:D001943 folded synonym",
		"cat": "NCBITaxon:9685 exact synonym, NCBIGene:847 folded preferred symbol, " +
			"NCBIGene:12359 folded preferred symbol",
		"CAT": "NCBIGene:847 exact preferred symbol, NCBIGene:12359 folded preferred symbol, " +
			"NCBITaxon:9685 folded synonym",
		"TNFalpha-3": "CVCL:A0B1 normalized preferred name",
		"12-thing":   "", "1-2 thing": "own/id normalized preferred name",
		"": "", "-": "", "unknown": "",
	} {
		if got := found(v, name); got != want {
			t.Errorf("Find(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFacts(t *testing.T) {
	v := decode(t, records())
	concept := func(id string) vocabulary.Concept {
		c, ok := v.Lookup(id)
		if !ok {
			t.Fatalf("%s is unknown", id)
		}
		return c
	}
	if got := v.ConceptID(concept("MESH:C000001")); got != "MESH:C600014" {
		t.Errorf("the retired identifier leads to %s", got)
	}
	for _, id := range []string{"", "MESH:D1241", "MESH:D001242", "MESH:C0600014", "NCBIGene:", "CVCL:a0b1",
		"NCBITaxon:9682"} {
		if c, ok := v.Lookup(id); ok {
			t.Errorf("Lookup(%q) = %s", id, v.ConceptID(c))
		}
	}
	for pair, want := range map[[2]string]bool{
		{"MESH:D001943", "MESH:D009369"}:     true,
		{"MESH:D009369", "MESH:D001943"}:     false,
		{"MESH:C600014", "MESH:D000001"}:     true, // by the heading, and then by tree numbers
		{"NCBITaxon:9685", "NCBITaxon:9681"}: true, // over a taxon without names
		{"NCBIGene:847", "NCBIGene:847"}:     true,
		{"NCBIGene:847", "NCBIGene:12359"}:   false,
	} {
		if got := v.Is(concept(pair[0]), concept(pair[1])); got != want {
			t.Errorf("Is(%s, %s) = %v", pair[0], pair[1], got)
		}
	}
	cat := concept("NCBIGene:847")
	if v.Type(cat) != "Gene" || v.Species(cat) != "NCBITaxon:9606" || v.Name(cat) != "CAT" {
		t.Errorf("%s, %s, %s", v.Type(cat), v.Species(cat), v.Name(cat))
	}
	if want := []string{"CellLine", "Chemical", "Disease", "Gene", "Other", "Species"}; !slices.Equal(v.Types(), want) {
		t.Errorf("types %v", v.Types())
	}
	if n := len(slices.Collect(v.Concepts("Gene"))); n != 2 {
		t.Errorf("%d genes", n)
	}
	if v.Card.Concepts["Gene"] != 2 || vocabulary.Total(v.Card.Names) != 18 || v.Card.Retired != 1 {
		t.Errorf("card %+v", v.Card)
	}
	if !strings.HasPrefix(v.ID(), "small@") {
		t.Errorf("ID %s", v.ID())
	}
}

// Each record that was added is found by its identifier and by each of its names.
func TestRoundTrip(t *testing.T) {
	id := rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 99), func(i int) string { return "NCBIGene:" + strings.Repeat("7", i%9) + "1" }),
		rapid.StringMatching(`MESH:[CD]\d{6}`), rapid.StringMatching(`MESH:D\d{9}`),
		rapid.StringMatching(`CVCL:[0-9A-Z]{4}`),
		rapid.StringMatching(`[A-Z]:?[0-9a-z]{0,12}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		type owned struct{ typ, name string }
		want := map[string][]owned{}
		var b vocabulary.Builder
		for range rapid.IntRange(1, 40).Draw(t, "records") {
			r := vocabulary.Record{
				ID: id.Draw(t, "id"), Type: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "type"),
				Names: names(rapid.SliceOfN(rapid.StringMatching(`[aB1αé -]{0,5}x`), 1, 4).Draw(t, "names")...),
			}
			if b.Has(r.ID) {
				continue
			}
			b.Add(r)
			for _, name := range r.Names {
				want[r.ID] = append(want[r.ID], owned{r.Type, name.Text})
			}
		}
		data, err := b.Encode(vocabulary.Card{Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		v, err := vocabulary.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if v.Len() != len(want) {
			t.Fatalf("%d concepts of %d", v.Len(), len(want))
		}
		for id, list := range want {
			c, ok := v.Lookup(id)
			if !ok || v.ConceptID(c) != id || v.Type(c) != list[0].typ || v.Name(c) != list[0].name {
				t.Fatalf("%s: %v, %s %s %s", id, ok, v.ConceptID(c), v.Type(c), v.Name(c))
			}
			for _, o := range list {
				if !slices.ContainsFunc(v.Find(o.name), func(e vocabulary.Entry) bool { return e.Concept == c }) {
					t.Fatalf("%s: %q is not found", id, o.name)
				}
			}
		}
	})
}

// The matches in a text are those of a look-up of each sequence of words.
func TestMatcherEqualsNaiveSearch(t *testing.T) {
	const long = "acetylsalicylic aspirin lysine tumour breast"
	v := decode(t, append(records(), vocabulary.Record{
		ID: "MESH:D000002", Type: "Chemical", Names: names(long, long+" cancer, catalase things 1, acid"),
	}))
	m := v.Matcher()
	piece := rapid.SampledFrom([]string{
		"aspirin", "Aspirin", "lysine", "breast", "cancers", "tumour", "CAT", "cat", "felis", "catus", "TNF",
		"α", "3", "1",
		"2", "things", "acid", "acetylsalicylic", long, "cancer, catalase things 1", "\u0308", "IL2", "catalase",
	})
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "pieces") {
			text.WriteString(piece.Draw(t, "piece") + rapid.SampledFrom([]string{" ", "-", ", ", ""}).Draw(t, "gap"))
		}
		s := text.String()
		var words [][2]int
		for start, end := 0, 0; end < len(s); {
			if _, start, end = normalize.Next(nil, s, end); start < end {
				words = append(words, [2]int{start, end})
			}
		}
		var want []string
		for i := range words {
			if len(normalize.Key(nil, s[words[i][0]:words[i][1]])) == 0 {
				continue
			}
			for j := i; j < len(words); j++ {
				if len(normalize.Key(nil, s[words[j][0]:words[j][1]])) == 0 {
					continue
				}
				if name := s[words[i][0]:words[j][1]]; len(v.Find(name)) > 0 {
					want = append(want, name)
				}
			}
		}
		var got []string
		for _, x := range m.All(s) {
			got = append(got, s[x.Start:x.End])
			types := uint64(0)
			m.Entries(x, func(c vocabulary.Concept, _ vocabulary.Kind) {
				types |= 1 << slices.Index(v.Types(), v.Type(c))
			})
			if types != x.Types || m.Exact(x)&^x.Types != 0 {
				t.Fatalf("%+v, types %b", x, types)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", s, diff)
		}
	})
}

func TestLongest(t *testing.T) {
	v := decode(t, records())
	m := v.Matcher()
	text := "Breast cancers and cat catalase, aspirin lysine."
	var got []string
	for _, x := range m.Longest(text, vocabulary.AnyType) {
		got = append(got, text[x.Start:x.End])
	}
	if want := []string{"Breast cancers", "cat", "catalase", "aspirin lysine"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	gene := uint64(1) << slices.Index(v.Types(), "Gene")
	if found := m.Longest(text, gene); len(found) != 2 || m.Exact(found[0])&gene != 0 || m.Exact(found[1])&gene == 0 {
		t.Errorf("%+v", found)
	}
	if n := testing.AllocsPerRun(100, func() { m.Longest(text, vocabulary.AnyType); m.All(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(build(t, records()), build(t, records())) {
		t.Error("the bytes differ")
	}
}

func TestOpen(t *testing.T) {
	data := build(t, records())
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"good":    {data, ""},
		"empty":   {nil, "it is not a vocabulary: make one with pubmine vocab build"},
		"foreign": {[]byte("PAR1 and so on, a file of another kind"), "it is not a vocabulary"},
		"cut":     {data[:len(data)-1], "it is damaged or incomplete (its checksum differs): copy or build it again"},
		"head":    {data[:40], "it is incomplete"},
		"changed": {append(slices.Clone(data[:len(data)-1]), data[len(data)-1]^1), "it is damaged or incomplete"},
		"newer": {bytes.Replace(data, []byte("vocabulary 1\n"), []byte("vocabulary 2\n"), 1),
			`version "2" of the format`},
		"too-long": {append(slices.Clone(data), 0), "it is damaged or incomplete"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, open := range []func(string) (*vocabulary.Vocabulary, error){vocabulary.Open, vocabulary.Inspect} {
			_, err := open(path)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, name := range []string{dir, "no-such-vocabulary", filepath.Join(dir, "none")} {
		if _, err := vocabulary.Open(name); err == nil || !strings.Contains(err.Error(), "vocabulary ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDecode changes the contents behind the checksum.
func FuzzDecode(f *testing.F) {
	data := build(f, records())
	const head = len("pubmine vocabulary 1\n")
	body := data[head+sha256.Size:]
	f.Add(body)
	f.Add(body[4+binary.LittleEndian.Uint32(body):])
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		v, err := vocabulary.Decode(slices.Concat(data[:head], sum[:], body))
		if err != nil {
			return
		}
		for c := range vocabulary.Concept(v.Len()) {
			for name := range v.Names(c) {
				if len(v.Find(name)) == 0 {
					t.Fatalf("%q is not found", name)
				}
			}
			v.Parents(c)
			v.Is(c, 0)
			v.Lookup(v.ConceptID(c))
		}
		v.Matcher().All("aspirin lysine and cats")
	})
}

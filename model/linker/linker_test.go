package linker

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/trees"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// words is a small vocabulary.
func words(t testing.TB) *vocabulary.Vocabulary {
	t.Helper()
	var b vocabulary.Builder
	add := func(id, typ, species string, parents []string, other []string, all ...string) {
		r := vocabulary.Record{ID: id, Type: typ, Species: species, Parents: parents, Other: other}
		for i, name := range all {
			kind := vocabulary.Kind(0)
			if i == 0 {
				kind = vocabulary.Preferred
			}
			r.Names = append(r.Names, vocabulary.Name{Text: name, Kind: kind})
		}
		b.Add(r)
	}
	add("MESH:D001241", "Chemical", "", nil, []string{"MESH:C000001"}, "Aspirin", "acetylsalicylic acid")
	add("MESH:D002118", "Chemical", "", nil, nil, "Calcium")
	add("MESH:D000069348", "Chemical", "", nil, nil, "Quetiapine Fumarate")
	add("MESH:C055866", "Chemical", "", nil, nil, "amrubicin")
	add("MESH:D001943", "Disease", "", nil, nil, "Breast Neoplasms", "breast cancer")
	add("MESH:D010051", "Disease", "", nil, nil, "Ovarian Neoplasms", "ovarian cancer")
	add("MESH:D006333", "Disease", "", nil, nil, "Heart Failure")
	add("MESH:D005921", "Disease", "", nil, nil, "Glomerulonephritis")
	add("MONDO:0017236", "Disease", "", []string{"MESH:D005921"}, nil, "rapidly progressive glomerulonephritis")
	add("NCBIGene:7157", "Gene", human, nil, nil, "TP53", "p53")
	add("NCBIGene:22059", "Gene", mouse, nil, nil, "Trp53")
	add("NCBIGene:672", "Gene", human, nil, nil, "BRCA1")
	add("NCBIGene:12189", "Gene", mouse, nil, nil, "Brca1")
	add("NCBITaxon:9606", "Species", "", []string{"NCBITaxon:9605"}, nil, "Homo sapiens", "patients")
	add("NCBITaxon:9605", "Species", "", nil, nil, "Homo")
	add("NCBITaxon:562", "Species", "", nil, nil, "Escherichia coli")
	add("NCBITaxon:10090", "Species", "", nil, nil, "Mus musculus", "mice")
	data, err := b.Encode(vocabulary.Card{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vocabulary.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// marked returns the document of a body with mentions: "C<aspirin>" is a chemical.
func marked(text string) *Document {
	types := map[byte]string{
		'C': "Chemical", 'D': "Disease", 'G': "Gene", 'S': "Species", 'V': "Variant", 'L': "CellLine",
	}
	var body strings.Builder
	var mentions []schemas.Mention
	for i := 0; i < len(text); i++ {
		switch {
		case i+1 < len(text) && text[i+1] == '<':
			m := schemas.Mention{ID: len(mentions), Type: types[text[i]], Span: schemas.Span{Start: body.Len()}}
			mentions = append(mentions, m)
			i++
		case text[i] == '>':
			mentions[len(mentions)-1].End = body.Len()
		default:
			body.WriteByte(text[i])
		}
	}
	s := body.String()
	t := &model.Text{
		Body: s, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: s}},
		Sentences: []schemas.Sentence{{Span: schemas.Span{End: len(s)}}},
	}
	return NewDocument(t, mentions)
}

// Without rankers the names decide.
func TestLink(t *testing.T) {
	v := words(t)
	names := Names{}
	names.Add("Disease", "cardiac insufficiency", "MESH:D006333", 3)
	names.Add("Disease", "breast and ovarian tumors", "MESH:D001943|MESH:D010051", 1)
	names.Add("Chemical", "P", "MESH:D001241", 9)
	l := New(v, NewHead(v, names))
	for _, c := range []struct{ text, want string }{
		{"C<aspirin>", "MESH:D001241"},
		{"C<Acetyl-salicylic acids>", "MESH:D001241"},
		{"D<aspirin>", ""},
		{"C<acetylsalicylic acid> (ASA) and C<ASA>", "MESH:D001241 MESH:D001241"},
		{"C<Ca2+>", "MESH:D002118"},
		{"C<quetiapine>", "MESH:D000069348"},
		{"C<amrubicin> (C<SM-5887>)", "MESH:C055866 MESH:C055866"},
		{"C<unheard> (C<of>)", " "},
		{"C<phlorizin> (P), C<P>", " "},
		{"D<ovarian and breast cancer>", "MESH:D010051|MESH:D001943"},
		{"D<breast and ovarian tumors>", "MESH:D001943|MESH:D010051"},
		{"D<severe heart failure>", "MESH:D006333"},
		{"D<cardiac insufficiency>", "MESH:D006333"},
		{"D<hart failure>", "MESH:D006333"},
		{"G<human BRCA1>", "NCBIGene:672"},
		{"V<V600E> and V<unclear>", "HGVS:p.Val600Glu "},
		{"S<mice>", "NCBITaxon:10090"},
		{"G<BRCA1> of S<Escherichia coli>", " NCBITaxon:562"},
		{"G<BRCA1> of S<Homo>", "NCBIGene:672 NCBITaxon:9605"},
		{"G<BRCA1> of S<patients>", "NCBIGene:672 NCBITaxon:9606"},
	} {
		var got []string
		for _, link := range l.Link(marked(c.text)) {
			got = append(got, link.ID)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

// The gene of another species, and the heading above a concept of another source, are candidates.
func TestFarCandidates(t *testing.T) {
	v := words(t)
	l := New(v, NewHead(v, Names{}))
	for text, want := range map[string]string{
		"G<p53>":   "NCBIGene:7157",
		"G<BRCA1>": "NCBIGene:12189 NCBIGene:672",
		"D<rapidly progressive glomerulonephritis>": "MESH:D005921 MONDO:0017236",
	} {
		var got []string
		l.Rows(marked(text), func(_ int, id string, _ []float32) { got = append(got, id) })
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// A ranker may prefer the gene of the species that the text mentions, and refuse unlikely concepts.
func TestRanker(t *testing.T) {
	v := words(t)
	h := NewHead(v, Names{})
	l := New(v, h)
	d := marked("G<BRCA1> in S<mice>")
	share := baseFeatures + 1 // share of the mentions of species that are this one
	h.Rankers["Gene"] = Ranker{Scale: 1, Threshold: 0.5, Trees: &trees.Forest{
		Columns: columns(gene, false), Depth: 1, Feature: []int32{int32(share)}, Threshold: []float32{0.5},
		Leaf: []float32{-2, 2},
	}}
	if got := l.Link(d)[0]; got.ID != "NCBIGene:12189" || got.Name != "Brca1" || got.Score < 0.8 {
		t.Errorf("%+v", got)
	}
	if got := l.Link(marked("G<BRCA1>"))[0]; got != (Link{}) {
		t.Errorf("without a species %+v", got)
	}
}

// A head is read as it was written; its forests must have the columns of this package.
func TestTensors(t *testing.T) {
	v := words(t)
	names := Names{}
	names.Add("Disease", "heart block", "MESH:D006333", 2)
	names.Add("Disease", "heart block", "MESH:D001943|MESH:D010051", 1)
	h := NewHead(v, names)
	forest := func(n int) *trees.Forest {
		return &trees.Forest{
			Columns: n, Depth: 1, Feature: []int32{0}, Threshold: []float32{1}, Leaf: []float32{1, 2},
		}
	}
	h.Rankers["Disease"] = Ranker{Trees: forest(columns(disease, false)), Scale: 2, Shift: 1, Threshold: 0.5}
	h.Rankers["Gene"] = Ranker{Trees: forest(columns(gene, true)), First: forest(columns(gene, false)), Scale: 1}
	read := func() (*Head, error) {
		tensors, metadata, err := h.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := weights.Write(&file, tensors, metadata); err != nil {
			t.Fatal(err)
		}
		f, err := weights.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		return Read(f, v)
	}
	got, err := read()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, got, cmp.AllowUnexported(Head{}, annotations{}, annotated{}, nameKey{})); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	h.Rankers["Disease"] = Ranker{Trees: forest(3), Scale: 1}
	if _, err := read(); err == nil || !strings.Contains(err.Error(), "reads 3 numbers") {
		t.Errorf("a forest of 3 columns: %v", err)
	}
}

// Each candidate has the features that its type has columns for.
func TestColumns(t *testing.T) {
	v := words(t)
	h := NewHead(v, Names{})
	second := columns(gene, false)
	check := func(l *Linker) {
		d := marked("G<p53>, C<aspirin>, D<heart failure> in S<mice> and G<BRCA1>")
		l.Rows(d, func(i int, _ string, x []float32) {
			want := columns(d.Entities[i].Type, false)
			if d.Entities[i].Type == gene {
				want = second
			}
			if len(x) != want {
				t.Errorf("%s: %d features, %d columns", d.Entities[i].Type, len(x), want)
			}
		})
	}
	check(New(v, h))
	h.Rankers["Gene"] = Ranker{First: &trees.Forest{
		Columns: second, Depth: 1, Feature: []int32{0}, Threshold: []float32{1}, Leaf: []float32{1, 2},
	}}
	second = columns(gene, true)
	check(New(v, h))
}

func TestCanonical(t *testing.T) {
	v := words(t)
	for _, c := range []struct{ typ, id, want string }{
		{"Chemical", "D001241", "MESH:D001241"},
		{"Chemical", "MESH:C000001", "MESH:D001241"},
		{"Disease", "OMIM:1", "OMIM:1"},
		{"Disease", "-1", ""},
		{"Gene", "672", "NCBIGene:672"},
		{"Species", "9606", "NCBITaxon:9606"},
		{"CellLine", "CVCL_0030", "CVCL:0030"},
		{"Variant", "p|SUB|V|600|E", "HGVS:p.Val600Glu"},
		{"Chemical", "", ""},
	} {
		if got := Canonical(v, c.typ, c.id); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.typ, c.id, got, c.want)
		}
	}
}

func FuzzDecodeNames(f *testing.F) {
	f.Add("Disease\theart block\tMESH:D1 2\tMESH:D2|MESH:D3 1\n")
	f.Add("Disease\t\t\n")
	f.Fuzz(func(t *testing.T, text string) {
		names, err := decodeNames(text)
		if err != nil {
			return
		}
		again, err := decodeNames(names.encode())
		if err != nil || again.encode() != names.encode() {
			t.Errorf("%q, then %q: %v", names.encode(), again.encode(), err)
		}
	})
}

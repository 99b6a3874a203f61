package vocabulary_test

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// bundled loads the bundled vocabulary.
func bundled(t testing.TB) *vocabulary.Vocabulary {
	t.Helper()
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBundled(t *testing.T) {
	v := bundled(t)
	for name, id := range map[string]string{
		"aspirin": "MESH:D001241", "Breast Cancer": "MESH:D001943", "BRCA1": "NCBIGene:672", "mice": "NCBITaxon:10090",
		"E. coli": "NCBITaxon:562", "HeLa": "CVCL:0030", "TNF-α": "NCBIGene:7124", "eserine": "MESH:D010830",
	} {
		ids := ""
		for _, e := range v.Find(name) {
			ids += " " + v.ConceptID(e.Concept)
		}
		if !strings.Contains(ids+" ", " "+id+" ") {
			t.Errorf("%s is not %s, only%s", name, id, ids)
		}
	}
	breast, _ := v.Lookup("MESH:D001943")
	if neoplasms, ok := v.Lookup("MESH:D009369"); !ok || !v.Is(breast, neoplasms) {
		t.Error("breast cancer is no neoplasm")
	}
	if c, ok := v.Lookup("MESH:C005435"); !ok || v.ConceptID(c) != "MESH:D000077553" {
		t.Error("the retired identifier of edaravone leads elsewhere")
	}
	if v.Size > 12<<20 {
		t.Errorf("the file has %d bytes", v.Size)
	}
	for _, s := range v.Card.Sources {
		if s.Licence == "" || s.Attribution == "" {
			t.Errorf("%s has no licence or attribution", s.Name)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	before := heap()
	var v *vocabulary.Vocabulary
	for b.Loop() {
		v = bundled(b)
	}
	b.ReportMetric(float64(heap()-before)/1e6, "MB")
	runtime.KeepAlive(v)
}

// heap returns the number of bytes in use.
func heap() uint64 {
	var m runtime.MemStats
	debug.FreeOSMemory()
	debug.FreeOSMemory() // empties the pools, too
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkFind(b *testing.B) {
	v := bundled(b)
	for b.Loop() {
		v.Find("breast cancers")
	}
}

func BenchmarkLongest(b *testing.B) {
	v := bundled(b)
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		b.Fatal(err)
	}
	m := v.Matcher()
	words := len(strings.Fields(string(text)))
	for b.Loop() {
		m.Longest(string(text), vocabulary.AnyType)
	}
	b.ReportMetric(float64(words*b.N)/b.Elapsed().Seconds()/1e6, "Mwords/s")
}

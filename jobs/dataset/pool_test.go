package dataset_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

func TestPoolRecords(t *testing.T) {
	lines := `{"id":"1","pmid":"12","title":"T","abstract":"AIM: To see. METHODS: We looked. CONCLUSIONS: It is so."}
{"id":"2","title":"T","abstract":"Plain. TRIAL: one."}
{"id":"3","title":"T","sections":[{"label":"AIM","text":"To see."},["CONCLUSION","It is so."]]}
{"id":"4","title":"T","license":"CC BY 4.0","paragraphs":["One.","Two."]}
`
	path := filepath.Join(t.TempDir(), "pool.jsonl.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write([]byte(lines)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	type row struct{ Text, Labels, Conclusions string }
	var got []row
	for r, err := range dataset.Pool(path) {
		if err != nil {
			t.Fatal(err)
		}
		d := r.Document()
		var labels []string
		for _, s := range d.Sections[1:] {
			labels = append(labels, s.Label)
		}
		got = append(got, row{d.Text(), strings.Join(labels, "/"), dataset.Conclusions(d)})
	}
	want := []row{
		{"T To see. We looked. It is so.", "AIM/METHODS/CONCLUSIONS", "It is so."},
		{"T Plain. TRIAL: one.", "", ""},
		{"T To see. It is so.", "AIM/CONCLUSION", "It is so."},
		{"T One. Two.", "/", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPoolErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.jsonl")
	broken := filepath.Join(t.TempDir(), "broken.jsonl")
	if err := os.WriteFile(broken, []byte("{\"id\":\"1\"}\n{\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{missing: "no such file", broken: "record 2"} {
		var last error
		for _, err := range dataset.Pool(path) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, last, want)
		}
	}
}

func TestOpenLicences(t *testing.T) {
	for license, want := range map[string]bool{
		"CC BY 4.0": true, "CC0": true, "public domain (from text)": true, "CC BY-SA 4.0": true,
		"CC BY-NC 4.0": false, "CC BY-ND 4.0": false, "CC BY-NC-SA 3.0": false, "unstated": false, "": false,
		"open access, non-commercial (from text)": false, "other, see article": false,
	} {
		if got := (dataset.Record{License: license}).Open(); got != want {
			t.Errorf("Open(%q) = %v", license, got)
		}
	}
}

func TestPubMedQA(t *testing.T) {
	const in = `{"22":{"QUESTION":"Does it?","CONTEXTS":["We looked. "],"LABELS":["METHODS"],"LONG_ANSWER":"It ` +
		`does.","final_decision":"yes"},
		"3":{"QUESTION":"Is it?","CONTEXTS":["So.","Thus."],"LABELS":[],"LONG_ANSWER":"No.","final_decision":"no"}}`
	got, err := dataset.PubMedQA(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Doc.PMID != 3 || got[1].Doc.Text() != "Does it? We looked." ||
		got[1].Doc.Sections[1].Label != "METHODS" ||
		got[1].Decision != "yes" {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"[", `{"x":{}}`} {
		if _, err := dataset.PubMedQA(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

package dataset_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// checked fails on examples that no reader may return.
func checked(t *testing.T, examples []dataset.Example, stats dataset.Stats, err error) {
	t.Helper()
	if err != nil {
		return
	}
	if stats.Documents != len(examples) {
		t.Errorf("%d documents counted, %d given", stats.Documents, len(examples))
	}
	mentions := 0
	for _, e := range examples {
		check(t, e)
		mentions += len(e.Gold.Mentions)
	}
	if mentions != stats.Mentions {
		t.Errorf("%d mentions counted, %d given", stats.Mentions, mentions)
	}
}

func FuzzTables(f *testing.F) {
	f.Add("7\tNaïve\tIt blocks.\n", "7\tT1\tGENE-Y\t6\t8\tIt\n", "7\tCPR:4\tArg1:T1\tArg2:T1\n")
	f.Add("7\t\t\n7\t\t\n", "7\tT\tGENE\t-1\t9\t\n", "7\tArg1:\tArg1:\tArg2:\n")
	f.Fuzz(func(t *testing.T, abstracts, entities, relations string) {
		examples, stats, err := dataset.Tables(
			strings.NewReader(abstracts), strings.NewReader(entities), strings.NewReader(relations),
			dataset.PublicRules("x", "train"),
		)
		checked(t, examples, stats, err)
	})
}

func FuzzCoNLL(f *testing.F) {
	f.Add("ZVK\tB-GENE\n-\tI-GENE\n1\tI-GENE\n\nβ\tI-GENE\n")
	f.Add("(\tB-GENE\n \tI-GENE\n\n\n\tO\n")
	f.Fuzz(func(t *testing.T, in string) {
		examples, stats, err := dataset.CoNLL(strings.NewReader(in), dataset.PublicRules("x", "train"))
		checked(t, examples, stats, err)
	})
}

func FuzzJSONLines(f *testing.F) {
	f.Add(`{"id": "90", "text": "ΔZVK1 in\nHeLa.\n", "mentions": [[0, 5, "GENE"], [9, 13, "cell_line"]]}`)
	f.Add(`{"text": "\n\n", "mentions": [[0, 1, "GENE"], [1, 1, ""], [1.5, 1e99, "GENE"]]}`)
	f.Fuzz(func(t *testing.T, in string) {
		examples, stats, err := dataset.JSONLines(strings.NewReader(in), dataset.PublicRules("x", "train"))
		checked(t, examples, stats, err)
	})
}

func FuzzPubMedQA(f *testing.F) {
	f.Add(
		`{"22":{"QUESTION":"Does it?","CONTEXTS":["We looked. "],"LABELS":["METHODS","X"],"LONG_ANSWER":"It does.",` +
			`"final_decision":"yes"}}`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		questions, err := dataset.PubMedQA(strings.NewReader(in))
		for i, q := range questions {
			if err != nil || i > 0 && q.Doc.PMID < questions[i-1].Doc.PMID || q.Doc.Title() != q.Question {
				t.Errorf("question %d: %+v, %v", i, q, err)
			}
		}
	})
}

func FuzzPool(f *testing.F) {
	f.Add(`{"id":"1","pmid":"12","title":"T","abstract":"AIM: To see. METHODS: We looked. CONCLUSIONS: It is so."}`)
	f.Add(`{"sections":[{"label":"AIM"},["A","B"],["A"]],"paragraphs":["",""]}`)
	path := filepath.Join(f.TempDir(), "pool.jsonl")
	f.Fuzz(func(t *testing.T, in string) {
		if err := os.WriteFile(path, []byte(in), 0o644); err != nil {
			t.Fatal(err)
		}
		for r, err := range dataset.Pool(path) {
			if err != nil {
				return
			}
			d := r.Document()
			if dataset.Unlabelled(d).Text() != d.Text() || d.Sections[0].Kind != "title" ||
				!strings.Contains(d.Abstract(), dataset.Conclusions(d)) {
				t.Errorf("%+v became %+v", r, d)
			}
		}
	})
}

// TestPubTatorRoundTrip writes random annotations in code points and reads them back.
func TestPubTatorRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zα-ωА-Я😀]{1,6}`), 2, 12).Draw(t, "words")
		title := strings.Join(words[:len(words)/2], " ")
		abstract := strings.Join(words[len(words)/2:], " ")
		var b strings.Builder
		b.WriteString("7|t|" + title + "\n7|a|" + abstract + "\n")
		at := 0
		for _, w := range words {
			n := utf8.RuneCountInString(w)
			b.WriteString(
				strings.Join([]string{"7", strconv.Itoa(at), strconv.Itoa(at + n), w, "Gene", "G1"}, "\t") + "\n",
			)
			at += n + 1
		}
		rules := dataset.PublicRules("x", "train")
		rules.Strict = true
		examples, stats, err := dataset.PubTator(strings.NewReader(b.String()), rules)
		if err != nil {
			t.Fatal(err)
		}
		if stats.Mentions != len(words) {
			t.Fatalf("%d mentions of %d words", stats.Mentions, len(words))
		}
		body := examples[0].Doc.Text()
		for i, m := range examples[0].Gold.Mentions {
			if body[m.Start:m.End] != words[i] {
				t.Fatalf("mention %d is %q, not %q", i, body[m.Start:m.End], words[i])
			}
		}
	})
}

func FuzzBioCXML(f *testing.F) {
	f.Add(
		`<collection><document><id>1</id><passage><infon key="type">title</infon><offset>0</offset><text>A ` +
			`saw</text><annotation id="1"><infon key="type">Tool</infon><location offset="2" ` +
			`length="3"/><text>saw</text>` +
			`</annotation></passage></document></collection>`,
	)
	f.Add(
		`<document><passage><offset>-9</offset><sentence><offset>99999999</offset><text>x</text></sentence>` +
			`</passage></document>`,
	)
	f.Fuzz(func(t *testing.T, in string) {
		examples, stats, err := dataset.BioCXML(strings.NewReader(in), dataset.UserRules("x", "train", false))
		checked(t, examples, stats, err)
	})
}

func FuzzBioCJSON(f *testing.F) {
	f.Add(
		`{"documents":[{"id":1,"passages":[{"offset":0,"text":"A saw","annotations":[{"infons":{"type":"Tool"},` +
			`"text":"saw","locations":[{"offset":2,"length":3},{"offset":0,"length":1}]}]}],` +
			`"relations":[{"infons":{"type":"x"},"nodes":[{"refid":"1"},{"refid":"1"}]}]}]}`,
	)
	f.Add(`[{"passages":[]},{"PubTator3":[{"passages":[{"offset":-1,"text":"😀"}]}]}]`)
	f.Fuzz(func(t *testing.T, in string) {
		examples, stats, err := dataset.BioCJSON(strings.NewReader(in), dataset.UserRules("x", "train", false))
		checked(t, examples, stats, err)
	})
}

func FuzzDetect(f *testing.F) {
	f.Add([]byte("1|t|x\n"))
	f.Add([]byte(`[{"title"`))
	f.Fuzz(func(t *testing.T, head []byte) {
		if format, err := dataset.Detect(head); (format == "") != (err != nil) {
			t.Errorf("%q: format %q, error %v", head, format, err)
		}
	})
}

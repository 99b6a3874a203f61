package topic

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestProbability(t *testing.T) {
	const aspirin = "Does aspirin reduce the risk of colorectal cancer?"
	for _, c := range []struct {
		question, text string
		want           bool
	}{
		{aspirin, "Aspirin reduced the risk of colorectal cancer.", true},
		{aspirin, "We gave aspirin. Patients with colorectal cancer (CRC) died.", true},
		{aspirin, "ASPIRIN was given for colorectal cancers.", true},
		{aspirin, "Aspirin reduced the risk of breast cancer.", false},
		{aspirin, "The drug reduced the risk of colorectal cancer.", false},
		{aspirin, "Aspirin reduced the risk of colorectal surgery.", false},
		{aspirin, "", false},
		{"Does IL-2 help in HIV?", "IL2 was given to patients with HIV.", true},
		{"Does IL-2 help in HIV?", "IL 2 was given to patients with HIV.", true},
		{"Does IL-2 help in HIV?", "IL-6 was given to patients with HIV.", false},
		{"Is leukaemia in children due to oestrogen?", "Pediatric leukemias and estrogens: 5 of the children.", true},
		{"Is preeclampsia rare?", "Pre-eclampsia was seen.", true},
		{"Does obstructive sleep apnoea (OSA) cause gout?", "Gout followed OSA.", true},
		{"Do T-cells cause gout?", "T cell counts were high in gout.", true},
		{"Do metastases of sarcoma differ?", "One metastasis of a sarcoma.", true},
		{"Is TGF-β a marker of gout?", "TGF-beta was high in gout.", true},
	} {
		p := Parse(c.question, nil).Probability(index(c.text))
		if got := p >= Threshold; got != c.want || p < 0 || p > 1 {
			t.Errorf("%s: %s: %v", c.question, c.text, p)
		}
	}
}

// A name with several words stands for them all.
func TestSynonyms(t *testing.T) {
	synonyms := func(name string) []string {
		return map[string][]string{"aspirin": {"acetylsalicylic acid"}, "colorectal cancer": {"bowel neoplasm"}}[name]
	}
	const question = "Does aspirin reduce the risk of colorectal cancer?"
	d := index("Acetylsalicylic acid reduced the risk of bowel neoplasms.")
	if p := Parse(question, synonyms).Probability(d); p < 0.9 {
		t.Errorf("with synonyms: %v", p)
	}
	if p := Parse(question, nil).Probability(d); p != 0 {
		t.Errorf("without synonyms: %v", p)
	}
}

func TestEmpty(t *testing.T) {
	for question, want := range map[string]bool{
		"Is it?": true, "": true, "12 of 5?": true, "Is gout rare?": false, "Is MI it?": false,
	} {
		if q := Parse(question, nil); q.Empty() != want || q.Empty() && q.Probability(index("Gout.")) != 0 {
			t.Errorf("%q: %+v", question, q)
		}
	}
}

// Whatever the question and the text, a probability is one; a text with the question in it
// addresses the question.
func TestProbabilityOfAny(t *testing.T) {
	words := rapid.SliceOf(rapid.SampledFrom(strings.Split("aspirin gout IL-2 α (GT) gouty-test Is of 5 é \xff", " ")))
	rapid.Check(t, func(t *rapid.T) {
		question, body := strings.Join(words.Draw(t, "question"), " "), strings.Join(words.Draw(t, "body"), " ")
		q := Parse(question, nil)
		if p := q.Probability(index(body)); !(p >= 0 && p <= 1) {
			t.Fatalf("probability %v", p)
		}
		if p := q.Probability(index(body + " " + question)); !q.Empty() && p < 0.5 {
			t.Fatalf("probability %v of %q", p, question)
		}
	})
}

// PubMedQA's questions are about their own abstracts, without titles, and not about others. The
// coefficients were fitted to these questions.
func TestPubMedQA(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "corpora", "pubmedqa", "train.json"))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	var records map[string]struct {
		Question string   `json:"QUESTION"`
		Contexts []string `json:"CONTEXTS"`
	}
	if err := json.Unmarshal(data, &records); err != nil {
		t.Fatal(err)
	}
	var questions []*Question
	var own []*Document
	for _, r := range records {
		questions = append(questions, Parse(r.Question, nil))
		own = append(own, index(strings.Join(r.Contexts, " ")))
	}
	random := rand.New(rand.NewPCG(1, 1))
	found, wrong, others := 0, 0, 0
	for i, q := range questions {
		if q.Probability(own[i]) >= Threshold {
			found++
		}
		for range 20 {
			if k := random.IntN(len(own)); k != i {
				others++
				if q.Probability(own[k]) >= Threshold {
					wrong++
				}
			}
		}
	}
	t.Logf("own: %d of %d, others: %d of %d", found, len(own), wrong, others)
	if found*100 < 97*len(own) || wrong*100 > others {
		t.Errorf("own: %d of %d, others: %d of %d", found, len(own), wrong, others)
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"Crohn's disease":       "crohn disease",
		"tumours behave oddly":  "tumors behave oddly",
		"randomised programmes": "randomized programs",
		"IL-2/STAT5":            "il _2 _stat5",
		"a--b":                  "a b",
		"Does haemolysis hurt":  "does hemolysis hurt",
		"\xff κ":                "kappa",
	} {
		var got []string
		for _, x := range tokens(text) {
			if text[x.start:x.end] == "" {
				t.Errorf("%q: no text of %+v", text, x)
			}
			if x.joined {
				x.text = "_" + x.text
			}
			got = append(got, x.text)
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

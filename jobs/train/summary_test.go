package train

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// structuredDoc returns a document of sections "LABEL: text".
func structuredDoc(title string, sections ...string) *schemas.Document {
	d := &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	for _, s := range sections {
		label, text, _ := strings.Cut(s, ": ")
		d.Sections = append(d.Sections, schemas.Section{Kind: schemas.KindAbstract, Label: label, Text: text})
	}
	return d
}

func TestConclusionSpan(t *testing.T) {
	for _, c := range []struct {
		name     string
		sections []string
		want     string
	}{
		{"last", []string{"AIM: To see this.", "CONCLUSIONS: It is as we thought."}, "It is as we thought."},
		{
			"in the middle", []string{"AIM: To see this.", "Conclusion: It is as we thought.", "REGISTRATION: None."},
			"It is as we thought.",
		},
		{"none", []string{"AIM: To see this.", "RESULTS: It is as we thought."}, ""},
		{"twice", []string{"AIM: To see this.", "CONCLUSION: It is as we thought.", "CONCLUSIONS: It is not."}, ""},
		{"nothing else", []string{"CONCLUSIONS: It is as we thought."}, ""},
		{"too short", []string{"AIM: To see this.", "CONCLUSIONS: It is."}, ""},
	} {
		d := structuredDoc("A title", c.sections...)
		at, ok := ConclusionSpan(d)
		if got := d.Text()[at.Start:at.End]; got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v", c.name, got, ok)
		}
	}
}

// reports returns structured abstracts whose conclusion is not always last.
func reports(n int, seed uint64) []*schemas.Document {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	var docs []*schemas.Document
	for i := range n {
		drug := pick("zorvaline", "quarxol", "mirbetan")
		sections := []string{
			"AIM: We asked whether " + drug + " " + pick("helps", "harms") + " dogs.",
			"METHODS: We gave 40 mg to " + pick("many", "some") + " dogs. They were watched for weeks.",
			"CONCLUSIONS: " + pick(
				"In conclusion ", "These results suggest that ", "Thus ",
			) + drug + pick(
				" is safe in old dogs.", " should be given to dogs.",
			),
		}
		if i%2 == 0 {
			sections = append(sections, "REGISTRATION: Trial number "+fmt.Sprint(random.IntN(999))+" of the list.")
		}
		docs = append(docs, structuredDoc(fmt.Sprintf("Study %d of %s", i, drug), sections...))
	}
	return docs
}

func TestSummariesLearn(t *testing.T) {
	p := plainPreparer(t)
	learn, dev := prepareAbstracts(reports(80, 1), p, true), prepareAbstracts(reports(40, 2), p, true)
	head, err := trainSummary(learn, conclusionOptions())
	if err != nil {
		t.Fatal(err)
	}
	rate := func(pick Picker) float64 {
		s, err := EvaluateSummaries(dev, pick)
		if err != nil {
			t.Fatal(err)
		}
		return s.HitRate()
	}
	if last, ours := rate(LastSentence), rate(stagePicker(head, 1)); last != 0.5 || ours < 0.95 {
		t.Errorf("the last sentence hits %v, the head %v", last, ours)
	}
	if ours := rate(stagePicker(head, 2)); ours < 0.9 {
		t.Errorf("up to two sentences hit %v", ours)
	}
}

func TestSummariesReadStates(t *testing.T) {
	learn := prepareAbstracts(reports(40, 1), plainPreparer(t), true)
	for i := range learn {
		a := &learn[i]
		a.States = model.States{Dim: 1, Data: make([]float32, len(a.Text.Tokens))}
		for _, w := range a.Text.Words {
			if a.wanted(w.Sentence) {
				a.States.Data[w.Token] = 1
			}
		}
	}
	o := conclusionOptions()
	o.Dropout, o.Rates.Dense = 1, 0.3
	head, err := trainSummary(learn, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := EvaluateSummaries(learn, stagePicker(head, 1))
	if err != nil || s.HitRate() < 0.99 || head.Dim != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestStructuredAbstracts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pool.jsonl.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	out := json.NewEncoder(z)
	for _, title := range []string{
		"First title of the pool", "First title of the pool", "Second title of the pool", "Held out title of the pool",
	} {
		err := out.Encode(
			dataset.Record{
				Title: title,
				Sections: []dataset.RecordSection{
					{Label: "AIM", Text: "To see " + title + "."},
					{Label: "CONCLUSION", Text: "It is as we thought."},
				},
			},
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	held := dataset.NewHeldOut([]dataset.Example{{Split: "dev", Doc: structuredDoc("HELD OUT: title of the pool")}})
	docs, err := structuredAbstracts(context.Background(), []string{path}, held)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, d := range docs {
		titles = append(titles, d.Title())
	}
	slices.Sort(titles)
	if got := strings.Join(titles, "/"); got != "First title of the pool/Second title of the pool" {
		t.Error(got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := structuredAbstracts(ctx, []string{path}, held); err == nil {
		t.Error("reads after cancellation")
	}
}

// The head beats the last sentence on structured abstracts of the pool without section labels.
func TestSummaryOfPool(t *testing.T) {
	docs, err := structuredAbstracts(
		context.Background(), []string{filepath.Join(sharedData(t), "pool", "abstracts_more.part1.jsonl.gz")},
		dataset.NewHeldOut(nil),
	)
	if err != nil {
		t.Fatal(err)
	}
	p := plainPreparer(t)
	learn, dev := prepareAbstracts(docs[300:1300], p, true), prepareAbstracts(docs[:300], p, true)
	o := conclusionOptions()
	o.Epochs = 2
	head, err := trainSummary(learn, o)
	if err != nil {
		t.Fatal(err)
	}
	var scores []score.Summaries
	for _, pick := range []Picker{LastSentence, stagePicker(head, 1), stagePicker(head, 2)} {
		s, err := EvaluateSummaries(dev, pick)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("hits %.3f, ROUGE-L %.3f", s.HitRate(), s.MeanRougeL())
		scores = append(scores, s)
	}
	last, one, two := scores[0], scores[1], scores[2]
	if one.HitRate() < last.HitRate()+0.03 || one.MeanRougeL() < last.MeanRougeL()+0.05 ||
		two.MeanRougeL() < one.MeanRougeL()+0.05 {
		t.Error("one sentence does not beat the last, or two do not beat one")
	}
}

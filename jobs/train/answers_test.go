package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/stages/answer"
)

// trials returns questions in PubMedQA's JSON. The wording of the last sentence determines the
// answer; its subject does not.
func trials(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	var records []string
	for i := range n {
		drug, pest := pick("zorvaline", "quarxol", "mirbetan"), pick("tremor", "gout", "ataxia", "pox")
		said, decision := pick("Dogs were better (P = 0.01).", "A significant difference was seen."), "yes"
		switch random.IntN(5) {
		case 0, 1:
			said, decision = pick("There was no significant difference.", "It did not improve (P = 0.4)."), "no"
		case 2:
			said, decision = pick("However, this might be possible.", "But it may differ."), "maybe"
		}
		records = append(
			records,
			fmt.Sprintf(
				`"%d": {"QUESTION": "Does %s help dogs with %s of kind %d?",
				"CONTEXTS": ["We gave %s to dogs.", "%s"], "LABELS": ["METHODS", "RESULTS"], "final_decision": %q}`,
				9000+i,
				drug,
				pest,
				9000+i,
				drug,
				said,
				decision,
			),
		)
	}
	return "{" + strings.Join(records, ",\n") + "}"
}

func trialExamples(t *testing.T, n int, seed uint64) []dataset.Example {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trials.json")
	if err := os.WriteFile(path, []byte(trials(n, seed)), 0o644); err != nil {
		t.Fatal(err)
	}
	examples, _, err := dataset.Read(path, dataset.UserRules("trials", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// quickAnswers are options for few questions and little time.
func quickAnswers() answerOptions {
	o := pubMedQAOptions()
	o.Splits, o.Rates.Feature, o.Rates.L2 = 2, 0.1, 1
	return o
}

func TestLearnAnswers(t *testing.T) {
	learn := prepareQuestions(trialExamples(t, 100, 1), plainPreparer(t))
	h, v, err := trainAnswers(learn, quickAnswers())
	if err != nil {
		t.Fatal(err)
	}
	if v.Questions != 100 || v.Plain.Table.Micro().TP+v.Plain.Table.Micro().FN != 200 || v.Plain.Accuracy.Mean < 0.95 ||
		v.Plain.Macro.Mean < 0.95 ||
		v.Calibration.Error() > 0.1 {
		t.Errorf("%+v", v)
	}
	counts := map[string]int{}
	for _, s := range learn {
		counts[s.Answer]++
	}
	most := max(counts["yes"], counts["no"], counts["maybe"])
	if got := v.Majority.Micro().TP; got > 2*most || got < most {
		t.Errorf("the most common answer is correct %d times in two partitions, of %v", got, counts)
	}
	correct := 0
	unseen := prepareQuestions(trialExamples(t, 50, 2), plainPreparer(t))
	for _, s := range unseen {
		stage, err := answer.New(h, answer.Question{Text: s.Question})
		if err != nil {
			t.Fatal(err)
		}
		a := s.Gold
		if err := stage.Annotate(s.Text, model.States{}, &a); err != nil || len(a.Answers) != 1 {
			t.Fatal(a.Answers, err)
		}
		if a.Answers[0].Answer == s.Answer {
			correct++
		}
	}
	if correct < 48 {
		t.Errorf("%d of 50 unseen questions are answered correctly", correct)
	}
	again, _, err := trainAnswers(learn, quickAnswers())
	if err != nil {
		t.Fatal(err)
	}
	one, _, err1 := h.Tensors()
	two, _, err2 := again.Tensors()
	if diff := cmp.Diff(one, two); diff != "" || err1 != nil || err2 != nil {
		t.Error("the same questions gave another head:", diff, err1, err2)
	}
}

// Questions with another answer, and documents without a question, are skipped.
func TestSkippedQuestions(t *testing.T) {
	examples := trialExamples(t, 3, 1)
	examples[0].Answer, examples[1].Question = "perhaps", ""
	o := pubMedQAOptions()
	if got := len(o.read(prepareQuestions(examples, plainPreparer(t)), bagOfWords)); got != 1 {
		t.Errorf("%d questions, want 1", got)
	}
}

// The head is trained on and evaluated with documents with and without their conclusion.
func TestAnswersWithConclusion(t *testing.T) {
	examples := trialExamples(t, 60, 1)
	for i := range examples {
		e := &examples[i]
		e.Conclusions = map[string]string{
			"yes": "Dogs were better.", "no": "There was no difference.", "maybe": "However, it may be so.",
		}[e.Answer]
		last := &e.Doc.Sections[len(e.Doc.Sections)-1]
		last.Text = "Nothing is told." // except in the conclusion
	}
	asked := prepareQuestions(examples, plainPreparer(t))
	if got, want := asked[0].WithConclusion.Body, asked[0].Text.Body+" "+examples[0].Conclusions; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if len(examples[0].Doc.Sections) != 3 {
		t.Error("the document itself was changed")
	}
	_, v, err := trainAnswers(asked, quickAnswers())
	if err != nil || v.Plain.Accuracy.Mean > 0.6 || v.WithConclusion.Accuracy.Mean < 0.95 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestBagOfWords(t *testing.T) {
	text := plainPreparer(t).Prepare(structuredDoc("Gout", "AIM: To see gout."))
	if got := len(bagOfWords(text, "Is GOUT rare?")); got != 6 { // gout to see . is rare
		t.Errorf("%d words", got)
	}
}

func TestMeanStd(t *testing.T) {
	got := meanStd([]float64{0.5, 0.7, 0.6})
	if want := math.Sqrt(0.02 / 3); math.Abs(got.Mean-0.6) > 1e-9 || math.Abs(got.Std-want) > 1e-9 {
		t.Errorf("%+v", got)
	}
	if meanStd(nil) != (MeanStd{}) {
		t.Error("a deviation of no values")
	}
}

// The head reaches the documented accuracy on PubMedQA.
func TestPubMedQA(t *testing.T) {
	examples, _, err := dataset.Read(
		filepath.Join(sharedData(t), "corpora", "pubmedqa", "train.json"), dataset.PublicRules("pubmedqa", "train"),
	)
	if err != nil {
		t.Fatal(err)
	}
	o := pubMedQAOptions()
	o.Splits = 3
	_, v, err := trainAnswers(prepareQuestions(examples, plainPreparer(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("accuracy %+v, macro-F1 %+v, calibration error %.3f", v.Plain.Accuracy, v.Plain.Macro, v.Calibration.Error())
	if v.Plain.Accuracy.Mean < 0.6 || v.Plain.Macro.Mean < 0.38 || v.WithConclusion.Accuracy.Mean < 0.64 ||
		math.Abs(v.Majority.Accuracy()-0.552) > 1e-9 ||
		v.Calibration.Error() > 0.06 {
		t.Errorf("%+v", v)
	}
}

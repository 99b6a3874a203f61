package train

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// An answer head joins the heads of the base; the card has its scores and those of the baselines.
func TestFineTuneAnswers(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"answers"}, trialExamples(t, 60, 1), false
	outcome, made, file := runFineTune(t, o)
	if !cmp.Equal(made.Card.Tasks, []string{"ner", "answers"}) || outcome.Dev != 0 || outcome.Answers == nil ||
		outcome.Answers.Head.Questions != 60 {
		t.Errorf("card %+v, outcome %+v", made.Card, outcome)
	}
	if h, err := heads.ReadAnswer(file); err != nil || !cmp.Equal(h.Answers, []string{"yes", "no", "maybe"}) {
		t.Errorf("head %+v, %v", h, err)
	}
	subject := score.Subject{Task: schemas.TaskAnswers, Data: trainingSet, Setting: "cross-validated"}
	accuracy := 100 * outcome.Score[subject].Accuracy()
	for i, baseline := range []string{"", "bag of words", "most common answer"} {
		at := slices.IndexFunc(made.Card.Scores, func(s catalog.Score) bool {
			return s.Baseline == baseline && s.Setting == "cross-validated" && s.Type == ""
		})
		if at < 0 {
			t.Fatalf("the card has no score of %q", baseline)
		}
		got := made.Card.Scores[at]
		if i == 0 && (math.Abs(got.Accuracy-accuracy) > 0.1 || got.MacroF1 < 20 || made.Card.Scores[at+1].F1 == 0) {
			t.Errorf("scores %+v, want accuracy %.1f", got, accuracy)
		}
	}
	if text := outcome.Answers.String(); !strings.Contains(text, "60 questions, cross-validated: accuracy ") ||
		!strings.Contains(text, "bag of words: accuracy ") {
		t.Error(text)
	}
	// On top of this model, it replaces the first.
	again := o
	again.Base, again.Out = made, filepath.Join(t.TempDir(), "again")
	_, second, file := runFineTune(t, again)
	if h, err := heads.ReadAnswer(file); err != nil || h.Linear.Labels != 3 ||
		!cmp.Equal(second.Card.Tasks, made.Card.Tasks) {
		t.Errorf("head %+v, %v, card %+v", h, err, second.Card)
	}
}

// Questions of the dev set are not trained on.
func TestFineTuneAnswersDev(t *testing.T) {
	all := trialExamples(t, 60, 1)
	o := toyFineTune(t, toyBase(t))
	o.Tasks, o.Train, o.Dev, o.States = []string{"answers"}, all, all[:20:20], false
	outcome, _, _ := runFineTune(t, o)
	if got := outcome.Answers.Head.Questions; got > 40 {
		t.Errorf("trained on %d questions, 20 of 60 were held out", got)
	}
	o.Train, o.Out = all[:25], filepath.Join(t.TempDir(), "few")
	if _, err := FineTune(t.Context(), o, quiet); !errors.Is(err, ErrPlan) ||
		!strings.Contains(err.Error(), "at least 20 are needed") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.Out, catalog.CardFile)); err == nil {
		t.Error("a model was written")
	}
}

// The answer head of a recipe is trained on PubMedQA, which is beside the other corpora.
func TestRecipeAnswers(t *testing.T) {
	r := toyReader(t)
	r.Tasks = []string{"answers"}
	if _, err := trainToyHeads(t.Context(), t, r); err == nil ||
		!strings.Contains(err.Error(), filepath.Join("pubmedqa", "train.json")) {
		t.Errorf("error %v", err)
	}
	dir := filepath.Join(r.corpora(), "pubmedqa")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "train.json"), []byte(trials(40, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	trained, err := trainToyHeads(t.Context(), t, r)
	if err != nil || len(trained.tensors) == 0 || !strings.Contains(trained.metadata["head.answer"], "maybe") {
		t.Fatal(err)
	}
	if f := f1Of(t, trained.outcome, score.Subject{
		Task: schemas.TaskAnswers, Data: "pubmedqa/train", Setting: "cross-validated",
	}); f == 0 {
		t.Errorf("measured %+v", trained.outcome.Score)
	}
}

// With OnlyNew the answer head of the base is dropped, otherwise it stays.
func TestFineTuneAnswersOfBase(t *testing.T) {
	o := toyFineTune(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"answers"}, trialExamples(t, 40, 1), false
	_, with, _ := runFineTune(t, o)
	only := toyFineTune(t, toyBase(t))
	only.Base, only.OnlyNew, only.States, only.Tags.Epochs = with, true, false, 1
	_, made, file := runFineTune(t, only)
	if _, err := heads.ReadAnswer(file); err == nil || made.Card.Serves(schemas.TaskAnswers) {
		t.Errorf("the answer head stays: %+v, %v", made.Card.Tasks, err)
	}
	keep := toyFineTune(t, toyBase(t))
	keep.Base, keep.States, keep.Tags.Epochs = with, false, 1
	_, made, file = runFineTune(t, keep)
	if _, err := heads.ReadAnswer(file); err != nil || !made.Card.Serves(schemas.TaskAnswers) {
		t.Errorf("the answer head is gone: %+v, %v", made.Card.Tasks, err)
	}
}

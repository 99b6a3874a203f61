package train

import (
	"context"
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
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

// An answer head stands beside what the base serves; the card says how well it does, and what there
// is to beat.
func TestOwnAnswers(t *testing.T) {
	o := toyOwn(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"answers"}, trialExamples(t, 60, 1), false
	outcome, made, file := runOwn(t, o)
	if !cmp.Equal(made.Card.Tasks, []string{"ner", "answers"}) || outcome.Dev != 0 || outcome.Answers == nil ||
		outcome.Answers.Head.Questions != 60 {
		t.Errorf("card %+v, outcome %+v", made.Card, outcome)
	}
	if h, err := answer.ReadHead(file); err != nil || !cmp.Equal(h.Answers, []string{"yes", "no", "maybe"}) {
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
	if said := outcome.Answers.String(); !strings.Contains(said, "60 questions, cross-validated: accuracy ") ||
		!strings.Contains(said, "bag of words: accuracy ") {
		t.Error(said)
	}
	// Again, on top of the model that has one: it takes the place of the first.
	again := o
	again.Base, again.Out = made, filepath.Join(t.TempDir(), "again")
	_, second, file := runOwn(t, again)
	if h, err := answer.ReadHead(file); err != nil || h.Linear.Labels != 3 ||
		!cmp.Equal(second.Card.Tasks, made.Card.Tasks) {
		t.Errorf("head %+v, %v, card %+v", h, err, second.Card)
	}
}

// Questions that were given to measure on are not learned from.
func TestOwnAnswersDev(t *testing.T) {
	all := trialExamples(t, 60, 1)
	o := toyOwn(t, toyBase(t))
	o.Tasks, o.Train, o.Dev, o.States = []string{"answers"}, all, all[:20:20], false
	outcome, _, _ := runOwn(t, o)
	if got := outcome.Answers.Head.Questions; got > 40 {
		t.Errorf("learned from %d questions, 20 of 60 were held out", got)
	}
	o.Train, o.Out = all[:25], filepath.Join(t.TempDir(), "few")
	if _, err := RunFineTune(t.Context(), o, func(string, int, int, string) {}); !errors.Is(err, ErrPlan) ||
		!strings.Contains(err.Error(), "at least 20 are needed") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.Out, catalog.CardFile)); err == nil {
		t.Error("a model was written")
	}
}

// The recipe's task reads PubMedQA where the other corpora are.
func TestAnswersOfTheRecipe(t *testing.T) {
	s := toySession(t)
	s.Tasks = []string{"answers"}
	if _, _, err := s.taskHeads(context.Background(), oracle{}); err == nil ||
		!strings.Contains(err.Error(), filepath.Join("pubmedqa", "train.json")) {
		t.Errorf("error %v", err)
	}
	dir := filepath.Join(s.corpora(), "pubmedqa")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "train.json"), []byte(trials(40, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	tensors, metadata, err := s.taskHeads(context.Background(), oracle{})
	if err != nil || len(tensors) == 0 || !strings.Contains(metadata["head.answer"], "maybe") {
		t.Fatal(len(tensors), metadata, err)
	}
	if s.measured[score.Subject{Task: schemas.TaskAnswers, Data: "pubmedqa/train", Setting: "cross-validated"}].Micro() == (score.Count{}) {
		t.Errorf("measured %v", s.measured)
	}
}

// Of a base of which nothing is kept, the answer head goes, too; a card's measures are in percent.
func TestOwnWithoutTheBasesAnswers(t *testing.T) {
	o := toyOwn(t, toyBase(t))
	o.Tasks, o.Train, o.States = []string{"answers"}, trialExamples(t, 40, 1), false
	_, with, _ := runOwn(t, o)
	only := toyOwn(t, toyBase(t))
	only.Base, only.OnlyNew, only.States, only.Tags.Epochs = with, true, false, 1
	_, made, file := runOwn(t, only)
	if _, err := answer.ReadHead(file); err == nil || made.Card.Serves(schemas.TaskAnswers) {
		t.Errorf("the base's answers are kept: %+v, %v", made.Card.Tasks, err)
	}
	keep := toyOwn(t, toyBase(t))
	keep.Base, keep.States, keep.Tags.Epochs = with, false, 1
	_, made, file = runOwn(t, keep)
	if _, err := answer.ReadHead(file); err != nil || !made.Card.Serves(schemas.TaskAnswers) {
		t.Errorf("the base's answers are gone: %+v, %v", made.Card.Tasks, err)
	}
}

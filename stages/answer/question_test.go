package answer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

func TestNewQuestion(t *testing.T) {
	q, err := answer.NewQuestion("  Does zorv\thelp? ")
	if err != nil || q.ID != "5a5dad63" || q.Text != "Does zorv help?" {
		t.Errorf("%+v, %v", q, err)
	}
	for _, text := range []string{"", "Is it?", "does \xff zorv help"} {
		if _, err := answer.NewQuestion(text); err == nil || !strings.Contains(err.Error(), "no content word") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// Questions for yes, no or maybe are accepted in the forms that titles have; others are refused.
func TestYesNo(t *testing.T) {
	for _, text := range []string{
		"Does aspirin help", "is aspirin safe?", "Isn't aspirin a drug?", "Therapeutic anticoagulation: is it safe?",
		"Aripiprazole: a new risk factor for gambling?", "Rotator cuff tear--an occupational disease?",
		"Inhalers. Do health care providers know what to teach?", "Malnutrition, a new inducer for calcification?",
		"Starting insulin in type 2 diabetes: continue oral agents?", "Can you deliver oxygen by mask?",
		"When asthma is severe, does budesonide help?", "Is surgery safe, and how long does it take?",
		"If aspirin fails, should one give heparin?", "Aspirin is safe, or is it?",
	} {
		if _, err := answer.NewQuestion(text); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{
		"What causes asthma?", "Aspirin", "asthma treatment", "Aspirin?", "asthma treatment?", "How does aspirin work?",
		"Why do statins cause myalgia?", "Which drugs treat gout?", "Who gets gout?", "When should surgery be done?",
		"Where is BRCA1 expressed?", "In which patients is aspirin used?", "Aspirin reduces the risk of stroke.",
		"Aspirin reduces the risk of stroke", "Tell me about aspirin", "List the side effects of statins",
		"Can you tell me what causes asthma?", "Could you list drugs for gout?", "Asthma: what causes it?",
		"Gout: which drug?", "Asthma: causes?", "asthma, treatment", "metformin and cancer",
		"BRCA1 mutations in cancer?",
		"the best treatment of asthma", "Best treatment of asthma in children?", "Diabetes: best drug?",
		"To what extent does aspirin help?", "For whom is aspirin safe?", "How many patients have gout?",
		"How much aspirin is safe?", "What's gout?", "gene therapy; viral vectors", "Explain insulin resistance.",
		"side effects of ibuprofen", "asthma OR wheezing", "\"colorectal cancer\"[MeSH]", "EGFR",
		"aspirin stroke prevention",
		"Treatment of asthma in children: a review", "Effects of aspirin on stroke", "In asthma, what helps?",
	} {
		if _, err := answer.NewQuestion(text); err == nil || !strings.Contains(err.Error(), "begin with a verb") {
			t.Errorf("%q is accepted: %v", text, err)
		}
	}
}

// At least 99% of PubMedQA's questions are accepted.
func TestYesNoOfPubMedQA(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "corpora", "pubmedqa", "train.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	var records map[string]struct {
		Question string `json:"QUESTION"`
	}
	if err := json.Unmarshal(data, &records); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range records {
		if _, err := answer.NewQuestion(r.Question); err != nil {
			t.Log(err)
			refused++
		}
	}
	if refused*100 > len(records) {
		t.Errorf("%d of %d questions are refused", refused, len(records))
	}
}

// A document addresses the question that is its title, and its own question whatever its words are.
func TestOnTopic(t *testing.T) {
	text := prepare("Does  zorv help?", "It did.")
	other := prepare("Gout", "Nobody had it.")
	on := func(q answer.Question, x *model.Text) bool {
		p, ok := q.OnTopic(x, topic.Index(x))
		return ok && p > 0
	}
	zorv, err := answer.NewQuestion("Does zorv help?")
	if err != nil {
		t.Fatal(err)
	}
	if p, ok := zorv.OnTopic(text, topic.Index(text)); p != 1 || !ok {
		t.Errorf("the title: %v, %v", p, ok)
	}
	if on(zorv, other) || !on(answer.OwnQuestion("Does zorv help?"), other) {
		t.Error("another text")
	}
	if q := answer.OwnQuestion("Does  zorv help?"); q.Text != "Does  zorv help?" {
		t.Errorf("the text became %q", q.Text)
	}
	var a schemas.Annotations
	if err := ask(t, "Does zorv help?").Annotate(other, model.States{}, &a); err != nil || len(a.Answers) > 0 {
		t.Errorf("%+v, %v", a.Answers, err)
	}
}

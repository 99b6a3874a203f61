package train

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
)

// answerOptions are the answers of an answer head, and how it is trained.
type answerOptions struct {
	Answers []string
	Rates   heads.Rates
	Dropout float32 // share of features that is dropped at each step
	Epochs  int
	Folds   int // of cross-validation
	Splits  int // partitions of the questions into folds
	Seed    uint64
}

// pubMedQAOptions are options for the answers of PubMedQA.
func pubMedQAOptions() answerOptions {
	return answerOptions{
		Answers: []string{"yes", "no", "maybe"},
		Rates:   heads.Rates{Bits: 14, Feature: 0.02, Dense: 0.01, L2: 100},
		Dropout: 0.3, Epochs: 12, Folds: 5, Splits: 10, Seed: 1,
	}
}

// questionSample is a document with a question, prepared for the model: as it is, and, where it
// lacks its conclusion and this is known, with the conclusion.
type questionSample struct {
	dataset.Example
	Text           *model.Text
	WithConclusion *model.Text // nil without one
}

// prepareQuestions prepares the documents that have a question.
func prepareQuestions(examples []dataset.Example, p preparer) []questionSample {
	var all []questionSample
	for _, e := range examples {
		if e.Question == "" {
			continue
		}
		a := questionSample{Example: e, Text: p.Prepare(e.Doc)}
		if e.Conclusions != "" {
			d := *e.Doc
			d.Sections = append(
				slices.Clip(d.Sections), schemas.Section{Kind: schemas.KindAbstract, Text: e.Conclusions},
			)
			a.WithConclusion = p.Prepare(&d)
		}
		all = append(all, a)
	}
	return all
}

// answerSample is a question as features.
type answerSample struct {
	features       []uint32
	withConclusion []uint32 // of the document with its conclusion; nil without one
	label          int
}

// answerFeatures returns the features of a question about a text.
type answerFeatures func(t *model.Text, question string) []uint32

// stageFeatures are the features of the answer stage.
func stageFeatures(t *model.Text, question string) []uint32 {
	return answer.Features(nil, features.NewQuestion(t, question))
}

// bagOfWords are the features of a baseline: the words of the question and of the abstract.
func bagOfWords(t *model.Text, question string) []uint32 {
	seen := map[uint32]bool{}
	add := func(word string) { seen[features.Template(0).Lower(word).Sum()] = true }
	for _, w := range t.Words {
		add(t.Body[w.Start:w.End])
	}
	separates := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for w := range strings.FieldsFuncSeq(question, separates) {
		add(w)
	}
	words := make([]uint32, 0, len(seen))
	for w := range seen {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// trainAnswers trains an answer head on the documents whose question has one of the answers, each
// as it is and with its conclusion. The temperature is chosen by cross-validation.
func trainAnswers(all []questionSample, o answerOptions) (*heads.AnswerClassifier, Validation, error) {
	questions := o.read(all, stageFeatures)
	v, err := o.crossValidate(questions)
	if err != nil {
		return nil, v, err
	}
	l, err := o.learn(questions, func(int) bool { return true }, o.Seed)
	if err != nil {
		return nil, v, err
	}
	return &heads.AnswerClassifier{Answers: o.Answers, Linear: l.Linear(0), Temperature: v.Temperature}, v, nil
}

// crossValidateAnswers measures heads that read the given features by cross-validation.
func crossValidateAnswers(all []questionSample, with answerFeatures, o answerOptions) (Validation, error) {
	return o.crossValidate(o.read(all, with))
}

// read returns the questions that have one of the answers.
func (o *answerOptions) read(all []questionSample, with answerFeatures) []answerSample {
	var questions []answerSample
	for _, a := range all {
		label := slices.Index(o.Answers, a.Answer)
		if label < 0 {
			continue
		}
		q := answerSample{features: with(a.Text, a.Question), label: label}
		if a.WithConclusion != nil {
			q.withConclusion = with(a.WithConclusion, a.Question)
		}
		questions = append(questions, q)
	}
	return questions
}

// learn trains a head on the questions that use accepts.
func (o *answerOptions) learn(questions []answerSample, use func(int) bool, seed uint64) (*heads.Learner, error) {
	l, err := heads.NewLearner(len(o.Answers), 0, o.Rates, seed)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 10))
	var order []answerSample // as it is, and with its conclusion
	for i, q := range questions {
		if !use(i) {
			continue
		}
		if order = append(order, q); q.withConclusion != nil {
			order = append(order, answerSample{features: q.withConclusion, label: q.label})
		}
	}
	p := make([]float32, len(o.Answers))
	var kept []uint32
	for range o.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, q := range order {
			kept = dropout(random, append(kept[:0], q.features...), o.Dropout)
			l.Score(p, nil, kept)
			heads.Softmax(p)
			p[q.label]--
			l.Update(p, nil, kept, nil)
		}
	}
	return l, nil
}

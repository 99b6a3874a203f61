package eval

import (
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/topic"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/answer"
	"github.com/pubmine/pubmine/stages/text"
)

// othersPerQuestion is the number of random other documents that a question is asked about.
const othersPerQuestion = 20

// OnTopic counts the questions that users could ask (answer.NewQuestion), and the documents that a
// run would find to address them: their own, without titles, and random others.
type OnTopic struct {
	Questions int `json:"questions"`
	Accepted  int `json:"accepted"`
	Own       int `json:"own_answered"`
	Others    int `json:"others"`
	Answered  int `json:"others_answered"`
}

// measureTopic asks each question of its own document and of random others, the same in every run.
func measureTopic(examples []dataset.Example) OnTopic {
	texts, indexes := make([]*model.Text, len(examples)), make([]*topic.Document, len(examples))
	for i, e := range examples {
		doc := *e.Doc
		doc.Sections = slices.DeleteFunc(
			slices.Clone(doc.Sections), func(s schemas.Section) bool { return s.Kind == schemas.KindTitle },
		)
		texts[i] = text.Sentences{}.Prepare(&doc)
		indexes[i] = topic.Index(texts[i])
	}
	counts := OnTopic{Questions: len(examples)}
	random := rand.New(rand.NewPCG(1, 15))
	for i, e := range examples {
		q, err := answer.NewQuestion(e.Question)
		if err != nil {
			continue
		}
		counts.Accepted++
		if _, ok := q.OnTopic(texts[i], indexes[i]); ok {
			counts.Own++
		}
		for range min(othersPerQuestion, len(examples)-1) {
			other := random.IntN(len(examples) - 1)
			if other >= i {
				other++
			}
			counts.Others++
			if _, ok := q.OnTopic(texts[other], indexes[other]); ok {
				counts.Answered++
			}
		}
	}
	return counts
}

// topicGrid is a table of OnTopic.
func topicGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Answers == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "questions", "accepted", "own answered", "others", "others answered")
		}
		x := r.Answers.OnTopic
		grid.Row(r.Name, strconv.Itoa(x.Questions), strconv.Itoa(x.Accepted), share(x.Own, x.Accepted),
			strconv.Itoa(x.Others), share(x.Answered, x.Others))
	}
	return "Answers: on topic", grid
}

// share returns a part of a number in percent.
func share(part, all int) string { return percent(float64(part) / float64(max(1, all))) }

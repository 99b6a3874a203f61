package dataset

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Question is one question of PubMedQA: the title of an article, answered by its conclusions.
type Question struct {
	Doc        *schemas.Document // the question as the title, the contexts as labelled sections
	Question   string
	LongAnswer string // the conclusions
	Decision   string // "yes", "no", "maybe"
}

// PubMedQA reads PubMedQA's JSON, {"PMID": {"QUESTION", "CONTEXTS", "LABELS", "LONG_ANSWER",
// "final_decision"}}, sorted by PMID.
func PubMedQA(r io.Reader) ([]Question, error) {
	var records map[string]struct {
		Question string   `json:"QUESTION"`
		Contexts []string `json:"CONTEXTS"`
		Labels   []string `json:"LABELS"`
		Long     string   `json:"LONG_ANSWER"`
		Decision string   `json:"final_decision"`
	}
	if err := json.NewDecoder(r).Decode(&records); err != nil {
		return nil, fmt.Errorf("PubMedQA: %w", err)
	}
	var questions []Question
	for id, rec := range records {
		pmid, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("PubMedQA: key %q is not a PMID", id)
		}
		doc := &schemas.Document{
			PMID: schemas.PMID(pmid), Version: 1,
			Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: rec.Question}},
		}
		for i, text := range rec.Contexts {
			s := schemas.Section{Kind: schemas.KindAbstract, Text: strings.TrimSpace(text)}
			if i < len(rec.Labels) {
				s.Label = rec.Labels[i]
			}
			doc.Sections = append(doc.Sections, s)
		}
		questions = append(
			questions,
			Question{Doc: doc, Question: rec.Question, LongAnswer: strings.TrimSpace(rec.Long), Decision: rec.Decision},
		)
	}
	slices.SortFunc(questions, func(a, b Question) int { return cmp.Compare(a.Doc.PMID, b.Doc.PMID) })
	return questions, nil
}

package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// CardFile is the name under which a model directory keeps its Card.
const CardFile = "pubmine-model.json"

// Card says what a model is, what it was made from, and how well it does.
type Card struct {
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Licence     string   `json:"licence"`
	Attention   string   `json:"attention,omitempty"` // as in config.json: "causal", which empty stands for, or "bidirectional"
	Window      int      `json:"window,omitempty"`    // tokens that the trunk sees at once
	Tasks       []string `json:"tasks"`               // what it serves: TaskNER, …
	Types       []string `json:"types"`               // the entity types that it finds
	Training    []string `json:"training"`            // corpora and files of plain text
	// Generated says how those tasks are served that the model serves by writing; the others have
	// heads.
	Generated []model.Generation `json:"generated,omitempty"`
	// Scores holds measures in percent on parts that were not trained on, by "corpus/part" and
	// label; the label "" is the micro-average. What each measures is said in package score.
	Scores map[string]map[string]Measure `json:"scores"`
	// LanguageModel says how well the model predicts texts that it was not trained on; nil where
	// that was not measured.
	LanguageModel *Perplexity       `json:"language_model,omitempty"`
	SHA256        map[string]string `json:"sha256"` // of the directory's other files, in hex, by name
}

// Measure is precision, recall and F1 in percent, to a tenth.
type Measure struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Perplexity is how well a language model predicts texts.
type Perplexity struct {
	Data        string  `json:"data,omitempty"` // what was measured on
	Documents   int     `json:"documents"`
	Tokens      int     `json:"tokens"` // that were predicted
	Loss        float64 `json:"loss"`   // of a token, in nats
	Token       float64 `json:"perplexity"`
	Word        float64 `json:"word_perplexity,omitempty"` // 0 where only masked tokens were predicted
	BitsPerByte float64 `json:"bits_per_byte,omitempty"`   // as Word
}

// Serves reports whether the model has what the task needs.
func (c Card) Serves(task string) bool { return slices.Contains(c.Tasks, task) }

// Generates returns how the model serves a task by writing, if it does.
func (c Card) Generates(task string) (model.Generation, bool) {
	i := slices.IndexFunc(c.Generated, func(g model.Generation) bool { return g.Task == task })
	if i < 0 {
		return model.Generation{}, false
	}
	return c.Generated[i], true
}

// ParseCard reads a card. Fields that are not known are an error: they may say something that this
// program must honour.
func ParseCard(data []byte) (Card, error) {
	var c Card
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&c); err != nil {
		return Card{}, fmt.Errorf("%s: %w", CardFile, err)
	}
	if in.More() {
		return Card{}, fmt.Errorf("%s: something follows the card", CardFile)
	}
	if c.Name == "" {
		return Card{}, fmt.Errorf("%s: name is empty", CardFile)
	}
	known := schemas.Tasks()
	for _, task := range c.Tasks {
		if !slices.Contains(known, task) {
			return Card{}, fmt.Errorf("%s: task %q is not one of %s", CardFile, task, strings.Join(known, ", "))
		}
	}
	for i, g := range c.Generated {
		if first, _ := c.Generates(g.Task); !c.Serves(g.Task) || first.Template != g.Template {
			return Card{}, fmt.Errorf(
				"%s: generated %d: task %q is none of the card's tasks, or is generated twice", CardFile, i, g.Task,
			)
		}
		if err := g.Check(1<<24, 1<<24); err != nil { // the config has the sizes
			return Card{}, fmt.Errorf("%s: generated %d: %w", CardFile, i, err)
		}
	}
	if len(c.SHA256) == 0 {
		return Card{}, fmt.Errorf("%s: sha256 lists no files", CardFile)
	}
	for name := range c.SHA256 {
		if name == CardFile || !IsFile(name) {
			return Card{}, fmt.Errorf("%s: sha256 names %q, which is no file of the directory itself", CardFile, name)
		}
	}
	return c, nil
}

// IsFile reports whether a name can be that of a file in a model directory.
func IsFile(name string) bool {
	return name != "" && !strings.ContainsAny(name, `/\`) && !strings.HasPrefix(name, ".")
}

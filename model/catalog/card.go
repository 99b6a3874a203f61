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

// Card describes a model: its tasks, the data it was trained on, its scores, and its files.
type Card struct {
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Licence     string   `json:"licence"`
	Attention   string   `json:"attention,omitempty"` // "causal" (default) or "bidirectional", as in config.json
	Window      int      `json:"window,omitempty"`    // maximum length of a sequence, in tokens
	Tasks       []string `json:"tasks"`               // names from package schemas
	Types       []string `json:"types"`               // entity types that task ner finds
	Training    []string `json:"training"`            // corpora and text files
	// Generation describes the tasks that the model serves by generating text; the other tasks have
	// heads.
	Generation []model.Generation `json:"generation,omitempty"`
	Scores     []Score            `json:"scores"`
	// LanguageModel is how well the model predicts texts that it was not trained on; nil if that
	// was not measured.
	LanguageModel *Perplexity       `json:"language_model,omitempty"`
	SHA256        map[string]string `json:"sha256"` // of the other files of the directory, in hex, by name
}

// Serves reports whether the model has what the task needs.
func (c Card) Serves(task string) bool { return slices.Contains(c.Tasks, task) }

// Generates returns how the model serves a task by generating text, if it does.
func (c Card) Generates(task string) (model.Generation, bool) {
	i := slices.IndexFunc(c.Generation, func(g model.Generation) bool { return g.Task == task })
	if i < 0 {
		return model.Generation{}, false
	}
	return c.Generation[i], true
}

// ParseCard reads a card. An unknown field is an error, as it may demand something that this
// version does not do.
func ParseCard(data []byte) (Card, error) {
	var c Card
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&c); err != nil {
		return Card{}, fmt.Errorf("%s: %w", CardFile, err)
	}
	if in.More() {
		return Card{}, fmt.Errorf("%s: unexpected data after the card", CardFile)
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
	for i, g := range c.Generation {
		if first, _ := c.Generates(g.Task); !c.Serves(g.Task) || first.Template != g.Template {
			return Card{}, fmt.Errorf(
				"%s: generation %d: task %q is not in tasks, or occurs twice", CardFile, i, g.Task,
			)
		}
		if err := g.Check(1<<24, 1<<24); err != nil { // config.json has the sizes
			return Card{}, fmt.Errorf("%s: generation %d: %w", CardFile, i, err)
		}
	}
	if len(c.SHA256) == 0 {
		return Card{}, fmt.Errorf("%s: sha256 lists no files", CardFile)
	}
	for name := range c.SHA256 {
		if name == CardFile || !IsFile(name) {
			return Card{}, fmt.Errorf("%s: sha256 lists %q, which is not the name of a file in the "+
				"directory", CardFile, name)
		}
	}
	return c, nil
}

// IsFile reports whether a name can be that of a file in a model directory.
func IsFile(name string) bool {
	return name != "" && !strings.ContainsAny(name, `/\`) && !strings.HasPrefix(name, ".")
}

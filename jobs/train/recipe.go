package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// RecipeFile is the name of the recipe in a model directory.
const RecipeFile = "recipe.json"

// Recipe describes how a model is trained. The model directory keeps it, so that the model can be
// trained again.
type Recipe struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Description string `json:"description"`
	Data        string `json:"data"` // directory with corpora/, pool/ and vocab/, laid out as in package dataset
	Out         string `json:"-"`    // model directory to write
	Backend     string `json:"-"`    // of package biogpt; empty for "auto"
	// Only names tasks of Tasks whose heads alone are trained. All else of the model in Out stays.
	Only []string `json:"-"`
	Seed uint64   `json:"seed"`
	// TrunkDir is the directory of a trunk that was trained on text. Run trains it where it does
	// not exist and Trunk.Masked names text; by default it is Out with ".trunk" appended.
	TrunkDir string `json:"-"`
	// Base is a model directory, optional. Its vocabulary and the features part of its tag head are
	// used instead of trained ones, and its trunk where Trunk trains none. Tags.OutsideBias adds to
	// the bias of its tag head.
	Base  string `json:"base,omitempty"`
	Trunk Trunk  `json:"trunk"`
	Tags  Tags   `json:"tags"`
	// Pool names files of plain abstracts below Data/pool, for the vocabulary, silver documents and
	// the summary head.
	Pool []string `json:"pool"`
	// Licences names pool files whose records state their licence. A record of another file is left
	// out if a record of the same identifier is under a licence that is not open.
	Licences []string `json:"licences"`
	Silver   Silver   `json:"silver"`
	Measure  []string `json:"measure"` // corpora on whose dev parts the tag head is measured
	// Tasks names the heads to train beside the tag head: "relations", "summary", "answers".
	Tasks []string `json:"tasks"`
}

// Trunk is the size of the network, and how it is trained.
type Trunk struct {
	Vocabulary int    `json:"vocabulary"` // pieces to learn
	Hidden     int    `json:"hidden"`
	Layers     int    `json:"layers"`
	Heads      int    `json:"heads"`
	FFN        int    `json:"ffn"`
	Window     int    `json:"window"` // tokens, </s> included
	Masked     Masked `json:"masked"` // training on plain text, before training on tags
	// Documents is the number of silver documents that the trunk is trained on, none of which the
	// tag head was trained on. The trunk is then trained on the gold documents of Corpora for
	// Epochs epochs. With neither, the trunk keeps its initial parameters and no head reads it.
	Documents   int      `json:"documents"`
	Corpora     []string `json:"corpora"`
	Epochs      int      `json:"epochs"`
	StateWeight float32  `json:"state_weight"` // factor on the part of the scores from states; chosen on dev sets
	Rate        float64  `json:"rate"`         // peak learning rate
	// TokenRate is the learning rate of the token table as a share of Rate; 0 for the default of a
	// new trunk (trunk.Options.TokenLR). A trunk that was trained on text needs a small one: its
	// table would overfit to the names of the gold documents.
	TokenRate      float64 `json:"token_rate"`
	Dropout        float64 `json:"dropout"`
	StepTokens     int     `json:"step_tokens"`     // tokens of a step, with padding
	FeatureMask    float64 `json:"feature_mask"`    // share of windows in which the head sees states only
	FeatureDropout float32 `json:"feature_dropout"` // share of features that is dropped, as if names were unseen
}

// Tags is how the tag head is trained.
type Tags struct {
	Types     []string `json:"types"`
	Corpora   []string `json:"corpora"`
	Epochs    int      `json:"epochs"`     // passes over the gold documents
	Bits      int      `json:"bits"`       // 2^bits feature buckets
	Rate      float32  `json:"rate"`       // of the weights on features
	CRFRate   float32  `json:"crf_rate"`   // of the CRF
	StateRate float32  `json:"state_rate"` // of the weights on states
	L1        float32  `json:"l1"`
	L2        float32  `json:"l2"`
	Dropout   float32  `json:"dropout"`   // share of features that is dropped at each step
	Threshold float32  `json:"threshold"` // buckets without a weight of this size are removed
	// Patience enables early stopping: training ends after this many epochs without a better F1 on
	// the dev sets, and the head of the best epoch is kept. With 0 all epochs are trained, and the
	// last head is kept.
	Patience int `json:"patience,omitempty"`
	// OutsideBias is subtracted from the score of words outside of mentions, by type, with the
	// value of "" for other types: it raises recall and lowers precision. Chosen on dev sets.
	OutsideBias map[string]float32 `json:"outside_bias"`
	// RepeatBonus is heads.Tagger.Repeat, for every type. Chosen on dev sets.
	RepeatBonus float32 `json:"repeat_bonus"`
	// Weights are weights of annotations in the loss, by "corpus/Type". The default is 1.
	Weights map[string]float32 `json:"weights"`
}

// biasOf returns the bias of a type: its own, or that of "".
func biasOf(bias map[string]float32, typ string) float32 {
	if b, ok := bias[typ]; ok {
		return b
	}
	return bias[""]
}

func (t Tags) weight(corpus, typ string) float32 {
	if w, ok := t.Weights[corpus+"/"+typ]; ok {
		return w
	}
	return 1
}

func (t Tags) rates() heads.Rates {
	return heads.Rates{Bits: t.Bits, Feature: t.Rate, Dense: t.StateRate, L1: t.L1, L2: t.L2}
}

// Silver is how silver documents are made and used. A teacher, which reads a lexicon (package
// lexicon) beside the features of words, is trained on the gold documents and annotates abstracts
// of the pool. The tag head is trained on these beside the gold documents, so it sees names that no
// gold document holds.
type Silver struct {
	Documents     int     `json:"documents"`      // maximum number of abstracts; 0 for no teacher
	Epochs        int     `json:"epochs"`         // of the teacher
	Weight        float32 `json:"weight"`         // of a silver mention in the loss; gold mentions have 1
	Gold          float64 `json:"gold"`           // gold documents per silver document
	MinConfidence float32 `json:"min_confidence"` // less likely mentions are ignored in the loss
	// OutsideBias is as in Tags, for the teacher.
	OutsideBias map[string]float32 `json:"outside_bias"`
}

// ReadRecipe reads a recipe. Unknown fields are an error, because a misspelt setting would be
// ignored.
func ReadRecipe(path string) (Recipe, error) {
	f, err := os.Open(path)
	if err != nil {
		return Recipe{}, fmt.Errorf("recipe: %w", err)
	}
	defer f.Close()
	var r Recipe
	in := json.NewDecoder(f)
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		return Recipe{}, fmt.Errorf("recipe %s: %w", path, err)
	}
	if err := r.check(); err != nil {
		return Recipe{}, fmt.Errorf("recipe %s: %w", path, err)
	}
	return r, nil
}

func (r Recipe) check() error {
	if len(r.Tags.Types) == 0 || len(r.Tags.Corpora) == 0 || len(r.Pool) == 0 {
		return errors.New("tags.types, tags.corpora and pool must not be empty")
	}
	if r.Trunk.Window < 16 || r.Trunk.Vocabulary < 300 {
		return fmt.Errorf(
			"trunk.window is %d and trunk.vocabulary %d: the minimum is 16 and 300", r.Trunk.Window,
			r.Trunk.Vocabulary,
		)
	}
	heads := []string{schemas.TaskLinking, schemas.TaskRelations, schemas.TaskSummary, schemas.TaskAnswers}
	for _, task := range r.Tasks {
		if !slices.Contains(heads, task) {
			return fmt.Errorf("tasks: %q is not one of %s", task, strings.Join(heads, ", "))
		}
	}
	return r.Trunk.config(r.Trunk.Vocabulary).Validate()
}

// learns reports whether the trunk is trained on tags.
func (t Trunk) learns() bool { return t.Documents > 0 || t.Epochs > 0 }

// config returns the configuration of the trunk, for a vocabulary of n pieces.
func (t Trunk) config(n int) biogpt.Config {
	return biogpt.NewConfig(n, t.Hidden, t.Layers, t.Heads, t.FFN, t.Window, biogpt.Bidirectional)
}

func (r Recipe) corpora() string         { return filepath.Join(r.Data, "corpora") }
func (r Recipe) vocabularies() string    { return filepath.Join(r.Data, "vocab") }
func (r Recipe) pool(name string) string { return filepath.Join(r.Data, "pool", name) }

package train

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/heads"
)

// RecipeFile is the name under which a model directory keeps the recipe it was made by.
const RecipeFile = "recipe.json"

// Recipe says how a model is trained. It is kept beside the model, so that the model can be made
// again.
type Recipe struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	Description string `json:"description"`
	Data        string `json:"data"` // folder with corpora/, pool/ and vocab/, laid out as package corpus says
	Out         string `json:"-"`    // model directory to write
	Backend     string `json:"-"`    // of package biogpt; empty for "auto"
	TrunkDir    string `json:"-"`    // model directory that was made by TrunkPlan; empty for a trunk that begins as InitStructured has it
	Seed        uint64 `json:"seed"`
	// Base is a model directory whose vocabulary and head for mentions are taken instead of
	// trained, and whose trunk is taken when Trunk.Epochs is 0. Tags.Lean adds to what it leaned
	// already. Optional.
	Base  string `json:"base,omitempty"`
	Trunk Trunk  `json:"trunk"`
	Tags  Tags   `json:"tags"`
	// Pool lists files of plain abstracts below Data, for the vocabulary and for silver tags.
	Pool []string `json:"pool"`
	// Licences lists files of the pool whose records say under which licence they are: one that is
	// not open keeps a record of the same identifier in Pool from being trained on.
	Licences []string `json:"licences"`
	Silver   Silver   `json:"silver"`
	Measure  []string `json:"measure"` // corpora whose development parts the card gives scores on
	// Tasks lists the heads to train beside the tags: "relations", "summary", "answers".
	Tasks []string `json:"tasks"`
}

// Trunk is the size of the network.
type Trunk struct {
	Vocabulary int    `json:"vocabulary"` // pieces to learn
	Hidden     int    `json:"hidden"`
	Layers     int    `json:"layers"`
	Heads      int    `json:"heads"`
	FFN        int    `json:"ffn"`
	Window     int    `json:"window"` // tokens, </s> included
	Masked     Masked `json:"masked"` // plain text that the trunk learns first
	// Documents is how many of the pool the trunk learns from, silver as Silver says, and not those
	// that the head learned from: there what features say is as good as on any new text. It then
	// learns from the gold of Corpora, Epochs times. Without either it stays as it starts, and no
	// head reads it.
	Documents   int      `json:"documents"`
	Corpora     []string `json:"corpora"`
	Epochs      int      `json:"epochs"`
	StateWeight float32  `json:"state_weight"` // of what the states say that is added in the end; chosen on development parts
	Rate        float64  `json:"rate"`         // the highest learning rate
	// TokenRate times Rate is that of the token table; 0 for what a new trunk needs
	// (trunk.Options.TokenLR). A trunk that has learned from masked text wants little of it: its
	// table would learn the names of the gold by heart, and no longer tell what is like them.
	TokenRate      float64 `json:"token_rate"`
	Dropout        float64 `json:"dropout"`         // share of values dropped in the trunk
	StepTokens     int     `json:"step_tokens"`     // tokens of a step, padding counted
	FeatureMask    float64 `json:"feature_mask"`    // share of windows in which the head sees states and no features, so that the trunk learns too
	FeatureDropout float32 `json:"feature_dropout"` // share of features left out while the trunk learns, as if names were unseen
}

// Tags says how the head for mentions learns.
type Tags struct {
	Types     []string `json:"types"`
	Corpora   []string `json:"corpora"`
	Epochs    int      `json:"epochs"`     // passes over the gold
	Bits      int      `json:"bits"`       // 2^bits feature buckets
	Rate      float32  `json:"rate"`       // of feature weights
	ChainRate float32  `json:"chain_rate"` // of the scores between tags
	StateRate float32  `json:"state_rate"` // of the weights on states
	L1        float32  `json:"l1"`
	L2        float32  `json:"l2"`
	Dropout   float32  `json:"dropout"`   // share of features left out at each step
	Threshold float32  `json:"threshold"` // buckets without a weight of this size are not kept
	// Lean says by how much the score of words outside is lowered in the end, by type: the more,
	// the more is found and the less of it is right. Chosen on development parts.
	OutsideBias map[string]float32 `json:"outside_bias"`
	// Repeat is heads.Tagger's, the same for every type. Chosen on development parts.
	RepeatBonus float32 `json:"repeat_bonus"`
	// Weights says how much the annotations of a corpus count, by "corpus/Type"; 1 where it says
	// nothing, 0 for not at all.
	Weights map[string]float32 `json:"weights"`
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

// Silver says how the pool teaches. A teacher, which also looks words up in vocabularies (package
// lexicon), learns from the gold and tags the pool's abstracts; the head then learns from those
// tags beside the gold, and so gets to know names that no gold holds.
type Silver struct {
	Documents     int     `json:"documents"`      // of the pool, at most; 0 for no teacher
	Epochs        int     `json:"epochs"`         // of the teacher, on the gold
	Weight        float32 `json:"weight"`         // of a silver tag, against 1 of a gold one
	Gold          float64 `json:"gold"`           // gold documents for each of the pool
	MinConfidence float32 `json:"min_confidence"` // mentions that the teacher finds less likely teach nothing
	// Lean is as in Tags, for the teacher.
	OutsideBias map[string]float32 `json:"outside_bias"`
}

// ReadRecipe reads a recipe. Fields that are not known are an error: a misspelt one would be
// trained without.
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
		return fmt.Errorf("tags.types, tags.corpora and pool must each name something")
	}
	if r.Trunk.Window < 16 || r.Trunk.Vocabulary < 300 {
		return fmt.Errorf(
			"trunk.window is %d and trunk.vocabulary %d: at least 16 and 300 are needed", r.Trunk.Window,
			r.Trunk.Vocabulary,
		)
	}
	return r.Trunk.config(r.Trunk.Vocabulary).Validate()
}

// learns reports whether the trunk is to be trained.
func (t Trunk) learns() bool { return t.Documents > 0 || t.Epochs > 0 }

// config is that of the trunk, for a vocabulary of so many pieces.
func (t Trunk) config(vocabulary int) biogpt.Config {
	return biogpt.NewConfig(vocabulary, t.Hidden, t.Layers, t.Heads, t.FFN, t.Window, biogpt.Bidirectional)
}

func (r Recipe) corpora() string         { return filepath.Join(r.Data, "corpora") }
func (r Recipe) vocabularies() string    { return filepath.Join(r.Data, "vocab") }
func (r Recipe) pool(name string) string { return filepath.Join(r.Data, "pool", name) }

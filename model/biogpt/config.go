package biogpt

import (
	"encoding/json"
	"fmt"
)

// Config describes a trunk: the fields of Hugging Face's config.json that the graph depends on, and
// Attention, which is ours.
type Config struct {
	Vocab        int    `json:"vocab_size"`
	Hidden       int    `json:"hidden_size"`
	Layers       int    `json:"num_hidden_layers"`
	Heads        int    `json:"num_attention_heads"`
	FFN          int    `json:"intermediate_size"`
	MaxPositions int    `json:"max_position_embeddings"`
	Activation   string `json:"hidden_act"`
	ScaleEmbed   bool   `json:"scale_embedding"`
	Tied         bool   `json:"tie_word_embeddings"`
	ModelType    string `json:"model_type"`
	// Attention is Causal, as in BioGPT, or Bidirectional: every token sees every other token of
	// its sequence. Empty means Causal. Hugging Face ignores this field; a model that sets it must
	// mention it in its card.
	Attention string `json:"attention,omitempty"`
}

// The values of Config.Attention.
const (
	Causal        = "causal"
	Bidirectional = "bidirectional"
)

// The ids that every BioGPT vocabulary gives its special tokens.
const (
	BeginID int32 = iota
	PadID
	EndID
	UnknownID
)

// positionOffset is the row of the position table for the first token of a sequence; padding gets
// row 1.
const positionOffset = 2

// NewConfig returns a complete Config of the given sizes.
func NewConfig(vocab, hidden, layers, heads, ffn, maxPositions int, attention string) Config {
	return Config{
		Vocab: vocab, Hidden: hidden, Layers: layers, Heads: heads, FFN: ffn, MaxPositions: maxPositions,
		Activation: "gelu", ScaleEmbed: true, Tied: true, ModelType: "biogpt", Attention: attention,
	}
}

// ParseConfig reads a config.json and checks that the graph can be built from it. Fields that the
// graph does not depend on are ignored, as Hugging Face writes many.
func ParseConfig(data []byte) (Config, error) {
	c := NewConfig(0, 0, 0, 0, 0, 0, "") // defaults of configuration_biogpt.py, except sizes
	if err := json.Unmarshal(data, &c); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	if err := c.Validate(); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

// Validate returns an error for the first value in a Config for which no graph can be built.
func (c Config) Validate() error {
	for _, size := range []struct {
		name  string
		value int
	}{
		{"vocab_size", c.Vocab}, {"hidden_size", c.Hidden}, {"num_hidden_layers", c.Layers},
		{"num_attention_heads", c.Heads},
		{"intermediate_size", c.FFN}, {"max_position_embeddings", c.MaxPositions},
	} {
		if size.value < 1 || size.value > 1<<24 {
			return fmt.Errorf("%s is %d: a number from 1 to %d is needed", size.name, size.value, 1<<24)
		}
	}
	switch {
	case c.Hidden%c.Heads != 0:
		return fmt.Errorf("hidden_size %d is no multiple of num_attention_heads %d", c.Hidden, c.Heads)
	case c.ModelType != "biogpt":
		return fmt.Errorf("model_type %q is not biogpt", c.ModelType)
	case c.Activation != "gelu":
		return fmt.Errorf("hidden_act %q is not gelu", c.Activation)
	case !c.Tied:
		return fmt.Errorf("tie_word_embeddings is false: only tied embeddings are supported")
	case c.Attention != "" && c.Attention != Causal && c.Attention != Bidirectional:
		return fmt.Errorf("attention %q is neither %s nor %s", c.Attention, Causal, Bidirectional)
	}
	return nil
}

// causal reports whether a token sees only itself and those before it.
func (c Config) causal() bool { return c.Attention != Bidirectional }

package convert

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
	"github.com/pubmine/pubmine/model/weights/pickle"
)

// configOf returns a config.json from the settings in a fairseq checkpoint and the shapes of its
// tables, which take precedence.
func configOf(c *checkpoint.Checkpoint) ([]byte, error) {
	config, err := parseSettings(c.Settings)
	if err != nil {
		return nil, fmt.Errorf("the settings of fairseq: %w", err)
	}
	tokens, positions := c.Set[biogpt.TokenTable].Shape, c.Set[biogpt.PositionTable].Shape
	if len(tokens) != 2 || len(positions) != 2 {
		return nil, errors.New("the tables of tokens and positions do not have two dimensions")
	}
	const offset = 2 // rows of the position table before the first token
	config.Vocab, config.MaxPositions = tokens[0], positions[0]-offset
	described := struct {
		Architectures []string `json:"architectures"`
		biogpt.Config
		Begin   int32   `json:"bos_token_id"`
		Pad     int32   `json:"pad_token_id"`
		End     int32   `json:"eos_token_id"`
		Epsilon float64 `json:"layer_norm_eps"` // as on Hugging Face; no program reads it
	}{[]string{"BioGptForCausalLM"}, config, biogpt.BeginID, biogpt.PadID, biogpt.EndID, 1e-12}
	data, err := json.MarshalIndent(described, "", "  ")
	return append(data, '\n'), err
}

// parseSettings reads fairseq's options of a transformer language model. The sizes are required, as
// fairseq's defaults are not those of BioGPT.
func parseSettings(settings *pickle.Dict) (biogpt.Config, error) {
	config := biogpt.NewConfig(0, 0, 0, 0, 0, 0, "")
	for _, size := range []struct {
		name string
		into *int
	}{
		{"decoder_embed_dim", &config.Hidden}, {"decoder_layers", &config.Layers},
		{"decoder_attention_heads", &config.Heads}, {"decoder_ffn_embed_dim", &config.FFN},
	} {
		value, _ := settings.Get(size.name)
		n, ok := value.(int64)
		if !ok || n < 1 || n > 1<<24 {
			return config, fmt.Errorf("%s is missing or not a size", size.name)
		}
		*size.into = int(n)
	}
	for _, must := range []struct {
		name string
		want any
	}{
		{"activation_fn", "gelu"}, {"decoder_normalize_before", true}, {"share_decoder_input_output_embed", true},
		{"decoder_learned_pos", true},
	} {
		if value, ok := settings.Get(must.name); ok && value != must.want {
			return config, fmt.Errorf("%s is not %v, as BioGPT has it", must.name, must.want)
		}
	}
	if value, ok := settings.Get("no_scale_embedding"); ok && value == any(true) {
		config.ScaleEmbed = false
	}
	return config, nil
}

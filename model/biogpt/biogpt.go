// Package biogpt runs the BioGPT trunk: token ids in, hidden states out.
//
// The graph (transformers modeling_biogpt.py; reference biogpt.md, "Graph"), for a batch of B
// sequences of L tokens:
//
//	x = tokens[id] * sqrt(hidden) + positions[p],  p = cumsum(mask)*mask + 1    (padding: row 1)
//	for each layer:
//	  x += out(attention(layernorm(x)))     q scaled by head_dim^-0.5; q, k, v, out with bias
//	  x += fc2(gelu(fc1(layernorm(x))))     exact (erf) gelu
//	states = layernorm(x)
//	logits = states * tokens^T              the language model's head is tied to the token table
//
// Every layer norm has eps 1e-5, whatever the layer_norm_eps of a config. Attention is causal
// unless the config sets it to bidirectional. States of equal input agree with the reference
// implementation to 1e-4 on every backend.
//
// Parameters have their Hugging Face names and layout ([out, in] for a product).
//
// An Engine computes the states of sequences. On the backend cpu (package cpu) sequences are
// computed together without padding or compiling, and a state is the same to the last bit whatever
// else is in the call. On the other backends (package device) sequences of similar length share a
// batch, padded to a multiple of a few tokens; one program serves all layers of a shape, and is
// kept.
//
// A Generator continues prompts (package decoding). README.md has the measurements behind these
// choices.
package biogpt

import (
	"errors"
	"io/fs"

	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
)

// The files of a model directory that this package reads.
const (
	ConfigFile  = "config.json"
	WeightsFile = checkpoint.Safetensors
)

// Backend is an open compute backend.
type Backend = device.Device

// OpenBackend opens a backend by its name in package device, "auto" included.
func OpenBackend(name string) (*Backend, error) { return device.Open(name) }

// Load reads a model directory: its config and the parameters of its trunk.
func Load(fsys fs.FS) (cfg Config, params Params, err error) {
	err = withTensors(fsys, func(c Config, file Tensors) error {
		cfg = c
		if params, err = ReadParams(file, c.Trunk()); err != nil {
			return err
		}
		return nil
	})
	return cfg, params, err
}

// Open makes an Engine of a model directory. It holds one parameter at a time in memory, in
// addition to those on the device.
func Open(fsys fs.FS, backend *Backend) (engine *Engine, err error) {
	err = withTensors(fsys, func(c Config, file Tensors) error {
		engine, err = NewEngine(backend, c, file)
		return err
	})
	return engine, err
}

// withTensors calls use with the config and the open weights of a model directory, in any of the
// formats of package checkpoint.
func withTensors(fsys fs.FS, use func(Config, Tensors) error) error {
	cfg, err := LoadConfig(fsys)
	if err != nil {
		return err
	}
	file, err := checkpoint.Open(fsys)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := cfg.CheckShapes(file.Set); err != nil {
		return err
	}
	tied, err := file.Tied()
	if err != nil {
		return err
	}
	if !tied {
		return errors.New(
			"its output projection differs from its token table: only models in which they are one can be run",
		)
	}
	return use(cfg, file)
}

// LoadConfig reads the config of a model directory.
func LoadConfig(fsys fs.FS) (Config, error) {
	data, err := fs.ReadFile(fsys, ConfigFile)
	if err != nil {
		return Config{}, err
	}
	cfg, err := ParseConfig(data)
	if err != nil {
		return Config{}, err
	}
	return cfg, nil
}

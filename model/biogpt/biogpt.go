// Package biogpt runs the BioGPT trunk: token ids in, hidden states out.
//
// The graph (transformers modeling_biogpt.py; reference biogpt.md, "Graph"), for a batch of B sequences of L tokens:
//
//	x = tokens[id] * sqrt(hidden) + positions[p],  p = cumsum(mask)*mask - 1 + 2      (padding gets row 1)
//	for each layer:
//	  x += out(attention(layernorm(x)))     q scaled by head_dim^-0.5; q, k, v, out with bias
//	  x += fc2(gelu(fc1(layernorm(x))))     exact (erf) gelu
//	states = layernorm(x)
//	logits = states * tokens^T              the language model's head is tied to the token table
//
// Every layer norm has eps 1e-5, whatever layer_norm_eps in a config says. Attention is causal, or bidirectional where the
// config says so. States of equal input agree with the reference implementation to 1e-4 on every backend.
//
// Parameters are kept under their Hugging Face names, in Hugging Face's layout ([out, in] for a product).
//
// An Engine keeps the parameters on the device once and compiles one program for each shape it meets. Shapes are few: lengths
// are rounded up to a bucket, batches to one of a few sizes.
package biogpt

import (
	"fmt"
	"io/fs"

	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights"
)

// The files of a model directory that this package reads.
const (
	ConfigFile  = "config.json"
	WeightsFile = "model.safetensors"
)

// Backend is an open compute backend.
type Backend = device.Device

// OpenBackend opens "auto", "go", "xla:cpu" or "xla:cuda"; package device says how each is found.
func OpenBackend(name string) (*Backend, error) { return device.Open(name) }

// Load reads a model directory: its config and the parameters of its trunk.
func Load(fsys fs.FS) (Config, Params, error) {
	data, err := fs.ReadFile(fsys, ConfigFile)
	if err != nil {
		return Config{}, nil, fmt.Errorf("model: %w", err)
	}
	cfg, err := ParseConfig(data)
	if err != nil {
		return Config{}, nil, fmt.Errorf("model: %w", err)
	}
	data, err = fs.ReadFile(fsys, WeightsFile)
	if err != nil {
		return Config{}, nil, fmt.Errorf("model: %w", err)
	}
	file, err := weights.OpenBytes(data)
	if err != nil {
		return Config{}, nil, fmt.Errorf("model: %s: %w", WeightsFile, err)
	}
	params, err := ReadParams(file, cfg.Trunk())
	if err != nil {
		return Config{}, nil, fmt.Errorf("model: %s: %w", WeightsFile, err)
	}
	return cfg, params, nil
}

// Open loads a model directory and makes an Engine of it.
func Open(fsys fs.FS, backend *Backend) (*Engine, error) {
	cfg, params, err := Load(fsys)
	if err != nil {
		return nil, err
	}
	return NewEngine(backend, cfg, params)
}

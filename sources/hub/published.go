package hub

import (
	"fmt"
	"regexp"
	"slices"
)

// Published is a model with a short name.
type Published struct {
	Name     string
	Repo     string
	Revision string // the default commit
	Licence  string
}

// Known returns the published BioGPT models. A commit of 40 digits pins all files. No commit of
// BioGPT-Large-PubMedQA is known, so its current main branch is used.
func Known() []Published {
	return []Published{
		{"biogpt", "microsoft/biogpt", "eb0d815e95434dc9e3b78f464e52b899bee7d923", "MIT"},
		{"biogpt-large", "microsoft/BioGPT-Large", "c6a5136a91c5e3150d9f05ab9d33927a3210a22e", "MIT"},
		{"biogpt-large-pubmedqa", "microsoft/BioGPT-Large-PubMedQA", "main", "MIT"},
	}
}

// Find returns the model of a name, which is short or of the form owner/name.
func Find(name string) (Published, error) {
	for _, p := range Known() {
		if name == p.Name || name == p.Repo {
			return p, nil
		}
	}
	if !repoForm.MatchString(name) {
		return Published{}, fmt.Errorf("model %q is unknown: give a model of the Hub as owner/name", name)
	}
	return Published{Repo: name, Revision: "main", Licence: "unknown"}, nil
}

var shard = regexp.MustCompile(`^(model-\d+-of-\d+\.safetensors|pytorch_model-\d+-of-\d+\.bin)$`)

// Needed returns the files of a BioGPT model directory: config, vocabulary, and the weights, as
// safetensors if available.
func (m *Model) Needed() ([]File, error) {
	var needed []File
	for _, name := range []string{"config.json", "vocab.json", "merges.txt"} {
		f, ok := m.Find(name)
		if !ok {
			return nil, fmt.Errorf("%s has no %s: it is not a BioGPT model", m.Repo, name)
		}
		needed = append(needed, f)
	}
	for _, name := range []string{
		"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json",
	} {
		f, ok := m.Find(name)
		if !ok {
			continue
		}
		needed = append(needed, f)
		if name == "model.safetensors" || name == "pytorch_model.bin" {
			return needed, nil
		}
		parts := slices.DeleteFunc(
			slices.Clone(m.Files), func(p File) bool { return !shard.MatchString(p.Name) || p.Name[0] != name[0] },
		)
		return append(needed, parts...), nil
	}
	return nil, fmt.Errorf("%s has no weights in a known format", m.Repo)
}

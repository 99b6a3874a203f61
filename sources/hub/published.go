package hub

import (
	"fmt"
	"regexp"
	"slices"
)

// Published is a model that this program knows by a short name.
type Published struct {
	Name     string
	Repo     string
	Revision string // the commit that is taken unless another is asked for
	Licence  string
}

// Known returns the published BioGPT models. A commit of 40 digits pins all of its files. For
// BioGPT-Large-PubMedQA no commit is known here, so that its main branch is taken as it is on the
// day.
func Known() []Published {
	return []Published{
		{"biogpt", "microsoft/biogpt", "eb0d815e95434dc9e3b78f464e52b899bee7d923", "MIT"},
		{"biogpt-large", "microsoft/BioGPT-Large", "c6a5136a91c5e3150d9f05ab9d33927a3210a22e", "MIT"},
		{"biogpt-large-pubmedqa", "microsoft/BioGPT-Large-PubMedQA", "main", "MIT"},
	}
}

// Find returns the model that a name, short or of the form owner/name, stands for.
func Find(name string) (Published, error) {
	for _, p := range Known() {
		if name == p.Name || name == p.Repo {
			return p, nil
		}
	}
	if !repoForm.MatchString(name) {
		return Published{}, fmt.Errorf("model %q is unknown: give one of the Hub's as owner/name", name)
	}
	return Published{Repo: name, Revision: "main", Licence: "unknown"}, nil
}

var shard = regexp.MustCompile(`^(model-\d+-of-\d+\.safetensors|pytorch_model-\d+-of-\d+\.bin)$`)

// Needed chooses the files that a BioGPT model directory is made of: config, vocabulary, and the
// weights in the best format that is there, of which safetensors is the better.
func (m *Model) Needed() ([]File, error) {
	var needed []File
	for _, name := range []string{"config.json", "vocab.json", "merges.txt"} {
		f, ok := m.Find(name)
		if !ok {
			return nil, fmt.Errorf("%s has no %s: it is no BioGPT model directory", m.Repo, name)
		}
		needed = append(needed, f)
	}
	for _, name := range []string{"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"} {
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
	return nil, fmt.Errorf("%s has no weights in a format that is read here", m.Repo)
}

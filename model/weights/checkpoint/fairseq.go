package checkpoint

import (
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/pickle"
)

// version is a tensor of fairseq that is not a part of the model.
const version = "decoder.version"

// readFairseq reads the tensors and settings of a fairseq checkpoint: a dict with "model", and
// "cfg", a dict with one for each part of fairseq, or, in older files, "args", a flat namespace.
func (c *Checkpoint) readFairseq(root *pickle.Dict) (weights.Set, error) {
	model, _ := root.Get("model")
	dict, ok := model.(*pickle.Dict)
	if !ok {
		return nil, fmt.Errorf(`"model" is a %s where a dict of tensors is needed`, pickle.TypeName(model))
	}
	all, err := tensors(dict)
	if err != nil {
		return nil, err
	}
	found := weights.Set{}
	for name, l := range all {
		if name == version {
			continue
		}
		rest, ok := strings.CutPrefix(name, "decoder.")
		if !ok {
			return nil, fmt.Errorf("tensor %.200q is not of the decoder, which is all that BioGPT has", name)
		}
		if rest != projection {
			rest = "biogpt." + rest
		}
		found[rest] = l
	}
	c.Settings = settings(root)
	return found, nil
}

// settings returns the settings of the model, nil if the checkpoint has none.
func settings(root *pickle.Dict) *pickle.Dict {
	if cfg, _ := root.Get("cfg"); cfg != nil {
		if parts, ok := cfg.(*pickle.Dict); ok {
			model, _ := parts.Get("model")
			switch model := model.(type) {
			case *pickle.Dict: // also an argparse.Namespace, as models without a dataclass have it
				return model
			}
		}
	}
	args, _ := root.Get("args")
	flat, _ := args.(*pickle.Dict)
	return flat
}

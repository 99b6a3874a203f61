// Package checkpoint opens the weights of a BioGPT model in any of the formats in which they are
// published, under Hugging Face's names.
//
// A directory is searched for these files, and the first one found is used:
//
//	model.safetensors                one file of safetensors (package weights)
//	model.safetensors.index.json     several, and an index that says which tensor is in which
//	pytorch_model.bin                one file of torch.save (package torch): a dict of tensors
//	pytorch_model.bin.index.json     several, and an index
//	checkpoint.pt                    fairseq's: a dict whose "model" is a dict of tensors
//
// An index is JSON with a "weight_map" from tensor to file. Its files must be in the same
// directory; each tensor must be in the file given by the map, and no file may have a tensor that
// is not in the map.
//
// Names: fairseq's "decoder.X" becomes "biogpt.X", "decoder.output_projection.weight" becomes
// "output_projection.weight", and "decoder.version" is dropped (transformers
// convert_biogpt_original_pytorch_checkpoint_to_pytorch.py; reference biogpt.md, "Graph"). A trunk
// that was saved without a head, as "layers.0…", gets the prefix "biogpt.".
//
// BioGPT's output projection is its token table. Some files have it twice; Tied reports whether the
// two are the same.
//
// Only headers are read, and tensors when they are requested.
package checkpoint

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/pickle"
	"github.com/pubmine/pubmine/model/weights/torch"
)

// The files that a directory is searched for, in this order.
const (
	Safetensors      = "model.safetensors"
	SafetensorsIndex = "model.safetensors.index.json"
	Torch            = "pytorch_model.bin"
	TorchIndex       = "pytorch_model.bin.index.json"
	Fairseq          = "checkpoint.pt"
)

// The names of the token table and of the output projection.
const (
	tokenTable = "biogpt.embed_tokens.weight"
	projection = "output_projection.weight"
)

// Checkpoint is the weights of a model.
type Checkpoint struct {
	weights.Set
	Format   string            // for people: "safetensors", "torch zip, fairseq"
	Files    []string          // names of the open files, the index first
	Bytes    int64             // of the files
	Metadata map[string]string // of a single file of safetensors
	Settings *pickle.Dict      // fairseq's settings of the model; nil for other formats
	open     []*weights.Opened
}

// Open opens the weights of a directory.
func Open(fsys fs.FS) (*Checkpoint, error) {
	names := []string{Safetensors, SafetensorsIndex, Torch, TorchIndex, Fairseq}
	for _, name := range names {
		if _, err := fs.Stat(fsys, name); !errors.Is(err, fs.ErrNotExist) {
			return OpenFile(fsys, name)
		}
	}
	return nil, fmt.Errorf("no weights found: a model directory needs one of %s", strings.Join(names, ", "))
}

// OpenFile opens one file of a directory, in the format of its content; for an index, also the
// files that it names.
func OpenFile(fsys fs.FS, name string) (*Checkpoint, error) {
	c := &Checkpoint{Set: weights.Set{}}
	var err error
	if strings.HasSuffix(name, ".index.json") {
		err = c.addIndex(fsys, name)
	} else {
		_, err = c.addFile(fsys, name)
	}
	if err == nil {
		err = c.checkNames()
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// Close closes the files.
func (c *Checkpoint) Close() error {
	var errs []error
	for _, f := range c.open {
		errs = append(errs, f.Close())
	}
	c.open = nil
	return errors.Join(errs...)
}

// Names returns the names of the tensors in order.
func (c *Checkpoint) Names() []string {
	var names []string
	for name := range c.Set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Tied reports whether the output projection is the token table: it is absent, or the same to the
// last bit.
func (c *Checkpoint) Tied() (bool, error) {
	p, ok := c.Set[projection]
	t, both := c.Set[tokenTable]
	if !ok || !both || p.Reader == t.Reader && p.Offset == t.Offset {
		return true, nil
	}
	if p.DType != t.DType || !slices.Equal(p.Shape, t.Shape) {
		return false, nil
	}
	var sums [2][]byte
	for i, l := range []weights.Location{p, t} {
		h := sha256.New()
		if err := l.Copy(h); err != nil {
			return false, fmt.Errorf("%s: %w", projection, err)
		}
		sums[i] = h.Sum(nil)
	}
	return slices.Equal(sums[0], sums[1]), nil
}

// addFile adds the tensors of one file and returns their names.
func (c *Checkpoint) addFile(fsys fs.FS, name string) ([]string, error) {
	in, err := weights.OpenAt(fsys, name)
	if err != nil {
		return nil, err
	}
	c.open, c.Files, c.Bytes = append(c.open, in), append(c.Files, name), c.Bytes+in.Size
	begin := make([]byte, 1)
	if _, err := in.ReadAt(begin, 0); err != nil {
		return nil, errors.New("it is empty")
	}
	var found weights.Set
	if strings.HasSuffix(name, ".safetensors") || begin[0] != 'P' && begin[0] != 0x80 { // a zip archive, a pickle
		found, err = c.readSafetensors(in)
	} else {
		found, err = c.readTorch(in)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for name, l := range found {
		if _, twice := c.Set[name]; twice {
			return nil, fmt.Errorf("tensor %.200q is in two files", name)
		}
		c.Set[name] = l
		names = append(names, name)
	}
	return names, nil
}

func (c *Checkpoint) readSafetensors(in *weights.Opened) (weights.Set, error) {
	file, err := weights.Open(in, in.Size)
	if err != nil {
		return nil, err
	}
	c.Format, c.Metadata = "safetensors", file.Metadata()
	found := weights.Set{}
	for _, name := range file.Names() {
		found[name], _ = file.Locate(name)
	}
	return found, nil
}

func (c *Checkpoint) readTorch(in *weights.Opened) (weights.Set, error) {
	object, layout, err := torch.Open(in, in.Size)
	if err != nil {
		return nil, err
	}
	c.Format = string(layout)
	root, ok := object.(*pickle.Dict)
	if !ok {
		return nil, fmt.Errorf("it holds a %s where a dict of tensors is needed", pickle.TypeName(object))
	}
	if _, ok := root.Get("model"); ok {
		c.Format += ", fairseq"
		return c.readFairseq(root)
	}
	return tensors(root)
}

// tensors turns a dict of tensors into a set.
func tensors(dict *pickle.Dict) (weights.Set, error) {
	found := weights.Set{}
	for i, key := range dict.Keys {
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("a key is a %s where the name of a tensor is needed", pickle.TypeName(key))
		}
		t, ok := dict.Values[i].(*torch.Tensor)
		if !ok {
			return nil, fmt.Errorf("%.200q is a %s where a tensor is needed", name, pickle.TypeName(dict.Values[i]))
		}
		if _, twice := found[name]; twice {
			return nil, fmt.Errorf("tensor %.200q is duplicated", name)
		}
		found[name] = t.Location
	}
	return found, nil
}

// checkNames adds the prefix to the names of a bare trunk, and returns an error if there is no
// trunk.
func (c *Checkpoint) checkNames() error {
	if _, ok := c.Set[tokenTable]; ok {
		return nil
	}
	if _, ok := c.Set[strings.TrimPrefix(tokenTable, "biogpt.")]; !ok {
		return fmt.Errorf("it has no tensor %.200q: these are not the weights of a BioGPT", tokenTable)
	}
	named := weights.Set{}
	for name, l := range c.Set {
		named["biogpt."+name] = l
	}
	c.Set = named
	return nil
}

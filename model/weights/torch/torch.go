// Package torch reads the tensors in a file of PyTorch's torch.save, without PyTorch and without
// running code from the file.
//
// There are two layouts (torch/serialization.py). Since torch 1.6 a file is a zip archive whose
// entries are stored, not deflated, below one folder: data.pkl, a pickle of the object; data/KEY,
// the bytes of each storage; byteorder, if present "little". The layout before is five pickles, one
// after the other: a magic number, the version 1001, facts about the machine, the object, and a
// list of the storages' keys; then, for each key, its number of elements in eight bytes and the
// elements.
//
// In both, the object's pickle holds a persistent id ("storage", class, key, device, elements) for
// each storage, where the class, such as torch.FloatStorage, gives the element type; and a tensor
// is a call of torch._utils._rebuild_tensor_v2 with a storage, the first element's number, shape
// and strides. Other values are those of package pickle. Any other class, function or layout is an
// error, and so are a tensor that exceeds its storage, a storage that is missing or of another
// size, and an entry that is deflated, encrypted or duplicated. Tensors are read only when they are
// requested.
package torch

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/pickle"
)

// Layout is the layout of a file.
type Layout string

// The layouts.
const (
	Zip    Layout = "torch zip"
	Legacy Layout = "torch before 1.6"
)

// Tensor is a tensor in a file.
type Tensor struct {
	weights.Location
	storage *storage
	first   int64 // index of the first element in the storage
}

// storage is a run of elements in a file.
type storage struct {
	dtype    weights.DType
	elements int64
	at       int64 // byte of the file, -1 while it is not known
}

// Open returns the object in the size bytes of r, as the values of package pickle, with each tensor
// as a *Tensor.
func Open(r io.ReaderAt, size int64) (object any, layout Layout, err error) {
	begin := make([]byte, 4)
	if n, err := r.ReadAt(begin, 0); n < len(begin) {
		return nil, "", fmt.Errorf("torch: %d bytes are too few: %w", size, err)
	}
	h := &host{storages: map[string]*storage{}}
	switch {
	case bytes.Equal(begin, []byte("PK\x03\x04")):
		layout = Zip
		object, err = h.readZip(r, size)
	case begin[0] == 0x80:
		layout = Legacy
		object, err = h.readLegacy(r, size)
	default:
		return nil, "", errors.New("torch: it is no file of torch.save: neither a zip archive nor a pickle")
	}
	if err == nil {
		err = h.locate(r, size)
	}
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", layout, err)
	}
	return object, layout, nil
}

// locate sets the place of every tensor in the file, once the places of the storages are known.
func (h *host) locate(r io.ReaderAt, size int64) error {
	for _, t := range h.tensors {
		width := int64(t.storage.dtype.Size())
		if t.storage.at < 0 || t.storage.elements > (size-t.storage.at)/width {
			return errors.New("the file is truncated: a storage is missing")
		}
		if t.first > t.storage.elements {
			return fmt.Errorf("a tensor begins at element %d of %d", t.first, t.storage.elements)
		}
		t.Reader, t.DType, t.Offset = r, t.storage.dtype, t.storage.at+t.first*width
		if err := t.Check(t.storage.at, t.storage.elements*width); err != nil {
			return fmt.Errorf("a tensor does not fit its storage: %w", err)
		}
	}
	return nil
}

// decode reads one pickle.
func decode(r io.Reader, h pickle.Host) (any, error) { return pickle.NewDecoder(r, h).Decode() }

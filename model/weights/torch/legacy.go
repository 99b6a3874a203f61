package torch

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/big"

	"github.com/pubmine/pubmine/model/weights/pickle"
)

// The numbers at the beginning of a file in the layout before torch 1.6.
const (
	legacyMagic   = "119547037146038801333356"
	legacyVersion = int64(1001)
)

func (h *host) readLegacy(r io.ReaderAt, size int64) (any, error) {
	h.legacy = true
	d := pickle.NewDecoder(io.NewSectionReader(r, 0, size), h)
	magic, err := d.Decode()
	if err != nil {
		return nil, err
	}
	if n, ok := magic.(*big.Int); !ok || n.String() != legacyMagic {
		return nil, fmt.Errorf("it is a pickle, but not one of torch.save: the magic number is missing")
	}
	version, err := d.Decode()
	if err != nil {
		return nil, err
	}
	if version != any(legacyVersion) {
		return nil, fmt.Errorf("its version is not %d", legacyVersion)
	}
	machine, err := d.Decode()
	if err != nil {
		return nil, err
	}
	if facts, ok := machine.(*pickle.Dict); ok {
		if little, _ := facts.Get("little_endian"); little != any(true) {
			return nil, fmt.Errorf("its bytes are not little endian: only such files are read")
		}
	}
	object, err := d.Decode()
	if err != nil {
		return nil, err
	}
	keys, err := d.Decode()
	if err != nil {
		return nil, err
	}
	list, ok := keys.(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("the list of storages is a %s", pickle.TypeName(keys))
	}
	return object, h.placeStorages(r, size, d.Offset(), list.Items)
}

// placeStorages sets the places of the storages, which follow each other in the order of keys, from
// the byte at on.
func (h *host) placeStorages(r io.ReaderAt, size, at int64, keys []any) error {
	for _, item := range keys {
		key, _ := item.(string)
		s, ok := h.storages[key]
		if !ok || s.at >= 0 {
			return fmt.Errorf("storage %.200q is unknown or duplicated", key)
		}
		var prefix [8]byte
		if n, err := r.ReadAt(prefix[:], at); n < len(prefix) {
			return fmt.Errorf("storage %.200q is truncated: %w", key, err)
		}
		if n := binary.LittleEndian.Uint64(prefix[:]); n != uint64(s.elements) {
			return fmt.Errorf("storage %.200q has %d elements, the object says %d", key, n, s.elements)
		}
		s.at = at + int64(len(prefix))
		if s.elements > (size-s.at)/int64(s.dtype.Size()) {
			return fmt.Errorf("storage %.200q is truncated", key)
		}
		at = s.at + s.elements*int64(s.dtype.Size())
	}
	return nil
}

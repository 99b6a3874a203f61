package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Digest returns the sha256, in hex, of the tensors and metadata whose names keep accepts. It does
// not depend on other tensors, nor on the order of tensors in the file.
func (f *File) Digest(keep func(name string) bool) (string, error) {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(f.metadata)) {
		if keep(key) {
			fmt.Fprintf(h, "metadata %q %q\n", key, f.metadata[key])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.tensors)) {
		if !keep(name) {
			continue
		}
		e := f.tensors[name]
		fmt.Fprintf(h, "tensor %q %s %v\n", name, e.dtype, e.shape)
		if n, err := io.Copy(h, io.NewSectionReader(f.r, e.start, e.end-e.start)); n < e.end-e.start {
			return "", fmt.Errorf("safetensors: tensor %.200q: %w", name, noEOF(err))
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

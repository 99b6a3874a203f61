package weights

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// Write writes the tensors, in the order that the package describes whatever the order given, and
// metadata, which may be nil.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	located := make([]Located, len(tensors))
	for i, t := range tensors {
		want, err := byteLen(t.DType, t.Shape, math.MaxInt64)
		if err != nil {
			return fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
		}
		if want != int64(len(t.Data)) {
			return fmt.Errorf(
				"safetensors: tensor %q: %s of shape %v needs %d bytes, it has %d", t.Name, t.DType, t.Shape, want,
				len(t.Data),
			)
		}
		located[i] = Located{t.Name, Location{Reader: bytes.NewReader(t.Data), DType: t.DType, Shape: t.Shape}}
	}
	return WriteFrom(w, located, metadata)
}

// Located is a tensor that is read when it is needed.
type Located struct {
	Name string
	Location
}

// WriteFrom is Write for tensors in other files; they are copied one block at a time.
func WriteFrom(w io.Writer, tensors []Located, metadata map[string]string) error {
	sorted := slices.Clone(tensors)
	slices.SortFunc(sorted, func(a, b Located) int {
		return cmp.Or(cmp.Compare(b.DType.Size(), a.DType.Size()), cmp.Compare(a.Name, b.Name))
	})
	header, err := makeHeader(sorted, metadata)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	var prefix [8]byte
	binary.LittleEndian.PutUint64(prefix[:], uint64(len(header)))
	for _, part := range [][]byte{prefix[:], header} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("safetensors: writing the header: %w", err)
		}
	}
	for _, t := range sorted {
		if err := t.Copy(w); err != nil {
			return fmt.Errorf("safetensors: writing tensor %q: %w", t.Name, err)
		}
	}
	return nil
}

func makeHeader(sorted []Located, metadata map[string]string) ([]byte, error) {
	type info struct {
		DType   DType    `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	var b bytes.Buffer
	field := func(key string, value any) error {
		if b.Len() == 0 {
			b.WriteByte('{')
		} else {
			b.WriteByte(',')
		}
		k, err := json.Marshal(key)
		if err != nil {
			return err
		}
		v, err := json.Marshal(value)
		if err != nil {
			return err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
		return nil
	}
	if len(metadata) > 0 {
		if err := field(metadataKey, metadata); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{metadataKey: true}
	var at int64
	for _, t := range sorted {
		if seen[t.Name] {
			return nil, fmt.Errorf("tensor name %q is taken", t.Name)
		}
		seen[t.Name] = true
		want, err := byteLen(t.DType, t.Shape, math.MaxInt64)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		shape := slices.Clone(t.Shape)
		if shape == nil {
			shape = []int{}
		}
		if err := field(t.Name, info{t.DType, shape, [2]int64{at, at + want}}); err != nil {
			return nil, err
		}
		at += want
	}
	if b.Len() == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes(), nil
}

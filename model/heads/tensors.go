package heads

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/model/weights"
)

// Tensors returns the head as tensors whose names begin with prefix.
func (l *Linear) Tensors(prefix string) []weights.Tensor {
	out := []weights.Tensor{weights.FromFloat32s(prefix+"bias", l.Bias, l.Labels)}
	if l.Dim > 0 {
		out = append(out, weights.FromFloat32s(prefix+"dense", l.Dense, l.Labels, l.Dim))
	}
	if t := l.Table; t != nil {
		kept := make([]byte, 8*len(t.kept))
		for i, w := range t.kept {
			binary.LittleEndian.PutUint64(kept[8*i:], w)
		}
		rows := make([]byte, len(t.rows))
		for i, q := range t.rows {
			rows[i] = byte(q)
		}
		out = append(
			out,
			weights.Tensor{Name: prefix + "kept", DType: weights.U64, Shape: []int{len(t.kept)}, Data: kept},
			weights.Tensor{
				Name: prefix + "rows", DType: weights.I8, Shape: []int{len(t.rows) / t.labels, t.labels},
				Data: rows,
			},
			weights.FromFloat32s(prefix+"scale", t.scale, t.labels),
		)
	}
	return out
}

// ReadLinear reads the head whose tensors' names begin with prefix.
func ReadLinear(f *weights.File, prefix string) (*Linear, error) {
	l, err := readLinear(f, prefix)
	if err != nil {
		return nil, fmt.Errorf("head %s: %w", prefix, err)
	}
	return l, nil
}

func readLinear(f *weights.File, prefix string) (*Linear, error) {
	bias, err := f.Float32s(prefix + "bias")
	if err != nil {
		return nil, err
	}
	l := &Linear{Labels: len(bias), Bias: bias}
	if shape, ok := f.Shape(prefix + "dense"); ok {
		if len(shape) != 2 {
			return nil, fmt.Errorf("dense weights of %d dimensions instead of 2", len(shape))
		}
		l.Dim = shape[1]
		if l.Dense, err = f.Float32s(prefix + "dense"); err != nil {
			return nil, err
		}
	}
	if _, ok := f.Shape(prefix + "rows"); ok {
		if l.Table, err = readTable(f, prefix); err != nil {
			return nil, err
		}
	}
	return l, l.check()
}

func readTable(f *weights.File, prefix string) (*Table, error) {
	kept, err := f.Tensor(prefix + "kept")
	if err != nil {
		return nil, err
	}
	rows, err := f.Tensor(prefix + "rows")
	if err != nil {
		return nil, err
	}
	scale, err := f.Float32s(prefix + "scale")
	if err != nil {
		return nil, err
	}
	if kept.DType != weights.U64 || rows.DType != weights.I8 {
		return nil, fmt.Errorf("bitmap of type %s and weights of type %s instead of U64 and I8", kept.DType, rows.DType)
	}
	bitmap := make([]uint64, len(kept.Data)/8)
	for i := range bitmap {
		bitmap[i] = binary.LittleEndian.Uint64(kept.Data[8*i:])
	}
	values := make([]int8, len(rows.Data))
	for i, b := range rows.Data {
		values[i] = int8(b)
	}
	return newTable(bitmap, values, scale)
}

// Tensors returns the tagger as tensors, and its types as metadata.
func (t *Tagger) Tensors() ([]weights.Tensor, map[string]string, error) {
	types, err := json.Marshal(t.Types)
	if err != nil {
		return nil, nil, fmt.Errorf("head %s: %w", NERPrefix, err)
	}
	out := append(t.Linear.Tensors(NERPrefix),
		weights.FromFloat32s(NERPrefix+"transitions", t.CRF.Transitions, t.CRF.Types, tags, tags),
		weights.FromFloat32s(NERPrefix+"start", t.CRF.Start, t.CRF.Types, tags))
	if t.Repeat != nil {
		out = append(out, weights.FromFloat32s(NERPrefix+"repeat", t.Repeat, len(t.Repeat)))
	}
	return out, map[string]string{typesKey: string(types)}, nil
}

// HasTagger reports whether a file holds a tagger.
func HasTagger(f *weights.File) bool {
	_, ok := f.Shape(NERPrefix + "bias")
	return ok
}

// ReadTagger reads the tagger of a file.
func ReadTagger(f *weights.File) (*Tagger, error) {
	linear, err := ReadLinear(f, NERPrefix)
	if err != nil {
		return nil, err
	}
	var types []string
	if err := json.Unmarshal([]byte(f.Metadata()[typesKey]), &types); err != nil {
		return nil, fmt.Errorf("head %s: metadata %s: %w", NERPrefix, typesKey, err)
	}
	crf := &CRF{Types: len(types)}
	if crf.Transitions, err = f.Float32s(NERPrefix + "transitions"); err != nil {
		return nil, fmt.Errorf("head %s: %w", NERPrefix, err)
	}
	if crf.Start, err = f.Float32s(NERPrefix + "start"); err != nil {
		return nil, fmt.Errorf("head %s: %w", NERPrefix, err)
	}
	t, err := NewTagger(types, linear, crf)
	if err != nil {
		return nil, fmt.Errorf("head %s: %w", NERPrefix, err)
	}
	if _, ok := f.Shape(NERPrefix + "repeat"); ok {
		if t.Repeat, err = f.Float32s(NERPrefix + "repeat"); err != nil {
			return nil, fmt.Errorf("head %s: %w", NERPrefix, err)
		}
		if len(t.Repeat) != len(types) {
			return nil, fmt.Errorf("head %s: %d values of repeat for %d types", NERPrefix, len(t.Repeat), len(types))
		}
	}
	return t, nil
}

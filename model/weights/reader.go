package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// metadataKey is the name in a header that is not a tensor.
const metadataKey = "__metadata__"

// A File is an open safetensors file. It is safe for concurrent use if its reader is.
type File struct {
	r        io.ReaderAt
	metadata map[string]string
	tensors  map[string]entry
	names    []string // in the order of their bytes
}

// entry is the place of a tensor's bytes in the file.
type entry struct {
	dtype      DType
	shape      []int
	start, end int64 // from the beginning of the file
}

// Open reads and checks the header of the size bytes of r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, tensors: map[string]entry{}}
	if err := f.readHeader(size); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

// Names returns the names of the tensors in the order of their bytes.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Metadata returns the strings under "__metadata__", or nil.
func (f *File) Metadata() map[string]string { return f.metadata }

// Tensor reads one tensor.
func (f *File) Tensor(name string) (Tensor, error) {
	e, ok := f.tensors[name]
	if !ok {
		return Tensor{}, fmt.Errorf("safetensors: no tensor %.200q", name)
	}
	data := make([]byte, e.end-e.start)
	if n, err := f.r.ReadAt(data, e.start); n < len(data) {
		return Tensor{}, fmt.Errorf("safetensors: tensor %.200q: %w", name, noEOF(err))
	}
	return Tensor{Name: name, DType: e.dtype, Shape: slices.Clone(e.shape), Data: data}, nil
}

// Shape returns the dimensions of a tensor without reading it, and whether it exists.
func (f *File) Shape(name string) ([]int, bool) {
	e, ok := f.tensors[name]
	return slices.Clone(e.shape), ok
}

// Locate returns the location of a tensor, and whether it exists.
func (f *File) Locate(name string) (Location, bool) {
	e, ok := f.tensors[name]
	return Location{Reader: f.r, Offset: e.start, DType: e.dtype, Shape: e.shape}, ok
}

func (f *File) readHeader(size int64) error {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return fmt.Errorf("%d bytes are too few for a header", size)
	}
	if n, err := f.r.ReadAt(prefix[:], 0); n < len(prefix) {
		return fmt.Errorf("reading the header's length: %w", err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > MaxHeader || int64(length) > size-8 {
		return fmt.Errorf(
			"a header of %d bytes does not fit: the limit is %d, the file has %d", length, MaxHeader, size,
		)
	}
	header := make([]byte, length)
	if n, err := f.r.ReadAt(header, 8); n < len(header) {
		return fmt.Errorf("reading the header: %w", err)
	}
	if !utf8.Valid(header) {
		return errors.New("the header is not valid UTF-8")
	}
	base := 8 + int64(length)
	err := eachField(header, func(name string, value json.RawMessage) error {
		if name == metadataKey {
			return f.readMetadata(value)
		}
		e, err := parseEntry(value, size-base)
		if err != nil {
			return fmt.Errorf("tensor %.200q: %w", name, err)
		}
		e.start, e.end = e.start+base, e.end+base
		f.tensors[name] = e
		f.names = append(f.names, name)
		return nil
	})
	if err != nil {
		return err
	}
	return f.checkCover(base, size)
}

func (f *File) readMetadata(value json.RawMessage) error {
	f.metadata = map[string]string{}
	return eachField(value, func(key string, raw json.RawMessage) error {
		var s *string
		if err := json.Unmarshal(raw, &s); err != nil || s == nil {
			return fmt.Errorf("metadata %.200q is not a string", key)
		}
		f.metadata[key] = *s
		return nil
	})
}

// checkCover sorts the names by offset and checks that the tensors fill the bytes from base to size
// exactly.
func (f *File) checkCover(base, size int64) error {
	slices.SortFunc(f.names, func(a, b string) int {
		ea, eb := f.tensors[a], f.tensors[b]
		switch {
		case ea.start != eb.start:
			return int(min(1, max(-1, ea.start-eb.start)))
		case ea.end != eb.end: // an empty tensor comes before the one that begins at the same byte
			return int(min(1, max(-1, ea.end-eb.end)))
		}
		return bytes.Compare([]byte(a), []byte(b))
	})
	at := base
	for _, name := range f.names {
		e := f.tensors[name]
		if e.start < at {
			return fmt.Errorf("tensor %.200q overlaps the one before it", name)
		}
		if e.start > at {
			return fmt.Errorf("%d bytes before tensor %.200q belong to none", e.start-at, name)
		}
		at = e.end
	}
	if at != size {
		return fmt.Errorf("the last %d bytes belong to no tensor", size-at)
	}
	return nil
}

// parseEntry reads a tensor's description; offsets are those in the header. limit is the length of
// the data.
func parseEntry(raw json.RawMessage, limit int64) (entry, error) {
	var e entry
	var offsets []int64
	err := eachField(raw, func(key string, value json.RawMessage) error {
		if bytes.Contains(value, []byte("null")) {
			return fmt.Errorf("%.200q holds null", key)
		}
		switch key {
		case "dtype":
			return json.Unmarshal(value, &e.dtype)
		case "shape":
			return json.Unmarshal(value, &e.shape)
		case "data_offsets":
			return json.Unmarshal(value, &offsets)
		}
		return fmt.Errorf("unknown field %.200q", key)
	})
	if err != nil {
		return entry{}, err
	}
	if e.dtype == "" || e.shape == nil || len(offsets) != 2 {
		return entry{}, errors.New("dtype, shape and two data_offsets are needed")
	}
	if len(e.shape) > maxDimensions {
		return entry{}, fmt.Errorf("%d dimensions are more than %d", len(e.shape), maxDimensions)
	}
	e.start, e.end = offsets[0], offsets[1]
	if e.start < 0 || e.end < e.start || e.end > limit {
		return entry{}, fmt.Errorf("bytes %d to %d are not within the data of %d bytes", e.start, e.end, limit)
	}
	want, err := byteLen(e.dtype, e.shape, limit)
	if err != nil {
		return entry{}, err
	}
	if want != e.end-e.start {
		return entry{}, fmt.Errorf(
			"%s of shape %v needs %d bytes, the offsets give %d", e.dtype, e.shape, want, e.end-e.start,
		)
	}
	return e, nil
}

// eachField calls do for every field of a JSON object in order. It returns an error if a key occurs
// twice, where package json silently keeps the last one.
func eachField(raw []byte, do func(key string, value json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the header does not hold a JSON object where one is needed")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		key, _ := t.(string) // between the braces of an object, a token in this place is always a string
		if seen[key] {
			return fmt.Errorf("%.200q occurs twice in the header", key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("header, %.200q: %w", key, err)
		}
		if err := do(key, value); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("the header has data after its JSON object")
	}
	return nil
}

package trunk

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"strconv"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/weights"
)

// parts are the prefixes of the names in a file of a Trainer's state, in the order of
// Trainer.state.
var parts = [3]string{"", "moment1.", "moment2."}

// stepsKey is the metadata key of the number of steps.
const stepsKey = "steps"

// Save writes the parameters as safetensors under their Hugging Face names.
func (t *Trainer) Save(w io.Writer) error {
	return t.write(w, 1, map[string]string{"format": "pt"})
}

// SaveState writes everything that the next step depends on, and the caller's metadata.
func (t *Trainer) SaveState(w io.Writer, metadata map[string]string) error {
	if err := t.ready(); err != nil {
		return fmt.Errorf("trainer: %w", err)
	}
	all := map[string]string{stepsKey: strconv.Itoa(t.step)}
	maps.Copy(all, metadata)
	return t.write(w, len(parts), all)
}

// RestoreState reads what SaveState wrote. After an error the Trainer must not be used.
func (t *Trainer) RestoreState(f *weights.File) error {
	step, err := strconv.Atoi(f.Metadata()[stepsKey])
	if err != nil || step < 0 {
		return fmt.Errorf("trainer: restore: %q steps", f.Metadata()[stepsKey])
	}
	var state []device.Buffer
	for _, prefix := range parts {
		uploaded, err := t.upload(f, prefix)
		state = append(state, uploaded...)
		if err != nil {
			device.Free(state...)
			return fmt.Errorf("trainer: restore: %w", err)
		}
	}
	device.Free(t.state...)
	t.state, t.step = state, step
	return nil
}

// write writes the first n parts of the state. It needs memory for one tensor.
func (t *Trainer) write(w io.Writer, n int, metadata map[string]string) error {
	var (
		all  []weights.Located
		last lastRead
	)
	for p, prefix := range parts[:n] {
		for i, s := range t.specs {
			at := weights.Location{
				Reader: onDevice{t.state[p*len(t.specs)+i], s, &last}, DType: weights.F32, Shape: s.Shape,
			}
			all = append(all, weights.Located{Name: prefix + s.Name, Location: at})
		}
	}
	return weights.WriteFrom(w, all, metadata)
}

// onDevice reads a tensor from the device as little-endian bytes.
type onDevice struct {
	buffer device.Buffer
	spec   biogpt.Spec
	last   *lastRead
}

// lastRead caches the tensor that was read last, because a tensor is read in many pieces.
type lastRead struct {
	buffer device.Buffer
	data   []byte
}

// ReadAt implements io.ReaderAt on the tensor's bytes.
func (d onDevice) ReadAt(p []byte, off int64) (int, error) {
	if d.last.buffer != d.buffer {
		values, err := d.buffer.Float32s(d.spec.Size())
		if err != nil {
			return 0, fmt.Errorf("parameter %q: %w", d.spec.Name, err)
		}
		data := make([]byte, 0, 4*len(values))
		for _, v := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
		d.last.buffer, d.last.data = d.buffer, data
	}
	if off < 0 || off >= int64(len(d.last.data)) {
		return 0, io.EOF
	}
	n := copy(p, d.last.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

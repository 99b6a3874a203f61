package loop

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/weights"
)

// The files of a run.
const (
	stateFile    = "state.safetensors"
	paramsPrefix = "step-"
	metadataKey  = "loop"
)

func paramsFile(step int) string { return fmt.Sprintf("%s%08d.safetensors", paramsPrefix, step) }

// progress is the state of a run beside that of the trainer.
type progress struct {
	Of    string     `json:"of"`   // digest of the data and the options
	Step  int        `json:"step"` // number of steps taken
	Loss  trunk.Loss `json:"loss"` // training loss since the last point
	Curve []Point    `json:"curve"`
}

// best is the index of the best point, the first of equals.
func (p *progress) best() int {
	best := 0
	for i, x := range p.Curve {
		if x.Dev < p.Curve[best].Dev {
			best = i
		}
	}
	return best
}

// needs reports whether the parameters at a measurement may be part of the result.
func (p *progress) needs(step, average int) bool {
	if average > 1 {
		return slices.ContainsFunc(p.Curve[max(0, len(p.Curve)-average):], func(x Point) bool { return x.Step == step })
	}
	return p.Curve[p.best()].Step == step
}

// resume reads the state, if it exists.
func (r *run) resume() error {
	r.state = progress{Of: r.digest()}
	file, done, err := weights.OpenFS(r.files, stateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: remove the directory to start again", err)
	}
	defer done()
	var state progress
	if err := json.Unmarshal([]byte(file.Metadata()[metadataKey]), &state); err != nil {
		return fmt.Errorf("%s: %w: remove the directory to start again", stateFile, err)
	}
	if state.Of != r.state.Of {
		return fmt.Errorf(
			"%w, with other data or options: use the same ones, or remove it to start again", ErrOther,
		)
	}
	r.state = state
	return r.trainer.RestoreState(file)
}

// save writes the state.
func (r *run) save() error {
	data, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	_, err = r.files.Write(stateFile, func(w io.Writer) error {
		return r.trainer.SaveState(w, map[string]string{metadataKey: string(data)})
	})
	return err
}

// sweep removes the parameters that the state does not need.
func (r *run) sweep() error {
	entries, err := fs.ReadDir(r.files, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		var step int
		if _, err := fmt.Sscanf(e.Name(), paramsPrefix+"%d", &step); err != nil ||
			!strings.HasPrefix(e.Name(), paramsPrefix) {
			continue
		}
		if !r.state.needs(step, r.Average) {
			if err := r.files.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// result reads the parameters of the result.
func (r *run) result() (Result, error) {
	if err := r.sweep(); err != nil { // a crash after the last step may have prevented it
		return Result{}, err
	}
	points := r.state.Curve
	best := points[r.state.best()]
	result := Result{Curve: points, Best: best.Step, Steps: r.state.Step}
	chosen := []Point{best}
	if r.Average > 1 {
		chosen = points[max(0, len(points)-r.Average):]
	}
	var means mean
	for _, p := range chosen {
		file, done, err := weights.OpenFS(r.files, paramsFile(p.Step))
		if err != nil {
			return result, fmt.Errorf("%w: remove the directory to start again", err)
		}
		defer done()
		means = append(means, file)
	}
	var err error
	if result.Params, err = biogpt.ReadParams(means, r.trainer.Config().Trunk()); err != nil {
		return result, err
	}
	if err := r.trainer.SetParams(result.Params); err != nil {
		return result, err
	}
	result.Dev, err = Measure(r.trainer, r.dev)
	return result, err
}

// mean reads the mean of several files.
type mean []*weights.File

// AppendFloat32s appends the mean of a tensor.
func (m mean) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	if len(m) == 1 {
		return m[0].AppendFloat32s(values, name, shape)
	}
	var (
		sums []float64
		one  []float32
		err  error
	)
	for _, f := range m {
		if one, err = f.AppendFloat32s(one[:0], name, shape); err != nil {
			return values, err
		}
		if sums == nil {
			sums = make([]float64, len(one))
		}
		for i, v := range one {
			sums[i] += float64(v)
		}
	}
	for _, s := range sums {
		values = append(values, float32(s/float64(len(m))))
	}
	return values, nil
}

// digest returns a digest of all that the result depends on except the backend and Vary.
func (r *run) digest() string {
	h := sha256.New()
	o := r.Options
	o.Vary, o.Progress, o.Checkpoint = nil, nil, 0
	fmt.Fprintf(h, "%+v\n%+v\n%+v\n%d %d\n", o, r.trainer.Config(), r.trainer.Options(), len(r.train), len(r.dev))
	for _, examples := range [][]trunk.Example{r.train, r.dev} {
		for _, e := range examples {
			for _, ids := range [][]int32{e.Tokens, e.Targets} {
				data := binary.LittleEndian.AppendUint32(nil, uint32(len(ids)))
				for _, id := range ids {
					data = binary.LittleEndian.AppendUint32(data, uint32(id))
				}
				h.Write(data)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Package doctor examines the machine and the backends: what there is, what opens, how fast it
// multiplies matrices, and what would make runs faster.
//
// Each plugin is opened in a process of its own, which is this program called with --probe: a
// plugin that crashes takes nothing else down.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// Diagnosis is the result of an examination.
type Diagnosis struct {
	Version  string    `json:"version"`
	Built    string    `json:"built"`
	SIMD     bool      `json:"simd"` // all of the backend cpu uses SIMD instructions
	XLA      bool      `json:"xla"`  // built with cgo, which opens plugins
	Machine  Machine   `json:"machine"`
	Backends []Backend `json:"backends"`
	Auto     string    `json:"auto"` // what --backend auto selects
	Why      string    `json:"why"`
	Faster   []string  `json:"faster"` // advice, the most effective first
}

// Backend is a backend, with one plugin if it has any.
type Backend struct {
	Name   string `json:"name"`
	Plugin string `json:"plugin,omitempty"`
	Opens  bool   `json:"opens"`
	Finding
}

// Diagnose examines everything. version is that of the program.
func Diagnose(ctx context.Context, version string, measure time.Duration) *Diagnosis {
	d := &Diagnosis{
		Version: version, Built: fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SIMD: device.SIMD, XLA: device.HasXLA, Machine: readMachine(ctx, device.GPUs()),
	}
	for _, name := range []string{device.CUDA, device.XLACPU} {
		d.plugins(ctx, name, measure)
	}
	d.add(device.CPU, "", probe(ctx, device.CPU, "", measure))
	d.choose()
	d.Faster = d.advice()
	return d
}

// plugins opens every plugin of a backend, and measures the first that opens: runs use that.
func (d *Diagnosis) plugins(ctx context.Context, name string, measure time.Duration) {
	found := device.Plugins(name)
	if len(found) == 0 {
		d.add(name, "", Finding{Error: "no plugin found"})
	}
	for _, plugin := range found {
		f := probe(ctx, name, plugin, measure)
		if f.Error == "" {
			measure = 0
		}
		d.add(name, plugin, f)
	}
}

func (d *Diagnosis) add(name, plugin string, f Finding) {
	d.Backends = append(d.Backends, Backend{Name: name, Plugin: plugin, Opens: f.Error == "", Finding: f})
}

// opened returns a backend with the plugin that runs use, if it opens.
func (d *Diagnosis) opened(name string) (Backend, bool) {
	for _, b := range d.Backends {
		if b.Name == name && b.Opens {
			return b, true
		}
	}
	return Backend{}, false
}

// has reports whether a plugin of the backend was found, even if it does not open.
func (d *Diagnosis) has(name string) bool {
	for _, b := range d.Backends {
		if b.Name == name && b.Plugin != "" {
			return true
		}
	}
	return false
}

// choose sets the backend that auto selects, and why.
func (d *Diagnosis) choose() {
	gpu := len(d.Machine.GPUs) > 0
	d.Auto = device.Resolve(gpu, func() error {
		if _, opens := d.opened(device.CUDA); !opens {
			return errors.New("no plugin opens")
		}
		return nil
	})
	switch {
	case d.Auto == device.CUDA:
		d.Why = "a GPU is visible and a plugin for it opens"
	case gpu && !d.XLA:
		d.Why = "this program was built without cgo and cannot open plugins"
	case gpu:
		d.Why = "a GPU is visible, but no plugin for it opens"
	default:
		d.Why = "no GPU is visible"
	}
}

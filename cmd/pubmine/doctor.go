package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/machine"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// doctorCommand is pubmine doctor.
type doctorCommand struct {
	JSON    bool          `name:"json" help:"As JSON."`
	Measure time.Duration `default:"2s" placeholder:"TIME" help:"How long to measure each backend; 0 not at all (default ${default})."`
	Probe   string        `hidden:"" help:"Open one backend in this process and say as JSON what came of it."`
	Plugin  string        `hidden:"" help:"The plugin that --probe opens."`
}

// Help is the second half of pubmine doctor --help.
func (*doctorCommand) Help() string {
	return `Opens every backend and every plugin that can be found, each in a process of its own, and measures how fast it multiplies matrices.
Nothing is changed and nothing is fetched.`
}

// Run runs the command.
func (c *doctorCommand) Run(ctx context.Context, std streams) error {
	if c.Measure < 0 {
		return usage("--measure %v: give a time, as 2s", c.Measure)
	}
	if c.Probe != "" {
		return c.answer(std)
	}
	d := diagnose(ctx, c.Measure)
	if ctx.Err() != nil {
		return &jobs.StoppedError{Cause: context.Cause(ctx)}
	}
	if c.JSON {
		e := json.NewEncoder(std.out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	return d.write(std.out, styleOf(std.out))
}

// diagnosis is what doctor finds.
type diagnosis struct {
	Version  string          `json:"version"`
	Built    string          `json:"built"`
	SIMD     bool            `json:"simd"` // all of the backend cpu computes on vectors
	XLA      bool            `json:"xla"`  // plugins can be opened: built with cgo
	Machine  machine.Machine `json:"machine"`
	Backends []backend       `json:"backends"`
	Auto     string          `json:"auto"` // what --backend auto uses
	Why      string          `json:"why"`
	Faster   []string        `json:"faster"` // what would help, most of all first
}

// backend is one that can be named, with one plugin where it has any.
type backend struct {
	Name   string `json:"name"`
	Plugin string `json:"plugin,omitempty"`
	Opens  bool   `json:"opens"`
	finding
}

// diagnose looks at everything.
func diagnose(ctx context.Context, measure time.Duration) *diagnosis {
	d := &diagnosis{
		Version: cmp.Or(
			programVersion(), "unknown",
		), Built: fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SIMD: device.SIMD, XLA: device.HasXLA, Machine: machine.Read(ctx, device.GPUs()),
	}
	for _, name := range []string{device.CUDA, device.XLACPU} {
		d.plugins(ctx, name, measure)
	}
	d.add(device.CPU, "", probe(ctx, device.CPU, "", measure))
	d.choose()
	d.Faster = d.advice()
	return d
}

// plugins opens every plugin of a backend, and measures the first that works: it is the one that is
// used.
func (d *diagnosis) plugins(ctx context.Context, name string, measure time.Duration) {
	found := device.Plugins(name)
	if len(found) == 0 {
		d.add(name, "", finding{Error: "no plugin found"})
	}
	for _, plugin := range found {
		f := probe(ctx, name, plugin, measure)
		if f.Error == "" {
			measure = 0
		}
		d.add(name, plugin, f)
	}
}

func (d *diagnosis) add(name, plugin string, f finding) {
	d.Backends = append(d.Backends, backend{Name: name, Plugin: plugin, Opens: f.Error == "", finding: f})
}

// works returns the plugin by which a backend is opened, if it is.
func (d *diagnosis) works(name string) (backend, bool) {
	for _, b := range d.Backends {
		if b.Name == name && b.Opens {
			return b, true
		}
	}
	return backend{}, false
}

// has reports whether a plugin of the backend was found, be it a broken one.
func (d *diagnosis) has(name string) bool {
	for _, b := range d.Backends {
		if b.Name == name && b.Plugin != "" {
			return true
		}
	}
	return false
}

// choose sets the backend that auto stands for here, and why.
func (d *diagnosis) choose() {
	gpu := len(d.Machine.GPUs) > 0
	d.Auto = device.Resolve(gpu, func() error {
		if _, opens := d.works(device.CUDA); !opens {
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

// programVersion is the version that was given when the program was built.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return ""
}

// Package device opens the machine's compute backends for the trunk and runs compiled graphs on
// them.
//
// There are two families. "go" is GoMLX's pure Go backend: always there, fast when the program is
// built with GOEXPERIMENT=simd on amd64. "xla:cpu" and "xla:cuda" run XLA through a PJRT plugin, a
// shared library that is searched for on the machine (see Plugins) and never downloaded; they need
// a build with cgo. "auto" is the first of XLA on CUDA, where a GPU can be seen, XLA on the CPU and
// Go of which a plugin is found and opens.
//
// A backend's values differ from another's in the last bits only; the class (Class) says which one
// computed a result.
//
// GoMLX reports mistakes in a graph by panicking. This package is the edge at which those panics
// become errors.
package device

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
)

// The names that Open takes.
const (
	Auto = "auto"
	Go   = "go"
	CPU  = "xla:cpu"
	CUDA = "xla:cuda"
	// Native is no backend of graphs: package native computes. Open does not take it.
	Native = "native"
)

// A Device is an open backend, or one of its accelerators where it has several (see Peers). It is
// used from one goroutine at a time.
type Device struct {
	backend compute.Backend
	class   string
	plugin  string
	num     compute.DeviceNum
}

// Open opens a backend by name.
func Open(name string) (*Device, error) {
	switch name {
	case Auto:
		for _, class := range preferred() {
			if d, err := Open(class); err == nil {
				return d, nil
			}
		}
		return openGo()
	case Go:
		return openGo()
	case CPU, CUDA:
		return openXLADevice(name)
	}
	return nil, fmt.Errorf("unknown backend %q: choose %s", name, strings.Join([]string{Auto, Go, CPU, CUDA}, ", "))
}

// preferred lists the backends that "auto" tries, in this order, until one opens.
func preferred() []string {
	if len(GPUs()) > 0 {
		return []string{CUDA, CPU, Go}
	}
	return []string{CPU, Go}
}

// OpenNative returns a Device that stands for package native: it has a class, and neither memory
// nor programs.
func OpenNative() *Device { return &Device{class: Native} }

// openGo has operations run one after the other, each on all cores. GoMLX would run independent
// ones at the same time, but an operation that waits for helpers keeps its place among the workers,
// so that enough of them at once wait for ever: seen in training on one core.
func openGo() (*Device, error) {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", Go, err)
	}
	return &Device{backend: b, class: Go}, nil
}

// openXLADevice opens the first plugin of the kind that works.
func openXLADevice(name string) (*Device, error) {
	var failed []error
	for _, path := range Plugins(name) {
		d, err := OpenPlugin(name, path)
		if err == nil {
			return d, nil
		}
		failed = append(failed, err)
	}
	if len(failed) == 0 {
		return nil, fmt.Errorf(
			"backend %s: no PJRT plugin found; install one with pubmine backend install --%s, or name its file or folder in %s",
			name, strings.TrimPrefix(name, "xla:"), pluginEnv,
		)
	}
	return nil, fmt.Errorf("backend %s: %w", name, errors.Join(failed...))
}

// OpenPlugin opens the plugin at a path as the backend CPU or CUDA. A plugin that crashes takes the
// program down.
func OpenPlugin(name, path string) (*Device, error) {
	d := &Device{class: name, plugin: path}
	err := catch("opening "+path, func() (err error) {
		d.backend, err = openXLA(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Class names what computes: "go", "xla:cpu" or "xla:cuda".
func (d *Device) Class() string { return d.class }

// Plugin returns the path of the PJRT plugin, empty for the Go backend.
func (d *Device) Plugin() string { return d.plugin }

// Peers returns a Device for each accelerator that the backend sees, itself first. They share
// programs but not buffers, and each may be used from a goroutine of its own. Closing one closes
// all.
func (d *Device) Peers() []*Device {
	peers := []*Device{d}
	if d.backend == nil {
		return peers
	}
	for num := range compute.DeviceNum(d.backend.NumDevices()) {
		if num != d.num {
			other := *d
			other.num = num
			peers = append(peers, &other)
		}
	}
	return peers
}

// Close frees the backend. Buffers and programs made with it must not be used afterwards.
func (d *Device) Close() error {
	if d.backend == nil {
		return nil
	}
	return catch("closing backend "+d.class, func() error {
		d.backend.Finalize()
		return nil
	})
}

// A Buffer is an array in the device's memory.
type Buffer struct{ b compute.Buffer }

// Element is a type of the values of a Buffer.
type Element interface {
	float32 | int32 | uint32 | bool | bfloat16.BFloat16
}

// Upload copies values, a flat slice, to the device.
func Upload[T Element](d *Device, values []T, dims ...int) (Buffer, error) {
	var buffer Buffer
	shape := shapes.Make(dtypeOf[T](), dims...)
	err := catch("copying to the device", func() (err error) {
		if shape.Size() != len(values) {
			return fmt.Errorf("%d values for a shape of %d", len(values), shape.Size())
		}
		buffer.b, err = d.backend.BufferFromFlatData(d.num, values, shape)
		return err
	})
	return buffer, err
}

// Float32s copies a float32 buffer of n values from the device.
func (b Buffer) Float32s(n int) ([]float32, error) {
	values := make([]float32, n)
	err := catch("copying from the device", func() error {
		shape, err := b.b.Shape()
		if err != nil {
			return err
		}
		if shape.Size() != n {
			return fmt.Errorf("%d values wanted of a shape of %d", n, shape.Size())
		}
		return b.b.ToFlatData(values)
	})
	return values, err
}

// Free releases buffers before the garbage collector would. Zero buffers are left alone.
func Free(buffers ...Buffer) {
	for _, b := range buffers {
		if b.b != nil {
			// A buffer that cannot be freed now is freed with the backend.
			_ = catch("freeing", func() error { return b.b.Finalize() })
		}
	}
}

// ErrMemory says that the device's memory is too small for what was asked of it.
var ErrMemory = errors.New("the device is out of memory")

// catch calls f and turns a panic into an error. GoMLX errors carry stack traces that only "%+v"
// prints; their messages take several lines, of which the text is joined into one.
func catch(what string, f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
		if err == nil {
			return
		}
		text := strings.Join(strings.Fields(err.Error()), " ")
		if strings.Contains(text, "RESOURCE_EXHAUSTED") {
			err = fmt.Errorf("%s: %w: %s", what, ErrMemory, text)
			return
		}
		err = fmt.Errorf("%s: %s", what, text)
	}()
	return f()
}

// Package device opens compute backends and runs compiled graphs on them.
//
// A user chooses between three backends:
//
//   - cpu: pubmine's own kernels (package cpu), in Go and assembly. It is always available, needs
//     no padding and compiles nothing.
//   - xla:cpu: XLA on the processor.
//   - cuda: XLA on NVIDIA GPUs.
//
// XLA runs through a PJRT plugin, a shared library that Plugins finds on the machine and that is
// never downloaded here; it needs a build with cgo.
//
// "auto" is cuda where a GPU is visible and a plugin for it opens, and cpu otherwise (Resolve).
//
// Training is the exception, because package cpu has no gradients: where auto or cpu would compute
// on the processor, OpenGradients opens xla:cpu if its plugin opens, and otherwise GoMLX's own
// backend in Go, which is slow. Users cannot choose GoMLX; tests open it by name.
//
// The values of two backends differ by rounding only. Class names the backend that computed a
// result.
//
// GoMLX reports mistakes in a graph by panicking. This package turns those panics into errors.
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

// The names of the backends.
const (
	Auto   = "auto"
	CPU    = "cpu"
	XLACPU = "xla:cpu"
	CUDA   = "cuda"
	GoMLX  = "gomlx" // for tests, and for training without a plugin
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
		var gpu *Device
		name = Resolve(len(GPUs()) > 0, func() (err error) {
			gpu, err = Open(CUDA)
			return err
		})
		if name == CUDA {
			return gpu, nil
		}
		return OpenCPU(), nil
	case CPU:
		return OpenCPU(), nil
	case XLACPU, CUDA:
		return openXLADevice(name)
	case GoMLX:
		return openGoMLX()
	}
	return nil, fmt.Errorf("unknown backend %q: choose %s", name, strings.Join([]string{Auto, CPU, XLACPU, CUDA}, ", "))
}

// Resolve returns the backend that "auto" stands for: CUDA where a GPU is visible and openCUDA
// succeeds, and CPU otherwise.
func Resolve(gpu bool, openCUDA func() error) string {
	if gpu && openCUDA() == nil {
		return CUDA
	}
	return CPU
}

// OpenGradients opens the backend that computes gradients for the name of a backend (see the
// package documentation).
func OpenGradients(name string) (*Device, error) {
	d, err := Open(name)
	if err != nil || d.class != CPU {
		return d, err
	}
	if d, err := Open(XLACPU); err == nil {
		return d, nil
	}
	return openGoMLX()
}

// OpenCPU returns the Device of package cpu. It has a class and a speed, but no memory and no
// programs: package biogpt calls the kernels itself.
func OpenCPU() *Device { return &Device{class: CPU} }

// openGoMLX has operations run one after the other, each on all cores. GoMLX would run independent
// ones at the same time, but an operation that waits for helpers keeps its place among the workers,
// so that enough of them at once deadlock: seen in training on one core.
func openGoMLX() (*Device, error) {
	b, err := gobackend.New("ops_sequential")
	if err != nil {
		return nil, fmt.Errorf("backend %s: %w", GoMLX, err)
	}
	return &Device{backend: b, class: GoMLX}, nil
}

// openXLADevice opens the first plugin that works.
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
			"backend %s: no PJRT plugin found: install one with pubmine backend install --%s, "+
				"or set %s to its file or directory",
			name, strings.TrimPrefix(name, "xla:"), pluginEnv,
		)
	}
	return nil, fmt.Errorf("backend %s: %w", name, errors.Join(failed...))
}

// OpenPlugin opens the plugin at a path as the backend XLACPU or CUDA. A plugin that crashes ends
// this process.
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

// Class is the name of the backend: CPU, XLACPU, CUDA or GoMLX.
func (d *Device) Class() string { return d.class }

// Plugin returns the path of the PJRT plugin, empty where there is none.
func (d *Device) Plugin() string { return d.plugin }

// Peers returns a Device for each accelerator of the backend, itself first. They share programs but
// not buffers, and each may be used from a different goroutine. Closing one closes all.
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
			return fmt.Errorf("asked for %d values of a buffer of %d", n, shape.Size())
		}
		return b.b.ToFlatData(values)
	})
	return values, err
}

// Free releases buffers before the garbage collector would. Zero buffers are ignored.
func Free(buffers ...Buffer) {
	for _, b := range buffers {
		if b.b != nil {
			// A buffer that cannot be freed now is freed with the backend.
			_ = catch("freeing", func() error { return b.b.Finalize() })
		}
	}
}

// ErrMemory is the error of a device whose memory is too small.
var ErrMemory = errors.New("the device is out of memory")

// catch calls f and turns a panic into an error. GoMLX errors carry stack traces that only "%+v"
// prints; the lines of their messages are joined into one.
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

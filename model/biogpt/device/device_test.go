package device

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/google/go-cmp/cmp"
)

// bare points every place that Plugins searches, but for those of the system, into an empty folder.
func bare(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{pluginEnv, "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
	t.Setenv("PATH", dir)
	t.Setenv("HOME", filepath.Join(dir, "home"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	return dir
}

func touch(t *testing.T, elem ...string) string {
	t.Helper()
	path := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPluginsAreFoundInOrder(t *testing.T) {
	dir := bare(t)
	system := Plugins(XLACPU)
	named := touch(t, dir, "named", "pjrt_c_api_cpu_v0.83.4_plugin.so")
	folder := touch(t, dir, "folder", "pjrt_c_api_cpu_plugin.so")
	touch(t, dir, "folder", "libcpu.so")
	touch(t, dir, "folder", "cpu_plugin.txt")
	cuda := touch(
		t, dir, "venv", "lib", "python3.12", "site-packages", "jax_plugins", "xla_cuda13", "xla_cuda_plugin.so",
	)
	python := touch(
		t, dir, "venv", "lib", "python3.12", "site-packages", "lammps_jax_pjrt_cpu", "pjrt_c_api_cpu_plugin.so",
	)
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "venv"))
	unactivated := touch(
		t, dir, "other", "lib64", "python3.13", "site-packages", "jax_plugins", "xla_cuda12", "xla_cuda_plugin.so",
	)
	if err := os.Chmod(touch(t, dir, "other", "bin", "python3"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Join(dir, "other", "bin"))
	installer := touch(t, dir, "home", ".local", "lib", "go-xla", "nvidia", "pjrt_c_api_cuda_plugin.so")
	t.Setenv(
		pluginEnv, strings.Join([]string{named, filepath.Join(dir, "folder"), named}, string(os.PathListSeparator)),
	)
	want := []string{named, folder}
	if cache, err := os.UserCacheDir(); err == nil && strings.HasPrefix(cache, dir) {
		want = append(want, touch(t, cache, "pubmine", "pjrt", "pjrt_c_api_cpu_plugin.so"))
	}
	want = append(append(want, python), system...)
	if diff := cmp.Diff(want, Plugins(XLACPU)); diff != "" {
		t.Errorf("CPU: %s", diff)
	}
	wantCUDA := []string{cuda, unactivated, installer}
	if cache, err := os.UserCacheDir(); err == nil && strings.HasPrefix(cache, dir) {
		wantCUDA = append(
			[]string{
				touch(
					t, cache, "pubmine", "pjrt", "jax-cuda12-pjrt-0.10.2", "jax_plugins", "xla_cuda12",
					"xla_cuda_plugin.so",
				),
			},
			wantCUDA...)
	}
	if diff := cmp.Diff(wantCUDA, Plugins(CUDA)[:len(wantCUDA)]); diff != "" {
		t.Errorf("CUDA: %s", diff)
	}
}

func TestOpenWithoutPlugins(t *testing.T) {
	dir := bare(t)
	if len(Plugins(XLACPU))+len(Plugins(CUDA)) > 0 {
		t.Skip("plugins are installed for the whole system")
	}
	for _, name := range []string{XLACPU, CUDA} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), pluginEnv) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := touch(t, dir, "pjrt_c_api_cpu_plugin.so")
	t.Setenv(pluginEnv, broken)
	if _, err := Open(XLACPU); err == nil || !strings.Contains(err.Error(), broken) ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("broken plugin: %v", err)
	}
	d, err := Open(Auto)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if d.Class() != CPU || d.Plugin() != "" {
		t.Errorf("auto with a broken plugin is %s %s", d.Class(), d.Plugin())
	}
	for _, name := range []string{Auto, CPU, GoMLX} {
		g, err := OpenGradients(name)
		if err != nil || g.Class() != GoMLX || g.Close() != nil {
			t.Errorf("gradients of %s without a plugin: %v, %v", name, g, err)
		}
	}
	if _, err := OpenGradients(XLACPU); err == nil {
		t.Error("a broken plugin computes gradients")
	}
	if _, err := Open("abacus"); err == nil || !strings.Contains(err.Error(), XLACPU) {
		t.Errorf("unknown backend: %v", err)
	}
}

func TestProgram(t *testing.T) {
	d, err := Open(GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	in := []shapes.Shape{Shape[float32](3), Shape[int32](3), Shape[uint32](3), Shape[bool](3)}
	p, err := d.Compile("sum", in, func(in []*Node) []*Node {
		sum := in[0]
		for _, x := range in[1:] {
			sum = Add(sum, ConvertDType(x, in[0].DType()))
		}
		return []*Node{sum}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, errA := Upload(d, []float32{1, 2, 3}, 3)
	b, errB := Upload(d, []int32{10, -20, 30}, 3)
	c, errC := Upload(d, []uint32{0, 1, 2}, 3)
	e, errE := Upload(d, []bool{true, false, true}, 3)
	for _, err := range []error{errA, errB, errC, errE} {
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := p.Run([]Buffer{a, b, c, e}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := out[0].Float32s(3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{12, -17, 36}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := out[0].Float32s(4); err == nil {
		t.Error("reading four of three values should fail")
	}
	if _, err := p.Run([]Buffer{a}, 0); err == nil {
		t.Error("running without an input should fail")
	}
	Free(append(out, a, b, c, e, Buffer{})...)
}

func TestPanicsBecomeErrors(t *testing.T) {
	d, err := Open(GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, err = d.Compile("mismatch", []shapes.Shape{Shape[float32](3), Shape[float32](4)}, func(in []*Node) []*Node {
		return []*Node{Add(in[0], in[1])}
	})
	if err == nil || !strings.HasPrefix(err.Error(), "compiling mismatch: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if _, err := Upload(d, []float32{1, 2}, 3); err == nil {
		t.Error("two values for three places should fail")
	}
}

func TestResolve(t *testing.T) {
	opens, fails := func() error { return nil }, func() error { return os.ErrNotExist }
	for _, c := range []struct {
		gpu  bool
		open func() error
		want string
	}{{true, opens, CUDA}, {true, fails, CPU}, {false, opens, CPU}} {
		if got := Resolve(c.gpu, c.open); got != c.want {
			t.Errorf("GPU %v: %s, want %s", c.gpu, got, c.want)
		}
	}
}

// TestDonation feeds a program its own output, as training does with its parameters.
func TestDonation(t *testing.T) {
	for _, name := range []string{GoMLX, XLACPU} {
		t.Run(name, func(t *testing.T) {
			if name == XLACPU && (testing.Short() || len(Plugins(name)) == 0) {
				t.Skip("-short, or no PJRT plugin for the CPU on this machine")
			}
			d, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if d.Class() != name || (d.Plugin() == "") != (name == GoMLX) {
				t.Errorf("class %s, plugin %s", d.Class(), d.Plugin())
			}
			p, err := d.Compile("step", []shapes.Shape{Shape[float32](2), Shape[float32]()}, func(in []*Node) []*Node {
				next := Add(in[0], in[1])
				return []*Node{next, ReduceAllSum(next)}
			})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			state, err := Upload(d, []float32{1, 2}, 2)
			if err != nil {
				t.Fatal(err)
			}
			step, err := Upload(d, []float32{0.5})
			if err != nil {
				t.Fatal(err)
			}
			var sum []float32
			for range 10 {
				out, err := p.Run([]Buffer{state, step}, 1)
				if err != nil {
					t.Fatal(err)
				}
				state = out[0]
				if sum, err = out[1].Float32s(1); err != nil {
					t.Fatal(err)
				}
				Free(out[1])
			}
			values, err := state.Float32s(2)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]float32{6, 7, 13}, append(values, sum...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOpenCPU checks that the Device of package cpu has a class and a speed, and no programs.
func TestOpenCPU(t *testing.T) {
	d := OpenCPU()
	if s, err := d.Speed(0); err != nil || s.FLOPS <= 0 {
		t.Errorf("speed %v, %v", s, err)
	}
	if peers := d.Peers(); len(peers) != 1 || peers[0] != d {
		t.Errorf("peers %v", peers)
	}
	if _, err := d.Compile("sum", nil, func(in []*Node) []*Node { return in }); err == nil {
		t.Error("a graph was compiled")
	}
	if err := d.Close(); err != nil || d.Class() != CPU {
		t.Errorf("class %s, closing: %v", d.Class(), err)
	}
}

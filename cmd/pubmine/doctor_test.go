package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/machine"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/pjrt"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// withoutPlugins hides those of this machine.
func withoutPlugins(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"PJRT_PLUGIN_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("PATH", dir)
	if len(device.Plugins(device.XLACPU)) > 0 {
		t.Skip("a plugin is installed for the whole system")
	}
}

func doctor(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := execute(context.Background(), append([]string{"doctor"}, args...), streams{out: &out, err: &out}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A plugin that is none, or that crashes, is told of. It takes nothing down.
func TestDoctorOnBrokenPlugins(t *testing.T) {
	cc, compiler := exec.LookPath("cc")
	withoutPlugins(t)
	if !device.HasXLA {
		t.Skip("built without cgo")
	}
	rubbish := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(rubbish, []byte("no library"), 0o666); err != nil {
		t.Fatal(err)
	}
	plugins, says := []string{rubbish}, []string{"fails to open"}
	if compiler == nil {
		for name, act := range map[string]string{"crashes": "*(volatile int *)0 = 1", "ends": "_exit(0)"} {
			library := filepath.Join(t.TempDir(), name+"_cpu_plugin.so")
			build := exec.Command(cc, "-shared", "-fPIC", "-x", "c", "-o", library, "-")
			build.Env = append(os.Environ(), "PATH=/usr/bin:/bin")
			build.Stdin = strings.NewReader(
				"#include <unistd.h>\n__attribute__((constructor)) static void start(void) { " + act + "; }\n",
			)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			plugins, says = append(
				plugins, library,
			), append(
				says, map[string]string{"crashes": "it crashes", "ends": "ends the program"}[name],
			)
		}
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", strings.Join(plugins, string(os.PathListSeparator)))
	var d diagnosis
	if err := json.Unmarshal([]byte(doctor(t, "--json", "--measure", "0")), &d); err != nil {
		t.Fatal(err)
	}
	if d.Auto != device.CPU || !strings.Contains(strings.Join(d.Faster, "\n"), "does not open") {
		t.Errorf("%+v", d)
	}
	for i, plugin := range plugins {
		found := false
		for _, b := range d.Backends {
			if b.Plugin == plugin {
				found = true
				if b.Opens || i > 0 && !strings.Contains(b.Error, says[i]) || b.Error == "" {
					t.Errorf("%+v", b)
				}
			}
		}
		if !found {
			t.Errorf("%s is not in %+v", plugin, d.Backends)
		}
	}
}

func TestDoctorMeasures(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for a second")
	}
	withoutPlugins(t)
	said := doctor(t, "--measure", "10ms")
	for _, want := range []string{"FLOP/s  float32", "--backend auto is cpu", "Machine\n", "→ cpu "} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
}

func TestDoctorRefuses(t *testing.T) {
	err := execute(
		context.Background(), []string{"doctor", "--measure=-1s"},
		streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}},
	)
	if exitCode(err) != exitUsage {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (&doctorCommand{}).Run(ctx, streams{out: &bytes.Buffer{}}); exitCode(err) != exitAgain {
		t.Error(err)
	}
}

// What is advised fits what was found.
func TestAdvice(t *testing.T) {
	gpu := machine.Machine{Cores: 2, Used: 2, GPUs: []machine.GPU{{Model: "NVIDIA H200"}}}
	opens := func(name string, flops float64) backend {
		return backend{Name: name, Plugin: "/x", Opens: true, finding: finding{FLOPS: flops}}
	}
	fails := func(name string) backend { return backend{Name: name, Plugin: "/x", finding: finding{Error: "no"}} }
	none := func(name string) backend { return backend{Name: name, finding: finding{Error: "no plugin found"}} }
	for _, test := range []struct {
		name  string
		d     diagnosis
		wants []string
	}{
		{"all is there", diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []backend{opens(device.CUDA, 1e14), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10)}}, nil},
		{"no plugin", diagnosis{SIMD: true, XLA: true, Backends: []backend{none(device.CUDA), none(device.XLACPU), opens(device.CPU, 1e10)}}, []string{"pubmine backend install: training"}},
		{"a broken one", diagnosis{SIMD: true, XLA: true, Backends: []backend{none(device.CUDA), fails(device.XLACPU), opens(device.CPU, 1e10)}}, []string{"does not open"}},
		{"a GPU lies idle", diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []backend{none(device.CUDA), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10)}}, []string{"install --cuda"}},
		{"its plugin is broken", diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []backend{fails(device.CUDA), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10)}}, []string{"the GPU is not used"}},
		{"built without cgo", diagnosis{SIMD: true, Machine: gpu, Backends: []backend{none(device.CUDA), none(device.XLACPU), opens(device.CPU, 1e10)}}, []string{"C compiler"}},
		{"few cores", diagnosis{SIMD: true, XLA: true, Machine: machine.Machine{Cores: 8, Used: 2}, Backends: []backend{opens(device.XLACPU, 1e11)}}, []string{"2 of 8 cores"}},
		{"XLA is faster", diagnosis{SIMD: true, XLA: true, Auto: device.CPU, Backends: []backend{opens(device.XLACPU, 1e11), opens(device.CPU, 1e10)}}, []string{"--backend xla:cpu"}},
	} {
		got := test.d.advice()
		if len(got) != len(test.wants) {
			t.Errorf("%s: %q", test.name, got)
			continue
		}
		for i, want := range test.wants {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: %q, want %q", test.name, got[i], want)
			}
		}
	}
}

func TestDiagnosisIsLaidOut(t *testing.T) {
	d := diagnosis{
		Version: "v1", Built: "go1.26 linux/amd64", SIMD: true, XLA: true, Auto: device.CUDA, Why: "a GPU is visible and a plugin for it opens",
		Machine: machine.Machine{
			Processor: "A processor", Cores: 16, Used: 16, Features: []string{"AVX2"}, Memory: 128e9, Free: 100e9,
			GPUs: []machine.GPU{{Model: "NVIDIA H200", Memory: "143771 MiB", Free: "143000 MiB", Driver: "570"}},
		},
		Backends: []backend{
			{
				Name: device.CUDA, Plugin: "/a/xla_cuda_plugin.so", Opens: true,
				finding: finding{FLOPS: 6.5e14, DType: "BFloat16"},
			},
			{Name: device.CUDA, Plugin: "/b/xla_cuda_plugin.so", Opens: true},
			{
				Name: device.XLACPU, Plugin: "/a/cpu_plugin.so",
				finding: finding{Error: "opening /a/cpu_plugin.so: file too short"},
			},
			{Name: device.CPU, Opens: true, finding: finding{FLOPS: 3e10, DType: "Float32"}},
		},
	}
	var b bytes.Buffer
	if err := d.write(&b, view.Style{}); err != nil {
		t.Fatal(err)
	}
	want := `pubmine v1  go1.26 linux/amd64

Machine
  processor  A processor
  cores      16; AVX2
  memory     128.0 GB, 100.0 GB free
  GPU        NVIDIA H200, 143771 MiB, 143000 MiB free, driver 570

Program
  SIMD       yes, all of the backend cpu computes on vectors
  XLA        yes, plugins can be opened

Backends
→ cuda       opens   650.0 TFLOP/s  bfloat16  /a/xla_cuda_plugin.so
             opens                            /b/xla_cuda_plugin.so
  xla:cpu    fails  /a/cpu_plugin.so
                    file too short
  cpu        opens    30.0 GFLOP/s  float32

--backend auto is cuda: a GPU is visible and a plugin for it opens.

What would make it faster
  nothing that is missing here: more GPUs
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestBackendInstall(t *testing.T) {
	var out, said bytes.Buffer
	std := streams{out: &out, err: &said}
	failing := func(err error) pjrt.Fetcher { return func(context.Context, string, string) error { return err } }
	for _, test := range []struct {
		fetch pjrt.Fetcher
		code  int
	}{{failing(pjrt.ErrNotNow), exitAgain}, {failing(errors.New("x")), exitFailed}} {
		c := installCommand{fetch: test.fetch, folder: t.TempDir()}
		if _, err := pjrt.Install(context.Background(), t.TempDir(), pjrt.CPU, test.fetch); errors.Is(
			err, pjrt.ErrPlatform,
		) {
			t.Skip(err)
		}
		if err := c.Run(context.Background(), std); exitCode(err) != test.code || out.Len() > 0 {
			t.Errorf("%v, said %s", err, out.String())
		}
	}
	if !strings.Contains(said.String(), "fetching lammps-jax-pjrt-cpu==") {
		t.Error(said.String())
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	err := execute(context.Background(), []string{"backend", "install", "--cuda"}, std)
	if exitCode(err) != exitAgain || !strings.Contains(err.Error(), "install Python 3") {
		t.Error(err)
	}
	if err := execute(context.Background(), []string{"backend", "install", "--cuda", "--cpu"}, std); exitCode(
		err,
	) != exitUsage {
		t.Error(err)
	}
}

package doctor

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// The advice fits the findings.
func TestAdvice(t *testing.T) {
	gpu := Machine{Cores: 2, Used: 2, GPUs: []GPU{{Model: "NVIDIA H200"}}}
	opens := func(name string, flops float64) Backend {
		return Backend{Name: name, Plugin: "/x", Opens: true, Finding: Finding{FLOPS: flops}}
	}
	fails := func(name string) Backend { return Backend{Name: name, Plugin: "/x", Finding: Finding{Error: "no"}} }
	none := func(name string) Backend { return Backend{Name: name, Finding: Finding{Error: "no plugin found"}} }
	for _, test := range []struct {
		name  string
		d     Diagnosis
		wants []string
	}{
		{"all is there", Diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []Backend{
			opens(device.CUDA, 1e14), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10),
		}}, nil},
		{"no plugin", Diagnosis{SIMD: true, XLA: true, Backends: []Backend{
			none(device.CUDA), none(device.XLACPU), opens(device.CPU, 1e10),
		}}, []string{"pubmine backend install: training"}},
		{"a broken one", Diagnosis{SIMD: true, XLA: true, Backends: []Backend{
			none(device.CUDA), fails(device.XLACPU), opens(device.CPU, 1e10),
		}}, []string{"does not open"}},
		{"a GPU lies idle", Diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []Backend{
			none(device.CUDA), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10),
		}}, []string{"install --cuda"}},
		{"its plugin is broken", Diagnosis{SIMD: true, XLA: true, Machine: gpu, Backends: []Backend{
			fails(device.CUDA), opens(device.XLACPU, 1e11), opens(device.CPU, 1e10),
		}}, []string{"the GPU is not used"}},
		{"built without cgo", Diagnosis{SIMD: true, Machine: gpu, Backends: []Backend{
			none(device.CUDA), none(device.XLACPU), opens(device.CPU, 1e10),
		}}, []string{"C compiler"}},
		{"few cores", Diagnosis{SIMD: true, XLA: true, Machine: Machine{Cores: 8, Used: 2}, Backends: []Backend{
			opens(device.XLACPU, 1e11),
		}}, []string{"2 of 8 cores"}},
		{"XLA is faster", Diagnosis{SIMD: true, XLA: true, Auto: device.CPU, Backends: []Backend{
			opens(device.XLACPU, 1e11), opens(device.CPU, 1e10),
		}}, []string{"--backend xla:cpu"}},
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

func TestWrite(t *testing.T) {
	d := Diagnosis{
		Version: "v1", Built: "go1.26 linux/amd64", SIMD: true, XLA: true, Auto: device.CUDA,
		Why: "a GPU is visible and a plugin for it opens",
		Machine: Machine{
			Processor: "A processor", Cores: 16, Used: 16, Features: []string{"AVX2"}, Memory: 128e9, Free: 100e9,
			GPUs: []GPU{{Model: "NVIDIA H200", Memory: "143771 MiB", Free: "143000 MiB", Driver: "570"}},
		},
		Backends: []Backend{
			{
				Name: device.CUDA, Plugin: "/a/xla_cuda_plugin.so", Opens: true,
				Finding: Finding{FLOPS: 6.5e14, DType: "BFloat16"},
			},
			{Name: device.CUDA, Plugin: "/b/xla_cuda_plugin.so", Opens: true},
			{
				Name: device.XLACPU, Plugin: "/a/cpu_plugin.so",
				Finding: Finding{Error: "opening /a/cpu_plugin.so: file too short"},
			},
			{Name: device.CPU, Opens: true, Finding: Finding{FLOPS: 3e10, DType: "Float32"}},
		},
	}
	var b bytes.Buffer
	if err := d.Write(&b, view.Style{}); err != nil {
		t.Fatal(err)
	}
	want := `pubmine v1  go1.26 linux/amd64

Machine
  processor  A processor
  cores      16; AVX2
  memory     128.0 GB, 100.0 GB free
  GPU        NVIDIA H200, 143771 MiB, 143000 MiB free, driver 570

Program
  SIMD       yes
  XLA        yes, plugins can be opened

Backends
→ cuda       opens   650.0 TFLOP/s  bfloat16  /a/xla_cuda_plugin.so
             opens                            /b/xla_cuda_plugin.so
  xla:cpu    fails  /a/cpu_plugin.so
                    file too short
  cpu        opens    30.0 GFLOP/s  float32

--backend auto is cuda: a GPU is visible and a plugin for it opens.

Advice
  only better hardware: more GPUs
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// The names and errors of drivers and plugins cannot act on a terminal.
func TestWriteIsInert(t *testing.T) {
	const nasty = "\x1b[2J\u202e\x9b\n"
	d := Diagnosis{
		Version: nasty, Built: nasty, Auto: device.CPU, Why: nasty,
		Machine: Machine{
			Processor: nasty, Cores: 1, Used: 1, Features: []string{nasty}, Memory: 1,
			GPUs: []GPU{{Model: nasty, Memory: nasty, Free: nasty, Driver: nasty}},
		},
		Backends: []Backend{
			{Name: device.CUDA, Plugin: nasty, Finding: Finding{Error: nasty}},
			{Name: device.CPU, Plugin: nasty, Opens: true},
			{Name: device.XLACPU, Finding: Finding{Error: nasty}},
		},
	}
	var b bytes.Buffer
	if err := d.Write(&b, view.Style{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); inert.Text(got) != got || !strings.Contains(got, `GPU        \x1b[2J\u202e\x9b\n, \x1b`) {
		t.Errorf("%q", got)
	}
}

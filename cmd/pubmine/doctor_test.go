package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/doctor"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
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

func runDoctor(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := executed(
		t, context.Background(), append([]string{"doctor"}, args...), streams{out: &out, err: &out},
	); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A file that is no plugin, and plugins that crash, are reported. They take nothing down.
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
	plugins, reasons := []string{rubbish}, []string{"fails to open"}
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
			plugins = append(plugins, library)
			reasons = append(reasons, map[string]string{"crashes": "it crashes", "ends": "ends the program"}[name])
		}
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", strings.Join(plugins, string(os.PathListSeparator)))
	var d doctor.Diagnosis
	if err := json.Unmarshal([]byte(runDoctor(t, "--json", "--measure", "0")), &d); err != nil {
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
				if b.Opens || i > 0 && !strings.Contains(b.Error, reasons[i]) || b.Error == "" {
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
	printed := runDoctor(t, "--measure", "10ms")
	for _, want := range []string{"FLOP/s  float32", "--backend auto is cpu", "Machine\n", "→ cpu "} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in:\n%s", want, printed)
		}
	}
}

func TestDoctorRefuses(t *testing.T) {
	err := executed(t,
		context.Background(), []string{"doctor", "--measure=-1s"},
		streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}},
	)
	if exit.Code(err) != exit.Misuse {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (&doctorCommand{}).Run(ctx, streams{out: &bytes.Buffer{}}); exit.Code(err) != exit.Again {
		t.Error(err)
	}
}

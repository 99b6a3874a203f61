package pjrt

import (
	"archive/zip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/store"
)

// wheel writes a zip with the named files, each of which holds its name.
func wheel(t *testing.T, path string, names ...string) string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tree lists the files below a folder.
func tree(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(root, path) // both are absolute
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The lists pin everything they name.
func TestLists(t *testing.T) {
	for _, kind := range []Kind{CPU, CUDA} {
		packages := kind.Packages()
		if len(packages) == 0 || len(packages) != len(kind.expected()) {
			t.Errorf("%s: %d packages, %d sums", kind, len(packages), len(kind.expected()))
		}
		for _, p := range packages {
			if name, version, ok := strings.Cut(p, "=="); !ok || name == "" || version == "" {
				t.Errorf("%s: %q is not pinned", kind, p)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	folder := CUDA.folder()
	for _, test := range []struct {
		kind       Kind
		name, want string
	}{
		{CPU, "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so", "pjrt_c_api_cpu_plugin.so"},
		{CPU, "lammps_jax_pjrt_cpu/__init__.py", ""},
		{CPU, "../pjrt_c_api_cpu_plugin.so", ""},
		{CPU, "/pjrt_c_api_cpu_plugin.so", ""},
		{CUDA, "jax_plugins/xla_cuda12/xla_cuda_plugin.so", folder + "/jax_plugins/xla_cuda12/xla_cuda_plugin.so"},
		{CUDA, "jax_plugins/xla_cuda12/__init__.py", ""},
		{CUDA, "nvidia/cublas/lib/libcublas.so.12", folder + "/nvidia/cublas/lib/libcublas.so.12"},
		{CUDA, "nvidia/cublas/include/cublas.h", ""},
		{CUDA, "nvidia/../../x", ""},
		{CUDA, "nvidia/", ""},
	} {
		if got := test.kind.key(test.name); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.kind, test.name, got, test.want)
		}
	}
}

func TestUnpackTakesPluginsLast(t *testing.T) {
	root := t.TempDir()
	var renamed []string
	dir := store.New(root, func(op, path string) error {
		if op == "rename" {
			renamed = append(renamed, filepath.Base(path))
		}
		return nil
	})
	wheels := []string{
		wheel(
			t, filepath.Join(t.TempDir(), "a.whl"), "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
			"jax_plugins/xla_cuda12/__init__.py",
		),
		wheel(
			t, filepath.Join(t.TempDir(), "b.whl"), "nvidia/cublas/lib/libcublas.so.12",
			"nvidia/cuda_nvcc/bin/ptxas",
		),
	}
	var plugin string
	for _, plugins := range []bool{false, true} {
		for _, w := range wheels {
			found, err := unpackWheel(context.Background(), dir, CUDA, w, plugins)
			if err != nil {
				t.Fatal(err)
			}
			plugin += found
		}
	}
	if diff := cmp.Diff([]string{"libcublas.so.12", "ptxas", "xla_cuda_plugin.so"}, renamed); diff != "" {
		t.Error(diff)
	}
	if plugin != filepath.Join(root, CUDA.folder(), "jax_plugins", "xla_cuda12", "xla_cuda_plugin.so") {
		t.Error(plugin)
	}
	info, err := os.Stat(filepath.Join(root, CUDA.folder(), "nvidia", "cuda_nvcc", "bin", "ptxas"))
	if err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("ptxas cannot be run: %v, %v", info, err)
	}
	if err := os.MkdirAll(filepath.Join(root, "jax-cuda12-pjrt-0.1", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := CUDA.removeOthers(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, "jax-cuda*")); len(left) != 1 {
		t.Errorf("left are %v", left)
	}
}

// Whatever goes wrong, nothing is left that could be taken for a plugin, and the plugin that was
// there stays.
func TestInstallLeavesNothingHalfWritten(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("plugins are installed on linux/amd64 alone")
	}
	down := errors.New("down")
	for name, test := range map[string]struct {
		fetch Fetcher
		want  string
	}{
		"fails":           {func(context.Context, string, string) error { return down }, "down"},
		"fetches nothing": {func(context.Context, string, string) error { return nil }, "did not come"},
		"another file": {func(_ context.Context, _, folder string) error {
			wheel(t, filepath.Join(folder, "lammps.whl"), "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so")
			return nil
		}, "is not the file that this pubmine expects"},
		"half of one": {func(_ context.Context, _, folder string) error {
			return errors.Join(os.WriteFile(filepath.Join(folder, "lammps.whl"), []byte("PK"), 0o666), down)
		}, "down"},
	} {
		folder := t.TempDir()
		before := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
		if err := os.WriteFile(before, []byte("older"), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Install(context.Background(), folder, CPU, test.fetch)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]string{"lock", "pjrt_c_api_cpu_plugin.so"}, tree(t, folder)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestPip(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	if err := Pip(nil)(context.Background(), "list", "folder"); !errors.Is(err, ErrNotNow) ||
		!strings.Contains(err.Error(), "install Python 3") {
		t.Errorf("without Python: %v", err)
	}
	for script, want := range map[string]string{
		"echo 'python3: No module named pip' >&2; exit 1": "ensurepip",

		// Messages of pip.
		"echo ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE >&2; exit 1":             "sha256",
		"echo 'WARNING: Retrying: NameResolutionError' >&2; echo 'ERROR: No matching distribution' >&2; exit 1": "check the network",
		"echo WARNING: x >&2; echo 'ERROR: No matching distribution' >&2; exit 1":                               "No matching distribution",
		"exit 3": "exit status 3",
	} {
		if err := os.WriteFile(filepath.Join(bin, "python3"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := Pip(nil)(context.Background(), "list", "folder"); !errors.Is(err, ErrNotNow) ||
			!strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", script, err)
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	if err := Pip(nil)(ctx, "list", "folder"); err == nil || err.Error() != "enough" {
		t.Errorf("canceled: %v", err)
	}
}

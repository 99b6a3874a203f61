package doctor

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadMachine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	m := readMachine(context.Background(), []string{"/dev/nvidia0"})
	if m.Cores < 1 || m.Used < 1 || len(m.GPUs) != 1 || m.GPUs[0].Model != "/dev/nvidia0" {
		t.Errorf("%+v", m)
	}
	if runtime.GOOS == "linux" && (m.Memory == 0 || m.Free == 0 || m.Free > m.Memory) {
		t.Errorf("%d bytes free of %d", m.Free, m.Memory)
	}
}

func TestMemory(t *testing.T) {
	root := t.TempDir()
	if total, free := memory(root); total != 0 || free != 0 {
		t.Errorf("%d and %d of nothing", total, free)
	}
	put := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(
		"proc/meminfo",
		"MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:     600 kB\nHugePages_Total:       0\nOdd: x kB\n",
	)
	for _, test := range []struct {
		limit, used string
		total, free uint64
	}{
		{"max", "5", 1000 << 10, 600 << 10},
		{"2048000", "5", 1000 << 10, 600 << 10},
		{"512000", "500000", 512000, 12000},
		{"512000", "900000", 512000, 0},
		{"512000", "", 512000, 512000},
	} {
		put("sys/fs/cgroup/memory.max", test.limit+"\n")
		put("sys/fs/cgroup/memory.current", test.used+"\n")
		if total, free := memory(root); total != test.total || free != test.free {
			t.Errorf("%+v: %d, %d", test, total, free)
		}
	}
}

func TestSMI(t *testing.T) {
	got := parseSMI("NVIDIA H200, 143771 MiB, 143000 MiB, 570.1\nNVIDIA H200, 143771 MiB, 9 MiB, 570.1\n")
	want := []GPU{{"NVIDIA H200", "143771 MiB", "143000 MiB", "570.1"}, {"NVIDIA H200", "143771 MiB", "9 MiB", "570.1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "No devices were found\n", "a, b\n", "\"\n"} {
		if got := parseSMI(bad); got != nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

package device

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGPUs(t *testing.T) {
	root := t.TempDir()
	t.Setenv("CUDA_VISIBLE_DEVICES", "0,1")
	if found := gpusBelow(root); found != nil {
		t.Errorf("found %v where there is nothing", found)
	}
	zero, one := touch(t, root, "dev", "nvidia0"), touch(t, root, "dev", "nvidia1")
	touch(t, root, "dev", "nvidiactl")
	if diff := cmp.Diff([]string{zero, one}, gpusBelow(root)); diff != "" {
		t.Error(diff)
	}
	for _, bus := range []string{"0000:01:00.0", "0000:02:00.0", "0000:03:00.0"} {
		path := touch(t, root, "proc", "driver", "nvidia", "gpus", bus, "information")
		if err := os.WriteFile(path, []byte("Model: \t\t NVIDIA H200\nIRQ:   24\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"NVIDIA H200", "NVIDIA H200"}, gpusBelow(root)); diff != "" {
		t.Error(diff)
	}
	if err := os.RemoveAll(filepath.Join(root, "dev")); err != nil {
		t.Fatal(err)
	}
	if found := gpusBelow(root); found != nil {
		t.Errorf("a driver without a device file gives %v", found)
	}
	touch(t, root, "dev", "nvidia0")
	t.Setenv("CUDA_VISIBLE_DEVICES", "-1")
	if found := gpusBelow(root); found != nil {
		t.Errorf("hidden devices are %v", found)
	}
}

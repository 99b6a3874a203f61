package catalog

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A FIFO in a model directory is refused, not waited for; links to regular files are followed.
func TestIrregularFiles(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("real", "text")
	if err := os.Symlink("real", filepath.Join(root, "link")); err != nil {
		t.Skip(err)
	}
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o600); err != nil {
		t.Skip(err)
	}
	if data, err := fs.ReadFile(Dir(root), "link"); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := fs.Stat(Dir(root), "fifo"); err != nil {
		t.Error(err)
	}
	if _, err := fs.ReadFile(Dir(root), "fifo"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Error(err)
	}
	if entries, err := fs.ReadDir(Dir(root), "."); err != nil || len(entries) != 3 {
		t.Errorf("%v, %v", entries, err)
	}
}

package sources_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// Inputs that cannot be read are bad inputs, each with the reason; the others are read.
func TestUnreadableInputs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	root := folder(t, map[string]string{"a.xml": set(1), "gone.xml": set(2), "z.xml": set(3)})
	for name, target := range map[string]string{
		"dangling.xml": "none", "loop.xml": "loop.xml", "failing.xml": "/proc/self/mem",
		"long.xml": strings.Repeat("x", 300),
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]error{
		"a": nil, "dangling": fs.ErrNotExist, "failing": syscall.EIO, "gone": fs.ErrNotExist,
		"long": syscall.ENAMETOOLONG, "loop": syscall.ELOOP, "z": nil,
	}
	for _, paths := range [][]string{{root}, {filepath.Join(root, "*.xml")}, glob(t, root)} {
		gone := filepath.Join(root, "gone.xml")
		s := files(t, paths...)
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
		units, err := s.Units(context.Background())
		if err != nil || len(units) != len(want) {
			t.Fatalf("%d units, %v", len(units), err)
		}
		for _, u := range units {
			if want[u.Name] == nil {
				if records := pipelinetest.ReadUnit(t, s, u); len(records) != 1 {
					t.Errorf("%s: %d records", u.Name, len(records))
				}
				continue
			}
			_, err := s.Digest(context.Background(), u)
			checkUnreadable(t, u, err, want[u.Name])
			for _, err := range s.Documents(context.Background(), u) {
				checkUnreadable(t, u, err, want[u.Name])
			}
		}
		if err := os.WriteFile(gone, []byte(set(2)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func checkUnreadable(t *testing.T, u schemas.Unit, err, want error) {
	t.Helper()
	var bad *schemas.BadInputError
	if !errors.As(err, &bad) || bad.Path != u.Path || !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", u.Name, err, want)
	}
}

// glob returns the XML files of a folder.
func glob(t *testing.T, root string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A folder of nothing else than what cannot be read has inputs: they are reported.
func TestNothingReadable(t *testing.T) {
	root := t.TempDir()
	if err := os.Symlink("none", filepath.Join(root, "x.xml")); err != nil {
		t.Skip(err)
	}
	s, err := sources.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	if units, err := s.Units(context.Background()); err != nil || len(units) != 1 {
		t.Errorf("%v, %v", units, err)
	}
}

package store_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs/store"
)

// A file that a user names appears whole, beside others, and replaces none.
func TestCreateBeside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.parquet")
	for i, want := range []error{nil, store.ErrTaken} {
		f, err := store.CreateBeside(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, strings.Repeat("x", i+1)); err != nil {
			t.Fatal(err)
		}
		if err := f.PublishNew("x.parquet"); !errors.Is(err, want) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := store.CreateNew(path); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a file that exists: %v", err)
	}
	f, err := store.CreateNew(filepath.Join(dir, "y.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	f.Discard()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if data, err := os.ReadFile(path); string(data) != "x" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	missing := filepath.Join(dir, "no", "x")
	_, err = store.CreateBeside(missing)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing+":") {
		t.Errorf("error %v", err)
	}
}

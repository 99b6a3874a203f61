package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "models")
	t.Setenv(folderEnv, folder)
	if names, err := Names(); err != nil || len(names) != 0 {
		t.Errorf("no folder: %v, %v", names, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"small", "other"} {
		dir := directory(t, map[string]string{"config.json": "{}"}, nil)
		if err := os.Rename(dir, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"unfinished", ".downloads"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	names, err := Names()
	if err != nil || !slices.Equal(names, []string{"other", "small"}) {
		t.Errorf("%v, %v", names, err)
	}
	m, err := Resolve("small")
	if err != nil || m.Card.Name != "small" {
		t.Errorf("%v, %v", m, err)
	}
	for _, name := range []string{"unfinished", "../models/small", "nowhere"} {
		if _, ok := Kept(name); ok {
			t.Errorf("%q is kept", name)
		}
		if _, err := Resolve(name); err == nil || !strings.Contains(err.Error(), "is unknown") {
			t.Errorf("%q: %v", name, err)
		}
	}
	t.Setenv(folderEnv, "")
	t.Setenv("XDG_CACHE_HOME", folder)
	t.Setenv("HOME", folder)
	if dir, err := Folder(); err != nil || !strings.HasPrefix(dir, folder) ||
		!strings.HasSuffix(dir, filepath.Join("pubmine", "models")) {
		t.Errorf("%s, %v", dir, err)
	}
}

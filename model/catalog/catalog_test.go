package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/schemas"
)

// directory writes a model directory with files and their card, changed by edit.
func directory(t *testing.T, files map[string]string, edit func(*Card)) string {
	t.Helper()
	dir := t.TempDir()
	card := Card{
		Name: "small", Licence: "MIT", Tasks: []string{schemas.TaskNER}, Types: []string{"Chemical"},
		SHA256: map[string]string{},
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text))
		card.SHA256[name] = hex.EncodeToString(sum[:])
	}
	if edit != nil {
		edit(&card)
	}
	data, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, CardFile), data, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestResolveDirectory(t *testing.T) {
	dir := directory(t, map[string]string{"config.json": "{}", "vocab.json": "{}"}, nil)
	m, err := Resolve(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Card.Serves(schemas.TaskNER) || m.Card.Serves(schemas.TaskSummary) {
		t.Errorf("serves %v", m.Card.Tasks)
	}
	if want := "small@" + m.Digest[:12]; m.ID() != want || len(m.Digest) != 64 {
		t.Errorf("id %s, digest %s", m.ID(), m.Digest)
	}
	other := directory(t, map[string]string{"config.json": "{}", "vocab.json": `{"a":1}`}, nil)
	n, err := Resolve(other)
	if err != nil {
		t.Fatal(err)
	}
	if n.Digest == m.Digest {
		t.Error("models with different files have the same digest")
	}
}

func TestOnlyListedFilesAreRead(t *testing.T) {
	dir := directory(t, map[string]string{"config.json": "{}"}, nil)
	if err := os.WriteFile(filepath.Join(dir, "vocab.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Resolve(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"config.json": true, CardFile: true, "vocab.json": false, "../config.json": false,
	} {
		if _, err := fs.ReadFile(m.FS, name); (err == nil) != want || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResolveBundled(t *testing.T) {
	m, err := Resolve(Bundled)
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"Chemical", "Disease", "Gene", "Species", "Variant", "CellLine"} {
		if !strings.Contains(strings.Join(m.Card.Types, " "), typ) {
			t.Errorf("the bundled model does not find %s", typ)
		}
	}
	size := 0
	for name := range m.Card.SHA256 {
		f, err := m.FS.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		size += int(info.Size())
		f.Close()
	}
	dir, err := Find(Bundled)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil || len(entries) != len(m.Card.SHA256)+1 {
		t.Errorf("%d files are compiled in, the card lists %d: %v", len(entries), len(m.Card.SHA256), err)
	}
	if size > 16<<20 {
		t.Errorf("the bundled model has %d bytes, more than 16 MiB", size)
	}
}

func TestResolveRefuses(t *testing.T) {
	files := map[string]string{"config.json": "{}"}
	tests := []struct {
		name string
		dir  func() string
		want string
	}{
		{"unknown", func() string { return filepath.Join(t.TempDir(), "nowhere") }, "is unknown"},
		{"no card", t.TempDir, "has no " + CardFile},
		{"no name", func() string { return directory(t, files, func(c *Card) { c.Name = "" }) }, "name is empty"},
		{
			"unknown task",
			func() string { return directory(t, files, func(c *Card) { c.Tasks = []string{"poetry"} }) },
			`task "poetry"`,
		},
		{"no files", func() string { return directory(t, nil, nil) }, "lists no files"},
		{
			"another file",
			func() string { return directory(t, files, func(c *Card) { c.SHA256["config.json"] = "00" }) },
			"config.json differs from the card",
		},
		{
			"missing file",
			func() string { return directory(t, files, func(c *Card) { c.SHA256["vocab.json"] = "00" }) },
			"vocab.json",
		},
		{
			"outside", func() string { return directory(t, files, func(c *Card) { c.SHA256["../secret"] = "00" }) },
			"not the name of a file in the directory",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Resolve(test.dir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want an error with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the message has more than one line: %q", err)
			}
		})
	}
}

func TestParseCardRefusesUnknownFields(t *testing.T) {
	for _, text := range []string{`{"name":"x","colour":"red"}`, `{`, ``, `{"name":"x","sha256":{"a":"b"}} {}`} {
		if _, err := ParseCard([]byte(text)); err == nil {
			t.Errorf("%q is taken for a card", text)
		}
	}
}

func FuzzParseCard(f *testing.F) {
	f.Add([]byte(`{"name":"x","tasks":["ner"],"sha256":{"config.json":"00"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := ParseCard(data); err == nil && c.Name == "" {
			t.Error("a card without a name")
		}
	})
}

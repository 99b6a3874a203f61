// Package tokenizertest writes vocabularies for tests.
package tokenizertest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pubmine/pubmine/model/tokenizer"
)

// Write writes vocab.json and merges.txt of a tokenizer into a directory.
func Write(t testing.TB, tok *tokenizer.Tokenizer, dir string) {
	t.Helper()
	files, err := tok.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

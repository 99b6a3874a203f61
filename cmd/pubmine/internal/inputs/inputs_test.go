package inputs

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/schemas"
)

// standardInput makes a file standard input.
func standardInput(t *testing.T, text string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdin
	os.Stdin = r
	t.Cleanup(func() { os.Stdin = old; r.Close() })
	go func() {
		_, _ = io.WriteString(w, text) // the test reads it
		_ = w.Close()
	}()
}

func content(t *testing.T, name string) (first, second string) {
	t.Helper()
	err := WithFile(name, func(path string) error {
		a, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		first, second = string(a), string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return first, second
}

func TestWithFile(t *testing.T) {
	dir := t.TempDir()
	file, fifo := filepath.Join(dir, "file"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(file, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	go func() { _ = os.WriteFile(fifo, []byte("text"), 0o600) }()
	standardInput(t, "text")
	for _, name := range []string{file, fifo, "-"} {
		if first, second := content(t, name); first != "text" || second != "text" {
			t.Errorf("%s: %q, then %q", name, first, second)
		}
	}
}

// Messages name standard input, not a temporary file.
func TestBadStandardInput(t *testing.T) {
	standardInput(t, "text")
	err := WithFile("-", func(path string) error { return exit.BadInput(path, io.ErrUnexpectedEOF) })
	bad, ok := err.(*schemas.BadInputError)
	if !ok || bad.Path != "standard input" {
		t.Error(err)
	}
}

func TestMissingInputs(t *testing.T) {
	read := func(string, io.Reader) error { return nil }
	for _, test := range []struct{ name, want string }{
		{filepath.Join(t.TempDir(), "none"), "none"}, {t.TempDir(), "it is a directory"},
	} {
		if err := Read(test.name, read); exit.Code(err) != exit.Misuse || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	err := WithFile(filepath.Join(t.TempDir(), "none"), func(path string) error {
		_, err := os.ReadFile(path)
		return err
	})
	if exit.Code(err) != exit.Misuse {
		t.Error(err)
	}
}

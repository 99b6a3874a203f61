//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
)

// A corpus that is deleted or moved while a run is at work gives one line, and what is left is no
// obstacle to the next run.
func TestCorpusVanishesDuringARun(t *testing.T) {
	samples := filepath.Join("..", "..", "testdata", "pubmed")
	for name, vanish := range map[string]func(root string) error{
		"deleted": os.RemoveAll,
		"moved":   func(root string) error { return os.Rename(root, root+"-elsewhere") },
	} {
		t.Run(name, func(t *testing.T) {
			root, pipe := filepath.Join(t.TempDir(), "C"), filepath.Join(t.TempDir(), "late.xml")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Skipf("no FIFO here: %v", err)
			}
			late := make(chan error)
			go func() { // the open waits until the run has read the first input
				w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
				if err != nil {
					late <- err
					return
				}
				data, err := os.ReadFile(filepath.Join(samples, "books.xml"))
				err = errors.Join(err, vanish(root))
				_, writing := w.Write(data)
				late <- errors.Join(err, writing, w.Close())
			}()
			input := filepath.Join(samples, "articles.xml")
			_, printed := pubmine(t, exit.Failure, "run", input, pipe, "--corpus", root, "--tasks", "none")
			if err := <-late; err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(printed, "was the directory moved, deleted or unmounted?") ||
				strings.Contains(printed, "goroutine") {
				t.Errorf("printed\n%s", printed)
			}
			stdout(t, "run", input, "--corpus", root, "--tasks", "none")
			stdout(t, "verify", "--corpus", root)
		})
	}
}

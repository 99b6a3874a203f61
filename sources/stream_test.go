package sources_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// fifo makes a FIFO.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "records.xml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path
}

// feed writes a file into a FIFO once somebody reads it.
func feed(t *testing.T, path, content string) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- os.WriteFile(path, []byte(content), 0) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A stream is read once, whatever is asked of its unit and how often.
func TestFIFO(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	path := fifo(t)
	s := files(t, path)
	feed(t, path, set(1, 2))
	units, err := s.Units(context.Background())
	if err != nil || len(units) != 1 || units[0].Name != "records" || units[0].Stamp != "" {
		t.Fatalf("%+v, %v", units, err)
	}
	for range 2 {
		if records := pipelinetest.ReadUnit(t, s, units[0]); len(records) != 2 {
			t.Errorf("%d records", len(records))
		}
		digest, err := s.Digest(context.Background(), units[0])
		if want := fmt.Sprintf("%x", sha256.Sum256([]byte(set(1, 2)))); err != nil || digest != want {
			t.Errorf("digest %s, %v, want %s", digest, err, want)
		}
	}
	if copies, _ := filepath.Glob(filepath.Join(os.TempDir(), "pubmine-input-*")); len(copies) > 0 {
		t.Errorf("left behind: %v", copies)
	}
}

func TestFIFOConformance(t *testing.T) {
	path := fifo(t)
	pipelinetest.RunSource(t, func(t *testing.T) pipeline.Source {
		s := files(t, path)
		feed(t, path, set(1, 2))
		units, err := s.Units(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Digest(context.Background(), units[0]); err != nil { // before another one is fed
			t.Fatal(err)
		}
		return s
	})
}

func TestStdin(t *testing.T) {
	in, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.WriteString(set(7)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = in
	t.Cleanup(func() { os.Stdin = before; in.Close() })
	s := files(t, "-", "/dev/stdin")
	units, err := s.Units(context.Background())
	if err != nil || len(units) != 1 || units[0].Name != "stdin" {
		t.Fatalf("%+v, %v", units, err)
	}
	if records := pipelinetest.ReadUnit(t, s, units[0]); len(records) != 1 || records[0].Document.PMID != 7 {
		t.Errorf("%+v", records)
	}
}

// A FIFO into which nobody writes cannot hold up the end of a run.
func TestStreamHonoursContext(t *testing.T) {
	path := fifo(t)
	s := files(t, path)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	unit := schemas.Unit{Name: "records", Path: path}
	if _, err := s.Digest(ctx, unit); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Digest: %v", err)
	}
	for _, err := range s.Documents(ctx, unit) {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Documents: %v", err)
		}
	}
	feed(t, path, "") // ends the copy in the background
}

func TestBadStreams(t *testing.T) {
	path := fifo(t)
	for content, want := range map[string]string{"": "empty file", "text": "not PubMed XML"} {
		s := files(t, path)
		feed(t, path, content)
		var last error
		for _, last = range s.Documents(context.Background(), schemas.Unit{Name: "records", Path: path}) {
		}
		var bad *schemas.BadInputError
		if !errors.As(last, &bad) || !strings.Contains(last.Error(), want) {
			t.Errorf("%q: %v", content, last)
		}
	}
}

func TestIrregularFilesInFoldersAreSkipped(t *testing.T) {
	root := folder(t, map[string]string{"x.xml": set(1)})
	if err := syscall.Mkfifo(filepath.Join(root, "y.xml"), 0o600); err != nil {
		t.Skip(err)
	}
	skipped := files(t, root).Skipped()
	if want := "skipped " + filepath.Join(root, "y.xml") + ": not a regular file"; len(skipped) != 1 ||
		skipped[0].String() != want {
		t.Errorf("%v, want %q", skipped, want)
	}
}

// A file without read permission is bad input; the others are read.
func TestFileWithoutPermission(t *testing.T) {
	root := folder(t, map[string]string{"x.xml": set(1), "y.xml": set(2)})
	path := filepath.Join(root, "x.xml")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(path); err == nil {
		f.Close()
		t.Skip("this user may read everything")
	} else if !errors.Is(err, fs.ErrPermission) {
		t.Fatal(err)
	}
	s, err := sources.Files(root)
	if err != nil {
		t.Fatal(err)
	}
	var bad *schemas.BadInputError
	if _, err := s.Digest(context.Background(), schemas.Unit{Name: "x", Path: path}); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
}

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs"
)

// fifo makes a FIFO, and returns a function that opens it for writing once a run reads it.
func fifo(t *testing.T) (path string, open func() *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "fifo.xml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path, func() *os.File {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
}

// An input that changes while it is read does not stop the others, and may be readable later.
func TestChangingInput(t *testing.T) {
	first, open := fifo(t)
	root, path := filepath.Join(t.TempDir(), "C"), filepath.Join(t.TempDir(), "x.xml")
	whole := setOf(article(2, "Two"))
	if err := os.WriteFile(path, []byte(whole), 0o666); err != nil {
		t.Fatal(err)
	}
	var out, printed bytes.Buffer
	code := make(chan int)
	go func() {
		args := []string{"run", first, path, "--corpus", root, "--tasks", jobs.NoTasks}
		code <- exit.Report(&printed, execute(context.Background(), args, streams{out: &out, err: &printed}))
	}()
	in := open()
	if err := os.WriteFile(path, []byte(whole[:50]), 0o666); err != nil { // as while it is downloaded
		t.Fatal(err)
	}
	if _, err := in.WriteString(setOf(article(1, "One"))); err != nil {
		t.Fatal(err)
	}
	in.Close()
	got := <-code
	refused(t, got, printed.String(), exit.Again, path+": the file was changed while it was read: run again")
	if s := published(t, root); len(s.Units()) != 1 || s.Units()[0].Unit != "fifo" {
		t.Errorf("published %v", s.Units())
	}
}

// The end of a terminal stops a run in good order, unless it is to ignore that.
func TestHangup(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("hangups are ignored here, by nohup for example")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, ignored := range []bool{false, true} {
		path, open := fifo(t)
		script := `exec -a pubmine "$0" "$@"`
		if ignored {
			script = `trap "" HUP; ` + script
		}
		cmd := exec.Command("bash", "-c", script, program, "run", path, "--corpus", filepath.Join(t.TempDir(), "C"),
			"--tasks", jobs.NoTasks)
		var printed strings.Builder
		cmd.Stderr = &printed
		if err := cmd.Start(); err != nil {
			t.Skip(err)
		}
		in := open()
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if ignored {
			if _, err := in.WriteString(setOf(article(1, "One"))); err != nil {
				t.Fatal(err)
			}
			in.Close()
		}
		_ = cmd.Wait() // the code is below
		code := cmd.ProcessState.ExitCode()
		want := "stopped in good order: hangup signal received: run the same command again to continue"
		if ignored {
			refused(t, code, printed.String(), 0, "")
		} else {
			refused(t, code, printed.String(), exit.Again, want)
		}
	}
}

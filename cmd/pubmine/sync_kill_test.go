package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/sources/ncbitest"
)

// Killed at whatever moment, with a file on its way and another being read, sync comes to the same files. Here the program is a process.
func TestSyncKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	p := yearOfFive(t)
	calm := filepath.Join(t.TempDir(), "C")
	p.mustSync(t, calm)
	server := ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root), Fault: func(int) ncbitest.Fault {
		return func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
			time.Sleep(20 * time.Millisecond) // so that a kill finds files on their way
			ncbitest.Right(w, r, right)
		}
	}})
	defer server.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	corpus := filepath.Join(t.TempDir(), "C")
	run := func() (*exec.Cmd, *strings.Builder) {
		var said strings.Builder
		cmd := exec.Command(program, "sync", "--corpus", corpus, "--tasks", noTasks, "--base-url", server.URL+"/pubmed/")
		cmd.Args[0], cmd.Stdout, cmd.Stderr = "pubmine", &said, &said
		return cmd, &said
	}
	killed := 0
	for i := range 10 {
		cmd, _ := run()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(60+35*i) * time.Millisecond)
		_ = cmd.Process.Kill() // it may be done already
		if cmd.Wait() != nil {
			killed++
		}
	}
	cmd, said := run()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if diff := cmp.Diff(files(t, filepath.Join(calm, "tables")), files(t, filepath.Join(corpus, "tables"))); diff != "" {
		t.Error("other files than those of an undisturbed sync")
	}
	t.Logf("killed %d times; %d requests in all", killed, len(server.Log()))
}

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// A sync that is killed at any moment, during a download and a file being read, publishes the same
// files. It runs in a process.
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
	root := filepath.Join(t.TempDir(), "C")
	killed, _ := killedAndFinished(t, 10, 60*time.Millisecond, 35*time.Millisecond,
		"sync", "--corpus", root, "--tasks", jobs.NoTasks, "--base-url", server.URL+"/pubmed/")
	if diff := cmp.Diff(files(t, filepath.Join(calm, "tables")), files(t, filepath.Join(root, "tables"))); diff != "" {
		t.Error("other files than those of an undisturbed sync")
	}
	t.Logf("killed %d times; %d requests in all", killed, len(server.Log()))
}

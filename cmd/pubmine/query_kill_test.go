package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// A run over a query that is killed at any moment and started again publishes the same files. It
// runs in a process, in real time.
func TestQueryKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	whole := filepath.Join(t.TempDir(), "C")
	server, clock := ncbi(t, 900, nil)
	if got := runQuery(t, server, clock, whole, queryFlags{Query: "volunteers"}); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	server = ncbitest.Start(ncbitest.Config{Records: ncbitest.Records(900), Keys: []string{canary}})
	defer server.Close()
	root := filepath.Join(t.TempDir(), "C")
	killed, printed := killedAndFinished(t, 8, 50*time.Millisecond, 110*time.Millisecond,
		"run", "--query", "volunteers", "--corpus", root, "--tasks", jobs.NoTasks, "--chunk", "64",
		"--email", "someone@example.org", "--base-url", server.EUtils())
	if diff := cmp.Diff(files(t, filepath.Join(whole, "tables")), files(t, filepath.Join(root, "tables"))); diff != "" {
		t.Error("other files than those of an undisturbed run")
	}
	for name, data := range files(t, root) {
		if strings.Contains(data, canary) {
			t.Errorf("the key is in %s", name)
		}
	}
	if strings.Contains(printed, canary) {
		t.Error("the key is printed")
	}
	t.Logf("killed %d times; %d requests in all; %s", killed, len(server.Log()), printed)
	for _, r := range server.Log() {
		if strings.Contains(r.Path, canary) {
			t.Errorf("the key is in the URL %s", r.Path)
		}
	}
}

// killedAndFinished runs pubmine a number of times, killed after the first time span and each time
// a step later, and then to its end. It returns the number of kills before the end, and the output
// of the last run.
func killedAndFinished(
	t *testing.T,
	kills int,
	first, step time.Duration,
	args ...string,
) (killed int, printed string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(out *strings.Builder) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Args[0], cmd.Stdout, cmd.Stderr = "pubmine", out, out
		return cmd
	}
	for i := range kills {
		cmd := run(new(strings.Builder))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(first + time.Duration(i)*step)
		_ = cmd.Process.Kill() // it may be done already
		if cmd.Wait() != nil {
			killed++
		}
	}
	var out strings.Builder
	if err := run(&out).Run(); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return killed, out.String()
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/sources/ncbitest"
)

// Killed at whatever moment, and started again, a query comes to the same files. Here the program is a process, and time is real.
func TestQueryKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	whole := filepath.Join(t.TempDir(), "C")
	server, clock := ncbi(t, 900, nil)
	if got := fetch(t, server, clock, whole, queryFlags{Query: "volunteers"}); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	server = ncbitest.Start(ncbitest.Config{Records: ncbitest.Records(900), Keys: []string{canary}})
	defer server.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	corpus := filepath.Join(t.TempDir(), "C")
	run := func() (*exec.Cmd, *strings.Builder) {
		var said strings.Builder
		cmd := exec.Command(program, "run", "--query", "volunteers", "--corpus", corpus, "--tasks", noTasks, "--chunk", "64",
			"--email", "someone@example.org", "--base-url", server.EUtils())
		cmd.Args[0], cmd.Stdout, cmd.Stderr = "pubmine", &said, &said
		return cmd, &said
	}
	killed := 0
	for i := range 8 {
		cmd, _ := run()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(50+110*i) * time.Millisecond)
		_ = cmd.Process.Kill() // it may be done already
		if cmd.Wait() != nil {
			killed++
		}
	}
	cmd, said := run()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if diff := cmp.Diff(files(t, filepath.Join(whole, "tables")), files(t, filepath.Join(corpus, "tables"))); diff != "" {
		t.Error("other files than those of an undisturbed run")
	}
	for name, data := range files(t, corpus) {
		if strings.Contains(data, canary) {
			t.Errorf("the key is in %s", name)
		}
	}
	if strings.Contains(said.String(), canary) {
		t.Error("the key is printed")
	}
	t.Logf("killed %d times; %d requests in all; %s", killed, len(server.Log()), said)
	for _, r := range server.Log() {
		if strings.Contains(r.Path, canary) {
			t.Errorf("the key is in the URL %s", r.Path)
		}
	}
}

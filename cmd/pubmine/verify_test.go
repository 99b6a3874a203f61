package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A corpus is intact after a run; a changed, missing or foreign file is reported.
func TestVerify(t *testing.T) {
	root := mine(t, "--tasks", "none")
	if out, _ := pubmine(t, 0, "verify", "--corpus", root); !strings.Contains(out, "no problems") {
		t.Errorf("verify prints %q", out)
	}
	found, err := filepath.Glob(filepath.Join(root, "delta", "*", "books-*.parquet"))
	if err != nil || len(found) < 2 {
		t.Fatal(found, err)
	}
	if err := os.Truncate(found[0], 100); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(found[1], found[1]+".moved"); err != nil {
		t.Fatal(err)
	}
	out, message := pubmine(t, 1, "verify", "--corpus", root)
	for _, want := range []string{filepath.Base(found[0]) + ": has other bytes", ": is gone", ".moved: belongs to no"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	if !strings.Contains(message, "3 problems") {
		t.Errorf("message %q", message)
	}
}

// status --config prints everything that can change a row, in JSON.
func TestStatusConfig(t *testing.T) {
	root := mine(t, "--tasks", "none")
	var got []configurationOf
	if err := json.Unmarshal([]byte(stdout(t, "status", "--corpus", root, "--config")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || len(got[0].Units) != 1 || got[0].Configuration.Stages["sentence"] == 0 ||
		got[0].Configuration.Fingerprint() != got[0].Fingerprint {
		t.Errorf("%+v", got)
	}
}

package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pubmine/pubmine/jobs/store/storetest"
)

// cleanedCorpus is a corpus of which the first commits were removed after two checkpoints, with two
// commits since.
func cleanedCorpus(t *testing.T) (root string) {
	t.Helper()
	root = storetest.QuickDir(t)
	manyUnits(t, root, 3)
	for i := range 2 {
		twoCommits(t, root, 2*i)
		s, err := Create(root, Configuration{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := (deltaLogs{s.dir}).checkpoint(&s.live); err != nil {
			t.Fatal(err)
		}
		if err := writeCheckpoint(s.dir, &s.live); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	twoCommits(t, root, 4)
	return root
}

// layout returns the problems apart from data files.
func layout(t *testing.T, root string) []Problem {
	t.Helper()
	c, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := c.VerifyLayout()
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func repair(t *testing.T, root string) (lines []string) {
	t.Helper()
	m, err := Manage(root, Options{Log: func(line string) { lines = append(lines, line) }})
	if err == nil {
		err = m.Repair()
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// A Delta log that is lost or damaged is restored although the first commits of the corpus are
// gone: it then begins later, and the newest versions have the same bytes.
func TestDeltaLogsAreRestored(t *testing.T) {
	for name, damage := range map[string]func(log string) error{
		"lost": os.RemoveAll,
		"first commit cut": func(log string) error {
			return os.Truncate(filepath.Join(log, "00000000000000000004.json"), 10)
		},
		"last commit lost": func(log string) error {
			return os.Remove(filepath.Join(log, "00000000000000000007.json"))
		},
		"checkpoints lost": func(log string) error {
			files, _ := filepath.Glob(filepath.Join(log, "*.parquet"))
			for _, f := range files {
				if err := os.Remove(f); err != nil {
					return err
				}
			}
			return os.Truncate(filepath.Join(log, "00000000000000000006.json"), 10)
		},
		"other table": func(log string) error {
			return os.CopyFS(log+".new", os.DirFS(filepath.Join(log, "../../sentences/_delta_log")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := cleanedCorpus(t)
			if got := layout(t, root); len(got) > 0 {
				t.Fatalf("before: %v", got)
			}
			log := filepath.Join(root, "delta/documents/_delta_log")
			before := contents(t, root, "delta/documents")
			if err := damage(log); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(log + ".new"); err == nil {
				if err := errors.Join(os.RemoveAll(log), os.Rename(log+".new", log)); err != nil {
					t.Fatal(err)
				}
			}
			if got := layout(t, root); len(got) == 0 {
				t.Error("the damage is not found")
			}
			// The next run commits again what is lost at the end: a crash leaves the same.
			if lines := repair(t, root); len(lines) == 0 && name != "last commit lost" {
				t.Error("the repair logs nothing")
			}
			if got := layout(t, root); len(got) > 0 {
				t.Errorf("after the repair: %v", got)
			}
			after := contents(t, root, "delta/documents")
			for v := 6; v <= 7; v++ {
				key := fmt.Sprintf("delta/documents/_delta_log/%020d.json", v)
				if diff := cmp.Diff(before[key], after[key]); diff != "" {
					t.Errorf("%s: (-before +after):\n%s", key, diff)
				}
			}
			checkDeltalake(t, root)
		})
	}
}

// checkDeltalake compares the number of files of documents with what deltalake finds, if it is
// installed.
func checkDeltalake(t *testing.T, root string) {
	t.Helper()
	if exec.Command("python3", "-c", "import deltalake").Run() != nil {
		return
	}
	program := `import deltalake, json, sys
t = deltalake.DeltaTable(sys.argv[1])
print(json.dumps([t.version(), sorted(t.files() if hasattr(t, "files") else t.file_uris())]))`
	out, err := exec.Command("python3", "-c", program, filepath.Join(root, "delta/documents")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []json.RawMessage
	var files []string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got[1], &files); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = "delta/documents/" + filepath.Base(files[i])
	}
	s, err := ReadSnapshot(root)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range s.Seen().Files("documents") {
		want = append(want, f.Path)
	}
	slices.Sort(want)
	slices.Sort(files)
	if diff := cmp.Diff(want, files); diff != "" || string(got[0]) != fmt.Sprint(s.Version) {
		t.Errorf("deltalake reads version %s (-want +got):\n%s", got[0], diff)
	}
}

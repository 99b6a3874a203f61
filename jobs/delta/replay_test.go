package delta_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/delta"
	"github.com/pubmine/pubmine/jobs/store"
)

func read(t interface{ Fatal(...any) }, l *delta.Log, version int64) []delta.File {
	files, err := l.Read(version)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func checkpointFile(version int) string {
	return fmt.Sprintf("%s%020d.checkpoint.parquet", logDir, version)
}

func commitFile(version int) string { return fmt.Sprintf("%s%020d.json", logDir, version) }

// drawFile draws a file with any numbers.
func drawFile(t *rapid.T, path string) delta.File {
	f := delta.File{
		Path: path, Rows: rapid.Int64Range(0, 1<<40).Draw(t, "rows"),
		Bytes: rapid.Int64Range(0, 1<<40).Draw(t, "bytes"),
		Time:  time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "time")).UTC(),
	}
	if rapid.Bool().Draw(t, "pmids") {
		f.FirstPMID, f.LastPMID = rapid.Int32().Draw(t, "first"), rapid.Int32().Draw(t, "last")
	}
	return f
}

// Any history, with checkpoints and clean-ups anywhere, reads as the model does: every version
// that is still there, and the newest always.
func TestReplay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		root, err := os.MkdirTemp(t.TempDir(), "*")
		if err != nil {
			rt.Fatal(err)
		}
		l := newLog(store.New(root, nil))
		live, first := map[string]delta.File{}, 0
		var versions [][]delta.File
		for v := range rapid.IntRange(1, 6).Draw(rt, "commits") {
			c := delta.Commit{Version: int64(v), Time: day(int64(v)), Operation: "WRITE"}
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 4, rapid.ID).Draw(rt, "files") {
				path := fmt.Sprintf("%d.parquet", n)
				if f, ok := live[path]; ok {
					c.Remove = append(c.Remove, f)
					delete(live, path)
				} else {
					f := drawFile(rt, path)
					c.Add = append(c.Add, f)
					live[path] = f
				}
			}
			if err := l.Commit(c); err != nil {
				rt.Fatal(err)
			}
			versions = append(versions, slices.SortedFunc(maps.Values(live), byPath))
			if rapid.IntRange(0, 2).Draw(rt, "checkpoint") == 0 {
				at := rapid.IntRange(first, v).Draw(rt, "at")
				if err := l.Checkpoint(int64(at), day(rapid.Int64Range(0, 12).Draw(rt, "keep"))); err != nil {
					rt.Fatal(err)
				}
			}
			if rapid.IntRange(0, 3).Draw(rt, "clean") == 0 {
				if err := l.Clean(int64(rapid.IntRange(0, v).Draw(rt, "up to"))); err != nil {
					rt.Fatal(err)
				}
				for !exists(root, commitFile(first)) {
					first++
				}
			}
			if err := l.Verify(); err != nil {
				rt.Fatal(err)
			}
		}
		for v := range versions {
			got, err := l.Read(int64(v))
			if v < first {
				if !errors.Is(err, fs.ErrNotExist) {
					rt.Fatalf("version %d of %d, which was removed: %v", v, first, err)
				}
				continue
			}
			if diff := cmp.Diff(versions[v], got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				rt.Fatalf("version %d: %v\n%s", v, err, diff)
			}
		}
		if diff := cmp.Diff(versions[len(versions)-1], read(rt, l, -1), cmpopts.EquateEmpty()); diff != "" {
			rt.Fatalf("newest:\n%s", diff)
		}
		if _, err := l.Read(int64(len(versions))); !errors.Is(err, fs.ErrNotExist) {
			rt.Fatalf("a version to come: %v", err)
		}
	})
}

func exists(root, key string) bool {
	_, err := os.Stat(filepath.Join(root, key))
	return err == nil
}

func byPath(a, b delta.File) int { return strings.Compare(a.Path, b.Path) }

package corpus

import (
	"os"
	"testing"
)

// QuickDir is a directory in memory where there is one: most tests are about the order of I/O, not
// about the disk.
func QuickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pubmine-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// PartOf returns the part that holds a unit.
func PartOf(e *Edition, unit string) (*Part, *Record) { return e.find(unit) }

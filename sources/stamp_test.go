package sources

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Another file of the same name, size and time of writing has another stamp, and so has one whose
// content was changed in place and whose time was set back.
func TestStamp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.xml")
	then := time.Now().Add(-time.Hour)
	at := func(content string, write func(string)) fs.FileInfo {
		t.Helper()
		write(content)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if inode, _ := inodeOf(info); inode == 0 {
			t.Skip("the system has no inodes")
		}
		return info
	}
	inPlace := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	another := func(content string) {
		if err := os.Rename(path, path+".old"); err != nil {
			t.Fatal(err)
		}
		inPlace(content)
	}
	later := time.Now().Add(time.Hour) // when nothing is in doubt
	before := at("one", inPlace)
	if stamp(before, later) == "" || stamp(before, later) != stamp(before, later.Add(time.Hour)) {
		t.Errorf("stamp %q", stamp(before, later))
	}
	if got := stamp(before, time.Now()); got != "" {
		t.Errorf("just after a change: %q", got)
	}
	time.Sleep(50 * time.Millisecond) // the resolution of the file system
	changed := at("two", inPlace)
	replaced := at("six", another)
	if a, b, c := stamp(before, later), stamp(changed, later), stamp(replaced, later); a == b || b == c || a == c {
		t.Errorf("%s, %s, %s", a, b, c)
	}
}

package status

import (
	"io/fs"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/corpus"
)

// Disk is the space that a corpus takes, in bytes.
type Disk struct {
	Data        int64 `json:"data"`        // tables of all editions
	Replaced    int64 `json:"replaced"`    // files of no edition, which gc removes
	Log         int64 `json:"log"`         // with its copy, and the logs of the Delta tables
	Checkpoints int64 `json:"checkpoints"` // of unfinished units
	Mirror      int64 `json:"mirror"`      // downloads of sync
}

func diskOf(root string, s *corpus.Snapshot) Disk {
	below := func(pattern string) (bytes int64) {
		dirs, _ := filepath.Glob(pattern)
		for _, dir := range dirs {
			bytes += sizeOf(dir)
		}
		return bytes
	}
	d := Disk{
		Log:         below(root+"/meta/log") + below(root+"/meta/copy") + below(root+"/delta/*/_delta_log"),
		Checkpoints: below(root + "/meta/work"),
		Mirror:      below(root + "/mirror"),
	}
	for f := range s.Files() {
		d.Data += f.Bytes
	}
	for i := range s.Removed {
		d.Replaced += s.Removed[i].Bytes()
	}
	return d
}

// sizeOf adds the sizes of the files below a directory. Those that vanish meanwhile do not count.
func sizeOf(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

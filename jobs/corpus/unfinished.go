package corpus

import (
	"cmp"
	"path"
	"slices"
)

// Unfinished is a unit that has checkpoints and is not published: the same run, started again,
// continues with it.
type Unfinished struct {
	Unit   string
	Chunks int // number of checkpoints
}

// Unfinished lists the units with checkpoints, by name. It includes the unit of a running process.
func (c *Corpus) Unfinished() ([]Unfinished, error) {
	files, err := c.dir.List(workDir)
	if err != nil {
		return nil, explain(c.root, err)
	}
	folders, err := workFolders(c.dir)
	if err != nil {
		return nil, explain(c.root, err)
	}
	chunks := map[string]int{}
	for _, f := range files {
		if chunkNumber(f) >= 0 {
			chunks[path.Dir(f)]++
		}
	}
	var all []Unfinished
	for folder, n := range chunks {
		if unit, ok := folders[folder]; ok {
			all = append(all, Unfinished{Unit: unit, Chunks: n})
		}
	}
	slices.SortFunc(
		all,
		func(a, b Unfinished) int { return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Chunks, b.Chunks)) },
	)
	return all, nil
}

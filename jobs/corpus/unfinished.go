package corpus

import (
	"cmp"
	"path"
	"slices"
)

// Unfinished is a unit that a run began and none has published: the same run, started again, goes
// on with it.
type Unfinished struct {
	Unit   string
	Chunks int // checkpoints that stand
}

// Unfinished lists the units with checkpoints, by name. A run that is at work shows in it, too.
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

package corpus

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// Edition is one complete set of results of a corpus: of one configuration, and of at most one of
// PubMed's yearly releases.
type Edition struct {
	ID            int            `json:"id"` // from 1
	Fingerprint   string         `json:"fingerprint"`
	Configuration *Configuration `json:"configuration"`
	Settings      Settings       `json:"settings"`
	// Release is the one of PubMed's releases that sync applies; empty if it applied none.
	Release string    `json:"release,omitempty"`
	Created time.Time `json:"created"`
	// Building means that the edition never was complete, so that readers see another one.
	Building bool `json:"building,omitempty"`
	// Waiting means that the baseline of its release is not complete.
	Waiting bool   `json:"waiting,omitempty"`
	Parts   []Part `json:"parts,omitempty"` // by name
}

// Settings are the request that began an edition: what run and sync take for options that are not
// given. Two requests may lead to the same [Configuration].
type Settings struct {
	Model     string   `json:"model"`     // "bundled", a name, or the absolute path of a directory
	Tasks     []string `json:"tasks"`     // empty: all that the model serves
	Questions []string `json:"questions"` // the texts
	// Vocabulary is "bundled", a name, or the absolute path of a file; empty without task linking.
	Vocabulary string `json:"vocabulary,omitempty"`
	Backend    string `json:"backend"` // "" if nothing was computed
	Chunk      int    `json:"chunk"`   // 0: the default
}

// header returns the edition without its parts.
func (e *Edition) header() *Edition {
	h := *e
	h.Parts = nil
	return &h
}

// all returns the parts.
func (e *Edition) all() []*Part {
	parts := make([]*Part, len(e.Parts))
	for i := range e.Parts {
		parts[i] = &e.Parts[i]
	}
	return parts
}

func byUnit(a, b Record) int { return cmp.Compare(a.Unit, b.Unit) }

func byName(p Part, name string) int { return cmp.Compare(p.Name, name) }

// find returns the part that holds a unit and its record there, or nil.
func (e *Edition) find(unit string) (*Part, *Record) {
	if i, ok := slices.BinarySearchFunc(e.Parts, unit, byName); ok {
		if r := e.Parts[i].unit(unit); r != nil {
			return &e.Parts[i], r
		}
	}
	for i := range e.Parts {
		if !e.Parts[i].packed() {
			continue // it has the name of its unit
		}
		if r := e.Parts[i].unit(unit); r != nil {
			return &e.Parts[i], r
		}
	}
	return nil, nil
}

// holding returns the parts that hold some of the units, in the order of their names.
func (e *Edition) holding(units []Record) []*Part {
	found := map[*Part]bool{}
	for i := range units {
		if p, _ := e.find(units[i].Unit); p != nil {
			found[p] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b *Part) int { return cmp.Compare(a.Name, b.Name) })
}

// Unit returns the record of a unit.
func (e *Edition) Unit(name string) (Record, bool) {
	_, r := e.find(name)
	if r == nil {
		return Record{}, false
	}
	return *r, true
}

// Units returns the records of all units, by name.
func (e *Edition) Units() []Record {
	var units []Record
	for i := range e.Parts {
		units = append(units, e.Parts[i].Units...)
	}
	slices.SortFunc(units, byUnit)
	return units
}

// Files returns the files of a table.
func (e *Edition) Files(table string) []File {
	var files []File
	for i := range e.Parts {
		if f := e.Parts[i].File(table); f != nil {
			files = append(files, *f)
		}
	}
	return files
}

// Counts returns the numbers of rows.
func (e *Edition) Counts() schemas.Counts {
	var c schemas.Counts
	c.Add(nil)
	for i := range e.Parts {
		for j := range e.Parts[i].Units {
			c.Merge(e.Parts[i].Units[j].Counts)
		}
	}
	return c
}

// Model is the name of the model that made the edition; empty if there was none.
func (e *Edition) Model() string {
	if e.Configuration == nil {
		return ""
	}
	return e.Configuration.Model
}

// NewestRelease is the newest of PubMed's releases that the edition has a unit of, or "".
func (e *Edition) NewestRelease() string {
	newest := e.Release
	for i := range e.Parts {
		for j := range e.Parts[i].Units {
			if r := e.Parts[i].Units[j].Release; r != local {
				newest = max(newest, r)
			}
		}
	}
	return newest
}

// Missing returns the units of another edition that this one does not have, or has only in part
// where the other is whole. Units of other releases than this edition's do not count.
func (e *Edition) Missing(other *Edition) []string {
	var names []string
	for i := range other.Parts {
		for j := range other.Parts[i].Units {
			r := &other.Parts[i].Units[j]
			if e.Release != "" && r.Release != local && r.Release != e.Release {
				continue
			}
			if _, own := e.find(r.Unit); own == nil || own.Partial() && !r.Partial() {
				names = append(names, r.Unit)
			}
		}
	}
	slices.Sort(names)
	return names
}

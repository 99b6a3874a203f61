package linker

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// The types of entities that a linker treats in a way of their own.
const (
	chemical        = "Chemical"
	disease         = "Disease"
	gene            = "Gene"
	species         = "Species"
	sequenceVariant = "Variant"
	cellLine        = "CellLine"
)

// Document is what a linker reads of a text: its entities.
type Document struct {
	Text     *model.Text
	Entities []Entity // in the order of their first mentions
}

// Entity is the mentions of one name, of one type, in a document. All get the same concept.
type Entity struct {
	Type     string
	Names    []string // the spellings, each once, in text order
	Long     []string // the long forms by which the text explains the names
	Beside   []string // names of the type that stand right before or after one in brackets
	Mentions []schemas.Mention
}

// NewDocument groups the mentions of a text by type and name.
func NewDocument(t *model.Text, mentions []schemas.Mention) *Document {
	d := &Document{Text: t}
	long := map[string][]string{}
	for _, p := range abbrev.InText(t) {
		short, form := t.Body[p.Short.Start:p.Short.End], t.Body[p.Long.Start:p.Long.End]
		if !slices.Contains(long[short], form) {
			long[short] = append(long[short], form)
		}
	}
	mentions = slices.Clone(mentions)
	slices.SortStableFunc(mentions, func(a, b schemas.Mention) int { return cmp.Compare(a.Start, b.Start) })
	type key struct{ typ, name string }
	index := map[key]int{}
	for _, m := range mentions {
		name := t.Body[m.Start:m.End]
		k := key{m.Type, groupKey(name)}
		at, ok := index[k]
		if !ok {
			at = len(d.Entities)
			index[k] = at
			d.Entities = append(d.Entities, Entity{Type: m.Type})
		}
		e := &d.Entities[at]
		e.Mentions = append(e.Mentions, m)
		if !slices.Contains(e.Names, name) {
			e.Names = append(e.Names, name)
			e.Long = append(e.Long, long[name]...)
		}
	}
	d.addBeside()
	return d
}

// addBeside finds other names of an entity in brackets: "amrubicin (SM-5887)".
func (d *Document) addBeside() {
	owner := map[int]int{} // of the byte at which a mention begins: its entity
	for i, e := range d.Entities {
		for _, m := range e.Mentions {
			owner[m.Start] = i
		}
	}
	for i, e := range d.Entities {
		for _, m := range e.Mentions {
			at := m.End
			for at < len(d.Text.Body) && strings.IndexByte(" ([", d.Text.Body[at]) >= 0 {
				at++
			}
			j, ok := owner[at]
			if !ok || !strings.ContainsAny(d.Text.Body[m.End:at], "([") || d.Entities[j].Type != e.Type || i == j {
				continue
			}
			for _, other := range d.Entities[j].Mentions {
				if other.Start == at && other.End < len(d.Text.Body) &&
					strings.IndexByte(")],;", d.Text.Body[other.End]) >= 0 {
					d.Entities[i].Beside = append(d.Entities[i].Beside, d.Text.Body[at:other.End])
					d.Entities[j].Beside = append(d.Entities[j].Beside, d.Text.Body[m.Start:m.End])
				}
			}
		}
	}
}

// groupKey is equal for spellings that are one name: regardless of case in words, but not in short
// names, whose case tells species apart ("Shh" and "SHH") and words from symbols.
func groupKey(name string) string {
	if len(name) <= 6 {
		return name
	}
	return names.Key(name)
}

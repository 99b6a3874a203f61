package vocabulary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// Record is what a source tells of a concept.
type Record struct {
	ID      string
	Type    string
	Species string // identifier
	Names   []Name
	Parents []string // identifiers
	Trees   []string
	Other   []string // retired and alternative identifiers
}

// Name is a name of a concept.
type Name struct {
	Text string
	Kind Kind
}

// Builder collects records to a vocabulary.
type Builder struct {
	drafts map[string]*draft
	owners map[string]*draft // of other identifiers
	last   int
}

// draft is a concept of a Builder. One without names is not written, but links its children with
// its parents.
type draft struct {
	Record
	keys  map[string]bool
	order int // of addition
	index Concept
	form  class
	n     uint32
}

// Has reports whether a concept of the identifier has names.
func (b *Builder) Has(id string) bool {
	d := b.drafts[id]
	return d != nil && len(d.Names) > 0
}

// Type returns the type of a concept that was added, and its tree numbers.
func (b *Builder) Type(id string) (typ string, trees []string) {
	if d := b.drafts[id]; d != nil {
		return d.Type, d.Trees
	}
	return "", nil
}

// Add adds a record, or its names and facts to the concept of the same identifier, which keeps its
// type, species and preferred name. The first name of a new concept becomes the preferred one. Of
// names with the same key in a concept the first counts. Add returns the number of new names.
func (b *Builder) Add(r Record) int {
	d := b.drafts[r.ID]
	if d == nil {
		if b.drafts == nil {
			b.drafts = map[string]*draft{}
		}
		d = &draft{Record: Record{ID: r.ID, Type: r.Type, Species: r.Species}, order: b.last}
		b.last++
		b.drafts[r.ID] = d
	}
	if len(d.Names) == 0 {
		d.Type, d.Species = r.Type, r.Species
	}
	added := 0
	for _, name := range r.Names {
		key := string(normalize.Key(nil, name.Text))
		if key == "" || d.keys[key] {
			continue
		}
		if d.keys == nil {
			d.keys = map[string]bool{}
		}
		d.keys[key] = true
		name.Kind &^= Preferred
		if len(d.Names) == 0 {
			name.Kind |= Preferred
		}
		d.Names = append(d.Names, name)
		added++
	}
	d.Parents = union(d.Parents, r.Parents)
	d.Trees = union(d.Trees, r.Trees)
	d.Other = union(d.Other, r.Other)
	return added
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// sorted returns the concepts in the order of the file, numbered, and their classes.
func (b *Builder) sorted() ([]*draft, []class, error) {
	var all []*draft
	for _, d := range b.drafts {
		if len(d.Names) == 0 {
			continue
		}
		d.form, d.n = splitID(d.ID)
		d.form.typ, d.form.species = d.Type, d.Species
		all = append(all, d)
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("no concept is left: see the files and filters of the recipe")
	}
	slices.SortFunc(all, func(a, b *draft) int {
		return cmp.Or(compareClasses(a.form, b.form), cmp.Compare(a.n, b.n), cmp.Compare(a.ID, b.ID))
	})
	var classes []class
	types := map[string]bool{}
	for i, d := range all {
		d.index = Concept(i)
		types[d.Type] = true
		if n := len(classes); n == 0 || compareClasses(classes[n-1], d.form) != 0 {
			classes = append(classes, d.form)
			classes[n].first = Concept(i)
		}
		last := &classes[len(classes)-1]
		last.end = Concept(i + 1)
	}
	if len(types) > maxTypes {
		return nil, nil, fmt.Errorf("%d types of concepts, more than %d", len(types), maxTypes)
	}
	return all, classes, nil
}

// parents returns the nearest concepts above a concept that are written.
func (b *Builder) parents(d *draft) []Concept {
	found, seen := map[Concept]bool{}, map[string]bool{d.ID: true}
	var climb func(ids []string)
	climb = func(ids []string) {
		for _, id := range ids {
			above := b.drafts[id]
			if above == nil {
				above = b.owners[id]
			}
			switch {
			case above == nil || seen[id]:
			case len(above.Names) > 0:
				if above != d {
					found[above.index] = true
				}
			default:
				seen[id] = true
				climb(above.Parents)
			}
		}
	}
	climb(d.Parents)
	return slices.Sorted(maps.Keys(found))
}

// others returns the other identifiers of the concepts. One that is claimed twice belongs to the
// concept that was added first, and one of a concept is not an other identifier.
func (b *Builder) others(all []*draft) []otherID {
	b.owners = map[string]*draft{}
	for _, d := range all {
		for _, id := range d.Other {
			if first := b.owners[id]; !b.Has(id) && (first == nil || first.order > d.order) {
				b.owners[id] = d
			}
		}
	}
	var others []otherID
	for _, id := range slices.Sorted(maps.Keys(b.owners)) {
		others = append(others, otherID{id, b.owners[id].index})
	}
	return others
}

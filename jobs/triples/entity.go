package triples

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// entityKey tells entities apart: a concept by its identifier, others by type and name.
type entityKey struct{ concept, typ, name string }

// entity is a concept, or a name without one.
type entity struct {
	concept string // empty for a name
	votes   []vote
	wanted  bool // by the filters of names and concepts
}

// vote counts the mentions of an entity that have a name and a type.
type vote struct {
	name, typ string
	n         int32
}

func (e *entity) vote(name, typ string) {
	i := slices.IndexFunc(e.votes, func(v vote) bool { return v.name == name && v.typ == typ })
	if i < 0 {
		i, e.votes = len(e.votes), append(e.votes, vote{name: name, typ: typ})
	}
	e.votes[i].n++
}

// name returns the most frequent name, or the concept if there is none.
func (e *entity) name() string {
	return cmp.Or(most(e.votes, func(v vote) string { return v.name }), e.concept)
}

// typ returns the most frequent type.
func (e *entity) typ() string { return most(e.votes, func(v vote) string { return v.typ }) }

// most returns the value, not empty, with the most votes; of several, the first in order.
func most(votes []vote, of func(vote) string) (best string) {
	if len(votes) == 1 {
		return of(votes[0])
	}
	count := map[string]int32{}
	for _, v := range votes {
		x := of(v)
		if x == "" {
			continue
		}
		count[x] += v.n
	}
	for x, n := range count {
		if b := count[best]; n > b || n == b && x < best {
			best = x
		}
	}
	return best
}

// entities are those of the relations so far, by number.
type entities struct {
	all     []entity
	numbers map[entityKey]int32
	options *Options
	names   map[string]bool // Options.Names, normalized
}

func newEntities(o *Options) *entities {
	e := &entities{numbers: map[entityKey]int32{}, options: o, names: map[string]bool{}}
	for _, name := range o.Names {
		e.names[normalized(name)] = true
	}
	return e
}

// of appends the numbers of the entities that a mention stands for.
func (e *entities) of(dst []int32, m *mentionColumns) []int32 {
	if m.Concept == "" {
		if e.options.ConceptsOnly {
			return dst
		}
		name := normalized(m.Text)
		return append(dst, e.number(entityKey{typ: m.Type, name: name}, m.Text, m))
	}
	ids, names := strings.Split(m.Concept, "|"), strings.Split(m.ConceptName, "|")
	for i, id := range ids {
		name := ""
		if len(names) == len(ids) {
			name = names[i]
		}
		dst = append(dst, e.number(entityKey{concept: id}, name, m))
	}
	return dst
}

// number returns the number of an entity, which a mention names.
func (e *entities) number(key entityKey, name string, m *mentionColumns) int32 {
	n, ok := e.numbers[key]
	if !ok {
		n = int32(len(e.all))
		e.numbers[key] = n
		e.all = append(e.all, entity{concept: key.concept})
		e.all[n].wanted = slices.Contains(e.options.Concepts, key.concept) && key.concept != ""
	}
	x := &e.all[n]
	x.vote(name, m.Type)
	if len(e.names) > 0 && !x.wanted {
		x.wanted = e.names[normalized(m.Text)] || e.names[normalized(name)]
	}
	return n
}

// normalized returns the key of a name, or the name if it has no word.
func normalized(name string) string {
	return cmp.Or(string(normalize.Key(nil, name)), name)
}

package linker

import (
	"iter"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// similarNames is the number of similar names that are candidates for a name.
const similarNames = 12

// candidate is what an entity may be: a concept, or several of a composite name.
type candidate struct {
	concepts []vocabulary.Concept
	own      match   // with a name of the entity
	long     match   // with a long form
	learned  learned // with a name of the entity, in the training set
	meant    learned // with a long form, in the training set
	cosine   float32 // of the most similar name; 0 for none
	rank     int     // among the similar names, from 1; 0 for none
	stripped bool    // found only after words were removed from the name
	parts    bool    // of a composite name
	beside   bool    // found only by the name in brackets
	above    int     // number of levels above a concept of another source that has the name
	ortholog bool    // a gene with the symbol of one that was found in another species
}

// match is how a name is a name of a concept.
type match struct {
	found  bool
	manner vocabulary.Manner
	kind   vocabulary.Kind
}

// better keeps the better of two matches.
func (m *match) better(e vocabulary.Entry) {
	if m.found && (m.manner < e.Manner || m.manner == e.Manner && m.kind&vocabulary.Preferred != 0) {
		return
	}
	*m = match{found: true, manner: e.Manner, kind: e.Kind}
}

// learned is how often a name was annotated with a concept in the training set.
type learned struct {
	known bool // the name was annotated
	count float32
	share float32
}

// candidates are the candidates of the entities of a document, and what the features need.
type candidates struct {
	linker   *Linker
	document *Document
	entities [][]candidate
	species  speciesContext
	sure     []vocabulary.Concept // concepts of the entities whose name has exactly one
	sureOf   []int                // of each of sure: the entity
	rows     [][][]float32        // of each gene: the features of its candidates in the first round
	first    [][]float32          // of each gene: probabilities of its candidates in the first round
	belief   map[string]float32   // share of the genes in the first round, by species
	scored   [][]float32          // of each entity that was ranked: probabilities of its candidates
}

func (l *Linker) candidates(d *Document) *candidates {
	c := &candidates{
		linker: l, document: d, entities: make([][]candidate, len(d.Entities)),
		scored: make([][]float32, len(d.Entities)),
	}
	for i := range d.Entities {
		if d.Entities[i].Type != sequenceVariant {
			c.entities[i] = l.find(&d.Entities[i])
		}
	}
	for i := range d.Entities {
		if concept, ok := c.certain(i); ok {
			c.sure, c.sureOf = append(c.sure, concept), append(c.sureOf, i)
		}
	}
	c.species = newSpeciesContext(c)
	c.firstRound()
	return c
}

// certain returns the concept of an entity that only one candidate has the name of.
func (c *candidates) certain(i int) (concept vocabulary.Concept, ok bool) {
	for k := range c.entities[i] {
		x := &c.entities[i][k]
		if len(x.concepts) > 1 || !(x.own.found || x.long.found || x.learned.share > 0.5) {
			continue
		}
		if ok {
			return 0, false
		}
		concept, ok = x.concepts[0], true
	}
	return concept, ok
}

// finder collects the candidates of an entity.
type finder struct {
	*Linker
	typ  string
	list []candidate
}

func (f *finder) at(concepts ...vocabulary.Concept) *candidate {
	i := slices.IndexFunc(f.list, func(c candidate) bool { return slices.Equal(c.concepts, concepts) })
	if i < 0 {
		i = len(f.list)
		f.list = append(f.list, candidate{concepts: slices.Clone(concepts)})
	}
	return &f.list[i]
}

// find returns the candidates of an entity.
func (l *Linker) find(e *Entity) []candidate {
	f := &finder{Linker: l, typ: e.Type}
	for _, name := range e.Long {
		f.look(name, true)
	}
	for _, name := range e.Names {
		if len(e.Long) == 0 || len(name) > 2 { // the text explains "P"
			f.look(name, false)
		}
	}
	if !f.matched() {
		for _, name := range e.Beside {
			one := &finder{Linker: l, typ: e.Type}
			one.look(name, false)
			for _, x := range one.list {
				f.at(x.concepts...).beside = true
			}
		}
	}
	if !f.matched() {
		for _, name := range slices.Concat(e.Names, e.Long) {
			for _, other := range stripped(e.Type, name) {
				f.strip(other)
			}
			if e.Type == chemical {
				for _, salt := range salts {
					f.strip(name + " " + salt)
				}
			}
		}
	}
	if !f.matched() {
		for _, name := range slices.Concat(e.Names, e.Long) {
			f.split(name)
		}
	}
	if e.Type == gene {
		f.orthologs()
	}
	f.superordinate()
	if s := l.similar(e.Type); s != nil && !f.exact() {
		for _, name := range slices.Concat(e.Long, e.Names) {
			if len(e.Long) > 0 && len(name) <= 6 { // the short form resembles nothing
				continue
			}
			for i, found := range s.Find(name, similarNames) {
				x := f.at(found.Concept)
				if cosine := float32(found.Cosine); cosine > x.cosine {
					x.cosine, x.rank = cosine, i+1
				}
			}
		}
	}
	return f.list
}

// look adds the concepts that have a name, in the vocabulary or in the training set.
func (f *finder) look(name string, long bool) {
	for e := range f.entries(name) {
		if x := f.at(e.Concept); long {
			x.long.better(e)
		} else {
			x.own.better(e)
		}
	}
	all := f.head.Names.find(f.typ, name)
	total := float32(0)
	for _, n := range all {
		total += n.count
	}
	for _, n := range all {
		concepts := f.concepts(n.id)
		if concepts == nil {
			continue
		}
		x := f.at(concepts...)
		into := &x.learned
		if long {
			into = &x.meant
		}
		if n.count > into.count {
			*into = learned{true, n.count, n.count / total}
		}
	}
}

// entries yields the entries of a name whose concepts are of the type.
func (f *finder) entries(name string) iter.Seq[vocabulary.Entry] {
	return func(yield func(vocabulary.Entry) bool) {
		for _, e := range f.vocabulary.Find(name) {
			if f.vocabulary.Type(e.Concept) == f.typ && !yield(e) {
				return
			}
		}
	}
}

// concepts returns the concepts of an identifier, of several joined by "|", nil if one is unknown.
func (f *finder) concepts(id string) (all []vocabulary.Concept) {
	for part := range strings.SplitSeq(id, "|") {
		c, ok := f.vocabulary.Lookup(part)
		if !ok {
			return nil
		}
		all = append(all, c)
	}
	return all
}

// strip adds the concepts that have a name from which words were removed.
func (f *finder) strip(name string) {
	for e := range f.entries(name) {
		x := f.at(e.Concept)
		x.own.better(e)
		x.stripped = true
	}
	for _, n := range f.head.Names.find(f.typ, name) {
		if concepts := f.concepts(n.id); concepts != nil {
			x := f.at(concepts...)
			if n.count > x.learned.count {
				x.learned = learned{true, n.count, 1}
			}
			x.stripped = true
		}
	}
}

// orthologs adds the genes of other species that have the symbol of a gene that was found.
func (f *finder) orthologs() {
	for i := range len(f.list) {
		symbol := f.vocabulary.Name(f.list[i].concepts[0])
		for e := range f.entries(symbol) {
			if e.Kind&vocabulary.Preferred == 0 || e.Manner > vocabulary.Folded {
				continue
			}
			if x := f.at(e.Concept); !x.named() {
				x.ortholog = true
			}
		}
	}
}

// superordinate adds the MeSH concepts above those of other sources: annotators of MeSH take the
// nearest descriptor.
func (f *finder) superordinate() {
	var up func(c vocabulary.Concept, levels int)
	up = func(c vocabulary.Concept, levels int) {
		for _, parent := range f.vocabulary.Parents(c) {
			switch id := f.vocabulary.ConceptID(parent); {
			case f.vocabulary.Type(parent) != f.typ:
			case strings.HasPrefix(id, "MESH:"):
				if x := f.at(parent); x.above == 0 {
					x.above = levels
				}
			case levels < 3:
				up(parent, levels+1)
			}
		}
	}
	if f.typ != disease {
		return
	}
	for i := range len(f.list) {
		if c := f.list[i].concepts[0]; f.list[i].named() &&
			!strings.HasPrefix(f.vocabulary.ConceptID(c), "MESH:D") {
			up(c, 1)
		}
	}
}

// split adds the concepts of the parts of a composite name, if each part has one.
func (f *finder) split(name string) {
	for _, parts := range composites(name) {
		var concepts []vocabulary.Concept
		for _, part := range parts {
			one := &finder{Linker: f.Linker, typ: f.typ}
			one.look(part, false)
			best := one.first()
			if best == nil {
				concepts = nil
				break
			}
			concepts = append(concepts, best.concepts...)
		}
		if len(concepts) > 0 {
			f.at(concepts...).parts = true
			return
		}
	}
}

// first returns the best candidate by its names alone.
func (f *finder) first() *candidate {
	var best *candidate
	value := func(c *candidate) float32 {
		v := c.learned.share * 2
		if c.own.found {
			v += 3 - float32(c.own.manner)
		}
		return v
	}
	for i := range f.list {
		if best == nil || value(&f.list[i]) > value(best) {
			best = &f.list[i]
		}
	}
	return best
}

func (f *finder) matched() bool {
	return slices.ContainsFunc(f.list, func(c candidate) bool { return c.named() })
}

// exact reports whether a name is in the vocabulary or the training set but for its case.
func (f *finder) exact() bool {
	return slices.ContainsFunc(f.list, func(c candidate) bool {
		return c.own.found && c.own.manner <= vocabulary.Folded && !c.stripped || c.learned.share > 0.5
	})
}

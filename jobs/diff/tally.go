package diff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// The names of the compared tables; concepts are columns of mentions.
const (
	mentions  = "mentions"
	concepts  = "concepts"
	relations = "relations"
	summaries = "summaries"
	answers   = "answers"
	labels    = "labels"
)

// tableNames lists them in the order of the result.
func tableNames() []string {
	return []string{mentions, concepts, relations, summaries, answers, labels}
}

// tally collects the numbers of a comparison.
type tally struct {
	options Options
	tables  map[string]*tableTally
	most    best[Document]
}

type tableTally struct {
	types   map[string]*typeTally
	retyped map[[2]string]*retypedTally
	// numbers of relations of mentions that one edition does not have, by change
	withMention map[string]int64
}

type typeTally struct {
	Counts
	shifts   shifts
	examples map[string]*best[found] // by change
}

type retypedTally struct {
	n        int64
	examples best[found]
}

// found is an example, and the parts that it comes from.
type found struct {
	Example
	before, after *corpus.Part
}

func newTally(o Options) *tally {
	t := &tally{options: o, tables: map[string]*tableTally{}}
	for _, name := range tableNames() {
		t.tables[name] = &tableTally{
			types: map[string]*typeTally{}, retyped: map[[2]string]*retypedTally{}, withMention: map[string]int64{},
		}
	}
	return t
}

func (t *tableTally) typ(name string) *typeTally {
	x := t.types[name]
	if x == nil {
		x = &typeTally{examples: map[string]*best[found]{Lost: {}, Gained: {}, Changed: {}}}
		t.types[name] = x
	}
	return x
}

// same counts items that are the same.
func (t *tally) same(table string, p pair) {
	x := t.tables[table].typ(p.before.typ)
	x.Before++
	x.After++
	x.Same++
	x.shifts.add(p.before.score, p.after.score)
}

// change counts a change. withMention means that it is a relation of a mention that one edition
// does not have.
func (t *tally) change(f found, withMention bool) {
	table := t.tables[f.Table]
	if withMention {
		table.withMention[f.Change.Change]++
	}
	switch f.Change.Change {
	case Lost:
		x := table.typ(*f.TypeBefore)
		x.Before++
		x.Lost++
		t.example(x.examples[Lost], f)
	case Gained:
		x := table.typ(*f.TypeAfter)
		x.After++
		x.Gained++
		t.example(x.examples[Gained], f)
	case Changed:
		x := table.typ(*f.TypeBefore)
		x.Before++
		x.After++
		x.Changed++
		t.example(x.examples[Changed], f)
	case Retyped:
		from, to := *f.TypeBefore, *f.TypeAfter
		table.typ(from).Before++
		table.typ(from).RetypedOut++
		table.typ(to).After++
		table.typ(to).RetypedIn++
		x := table.retyped[[2]string{from, to}]
		if x == nil {
			x = &retypedTally{}
			table.retyped[[2]string{from, to}] = x
		}
		x.n++
		t.example(&x.examples, f)
	}
}

// result returns the tables of a result, and pointers to all examples.
func (t *tally) result(name string) (Table, []*found) {
	table := Table{Name: name, Types: []Type{}, Retyped: []TypeChange{}}
	var all []*found
	var total shifts
	tallied := t.tables[name]
	table.LostWithMention, table.GainedWithMention = tallied.withMention[Lost], tallied.withMention[Gained]
	for _, typ := range slices.Sorted(maps.Keys(tallied.types)) {
		x := tallied.types[typ]
		total.merge(&x.shifts)
		table.Counts.add(&x.Counts)
		x.Counts.finish(&x.shifts)
		table.Types = append(table.Types, Type{Name: typ, Counts: x.Counts})
		for _, kind := range []string{Lost, Gained, Changed} {
			list := x.examples[kind].list
			for i := range list {
				all = append(all, &list[i])
			}
		}
	}
	table.Counts.finish(&total)
	table.AgreementSpan = table.f1(table.Same + table.RetypedOut)
	pairs := slices.SortedFunc(maps.Keys(tallied.retyped), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(tallied.retyped[b].n, tallied.retyped[a].n), slices.Compare(a[:], b[:]))
	})
	for _, p := range pairs {
		x := tallied.retyped[p]
		table.Retyped = append(table.Retyped, TypeChange{From: p[0], To: p[1], Items: x.n})
		for i := range x.examples.list {
			all = append(all, &x.examples.list[i])
		}
	}
	return table, all
}

// attach distributes the examples, whose sentences are known by now, to their types.
func (t *tally) attach(table *Table) {
	tallied := t.tables[table.Name]
	examples := func(lists ...*best[found]) []Example {
		all := []Example{}
		for _, b := range lists {
			for i := range b.list {
				all = append(all, b.list[i].Example)
			}
		}
		return all
	}
	for i := range table.Types {
		by := tallied.types[table.Types[i].Name].examples
		table.Types[i].Examples = examples(by[Lost], by[Gained], by[Changed])
	}
	for i := range table.Retyped {
		r := &table.Retyped[i]
		r.Examples = examples(&tallied.retyped[[2]string{r.From, r.To}].examples)
	}
}

func documentOf(key schemas.Key) Document {
	return Document{PMID: key.PMID, Version: key.Version, Unit: key.Unit}
}

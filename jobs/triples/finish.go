package triples

import (
	"cmp"
	"maps"
	"slices"
)

// finish makes the rows of the triples that are wanted, in order.
func (a *aggregation) finish() {
	filtered := len(a.options.Concepts)+len(a.options.Names) > 0
	described := make([]description, len(a.entities.all))
	for i := range described {
		described[i] = describe(&a.entities.all[i])
	}
	maps.DeleteFunc(a.triples, func(key tripleKey, t *triple) bool {
		named := described[key.first].wanted || described[key.second].wanted
		return len(t.pmids) < a.options.MinAbstracts || filtered && !named
	})
	a.result.Triples = make([]Row, 0, len(a.triples))
	for key, t := range a.triples {
		first, second := &described[key.first], &described[key.second]
		if !key.directed && swapped(t, first, second) {
			first, second = second, first
		}
		row := t.row(first, second)
		row.Type = a.typeNames[key.typ]
		if a.certainty {
			row.Negated, row.Speculative = &t.negated, &t.speculative
		}
		a.result.Triples = append(a.result.Triples, row)
	}
	a.result.Types = append([]string{}, a.typeNames...)
	slices.Sort(a.result.Types)
	slices.SortFunc(a.result.Triples, func(x, y Row) int { return compareRows(&x, &y) })
}

// description is an entity as the rows show it.
type description struct {
	concept   *string
	name, typ string
	wanted    bool
}

func describe(e *entity) description {
	d := description{name: e.name(), typ: e.typ(), wanted: e.wanted}
	if e.concept != "" {
		d.concept = &e.concept
	}
	return d
}

// swapped reports whether the second entity of a triple without direction is its subject.
func swapped(t *triple, first, second *description) bool {
	if t.forward != 0 && first.typ != second.typ {
		return t.forward < 0
	}
	return cmp.Or(
		cmp.Compare(first.typ, second.typ), cmp.Compare(first.name, second.name),
		compareText(first.concept, second.concept),
	) > 0
}

func (t *triple) row(subject, object *description) Row {
	slices.Sort(t.pmids)
	r := Row{
		SubjectConcept: subject.concept, SubjectName: subject.name, SubjectType: subject.typ,
		ObjectConcept: object.concept, ObjectName: object.name, ObjectType: object.typ,
		Abstracts: int32(len(t.pmids)), MeanScore: float32(t.sum / float64(len(t.pmids))), BestScore: t.best,
		AnyRetracted: t.retracted, PMIDs: t.pmids,
	}
	if t.first != 0 {
		first, last := int32(t.first), int32(t.last)
		r.FirstYear, r.LastYear = &first, &last
	}
	return r
}

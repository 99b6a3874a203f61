package view

import (
	"fmt"
	"io"
	"strconv"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/triples"
)

// triplePMIDs is the number of PMIDs of a triple that are shown, and nameWidth the number of
// characters of a name.
const (
	triplePMIDs = 3
	nameWidth   = 40
)

// Triples prints triples as a table.
func Triples(w io.Writer, rows []triples.Row) error {
	m := markdown.NewTable("subject", "relation", "object", "abstracts", "mean", "best", "years", "PMIDs")
	for i := range rows {
		r := &rows[i]
		m.Row(
			entity(r.SubjectName, r.SubjectConcept), inert.Line(relationOf(r)), entity(r.ObjectName, r.ObjectConcept),
			Number(int64(r.Abstracts)), fmt.Sprintf("%.2f", r.MeanScore), fmt.Sprintf("%.2f", r.BestScore), years(r),
			pmids(r),
		)
	}
	return m.Write(w)
}

// entity is a name with its concept.
func entity(name string, concept *string) string {
	name = shorten(name, nameWidth)
	if concept != nil && *concept != name {
		name += " (" + *concept + ")"
	}
	return inert.Line(name)
}

// relationOf is the type of the relation, with the number of abstracts that deny it.
func relationOf(r *triples.Row) string {
	switch {
	case r.Negated == nil || *r.Negated == 0:
		return r.Type
	case *r.Negated == r.Abstracts:
		return r.Type + " (negated)"
	}
	return fmt.Sprintf("%s (negated in %d)", r.Type, *r.Negated)
}

// years is the range of years, with a mark if an article is retracted.
func years(r *triples.Row) string {
	s := ""
	switch {
	case r.FirstYear == nil:
	case *r.FirstYear == *r.LastYear:
		s = strconv.Itoa(int(*r.FirstYear))
	default:
		s = fmt.Sprintf("%d-%d", *r.FirstYear, *r.LastYear)
	}
	if r.AnyRetracted {
		s += " (retracted)"
	}
	return s
}

// pmids is the newest PMIDs.
func pmids(r *triples.Row) string {
	s := ""
	for i := range r.PMIDs {
		if i == triplePMIDs {
			return s + ", …"
		}
		if i > 0 {
			s += ", "
		}
		s += strconv.Itoa(int(r.PMIDs[len(r.PMIDs)-1-i]))
	}
	return s
}

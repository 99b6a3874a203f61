package dataset

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// builder collects one document. Formats refer to mentions by position or by a key ("T12").
type builder struct {
	rules     Rules
	id        string
	title     string
	abstract  string
	sections  []schemas.Section // of the abstract, in place of abstract
	inBytes   bool              // the offsets of mentions count bytes
	question  string
	answer    string
	labels    []string // of the document; nil if it is not labelled
	mentions  []rawMention
	relations []rawRelation
	concepts  []ConceptRelation
}

type rawMention struct {
	key, typ, text, concept string
	start, end              int // as in the file
	where                   string
	broken                  bool // discontinuous
}

type rawRelation struct{ typ, subject, object string }

// build returns the example and updates the counts.
func (b *builder) build(stats *Stats) (Example, error) {
	doc := &schemas.Document{Version: 1, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: b.title}}}
	if b.sections != nil {
		doc.Sections = append(doc.Sections, b.sections...)
	} else if b.abstract != "" {
		doc.Sections = append(doc.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: b.abstract})
	}
	if pmid, err := strconv.ParseUint(b.id, 10, 32); err == nil && !b.rules.NotPMID {
		doc.PMID = schemas.PMID(pmid)
	}
	e := Example{
		Corpus: b.rules.Corpus, Split: b.rules.Split, ID: b.id, Doc: doc, ConceptRelations: b.concepts,
		Question: b.question, Answer: b.answer, Labels: labelSet(b.labels),
	}
	keys, err := b.place(&e, stats)
	if err != nil {
		return Example{}, err
	}
	for _, r := range b.relations {
		subject, ok1 := keys[r.subject]
		object, ok2 := keys[r.object]
		if ok1 && ok2 {
			e.Gold.Relations = append(
				e.Gold.Relations,
				schemas.Relation{Type: r.typ, Subject: subject, Object: object, Sentence: -1, Score: 1},
			)
		}
	}
	for _, r := range b.concepts {
		if relation, ok := closest(e.Gold.Mentions, r); ok {
			e.Gold.Relations = append(e.Gold.Relations, relation)
		}
	}
	stats.Documents++
	stats.Mentions += len(e.Gold.Mentions)
	stats.Masked += len(e.Masked)
	stats.Relations += len(e.Gold.Relations)
	return e, nil
}

// place converts offsets to spans, sorts the mentions, and returns their indices by key.
func (b *builder) place(e *Example, stats *Stats) (map[string]int, error) {
	type keyed struct {
		schemas.Mention
		key string
	}
	body := e.Doc.Text()
	unit := b.unit(body)
	sections := e.Doc.SectionSpans()
	var placed []keyed
	for _, m := range b.mentions {
		typ, masks, known := b.rules.typeOf(m.typ)
		if !known {
			if b.rules.Strict {
				return nil, fmt.Errorf("%s: unknown entity type %q", m.where, m.typ)
			}
			stats.unmapped(m.typ, 1)
			continue
		}
		span, ok := unit.span(m.start, m.end)
		section := -1
		if ok {
			section = slices.IndexFunc(
				sections, func(s schemas.Span) bool { return s.Start <= span.Start && span.End <= s.End },
			)
		}
		if section < 0 || body[span.Start:span.End] != m.text {
			bad := fmt.Errorf(
				"%s: %q is not at %d to %d of title + \" \" + abstract (in code points), or not within one of them",
				m.where, m.text, m.start, m.end,
			)
			if b.rules.Strict {
				return nil, bad
			}
			stats.drop(fmt.Sprintf("document %s: %v", b.id, bad))
			continue
		}
		if masks || m.broken {
			e.Masked = append(e.Masked, Masked{Span: span, Type: typ})
			continue
		}
		placed = append(
			placed,
			keyed{
				schemas.Mention{Section: section, Sentence: -1, Span: span, Type: typ, Score: 1, Concept: m.concept},
				m.key,
			},
		)
	}
	slices.SortStableFunc(placed, func(x, y keyed) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End))
	})
	slices.SortStableFunc(e.Masked, func(x, y Masked) int { return cmp.Compare(x.Start, y.Start) })
	keys := make(map[string]int, len(placed))
	for i, m := range placed {
		m.ID = i
		keys[m.key] = i
		e.Gold.Mentions = append(e.Gold.Mentions, m.Mention)
	}
	return keys, nil
}

// closest joins the two closest mentions of a relation's concepts.
func closest(mentions []schemas.Mention, r ConceptRelation) (schemas.Relation, bool) {
	best, found := schemas.Relation{}, false
	least := 0
	for _, a := range mentions {
		if !slices.Contains(Concepts(a), r.A) {
			continue
		}
		for _, b := range mentions {
			if a.ID == b.ID || !slices.Contains(Concepts(b), r.B) {
				continue
			}
			gap := max(a.Start-b.End, b.Start-a.End)
			if !found || gap < least {
				found, least = true, gap
				best = schemas.Relation{Type: r.Type, Subject: a.ID, Object: b.ID, Sentence: -1, Score: 1}
			}
		}
	}
	return best, found
}

// offsets maps offsets in the file to bytes; nil bytes is the identity up to size.
type offsets struct {
	bytes []int // by code point, and one for the end
	size  int
}

// unit infers the unit of the offsets: code points, unless more mentions match as bytes.
func (b *builder) unit(body string) offsets {
	asBytes := offsets{size: len(body)}
	if b.inBytes || utf8.RuneCountInString(body) == len(body) {
		return asBytes
	}
	points := offsets{bytes: make([]int, 0, len(body)+1), size: len(body)}
	for i := range body {
		points.bytes = append(points.bytes, i)
	}
	points.bytes = append(points.bytes, len(body))
	fits := func(u offsets) (n int) {
		for _, m := range b.mentions {
			if s, ok := u.span(m.start, m.end); ok && body[s.Start:s.End] == m.text {
				n++
			}
		}
		return n
	}
	if fits(asBytes) > fits(points) {
		return asBytes
	}
	return points
}

// span converts offsets to a span; false outside of the text.
func (o offsets) span(start, end int) (schemas.Span, bool) {
	if start < 0 || end <= start {
		return schemas.Span{}, false
	}
	if o.bytes == nil {
		return schemas.Span{Start: start, End: end}, end <= o.size
	}
	if end >= len(o.bytes) {
		return schemas.Span{}, false
	}
	return schemas.Span{Start: o.bytes[start], End: o.bytes[end]}, true
}

// labelSet returns the labels of a document, sorted, each once; nil only for nil.
func labelSet(labels []string) []string {
	if labels == nil {
		return nil
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(labels)))
	return append([]string{}, sorted...)
}

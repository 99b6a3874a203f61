package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// PubTator reads a PubTator file:
//
//	PMID|t|title
//	PMID|a|abstract
//	PMID<tab>start<tab>end<tab>text<tab>type[<tab>concept[<tab>parts]]
//	PMID<tab>relation<tab>concept<tab>concept[<tab>anything]
//	(an empty line, or the next document)
//
// Offsets are code points in title + " " + abstract. The concept "-1" or "-" means none.
func PubTator(r io.Reader, rules Rules) ([]Example, Stats, error) {
	p := pubtatorReader{rules: rules}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, p.stats, fmt.Errorf("read PubTator: %w", err)
		}
		if bad := p.line(strings.TrimRight(line, "\r\n"), n); bad != nil {
			return nil, p.stats, fmt.Errorf("PubTator line %d: %w", n, bad)
		}
		if err != nil {
			break
		}
	}
	if err := p.flush(); err != nil {
		return nil, p.stats, fmt.Errorf("PubTator: %w", err)
	}
	rules.annotate(p.examples)
	return p.examples, p.stats, nil
}

type pubtatorReader struct {
	rules    Rules
	doc      *builder // the document being read, nil between documents
	examples []Example
	stats    Stats
}

func (p *pubtatorReader) line(line string, n int) error {
	if strings.TrimSpace(line) == "" {
		return p.flush()
	}
	if id, kind, text, ok := passage(line); ok {
		return p.passage(id, kind, text)
	}
	fields := strings.Split(line, "\t")
	if len(fields) < 4 {
		return fmt.Errorf("want PMID|t|title, PMID|a|abstract, or at least 4 tab-separated fields, have %.60q", line)
	}
	if p.doc == nil || p.doc.id != fields[0] {
		return fmt.Errorf("annotation of document %q before its text", fields[0])
	}
	start, err := strconv.Atoi(fields[1])
	if err != nil {
		p.doc.concepts = append(
			p.doc.concepts,
			ConceptRelation{Type: fields[1], A: strings.TrimSpace(fields[2]), B: strings.TrimSpace(fields[3])},
		)
		return nil
	}
	end, err := strconv.Atoi(fields[2])
	if err != nil {
		return fmt.Errorf("mention end %q is not a number", fields[2])
	}
	if len(fields) < 5 {
		return fmt.Errorf("mention of document %s has %d fields, want start, end, text, type", fields[0], len(fields))
	}
	m := rawMention{
		start: start, end: end, text: fields[3], typ: strings.TrimSpace(fields[4]),
		where: fmt.Sprintf("line %d", n),
	}
	m.key = strconv.Itoa(len(p.doc.mentions))
	if len(fields) > 5 {
		m.concept = concept(fields[5])
	}
	p.doc.mentions = append(p.doc.mentions, m)
	return nil
}

// passage splits "PMID|t|text". A tab before the first bar means that the bars belong to a mention.
func passage(line string) (id, kind, text string, ok bool) {
	id, rest, ok := strings.Cut(line, "|")
	if !ok || strings.Contains(id, "\t") {
		return "", "", "", false
	}
	kind, text, ok = strings.Cut(rest, "|")
	return strings.TrimSpace(id), kind, text, ok && (kind == "t" || kind == "a")
}

func (p *pubtatorReader) passage(id, kind, text string) error {
	if kind == "t" {
		if err := p.flush(); err != nil {
			return err
		}
		p.doc = &builder{rules: p.rules, id: id, title: text}
		return nil
	}
	if p.doc == nil || p.doc.id != id {
		return fmt.Errorf("abstract of document %q before its title", id)
	}
	if p.doc.abstract != "" {
		return fmt.Errorf("second abstract of document %q", id)
	}
	p.doc.abstract = text
	return nil
}

func (p *pubtatorReader) flush() error {
	if p.doc == nil {
		return nil
	}
	e, err := p.doc.build(&p.stats)
	if err != nil {
		return fmt.Errorf("document %s: %w", p.doc.id, err)
	}
	p.examples, p.doc = append(p.examples, e), nil
	return nil
}

// concept normalises an identifier.
func concept(s string) string {
	s = strings.TrimSpace(s)
	if s == "-1" || s == "-" {
		return ""
	}
	return s
}

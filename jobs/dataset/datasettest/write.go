// Package datasettest writes examples in the formats that package dataset reads, for round-trip
// tests. Offsets are code points in every format.
package datasettest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// mention is a mention with offsets in code points.
type mention struct {
	schemas.Mention
	start, end int
	text       string
}

func mentions(e *dataset.Example) []mention {
	body := e.Doc.Text()
	var out []mention
	for _, m := range e.Gold.Mentions {
		start := utf8.RuneCountInString(body[:m.Start])
		text := body[m.Start:m.End]
		out = append(out, mention{m, start, start + utf8.RuneCountInString(text), text})
	}
	return out
}

// PubTator writes examples with relations between concepts.
func PubTator(examples []dataset.Example) string {
	var b strings.Builder
	for _, e := range examples {
		fmt.Fprintf(&b, "%s|t|%s\n%s|a|%s\n", e.ID, e.Doc.Title(), e.ID, e.Doc.Abstract())
		for _, m := range mentions(&e) {
			fmt.Fprintf(&b, "%s\t%d\t%d\t%s\t%s\t%s\n", e.ID, m.start, m.end, m.text, m.Type, m.Concept)
		}
		for _, r := range e.ConceptRelations {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", e.ID, r.Type, r.A, r.B)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

type location struct {
	Offset int `json:"offset" xml:"offset,attr"`
	Length int `json:"length" xml:"length,attr"`
}

type infon struct {
	Key   string `xml:"key,attr"`
	Value string `xml:",chardata"`
}

type annotation struct {
	ID        string            `json:"id" xml:"id,attr"`
	Infons    map[string]string `json:"infons" xml:"-"`
	XMLInfons []infon           `json:"-" xml:"infon"`
	Locations []location        `json:"locations" xml:"location"`
	Text      string            `json:"text" xml:"text"`
}

type relation struct {
	ID        string            `json:"id" xml:"id,attr"`
	Infons    map[string]string `json:"infons" xml:"-"`
	XMLInfons []infon           `json:"-" xml:"infon"`
}

type passage struct {
	Infons      map[string]string `json:"infons" xml:"-"`
	XMLInfons   []infon           `json:"-" xml:"infon"`
	Offset      int               `json:"offset" xml:"offset"`
	Text        string            `json:"text" xml:"text"`
	Annotations []annotation      `json:"annotations" xml:"annotation"`
}

type document struct {
	XMLName   xml.Name   `json:"-" xml:"document"`
	ID        string     `json:"id" xml:"id"`
	Passages  []passage  `json:"passages" xml:"passage"`
	Relations []relation `json:"relations" xml:"relation"`
}

func bioc(e *dataset.Example) document {
	d := document{ID: e.ID}
	body := e.Doc.Text()
	for i, s := range e.Doc.SectionSpans() {
		kind := map[bool]string{true: "title", false: "abstract"}[i == 0]
		p := passage{Infons: map[string]string{"type": kind}, XMLInfons: []infon{{"type", kind}}}
		p.Offset, p.Text = utf8.RuneCountInString(body[:s.Start]), body[s.Start:s.End]
		for _, m := range mentions(e) {
			if m.Section == i {
				p.Annotations = append(p.Annotations, annotation{
					ID: strconv.Itoa(m.ID), Text: m.text, Locations: []location{{m.start, m.end - m.start}},
					Infons: map[string]string{
						"type": m.Type, "identifier": m.Concept,
					}, XMLInfons: []infon{{"type", m.Type}, {"identifier", m.Concept}},
				})
			}
		}
		d.Passages = append(d.Passages, p)
	}
	for i, r := range e.ConceptRelations {
		d.Relations = append(d.Relations, relation{
			ID: fmt.Sprint("R", i), Infons: map[string]string{"type": r.Type, "entity1": r.A, "entity2": r.B},
			XMLInfons: []infon{{"type", r.Type}, {"entity1", r.A}, {"entity2", r.B}},
		})
	}
	return d
}

// BioCJSON writes a collection.
func BioCJSON(examples []dataset.Example) string {
	collection := struct {
		Source    string     `json:"source"`
		Documents []document `json:"documents"`
	}{Source: "made"}
	for i := range examples {
		collection.Documents = append(collection.Documents, bioc(&examples[i]))
	}
	return marshal(collection)
}

// BioCXML writes a collection.
func BioCXML(examples []dataset.Example) string {
	var b strings.Builder
	b.WriteString(
		`<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE collection SYSTEM "BioC.dtd">` +
			`<collection><source>made</source>`,
	)
	for i := range examples {
		data, err := xml.Marshal(bioc(&examples[i]))
		if err != nil {
			panic(err) // plain structs of strings
		}
		b.Write(data)
	}
	return b.String() + "</collection>"
}

// JSONLines writes a document per line, with relations between concepts.
func JSONLines(examples []dataset.Example) string {
	type line struct {
		ID        string           `json:"id"`
		Title     string           `json:"title"`
		Abstract  string           `json:"abstract"`
		Mentions  []map[string]any `json:"mentions"`
		Relations [][3]string      `json:"relations"`
		Question  string           `json:"question,omitempty"`
		Answer    string           `json:"answer,omitempty"`
	}
	var b strings.Builder
	for _, e := range examples {
		l := line{ID: e.ID, Title: e.Doc.Title(), Abstract: e.Doc.Abstract(), Question: e.Question, Answer: e.Answer}
		for _, m := range mentions(&e) {
			l.Mentions = append(
				l.Mentions,
				map[string]any{"start": m.start, "end": m.end, "type": m.Type, "concept": m.Concept, "text": m.text},
			)
		}
		for _, r := range e.ConceptRelations {
			l.Relations = append(l.Relations, [3]string{r.Type, r.A, r.B})
		}
		b.WriteString(marshal(l) + "\n")
	}
	return b.String()
}

// CoNLL writes words, separated by spaces, with IOB2 tags; title and abstract are sentences.
func CoNLL(examples []dataset.Example) string {
	var b strings.Builder
	for _, e := range examples {
		b.WriteString("-DOCSTART- -X- O\n\n")
		body := e.Doc.Text()
		for _, s := range e.Doc.SectionSpans() {
			at := s.Start
			for _, w := range strings.Split(body[s.Start:s.End], " ") {
				fmt.Fprintf(&b, "%s -X- %s\n", w, tag(&e, at, at+len(w)))
				at += len(w) + 1
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func tag(e *dataset.Example, start, end int) string {
	for _, m := range e.Gold.Mentions {
		if m.Start == start {
			return "B-" + m.Type
		}
		if m.Start < start && end <= m.End {
			return "I-" + m.Type
		}
	}
	return "O"
}

func marshal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of strings
	}
	return string(data)
}

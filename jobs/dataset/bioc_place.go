package dataset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// biocReader converts documents to examples.
type biocReader struct {
	rules    Rules
	examples []Example
	stats    Stats
}

func (b *biocReader) done() ([]Example, Stats, error) {
	b.rules.annotate(b.examples)
	return b.examples, b.stats, nil
}

// add converts a document. The passage whose type is title becomes the title, or the first of
// several passages without types; every other passage becomes a section of the abstract.
func (b *biocReader) add(d *biocDocument) error {
	d.join()
	out := &builder{rules: b.rules, id: string(d.ID), inBytes: true, sections: []schemas.Section{}}
	if out.id == "" {
		out.id, out.rules.NotPMID = strconv.Itoa(len(b.examples)), true
	}
	title := d.title()
	starts := make([]int, len(d.Passages)) // of each passage in the body
	if title >= 0 {
		out.title = d.Passages[title].Text
	}
	at := len(out.title) + 1
	for i := range d.Passages {
		p := &d.Passages[i]
		if starts[i] = at; i == title {
			starts[i] = 0
			continue
		}
		out.sections = append(out.sections, schemas.Section{Kind: schemas.KindAbstract, Label: p.label(), Text: p.Text})
		at += len(p.Text) + 1
	}
	unit := d.unit()
	for _, a := range d.Annotations {
		if a.Infons["CompositeRole"] == "IndividualMention" {
			continue // a part of a composite annotation
		}
		out.mentions = append(out.mentions, d.mention(a, starts, unit))
	}
	for _, r := range d.Relations {
		out.relation(r)
	}
	e, err := out.build(&b.stats)
	if err != nil {
		return fmt.Errorf("document %s: %w", d.ID, err)
	}
	b.examples = append(b.examples, e)
	return nil
}

// join joins sentences to passages, removes passages without text, and moves annotations and
// relations up to the document.
func (d *biocDocument) join() {
	for i := range d.Passages {
		p := &d.Passages[i]
		whole := p.Text != ""
		for _, s := range p.Sentences {
			if gap := s.Offset - p.Offset - utf8.RuneCountInString(p.Text); !whole {
				const most = 8 // a larger gap is not space between sentences
				if p.Text == "" {
					p.Offset, gap = s.Offset, 0
				}
				p.Text += strings.Repeat(" ", min(max(gap, 0), most)) + s.Text
			}
			p.Annotations, p.Relations = append(p.Annotations, s.Annotations...), append(p.Relations, s.Relations...)
		}
		d.Annotations, d.Relations = append(d.Annotations, p.Annotations...), append(d.Relations, p.Relations...)
	}
	d.Passages = slices.DeleteFunc(d.Passages, func(p biocPassage) bool { return p.Text == "" })
}

// title returns the index of the title, -1 for none.
func (d *biocDocument) title() int {
	named := false
	for i, p := range d.Passages {
		kind := strings.ToLower(p.Infons.first("type", "section_type", "section"))
		if kind == "title" || kind == "front" || kind == "article-title" {
			return i
		}
		named = named || kind != ""
	}
	if !named && len(d.Passages) > 1 {
		return 0
	}
	return -1
}

// biocUnit converts a distance within a text to bytes. It is false outside of the text and within a
// character.
type biocUnit func(text string, distance int) (int, bool)

func inBytes(text string, n int) (int, bool) {
	return n, n >= 0 && n <= len(text) && (n == len(text) || utf8.RuneStart(text[n]))
}

func inPoints(text string, n int) (int, bool) { return counted(text, n, func(rune) int { return 1 }) }

func inUTF16(text string, n int) (int, bool) { return counted(text, n, utf16.RuneLen) }

func counted(text string, n int, size func(rune) int) (int, bool) {
	if n < 0 || n > len(text) { // no character has more units than bytes
		return 0, false
	}
	for i, r := range text {
		if n == 0 {
			return i, true
		}
		n -= max(1, size(r))
	}
	return len(text), n == 0
}

// unit returns the unit in which most annotations match their text.
func (d *biocDocument) unit() biocUnit {
	var best biocUnit
	most := -1
	for _, unit := range []biocUnit{inPoints, inUTF16, inBytes} {
		fits := 0
		for _, a := range d.Annotations {
			if len(a.Locations) > 0 {
				if _, _, text, ok := d.locate(a.Locations[0].Offset, a.Locations[0].Length, unit); ok &&
					strings.HasPrefix(a.Text, text) {
					fits++
				}
			}
		}
		if fits > most {
			best, most = unit, fits
		}
	}
	return best
}

// locate finds the passage of a location, its start in the passage, and its text.
func (d *biocDocument) locate(offset, length int, unit biocUnit) (passage, start int, text string, ok bool) {
	for i, p := range d.Passages {
		start, ok1 := unit(p.Text, offset-p.Offset)
		end, ok2 := unit(p.Text, offset+length-p.Offset)
		if ok1 && ok2 && length > 0 {
			return i, start, p.Text[start:end], true
		}
	}
	return 0, 0, "", false
}

// mention converts the locations of an annotation to bytes of the body. Locations that only white
// space separates are one.
func (d *biocDocument) mention(a biocAnnotation, starts []int, unit biocUnit) rawMention {
	m := rawMention{
		key: string(a.ID), typ: a.Infons.first("type", "Type", "entity"), text: a.Text, concept: a.Infons.concept(),
		start: -1, where: "annotation " + string(a.ID),
	}
	if m.key == "" {
		m.key = fmt.Sprintf("\x00%v", a.Locations)
	}
	in := -1
	for _, l := range a.Locations {
		p, start, text, ok := d.locate(l.Offset, l.Length, unit)
		if !ok || in >= 0 && p != in {
			m.start, m.end = l.Offset, -1
			return m
		}
		start += starts[p]
		if in < 0 {
			in, m.start, m.end = p, start, start+len(text)
			continue
		}
		low, high := min(m.end, start+len(text)), max(m.start, start)
		between := ""
		if low < high {
			between = d.Passages[p].Text[low-starts[p] : high-starts[p]]
		}
		m.start, m.end = min(m.start, start), max(m.end, start+len(text))
		m.broken = m.broken || strings.TrimSpace(between) != ""
	}
	if len(a.Locations) > 1 && in >= 0 {
		m.text = d.Passages[in].Text[m.start-starts[in] : m.end-starts[in]] // the annotation's text lacks the gaps
	}
	return m
}

// relation adds a relation between annotations, or between concepts in its infons.
func (b *builder) relation(r biocRelation) {
	typ := r.Infons.first("type", "relation", "relation type", "Type")
	if x, y, ok := r.Infons.ends(b.rules.Types); ok {
		b.concepts = append(b.concepts, ConceptRelation{Type: typ, A: x, B: y})
		return
	}
	if len(r.Nodes) < 2 {
		return
	}
	subject, object := r.Nodes[0], r.Nodes[1]
	if second := strings.ToLower(subject.Role); second == "object" || second == "tail" || second == "arg2" ||
		second == "target" {
		subject, object = object, subject
	}
	b.relations = append(
		b.relations, rawRelation{typ: typ, subject: string(subject.RefID), object: string(object.RefID)},
	)
}

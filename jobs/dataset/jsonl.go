package dataset

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// JSONLines reads one document per line:
//
//	{"id", "title", "abstract", "mentions", "relations", "question", "answer", "labels"}
//
//	id         or pmid: a string or a number
//	text       in place of title and abstract: the first line is the title; a single line is an
//	           abstract
//	sections   in place of abstract: [{"label", "text"}, …] or [[label, text], …]. Without
//	           mentions, headings in the abstract ("METHODS: …") become labels, too
//	mentions   or entities: {"start", "end", "type", "id", "text", "concept"}, of which the last
//	           three are optional, or [start, end, type]. Offsets are code points of text, or of
//	           title + " " + abstract
//	relations  {"type", "subject", "object"} (or "head", "tail") or [type, subject, object]. Each
//	           end is the index of a mention (from 0), the id of a mention, or a concept
//	label      the answer, if "answer" is a text
//	labels     the classes of the document: ["x", …]; [] if it belongs to none of them
//
// Other fields are ignored. An array of such objects is read as well.
func JSONLines(r io.Reader, rules Rules) ([]Example, Stats, error) {
	var stats Stats
	var examples []Example
	add := func(data []byte, where string) error {
		b, err := jsonDocument(data, rules, where)
		if err != nil {
			return err
		}
		if b.id == "" {
			b.id, b.rules.NotPMID = strconv.Itoa(len(examples)), true
		}
		e, err := b.build(&stats)
		examples = append(examples, e)
		return err
	}
	if err := eachObject(r, add); err != nil {
		return nil, stats, err
	}
	rules.annotate(examples)
	return examples, stats, nil
}

// eachObject calls do with every line, or with every item of an array.
func eachObject(r io.Reader, do func(data []byte, where string) error) error {
	in := bufio.NewReader(r)
	for {
		c, err := in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read JSON: %w", err)
		}
		if c == '[' {
			return eachItem(io.MultiReader(strings.NewReader("["), in), do)
		}
		if !strings.ContainsRune(" \r\n\t", rune(c)) {
			if err := in.UnreadByte(); err != nil {
				return fmt.Errorf("read JSON: %w", err)
			}
			break
		}
	}
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read JSON: %w", err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			where := fmt.Sprintf("line %d", n)
			if bad := do(line, where); bad != nil {
				return fmt.Errorf("JSON %s: %w", where, bad)
			}
		}
		if err != nil {
			return nil
		}
	}
}

func eachItem(r io.Reader, do func(data []byte, where string) error) error {
	in := json.NewDecoder(r)
	if _, err := in.Token(); err != nil {
		return fmt.Errorf("JSON byte %d: %w", in.InputOffset(), err)
	}
	for n := 0; in.More(); n++ {
		var data json.RawMessage
		if err := in.Decode(&data); err != nil {
			return fmt.Errorf("JSON byte %d: %w", in.InputOffset(), err)
		}
		where := fmt.Sprintf("item %d", n)
		if err := do(data, where); err != nil {
			return fmt.Errorf("JSON %s, before byte %d: %w", where, in.InputOffset(), err)
		}
	}
	if _, err := in.Token(); err != nil {
		return fmt.Errorf("JSON byte %d: %w", in.InputOffset(), err)
	}
	return nil
}

// jsonRecord is a document.
type jsonRecord struct {
	ID, PMID              Identifier
	Title, Abstract, Text string
	Sections              []RecordSection
	Mentions, Entities    []jsonMention
	Relations             []jsonRelation
	Question              string
	Answer, Label         string
	Labels                []string
}

func jsonDocument(data []byte, rules Rules, where string) (*builder, error) {
	var r jsonRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, err
	}
	b := &builder{
		rules: rules, id: string(cmp.Or(r.ID, r.PMID)), title: r.Title, abstract: r.Abstract,
		question: r.Question, answer: cmp.Or(r.Label, r.Answer), labels: r.Labels,
	}
	if r.PMID == "" && r.Text != "" {
		b.rules.NotPMID = rules.NotPMID || r.Title == ""
	}
	shift := 0
	switch {
	case r.Text != "" && strings.Contains(r.Text, "\n"):
		b.title, b.abstract, _ = strings.Cut(strings.TrimRight(r.Text, "\n"), "\n")
		b.abstract = strings.ReplaceAll(b.abstract, "\n", " ")
	case r.Text != "":
		b.title, b.abstract, shift = "", r.Text, 1
	case len(r.Sections) > 0:
		for _, s := range r.Sections {
			b.sections = append(b.sections, schemas.Section{Kind: schemas.KindAbstract, Label: s.Label, Text: s.Text})
		}
	}
	if r.Mentions == nil {
		r.Mentions = r.Entities
	}
	if len(r.Mentions) == 0 && b.sections == nil && r.Text == "" {
		// No offsets count the headings.
		b.sections = Record{Title: r.Title, Abstract: r.Abstract}.Document().Sections[1:]
	}
	if err := b.jsonMentions(r.Mentions, shift, where); err != nil {
		return nil, err
	}
	return b, b.jsonRelations(r.Relations)
}

func (b *builder) jsonMentions(mentions []jsonMention, shift int, where string) error {
	body := b.title + " " + b.abstract
	if b.sections != nil {
		title := schemas.Section{Kind: schemas.KindTitle, Text: b.title}
		body = (&schemas.Document{Sections: append([]schemas.Section{title}, b.sections...)}).Text()
	}
	points := []rune(body)
	for i, m := range mentions {
		start, end := m.Start+shift, m.End+shift
		if m.Start < 0 || end <= start || end > len(points) || m.Type == "" {
			return fmt.Errorf(
				"mention %d: want start, end and type, within the %d code points of the text, have %d, %d, %q", i,
				len(points)-shift, m.Start, m.End, m.Type,
			)
		}
		raw := rawMention{
			key: cmp.Or(string(m.ID), strconv.Itoa(i)), typ: m.Type, start: start, end: end,
			concept: concept(string(m.Concept)), where: where,
		}
		raw.text = strings.ReplaceAll(cmp.Or(m.Text, string(points[start:end])), "\n", " ")
		b.mentions = append(b.mentions, raw)
	}
	return nil
}

// jsonRelations adds relations between mentions or between concepts.
func (b *builder) jsonRelations(relations []jsonRelation) error {
	keys := map[string]bool{}
	for _, m := range b.mentions {
		keys[m.key] = true
	}
	key := func(e jsonEnd) (string, bool) {
		if e.isIndex && e.index >= 0 && e.index < len(b.mentions) {
			return b.mentions[e.index].key, true
		}
		return e.name, keys[e.name]
	}
	for i, r := range relations {
		subject, ok1 := key(r.subject)
		object, ok2 := key(r.object)
		switch {
		case ok1 && ok2:
			b.relations = append(b.relations, rawRelation{typ: r.typ, subject: subject, object: object})
		case r.typ == "" || r.subject.isIndex || r.object.isIndex || subject == "" || object == "":
			return fmt.Errorf("relation %d: want a type, and a mention or a concept at both ends", i)
		default:
			b.concepts = append(b.concepts, ConceptRelation{Type: r.typ, A: subject, B: object})
		}
	}
	return nil
}

// jsonMention is an object or an array.
type jsonMention struct {
	ID, Concept Identifier
	Start, End  int
	Type, Text  string
}

// UnmarshalJSON reads either form.
func (m *jsonMention) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		parts := []any{&m.Start, &m.End, &m.Type}
		if err := json.Unmarshal(data, &parts); err != nil || len(parts) != 3 {
			return fmt.Errorf("mention %.60s: want [start, end, type]", data)
		}
		return nil
	}
	type plain jsonMention
	if err := json.Unmarshal(data, (*plain)(m)); err != nil {
		return fmt.Errorf("mention %.60s: want {\"start\", \"end\", \"type\"}: %w", data, err)
	}
	return nil
}

// jsonRelation is an object or an array.
type jsonRelation struct {
	typ             string
	subject, object jsonEnd
}

// UnmarshalJSON reads either form.
func (r *jsonRelation) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		parts := []any{&r.typ, &r.subject, &r.object}
		if err := json.Unmarshal(data, &parts); err != nil || len(parts) != 3 {
			return fmt.Errorf("relation %.60s: want [type, subject, object]", data)
		}
		return nil
	}
	var object struct {
		Type, Label                 string
		Subject, Object, Head, Tail *jsonEnd
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return fmt.Errorf("relation %.60s: want {\"type\", \"subject\", \"object\"}: %w", data, err)
	}
	r.typ = cmp.Or(object.Type, object.Label)
	r.subject = *cmp.Or(object.Subject, object.Head, &jsonEnd{})
	r.object = *cmp.Or(object.Object, object.Tail, &jsonEnd{})
	return nil
}

// jsonEnd is one end of a relation.
type jsonEnd struct {
	index   int
	isIndex bool
	name    string
}

// UnmarshalJSON reads a number or a string.
func (e *jsonEnd) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &e.index); err == nil {
		e.isIndex = true
		return nil
	}
	return json.Unmarshal(data, &e.name)
}

package dataset

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CoNLL reads one token per line, in two to four columns separated by tabs or spaces: the first is
// the token and the last its tag. An empty line ends a sentence. Tags are O, and B-, I-, E-, L-, S-
// or U- before a type: a mention begins at B, S and U and at any other tag after a token of another
// type, and ends at E, L, S and U or where another begins. So IOB1, IOB2, IOBES and BILOU are all
// read. A line -DOCSTART- begins a document, whose first sentence becomes its title; in a file
// without such lines every sentence is a document with a title only.
//
// Spaces before closing and after opening punctuation, which tokenization inserted, are removed.
func CoNLL(r io.Reader, rules Rules) ([]Example, Stats, error) {
	c := conllReader{rules: rules}
	c.rules.NotPMID = true
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		if err := c.line(strings.TrimRight(lines.Text(), "\r"), n); err != nil {
			return nil, c.stats, fmt.Errorf("CoNLL line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, c.stats, fmt.Errorf("CoNLL line %d: %w", n+1, err)
	}
	c.endSentence()
	if err := c.endDocument(); err != nil {
		return nil, c.stats, fmt.Errorf("CoNLL: %w", err)
	}
	rules.annotate(c.examples)
	return c.examples, c.stats, nil
}

const docStart = "-DOCSTART-"

type conllReader struct {
	rules    Rules
	examples []Example
	stats    Stats
	whole    bool // there are -DOCSTART- lines
	sentence conllSentence
	before   []conllSentence // the earlier sentences of the document
}

func (c *conllReader) line(line string, n int) error {
	columns := conllColumns(line)
	switch {
	case strings.HasPrefix(line, docStart):
		c.endSentence()
		err := c.endDocument()
		c.whole = true
		return err
	case len(columns) == 0:
		c.endSentence()
		if !c.whole {
			return c.endDocument()
		}
		return nil
	case len(columns) == 1 && strings.HasPrefix(line, "# "),
		len(columns) > 0 && columns[0] == "#" && !validTag(columns[len(columns)-1]):
		return nil // a comment
	case len(columns) < 2 || len(columns) > 4 || columns[0] == "" || !validTag(columns[len(columns)-1]):
		return fmt.Errorf(
			"want 2 to 4 columns, a token first and O, B-TYPE or I-TYPE (or E-, S-, L-, U-) last, have %.60q", line,
		)
	}
	c.sentence.add(columns[0], columns[len(columns)-1], n)
	return nil
}

// conllColumns splits a line at its tabs or, if it has none, at its spaces.
func conllColumns(line string) []string {
	if strings.Contains(line, "\t") && strings.TrimSpace(line) != "" {
		return strings.Split(line, "\t")
	}
	return strings.Fields(line)
}

func validTag(tag string) bool {
	return tag == "O" || len(tag) > 2 && tag[1] == '-' && strings.IndexByte("BIELSU", tag[0]) >= 0
}

func (c *conllReader) endSentence() {
	if c.sentence.text.Len() > 0 {
		c.before = append(c.before, c.sentence)
	}
	c.sentence = conllSentence{}
}

// endDocument builds a document from the sentences: the first is the title.
func (c *conllReader) endDocument() error {
	if len(c.before) == 0 {
		return nil
	}
	b := builder{rules: c.rules, id: strconv.Itoa(len(c.examples)), title: c.before[0].text.String()}
	var rest []string
	at := 0
	for i := range c.before {
		s := &c.before[i]
		for _, m := range s.mentions() {
			m.start, m.end, m.key = m.start+at, m.end+at, strconv.Itoa(len(b.mentions))
			b.mentions = append(b.mentions, m)
		}
		at += s.points + 1
		if i > 0 {
			rest = append(rest, s.text.String())
		}
	}
	b.abstract, c.before = strings.Join(rest, " "), nil
	e, err := b.build(&c.stats)
	c.examples = append(c.examples, e)
	return err
}

// conllSentence is a sentence under construction; spans are in code points.
type conllSentence struct {
	text   strings.Builder
	points int
	last   string
	found  []rawMention
	open   bool // the last of found may continue
}

func (s *conllSentence) add(token, tag string, line int) {
	if s.points > 0 && !strings.Contains(".,;:)]%-/'", token[:1]) && !strings.Contains("([-/", s.last) {
		s.text.WriteByte(' ')
		s.points++
	}
	start := s.points
	s.text.WriteString(token)
	s.points += utf8.RuneCountInString(token)
	s.last = token
	if tag == "O" {
		s.open = false
		return
	}
	continues := s.open && s.found[len(s.found)-1].typ == tag[2:] && strings.IndexByte("IEL", tag[0]) >= 0
	if !continues {
		s.found = append(s.found, rawMention{typ: tag[2:], start: start, where: fmt.Sprintf("line %d", line)})
	}
	s.found[len(s.found)-1].end = s.points
	s.open = strings.IndexByte("BI", tag[0]) >= 0
}

// mentions returns the mentions with their texts.
func (s *conllSentence) mentions() []rawMention {
	text := []rune(s.text.String())
	for i := range s.found {
		s.found[i].text = string(text[s.found[i].start:s.found[i].end])
	}
	return s.found
}

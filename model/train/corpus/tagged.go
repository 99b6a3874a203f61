package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// IOB reads sentences of one token a line, "token<tab>tag", with an empty line after each sentence; tags are O, B-TYPE and
// I-TYPE. Each sentence becomes a document of a title alone. Spaces before closing and after opening punctuation, which
// the tokenizer of the corpus put there, are taken out again, so that the text looks like text.
func IOB(r io.Reader, rules Rules) ([]Example, Stats, error) {
	var stats Stats
	var examples []Example
	s := sentence{}
	flush := func() error {
		if s.text.Len() == 0 {
			return nil
		}
		b := builder{rules: rules, id: strconv.Itoa(len(examples)), title: s.text.String(), mentions: s.mentions()}
		b.rules.NotPMID = true
		e, err := b.build(&stats)
		examples, s = append(examples, e), sentence{}
		return err
	}
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		token, tag, ok := strings.Cut(strings.TrimRight(lines.Text(), "\r"), "\t")
		switch {
		case token == "" && tag == "":
			if err := flush(); err != nil {
				return nil, stats, fmt.Errorf("IOB before line %d: %w", n, err)
			}
		case !ok || token == "" || !validTag(tag):
			return nil, stats, fmt.Errorf("IOB line %d: want token, tab, and O, B-TYPE or I-TYPE, have %.60q", n, lines.Text())
		default:
			s.add(token, tag)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, stats, fmt.Errorf("IOB line %d: %w", n+1, err)
	}
	if err := flush(); err != nil {
		return nil, stats, fmt.Errorf("IOB: %w", err)
	}
	rules.annotate(examples)
	return examples, stats, nil
}

func validTag(tag string) bool {
	return tag == "O" || len(tag) > 2 && (strings.HasPrefix(tag, "B-") || strings.HasPrefix(tag, "I-"))
}

// sentence is a sentence being put together; spans count code points.
type sentence struct {
	text   strings.Builder
	points int
	last   string
	found  []rawMention
	inside bool
}

func (s *sentence) add(token, tag string) {
	if s.points > 0 && !strings.Contains(".,;:)]%-/'", token[:1]) && !strings.Contains("([-/", s.last) {
		s.text.WriteByte(' ')
		s.points++
	}
	start := s.points
	s.text.WriteString(token)
	s.points += utf8.RuneCountInString(token)
	s.last = token
	switch {
	case tag == "O":
		s.inside = false
	case tag[0] == 'B' || !s.inside:
		s.found = append(s.found, rawMention{typ: tag[2:], start: start, end: s.points, where: "sentence"})
		s.inside = true
	default:
		s.found[len(s.found)-1].end = s.points
	}
}

// mentions fills in the texts, which are what the spans hold.
func (s *sentence) mentions() []rawMention {
	text := []rune(s.text.String())
	for i := range s.found {
		s.found[i].text = string(text[s.found[i].start:s.found[i].end])
		s.found[i].key = strconv.Itoa(i)
	}
	return s.found
}

// SpanLines reads JSON lines {"id", "text", "mentions": [[start, end, type], …]}; offsets are code points, the first line of
// the text is the title. The identifiers are not PubMed's (JNLPBA prints MEDLINE's older ones).
func SpanLines(r io.Reader, rules Rules) ([]Example, Stats, error) {
	var stats Stats
	var examples []Example
	rules.NotPMID = true
	in := json.NewDecoder(r)
	for n := 1; ; n++ {
		var line struct {
			ID       string
			Text     string
			Mentions [][3]any
		}
		if err := in.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, stats, fmt.Errorf("span record %d: %w", n, err)
		}
		b := builder{rules: rules, id: line.ID}
		text := []rune(line.Text)
		b.title, b.abstract, _ = strings.Cut(strings.TrimRight(line.Text, "\n"), "\n")
		b.abstract = strings.ReplaceAll(b.abstract, "\n", " ")
		for i, m := range line.Mentions {
			start, ok1 := m[0].(float64)
			end, ok2 := m[1].(float64)
			typ, ok3 := m[2].(string)
			if !ok1 || !ok2 || !ok3 || start < 0 || end < start || end > float64(len(text)) {
				return nil, stats, fmt.Errorf("span record %d (%s): mention %d: want [start, end, type] within the text, have %v", n, line.ID, i, m)
			}
			raw := rawMention{key: strconv.Itoa(i), typ: typ, start: int(start), end: int(end), where: fmt.Sprintf("record %d", n)}
			raw.text = strings.ReplaceAll(string(text[raw.start:raw.end]), "\n", " ")
			b.mentions = append(b.mentions, raw)
		}
		e, err := b.build(&stats)
		if err != nil {
			return nil, stats, fmt.Errorf("span record %d (%s): %w", n, line.ID, err)
		}
		examples = append(examples, e)
	}
	rules.annotate(examples)
	return examples, stats, nil
}

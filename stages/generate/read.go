package generate

import (
	"regexp"
	"strings"
)

// Sentence is a sentence of a generated text, and its content. Start and End are its bytes in the
// text.
type Sentence struct {
	Triple
	Text       string
	Start, End int
	Readable   bool // has the template's form; otherwise Triple is empty
}

// opening matches what a model may generate before its first sentence: the names of the soft
// tokens, or a phrase.
var opening = regexp.MustCompile(`(?:learned[0-9]+ )+|we can conclude that|we have that|in conclusion ?,`)

// Read parses a text. A sentence begins with the template's opening words, at the beginning of the
// text or after a semicolon. Text between sentences is returned as a sentence that is not readable.
// occurs reports whether a name occurs in the document; nil accepts every name. labels are the
// allowed types; none means any.
func (t *Template) Read(text string, occurs func(name string) bool, labels []string) []Sentence {
	at := 0
	if all := opening.FindAllStringIndex(text, -1); len(all) > 0 {
		if end := all[len(all)-1][1]; !strings.Contains(text[:end], t.open) {
			at = end
		}
	}
	starts := append(t.starts(text, at), len(text))
	found := appendRest(nil, text, at, starts[0])
	for i, start := range starts[:len(starts)-1] {
		s, rest := t.sentence(text, start, starts[i+1], occurs, labels)
		found = appendRest(append(found, s), text, rest, starts[i+1])
	}
	return found
}

// starts returns where the sentences of the text begin, from at on.
func (t *Template) starts(text string, at int) []int {
	var starts []int
	for i := at; ; {
		k := strings.Index(text[i:], t.open)
		if k < 0 {
			return starts
		}
		k += i
		if before := strings.TrimRight(text[at:k], " "); before == "" || strings.HasSuffix(before, ";") ||
			len(starts) == 0 {
			starts = append(starts, k)
		}
		i = k + len(t.open)
	}
}

// appendRest appends the text between sentences, if it is more than a separator.
func appendRest(found []Sentence, text string, start, end int) []Sentence {
	const marks = " ;."
	trimmed := strings.TrimRight(text[start:end], marks)
	end = start + len(trimmed)
	start = end - len(strings.TrimLeft(trimmed, marks))
	if start == end {
		return found
	}
	return append(found, Sentence{Text: text[start:end], Start: start, End: end})
}

// sentence parses the sentence text[start:end], and returns where it ends.
func (t *Template) sentence(text string, start, end int, occurs func(string) bool, labels []string) (Sentence, int) {
	end = start + len(strings.TrimRight(text[start:end], " ;"))
	if end == len(strings.TrimRight(text, " ")) {
		end = start + len(strings.TrimSuffix(text[start:end], ".")) // of the whole text only
	}
	end = max(end, start+len(t.open)) // if nothing follows
	inside := text[start+len(t.open) : end]
	if t.closed != "" {
		k := strings.LastIndex(inside, t.closed)
		if k < 0 {
			return Sentence{Text: text[start:end], Start: start, End: end}, end
		}
		end = start + len(t.open) + k + len(t.closed)
		inside = inside[:k]
	}
	s := Sentence{Text: text[start:end], Start: start, End: end}
	s.Triple, s.Readable = t.split(inside, occurs, labels)
	return s, end
}

// split divides the inside of a sentence into names and type: in the first way in which the type is
// allowed and both names occur in the document, else in the first way of all. The last " is " is
// tried first, and the first " and ".
func (t *Template) split(inside string, occurs func(string) bool, labels []string) (first Triple, ok bool) {
	names, typ := inside, ""
	for end := len(inside); ; {
		if t.closed == "" {
			k := strings.LastIndex(inside[:end], is)
			if k < 0 {
				return first, ok
			}
			names, typ, end = inside[:k], strings.TrimSpace(inside[k+len(is):]), k
		}
		for at := 0; ; {
			k := strings.Index(names[at:], and)
			if k < 0 {
				break
			}
			way := Triple{strings.TrimSpace(names[:at+k]), strings.TrimSpace(names[at+k+len(and):]), typ}
			at += k + 1 // " and and " has two
			if way.Subject == "" || way.Object == "" || t.closed == "" && typ == "" {
				continue
			}
			if fits(way, occurs, labels) {
				return way, true
			}
			if !ok {
				first, ok = way, true
			}
		}
		if t.closed != "" {
			return first, ok
		}
	}
}

func fits(way Triple, occurs func(string) bool, labels []string) bool {
	return allowed(way.Type, labels) && (occurs == nil || occurs(way.Subject) && occurs(way.Object))
}

// allowed reports whether a type or answer is one of the labels. No labels allow any.
func allowed(label string, labels []string) bool {
	for _, l := range labels {
		if strings.EqualFold(l, label) {
			return true
		}
	}
	return len(labels) == 0
}

// ReadAnswer returns the answer in a text.
func (t *Template) ReadAnswer(text string) (answer Sentence, ok bool) {
	k := strings.LastIndex(text, t.open)
	if k < 0 {
		return Sentence{}, false
	}
	start := k + len(t.open)
	end := len(strings.TrimRight(text, " ."))
	if end <= start {
		return Sentence{}, false
	}
	start = end - len(strings.TrimLeft(text[start:end], " "))
	return Sentence{Text: text[start:end], Start: start, End: end, Readable: true}, start < end
}

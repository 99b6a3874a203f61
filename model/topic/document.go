package topic

import (
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
)

// sentences is a set of sentences: bit i is sentence i, the last bit also those after it.
type sentences uint64

// maxSentences is the number of sentences that a set can tell apart.
const maxSentences = 64

// Document is the words of a text by sentence. It does not change after it is made.
type Document struct {
	keys map[string]sentences
}

// Index reads a text: its body and sentences. Where it uses an abbreviation that it explains, it
// also has the words of the long form.
func Index(t *model.Text) *Document {
	d := &Document{keys: make(map[string]sentences, len(t.Body)/2)}
	for i, s := range t.Sentences {
		d.add(t.Body[s.Start:s.End], 1<<min(i, maxSentences-1))
	}
	for _, p := range abbrev.InText(t) {
		d.add(t.Body[p.Long.Start:p.Long.End], d.find(keysOf(t.Body[p.Short.Start:p.Short.End])))
	}
	return d
}

// find returns the sentences that have all keys of one of the names.
func (d *Document) find(names [][]string) (found sentences) {
	for _, name := range names {
		at := ^sentences(0)
		for _, key := range name {
			at &= d.keys[key]
		}
		found |= at
	}
	return found
}

// add adds the keys of a text: the stem and the beginning of each word, and the compounds of two or
// three adjacent words.
func (d *Document) add(text string, at sentences) {
	all := tokens(text)
	for i, t := range all {
		d.keys[stem(t.text)] |= at
		if key := beginning(t.text); key != "" {
			d.keys[key] |= at
		}
		joined := t.text
		for _, next := range all[i+1 : min(i+3, len(all))] {
			joined += next.text
			d.keys[compound(joined)] |= at
		}
	}
}

// keysOf returns the keys of a name, as in term.names: its words in any order, and all of them in
// one.
func keysOf(name string) [][]string {
	joined, single := "", []string(nil)
	for _, t := range tokens(name) {
		joined += t.text
		if !functionWords[t.text] {
			single = append(single, stem(t.text))
		}
	}
	if joined == "" {
		return nil
	}
	keys := [][]string{{stem(joined)}, {compound(joined)}}
	if len(single) > 1 && len(joined) > 3*len(single) { // not "IL-2"
		keys = append(keys, single)
	}
	return keys
}

// compound returns the key of adjacent words that may be written as one.
func compound(joined string) string { return "+" + strings.TrimSuffix(joined, "s") }

// beginning returns the key of the words that begin like a long one, and "" for a short one.
func beginning(word string) string {
	const most = 7
	if len(word) <= most {
		return ""
	}
	return "~" + word[:most]
}

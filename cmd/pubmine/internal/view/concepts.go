package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// concept is a concept of a document, with the texts that name it.
type concept struct {
	id, name, typ string
	score         float32 // the highest
	texts         []string
}

// conceptsOf returns the concepts of mentions, in the order of the text.
func conceptsOf(mentions []schemas.MentionRow) (all []concept) {
	sorted := slices.SortedStableFunc(slices.Values(mentions), func(a, b schemas.MentionRow) int {
		return cmp.Compare(a.DocStart, b.DocStart)
	})
	for i := range sorted {
		m := &sorted[i]
		if m.Concept == "" {
			continue
		}
		ids, names := strings.Split(m.Concept, "|"), strings.Split(m.ConceptName, "|")
		for j, id := range ids {
			at := slices.IndexFunc(all, func(c concept) bool { return c.id == id })
			if at < 0 {
				at, all = len(all), append(all, concept{id: id, typ: m.Type})
			}
			c := &all[at]
			if c.name == "" && len(names) == len(ids) {
				c.name = names[j]
			}
			c.score = max(c.score, m.ConceptScore)
			if !slices.Contains(c.texts, m.Text) {
				c.texts = append(c.texts, m.Text)
			}
		}
	}
	return all
}

// concepts prints a line for each concept.
func (p *page) concepts(all []concept) {
	if len(all) == 0 {
		return
	}
	p.gap()
	p.line("Concepts", bold)
	for _, c := range all {
		p.text(fmt.Sprintf("%s — %s %s (%.2f): %s", cmp.Or(c.name, c.texts[0]), c.typ, c.id, c.score,
			strings.Join(c.texts, ", ")), 2)
	}
}

// namesOf returns the names of the concepts of mentions that have some.
func namesOf(mentions []schemas.MentionRow) map[int32]string {
	names := map[int32]string{}
	for i := range mentions {
		if m := &mentions[i]; m.ConceptName != "" {
			names[m.Mention] = strings.ReplaceAll(m.ConceptName, "|", ", ")
		}
	}
	return names
}

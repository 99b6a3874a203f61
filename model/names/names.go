// Package names groups the mentions of a document by the thing that they name, and holds the rules
// by which two strings are the same name.
//
// There are three such rules, from the loosest to the strictest:
//
//   - Key: letters and digits without regard to case, and without a plural s. It groups mentions
//     that have no concept (GroupMentions).
//   - Fold: the same words without regard to case. It compares names with those of a vocabulary or
//     of another annotation.
//   - FoldCase: the same characters without regard to case, those included of which Unicode has one
//     lower case and two upper cases. It compares single words.
package names

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// Entity is one thing in a document, with all mentions of it: at least one, in text order.
type Entity struct {
	Type     string
	Mentions []schemas.Mention
}

// Concept returns the concept of the first mention that has one, or "".
func (e Entity) Concept() string {
	for _, m := range e.Mentions {
		if m.Concept != "" {
			return m.Concept
		}
	}
	return ""
}

// GroupMentions groups the mentions of a document to entities, in the order of their first
// mentions. Mentions of one type are of one entity when they have the same concept, or, where they
// have none, the same Key, or when one explains the other: "myocardial infarction (MI)".
func GroupMentions(body string, mentions []schemas.Mention) []Entity {
	mentions = slices.Clone(mentions)
	slices.SortStableFunc(mentions, func(a, b schemas.Mention) int { return a.Start - b.Start })
	group := make([]int, len(mentions)) // of each mention: the first mention of its entity
	first := map[string]int{}
	for i, m := range mentions {
		group[i] = i
		key := m.Type + "\x00" + m.Concept
		if m.Concept == "" {
			key = m.Type + "\x01" + Key(body[m.Start:m.End])
		}
		if j, ok := first[key]; ok {
			group[i] = group[j]
		} else {
			first[key] = i
		}
	}
	for i := 1; i < len(mentions); i++ {
		if long, short := mentions[i-1], mentions[i]; group[i-1] != group[i] && explains(body, long, short) {
			merge(group, group[i-1], group[i])
		}
	}
	var entities []Entity
	index := map[int]int{}
	for i, m := range mentions {
		at, ok := index[group[i]]
		if !ok {
			at = len(entities)
			index[group[i]] = at
			entities = append(entities, Entity{Type: m.Type})
		}
		entities[at].Mentions = append(entities[at].Mentions, m)
	}
	return entities
}

func merge(group []int, a, b int) {
	a, b = min(a, b), max(a, b)
	for i := range group {
		if group[i] == b {
			group[i] = a
		}
	}
}

// explains reports whether short is in brackets right after long, both of one type and without
// concepts, and begins with a letter of long.
func explains(body string, long, short schemas.Mention) bool {
	if long.Type != short.Type || long.Concept != "" || short.Concept != "" || long.End > short.Start ||
		short.End >= len(body) {
		return false
	}
	if body[long.End:short.Start] != " (" || strings.IndexByte(");,", body[short.End]) < 0 ||
		short.End-short.Start >= long.End-long.Start {
		return false
	}
	r, _ := utf8.DecodeRuneInString(body[short.Start:])
	return strings.ContainsRune(strings.ToLower(body[long.Start:long.End]), unicode.ToLower(r))
}

// Key returns the letters and digits of a name in lower case, without a plural s, or the name
// itself where it has neither: "IL-2" and "il2", "Seizures" and "seizure" have one key.
func Key(name string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if key == "" {
		return name
	}
	return Singular(key)
}

// Singular returns a name in lower case, of more than four bytes, without a plural s.
func Singular(name string) string {
	if len(name) > 4 && strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") &&
		!strings.HasSuffix(name, "is") && !strings.HasSuffix(name, "us") {
		return name[:len(name)-1]
	}
	return name
}

// Fold returns a name in lower case with single spaces.
func Fold(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// FoldCase returns a string in upper and then lower case: "ς" and "σ" become one.
func FoldCase(s string) string { return strings.ToLower(strings.ToUpper(s)) }

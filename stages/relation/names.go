package relation

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/schemas"
)

// Candidate is a pair of names, by index.
type Candidate struct{ Subject, Object int }

// Candidates yields the pairs of names that the head judges. Of two names of one type the earlier
// is the subject.
func (h *Head) Candidates(names []features.Entity) iter.Seq[Candidate] {
	return func(yield func(Candidate) bool) {
		for i := range names {
			for j := range names {
				if i == j || names[i].Type == names[j].Type && i > j || !h.Joins(names[i].Type, names[j].Type) {
					continue
				}
				if !yield(Candidate{i, j}) {
					return
				}
			}
		}
	}
}

// Names groups the mentions of a document to names, in the order of their first mentions. Mentions
// of a type are one name when they have the same concept, or, where they have none, the same
// letters and digits (case and a plural s aside), or when one explains the other: "myocardial
// infarction (MI)".
func Names(body string, mentions []schemas.Mention) []features.Entity {
	mentions = slices.Clone(mentions)
	slices.SortStableFunc(mentions, func(a, b schemas.Mention) int { return a.Start - b.Start })
	group := make([]int, len(mentions)) // of each mention: the first mention of its name
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
	var names []features.Entity
	index := map[int]int{}
	for i, m := range mentions {
		at, ok := index[group[i]]
		if !ok {
			at = len(names)
			index[group[i]] = at
			names = append(names, features.Entity{Type: m.Type})
		}
		names[at].Mentions = append(names[at].Mentions, m)
	}
	return names
}

func merge(group []int, a, b int) {
	a, b = min(a, b), max(a, b)
	for i := range group {
		if group[i] == b {
			group[i] = a
		}
	}
}

// Key is what two ways of writing a name have in common: letters and digits in lower case, without
// a plural s.
func Key(name string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
	if len(key) > 4 && strings.HasSuffix(key, "s") && !strings.HasSuffix(key, "ss") && !strings.HasSuffix(key, "is") &&
		!strings.HasSuffix(key, "us") {
		key = key[:len(key)-1]
	}
	if key == "" {
		return name
	}
	return key
}

// explains reports whether short stands in brackets right behind long, both of one type and without
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

// Nearest returns a relation that joins the mentions of two names that stand nearest to each other;
// mentions of one sentence go first, and only for those Sentence is set.
func Nearest(subject, object features.Entity) schemas.Relation {
	best, least, together := schemas.Relation{}, -1, false
	for _, a := range subject.Mentions {
		for _, b := range object.Mentions {
			gap := max(a.Start-b.End, b.Start-a.End, 0)
			same := a.Sentence == b.Sentence
			if least >= 0 && (together && !same || together == same && gap >= least) {
				continue
			}
			least, together = gap, same
			best = schemas.Relation{Subject: a.ID, Object: b.ID, Sentence: -1}
			if same {
				best.Sentence = a.Sentence
			}
		}
	}
	return best
}

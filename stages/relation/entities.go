package relation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// entities are the entities of a text, in the order of their first mentions.
type entities struct {
	all      []names.Entity
	keys     [][]string // of each entity: the keys of its names
	synonyms synonyms
}

// newEntities groups the mentions of a text to entities. Mentions that are part of another are left
// out. Entities of one type that have the same name are one.
func newEntities(t *model.Text, mentions []schemas.Mention) *entities {
	mentions = outermost(mentions)
	e := &entities{synonyms: newSynonyms(t, mentions)}
	for _, x := range names.GroupMentions(t.Body, mentions) {
		i := len(e.all)
		e.all, e.keys = append(e.all, x), append(e.keys, keysOf(t.Body, x))
		for j := i - 1; j >= 0; j-- {
			if e.all[i].Type != e.all[j].Type || !e.sameName(i, j) {
				continue
			}
			e.all[j].Mentions = append(e.all[j].Mentions, e.all[i].Mentions...)
			e.keys[j] = append(e.keys[j], e.keys[i]...)
			e.all, e.keys = slices.Delete(e.all, i, i+1), slices.Delete(e.keys, i, i+1)
			i = j
		}
	}
	for _, x := range e.all {
		slices.SortStableFunc(x.Mentions, func(a, b schemas.Mention) int { return cmp.Compare(a.Start, b.Start) })
	}
	return e
}

// sameName reports whether two entities have a name in common, or one has the short or long form of
// a name of the other. Entities with concepts, which differ, do not.
func (e *entities) sameName(i, j int) bool {
	if e.all[i].Concept() != "" && e.all[j].Concept() != "" {
		return false
	}
	return slices.ContainsFunc(e.keys[i], func(key string) bool {
		return slices.Contains(e.keys[j], key) ||
			slices.ContainsFunc(e.synonyms[key], func(k string) bool { return slices.Contains(e.keys[j], k) })
	})
}

func keysOf(body string, e names.Entity) (keys []string) {
	for _, m := range e.Mentions {
		if key := names.Key(body[m.Start:m.End]); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// outermost returns the mentions that are not part of another.
func outermost(mentions []schemas.Mention) []schemas.Mention {
	return slices.DeleteFunc(slices.Clone(mentions), func(m schemas.Mention) bool {
		return slices.ContainsFunc(mentions, func(o schemas.Mention) bool {
			return o.Start <= m.Start && m.End <= o.End && o.End-o.Start > m.End-m.Start
		})
	})
}

// synonyms holds, for the key of a name, the keys of its short and long forms in a text.
type synonyms map[string][]string

// newSynonyms finds the abbreviations that a text explains, and genes with their symbols.
func newSynonyms(t *model.Text, mentions []schemas.Mention) synonyms {
	s := synonyms{}
	for _, p := range abbrev.InText(t) {
		s.add(t.Body[p.Short.Start:p.Short.End], t.Body[p.Long.Start:p.Long.End])
	}
	mentions = slices.Clone(mentions)
	slices.SortStableFunc(mentions, func(a, b schemas.Mention) int { return cmp.Compare(a.Start, b.Start) })
	for i := 1; i < len(mentions); i++ {
		if long, short := mentions[i-1], mentions[i]; isSymbol(t.Body, long, short) {
			s.add(t.Body[short.Start:short.End], t.Body[long.Start:long.End])
		}
	}
	return s
}

func (s synonyms) add(short, long string) {
	short, long = names.Key(short), names.Key(long)
	s[short] = append(s[short], long)
	s[long] = append(s[long], short)
}

// isSymbol reports whether short follows long as a symbol follows the name of its gene, as in "the
// carbonyl reductase 3 gene CBR3": its letters and digits occur in the name, in this order.
func isSymbol(body string, long, short schemas.Mention) bool {
	if long.Type != short.Type || long.End > short.Start {
		return false
	}
	if between := strings.TrimSuffix(body[long.End:short.Start], "("); between != " gene " && between != " protein " {
		return false
	}
	name := names.Key(body[long.Start:long.End])
	key := names.Key(body[short.Start:short.End])
	if len(key) >= len(name) || !strings.HasPrefix(name, key[:1]) {
		return false
	}
	for _, r := range key {
		at := strings.IndexRune(name, r)
		if at < 0 {
			return false
		}
		name = name[at+len(string(r)):]
	}
	return true
}

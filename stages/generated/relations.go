package generated

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// Relations is the stage that adds what a model writes about relations to a document's annotations.
type Relations struct{ *Prompter }

// Name returns "relations".
func (Relations) Name() string { return TaskRelations }

// Annotate reads what the model wrote. Names of the wanted type that another stage found where the model's name stands are taken
// for it; other names become mentions wherever they stand, longer ones first. The relations of a document are those of the text, without
// repeats, in its order.
func (r Relations) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	if len(s.Written) == 0 {
		return nil
	}
	c := s.Written[0]
	if err := check(c); err != nil || len(s.Written) > 1 {
		return cmp.Or(err, fmt.Errorf("%d completions of one prompt", len(s.Written)))
	}
	text, ends, names := r.Text(c), r.ends(c), newNaming(t, a.Mentions)
	said := r.read(text, names.anchors)
	if len(said) == 0 && !c.Ended {
		said = []claim{{Sentence: Sentence{Text: text, End: len(text)}}}
	}
	var stated []claim
	for _, x := range said {
		x.score = score(c, ends, x.Start, x.End)
		complete := c.Ended || r.AsPublished || x.End < len(strings.TrimRight(text, " "))
		if bad := r.check(x, names.anchors, complete); bad != nil {
			a.Rejects = append(a.Rejects, *bad)
			continue
		}
		x.subject, x.object = names.add(x.Subject, r.Subject, x.score), names.add(x.Object, r.Object, x.score)
		if !slices.ContainsFunc(stated, x.repeats) {
			stated = append(stated, x)
		}
	}
	names.settle(a)
	for _, x := range stated {
		found := relation.Nearest(names.of(x.subject, a), names.of(x.object, a))
		found.Type, found.Score, found.Method, found.Evidence = cmp.Or(x.Type, r.Relation), x.score, schemas.MethodGenerated, x.Text
		a.Relations = append(a.Relations, found)
	}
	return nil
}

// claim is a sentence on its way to become a relation.
type claim struct {
	Sentence
	score           float32
	subject, object int // of naming
}

func (x claim) repeats(y claim) bool {
	return x.subject == y.subject && x.object == y.object && x.Type == y.Type
}

// read returns the sentences of a text. As the published scripts say nothing of where a sentence stands, each of theirs has all of it.
func (r Relations) read(text string, x *Anchors) []claim {
	var claims []claim
	if r.AsPublished {
		for _, triple := range r.Template.ReadAsPublished(text) {
			claims = append(claims, claim{Sentence: Sentence{Triple: triple, Text: strings.TrimSuffix(r.Template.Relations([]Triple{triple}), "."), End: len(text), Readable: true}})
		}
		return claims
	}
	for _, s := range r.Template.Read(text, x.Stands, r.Labels) {
		claims = append(claims, claim{Sentence: s})
	}
	return claims
}

// check says why a sentence becomes no relation.
func (r Relations) check(x claim, anchors *Anchors, complete bool) *schemas.Reject {
	reject := func(kind, format string, args ...any) *schemas.Reject {
		return &schemas.Reject{Stage: TaskRelations, Kind: kind, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case !complete && (!x.Readable || r.Template.Typed()):
		return reject(KindCutOff, "the text is as long as it may be, %d tokens, and ends in %q", r.TargetTokens, x.Text)
	case !x.Readable:
		return reject(KindUnreadable, "%q", x.Text)
	case !may(x.Type, r.Labels):
		return reject(KindUnknown, "%q: type %q is not one of %s", x.Text, x.Type, strings.Join(r.Labels, ", "))
	}
	for _, name := range []string{x.Subject, x.Object} {
		if !anchors.Stands(name) {
			return reject(KindNotInText, "%q: %q does not stand in the document", x.Text, name)
		}
	}
	if r.Subject == r.Object && slices.Contains(anchors.names(x.Subject), key(x.Object)) {
		return reject(KindUnreadable, "%q relates a thing with itself", x.Text)
	}
	return nil
}

// naming collects the names of a document's relations and gives them mentions.
type naming struct {
	anchors  *Anchors
	before   []schemas.Mention // of other stages
	entities []entity
}

// entity is what a name means: an abbreviation and its long form are one.
type entity struct {
	typ   string
	keys  []string
	score float32
	spans []schemas.Span // of its mentions
}

func newNaming(t *model.Text, before []schemas.Mention) *naming {
	return &naming{anchors: NewAnchors(t), before: before}
}

// add returns the number of the entity of a name.
func (n *naming) add(name, typ string, score float32) int {
	keys := n.anchors.names(name)
	for i := range n.entities {
		e := &n.entities[i]
		if e.typ == typ && slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(e.keys, k) }) {
			e.score = max(e.score, score)
			return i
		}
	}
	n.entities = append(n.entities, entity{typ: typ, keys: keys, score: score})
	return len(n.entities) - 1
}

// settle gives every entity its mentions, adds those that are new to a, and numbers all mentions of a by their place.
func (n *naming) settle(a *schemas.Annotations) {
	type candidate struct {
		schemas.Mention
		entity int
		words  int
	}
	var fresh []candidate
	for i := range n.entities {
		e := &n.entities[i]
		var own []candidate
		for _, k := range e.keys {
			for _, p := range n.anchors.places(k) {
				own = append(own, candidate{n.anchors.mention(p, e.typ, e.score), i, p.end - p.first})
			}
		}
		for _, m := range n.before {
			if m.Type == e.typ && slices.ContainsFunc(own, func(c candidate) bool { return c.Span == m.Span }) {
				e.spans = append(e.spans, m.Span)
			}
		}
		if len(e.spans) == 0 {
			fresh = append(fresh, own...)
		}
	}
	slices.SortStableFunc(fresh, func(x, y candidate) int { return cmp.Compare(y.words, x.words) })
	var kept []candidate
	place := func(nested bool) {
		for _, c := range fresh {
			e := &n.entities[c.entity]
			overlaps := func(k candidate) bool { return k.Type == c.Type && k.Start < c.End && c.Start < k.End }
			if nested && len(e.spans) > 0 || slices.ContainsFunc(kept, overlaps) && !nested || slices.Contains(e.spans, c.Span) {
				continue
			}
			e.spans = append(e.spans, c.Span)
			kept = append(kept, c)
		}
	}
	place(false)
	place(true) // a name that stands nowhere but within longer ones gets the first of its places
	for _, c := range kept {
		a.Mentions = append(a.Mentions, c.Mention)
	}
	number(a)
}

// number sorts the mentions by their place, numbers them, and has relations follow.
func number(a *schemas.Annotations) {
	a.Mentions, a.Relations = slices.Clone(a.Mentions), slices.Clone(a.Relations)
	for i := range a.Mentions {
		a.Mentions[i].ID = i
	}
	slices.SortStableFunc(a.Mentions, func(x, y schemas.Mention) int {
		return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(y.End, x.End))
	})
	now := make([]int, len(a.Mentions))
	for i := range a.Mentions {
		now[a.Mentions[i].ID] = i
		a.Mentions[i].ID = i
	}
	for i := range a.Relations {
		r := &a.Relations[i]
		r.Subject, r.Object = now[r.Subject], now[r.Object]
	}
}

// of returns an entity with its mentions, as a holds them.
func (n *naming) of(i int, a *schemas.Annotations) features.Name {
	e := n.entities[i]
	name := features.Name{Type: e.typ}
	for _, m := range a.Mentions {
		if m.Type == e.typ && slices.Contains(e.spans, m.Span) {
			name.Mentions = append(name.Mentions, m)
		}
	}
	return name
}

package generate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/certainty"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// Relations is the stage that adds generated relations to a document's annotations.
type Relations struct{ *Prompter }

// Name returns schemas.TaskRelations.
func (Relations) Name() string { return schemas.TaskRelations }

// ReadsStates is false: the stage reads completions.
func (Relations) ReadsStates() bool { return false }

// Annotate parses the completion. If another stage found mentions of the type at occurrences of a
// generated name, they are its mentions; otherwise all its occurrences become mentions, longer
// names first. The relations are those of the generated text, without repeats, in its order.
func (r Relations) Annotate(t *model.Text, s model.States, a *schemas.Annotations) error {
	if len(s.Completions) == 0 {
		return nil
	}
	c := s.Completions[0]
	if err := check(c); err != nil || len(s.Completions) > 1 {
		return cmp.Or(err, fmt.Errorf("%d completions of one prompt", len(s.Completions)))
	}
	text, ends, names := r.Text(c), r.ends(c), newNaming(t, a.Mentions)
	claims := r.read(text, names.anchors)
	if len(claims) == 0 && !c.Ended {
		claims = []claim{{Sentence: Sentence{Text: text, End: len(text)}}}
	}
	var accepted []claim
	for _, x := range claims {
		x.score = score(c, ends, x.Start, x.End)
		complete := c.Ended || r.AsPublished || x.End < len(strings.TrimRight(text, " "))
		if bad := r.check(x, names.anchors, complete); bad != nil {
			a.Rejects = append(a.Rejects, *bad)
			continue
		}
		x.subject, x.object = names.add(x.Subject, r.Subject, x.score), names.add(x.Object, r.Object, x.score)
		if !slices.ContainsFunc(accepted, x.repeats) {
			accepted = append(accepted, x)
		}
	}
	names.addMentions(a)
	for _, x := range accepted {
		found := relation.Nearest(names.of(x.subject, a), names.of(x.object, a))
		found.Type, found.Score = cmp.Or(x.Type, r.Relation), x.score
		found.Method, found.Evidence = schemas.MethodGenerated, x.Text
		if found.Sentence >= 0 {
			found.Certainty = certainty.Of(t, a.Mentions[found.Subject].Span, a.Mentions[found.Object].Span)
		}
		a.Relations = append(a.Relations, found)
	}
	return nil
}

// claim is a generated sentence that may become a relation.
type claim struct {
	Sentence
	score           float32
	subject, object int // indexes of entities of naming
}

func (x claim) repeats(y claim) bool {
	return x.subject == y.subject && x.object == y.object && x.Type == y.Type
}

// read returns the sentences of a text. The published scripts do not return the positions of
// sentences, so each of theirs has the whole text.
func (r Relations) read(text string, x *Anchors) []claim {
	var claims []claim
	if r.AsPublished {
		for _, triple := range r.Template.ReadAsPublished(text) {
			sentence := strings.TrimSuffix(r.Template.Relations([]Triple{triple}), ".")
			claims = append(claims, claim{Sentence: Sentence{
				Triple: triple, Text: sentence, End: len(text), Readable: true,
			}})
		}
		return claims
	}
	for _, s := range r.Template.Read(text, x.Contains, r.Labels) {
		claims = append(claims, claim{Sentence: s})
	}
	return claims
}

// check returns the reason why a sentence cannot become a relation.
func (r Relations) check(x claim, anchors *Anchors, complete bool) *schemas.Reject {
	reject := func(kind, format string, args ...any) *schemas.Reject {
		return &schemas.Reject{Stage: schemas.TaskRelations, Kind: kind, Message: fmt.Sprintf(format, args...)}
	}
	switch {
	case !complete && (!x.Readable || r.Template.Typed()):
		return reject(KindCutOff, "the text is as long as it may be, %d tokens, and ends in %q", r.TargetTokens, x.Text)
	case !x.Readable:
		return reject(KindUnreadable, "%q", x.Text)
	case !allowed(x.Type, r.Labels):
		return reject(KindUnknown, "%q: type %q is not one of %s", x.Text, x.Type, strings.Join(r.Labels, ", "))
	}
	for _, name := range []string{x.Subject, x.Object} {
		if !anchors.Contains(name) {
			return reject(KindNotInText, "%q: %q does not stand in the document", x.Text, name)
		}
	}
	if r.Subject == r.Object && slices.Contains(anchors.names(x.Subject), key(x.Object)) {
		return reject(KindUnreadable, "%q relates a thing with itself", x.Text)
	}
	return nil
}

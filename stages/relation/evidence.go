package relation

import (
	"math"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/certainty"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// join returns a relation that joins the mentions of the entities of a claim whose surroundings
// score highest, in one sentence if there is one with both, with its evidence. A title, which names
// a topic, is evidence only if no other sentence has both.
func (d *Document) join(c claim) schemas.Relation {
	subject, object := d.Entities[c.Subject], d.Entities[c.Object]
	x, y := nearest(subject, object)
	best, titled := float32(math.Inf(-1)), true
	for _, m := range d.Pairs.Meetings(c.Subject, c.Object) {
		a, b := subject.Mentions[m.Subject], object.Mentions[m.Object]
		title := d.inTitle(a)
		score := c.scorer.Context(d.Pairs, m)
		if title && !titled || title == titled && score <= best {
			continue
		}
		best, titled, x, y = score, title, a, b
	}
	return between(d.text, x, y)
}

func (d *Document) inTitle(m schemas.Mention) bool {
	if m.Sentence < 0 || m.Sentence >= len(d.text.Sentences) {
		return false
	}
	at := d.text.Sentences[m.Sentence].Section
	return at < len(d.text.Sections) && d.text.Sections[at].Kind == schemas.KindTitle
}

// Nearest returns a relation that joins the mentions of two entities that are nearest to each
// other. Mentions in one sentence come first, and only for those Sentence is set.
func Nearest(subject, object names.Entity) schemas.Relation {
	x, y := nearest(subject, object)
	r := schemas.Relation{Subject: x.ID, Object: y.ID, Sentence: -1}
	if x.Sentence == y.Sentence {
		r.Sentence = x.Sentence
	}
	return r
}

func nearest(subject, object names.Entity) (x, y schemas.Mention) {
	least, together := -1, false
	for _, a := range subject.Mentions {
		for _, b := range object.Mentions {
			gap := max(a.Start-b.End, b.Start-a.End, 0)
			same := a.Sentence == b.Sentence
			if least >= 0 && (together && !same || together == same && gap >= least) {
				continue
			}
			least, together = gap, same
			x, y = a, b
		}
	}
	return x, y
}

// between returns the relation of two mentions, with its evidence and certainty. What two sentences
// say together is asserted: no rule reads it.
func between(t *model.Text, subject, object schemas.Mention) schemas.Relation {
	r := schemas.Relation{
		Subject: subject.ID, Object: object.ID, Sentence: -1, Certainty: schemas.Asserted,
		Evidence: evidence(t, subject.Sentence, object.Sentence),
	}
	if subject.Sentence == object.Sentence {
		r.Sentence, r.Certainty = subject.Sentence, certainty.Of(t, subject.Span, object.Span)
	}
	return r
}

// evidence returns the text of one or two sentences.
func evidence(t *model.Text, a, b int) string {
	a, b = min(a, b), max(a, b)
	if a < 0 || b >= len(t.Sentences) {
		return ""
	}
	first, last := t.Sentences[a], t.Sentences[b]
	if a == b {
		return t.Body[first.Start:first.End]
	}
	gap := " "
	if b > a+1 {
		gap = schemas.EvidenceGap
	}
	return t.Body[first.Start:first.End] + gap + t.Body[last.Start:last.End]
}

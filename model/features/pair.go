package features

import (
	"cmp"
	"slices"
	"sort"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// Templates of pair features. Their order is part of the format: new ones are added at the end.
const (
	pairName uint32 = 0x200 + iota
	pairNameLast
	pairNameSuffix
	pairNameCount
	pairNameFirst
	pairNameRank
	pairNameCommon
	pairNameEnd
	pairNames
	pairLasts
	pairTogether
	pairDistance
	pairTitle
	pairCounts
	pairOthers
	pairBetween
	pairBigram
	pairPhrase
	pairBefore
	pairAfter
	pairNearest
	pairAnyBetween
	pairContext
	pairWithin
	pairApart
	pairTitleWord
)

// Pairs computes the features of pairs of entities of one document. All features include the types
// of both entities, so that one head can score pairs of several types without confusing them.
type Pairs struct {
	text     *model.Text
	forms    []Hash // of each word, in lower case
	entities []entityFacts
	owner    []int // of each word: the entity whose mention covers it, or -1
	counts   map[string]int
}

// entityFacts is what the features use of an entity, apart from its pairs.
type entityFacts struct {
	names.Entity
	places []place
	body   string // text of the first mention
	form   Hash
	last   Hash // form of its last word
	rank   int  // number of entities of its type that are mentioned before it
	common int  // number of entities of its type that are mentioned more often
}

// place is the words of a mention.
type place struct {
	model.WordRange
	sentence int
	mention  int // index in Entity.Mentions
}

// NewPairs reads the entities of a text.
func NewPairs(t *model.Text, entities []names.Entity) *Pairs {
	p := &Pairs{text: t, forms: make([]Hash, len(t.Words)), owner: make([]int, len(t.Words)), counts: map[string]int{}}
	for i := range t.Words {
		p.forms[i] = Template(0).Lower(t.Word(i))
		p.owner[i] = -1
	}
	for i, n := range entities {
		f := entityFacts{Entity: n}
		for k, m := range n.Mentions {
			at := place{mention: k, WordRange: model.WordRange{
				Start: sort.Search(len(t.Words), func(k int) bool { return t.Words[k].End > m.Start }),
				End:   sort.Search(len(t.Words), func(k int) bool { return t.Words[k].Start >= m.End }),
			}}
			if at.Start >= at.End {
				continue
			}
			at.sentence = t.Words[at.Start].Sentence
			f.places = append(f.places, at)
			for k := at.Start; k < at.End; k++ {
				p.owner[k] = i
			}
		}
		f.body = t.Body[n.Mentions[0].Start:n.Mentions[0].End]
		f.form = Template(0).Lower(f.body)
		if len(f.places) > 0 {
			f.last = p.forms[f.places[0].End-1]
		}
		p.counts[n.Type]++
		p.entities = append(p.entities, f)
	}
	for i := range p.entities {
		me := &p.entities[i]
		for j := range p.entities {
			other := &p.entities[j]
			if i == j || other.Type != me.Type {
				continue
			}
			if other.Mentions[0].Start < me.Mentions[0].Start {
				me.rank++
			}
			if len(other.Mentions) > len(me.Mentions) {
				me.common++
			}
		}
	}
	return p
}

// Append appends the features of the pair of entities a and b, in this order, to dst: 50 to 300.
func (p *Pairs) Append(dst []uint32, a, b int) []uint32 {
	x, y := &p.entities[a], &p.entities[b]
	f := pairAppender{dst: p.AppendNames(dst, a, b), kind: kindOf(x, y)}
	p.name(&f, x, 0)
	p.name(&f, y, 1)
	f.add(pairCounts, Hash(bucket(len(x.places))), Hash(bucket(len(y.places))))
	together := p.together(x, y)
	p.distance(&f, x, y, together)
	for i, pl := range together[:min(len(together), 5)] {
		p.between(&f, pl[0], pl[1], i == 0)
	}
	return f.dst
}

// AppendNames appends those of the features that the names of the two entities alone make.
func (p *Pairs) AppendNames(dst []uint32, a, b int) []uint32 {
	x, y := &p.entities[a], &p.entities[b]
	f := pairAppender{dst: dst, kind: kindOf(x, y)}
	for side, n := range []*entityFacts{x, y} {
		f.add(pairName, Hash(side), n.form)
		f.add(pairNameLast, Hash(side), n.last)
		f.add(pairNameSuffix, Hash(side), Template(0).Lower(ending(n.body, 4)))
	}
	f.add(pairNames, x.form, y.form)
	f.add(pairLasts, x.last, y.last)
	return f.dst
}

type pairAppender struct {
	dst  []uint32
	kind Hash // types of both entities
}

func kindOf(x, y *entityFacts) Hash { return Template(0).String(x.Type).String(y.Type) }

func (f *pairAppender) add(template uint32, values ...Hash) {
	h := Template(template).Uint(uint64(f.kind))
	for _, v := range values {
		h = h.Uint(uint64(v))
	}
	f.dst = append(f.dst, h.Sum())
}

// both adds a feature with the types of the entities and the same without.
func (f *pairAppender) both(template uint32, values ...Hash) {
	f.add(template, values...)
	kind := f.kind
	f.kind = 0
	f.add(template, values...)
	f.kind = kind
}

// name adds the features of one of the two entities, without those of its name alone.
func (p *Pairs) name(f *pairAppender, n *entityFacts, side Hash) {
	f.add(pairNameCount, side, Hash(bucket(len(n.places))), Hash(bucket(p.counts[n.Type])))
	f.add(pairNameRank, side, Hash(min(n.rank, 4)))
	f.add(pairNameCommon, side, Hash(min(n.common, 4)))
	if len(n.places) == 0 {
		return
	}
	f.add(pairNameFirst, side, Hash(min(n.places[0].sentence, 5)), Hash(bucket(len(n.places))))
	last := n.places[len(n.places)-1].sentence
	f.add(pairNameEnd, side, Hash(min(len(p.text.Sentences)-1-last, 3)))
	for _, at := range n.places[:min(len(n.places), 6)] {
		for d := 1; d <= 2; d++ {
			f.add(pairContext, side, 0, p.formAt(at.Start-d, at.sentence))
			f.add(pairContext, side, 1, p.formAt(at.End-1+d, at.sentence))
		}
	}
}

// together returns the pairs of mentions of both entities in one sentence, the nearest first.
func (p *Pairs) together(x, y *entityFacts) [][2]place {
	var found [][2]place
	for _, a := range x.places {
		for _, b := range y.places {
			if a.sentence == b.sentence && (a.End <= b.Start || b.End <= a.Start) {
				found = append(found, [2]place{a, b})
			}
		}
	}
	slices.SortStableFunc(found, func(l, r [2]place) int { return cmp.Compare(gap(l[0], l[1]), gap(r[0], r[1])) })
	return found
}

// gap is the number of words between two places.
func gap(a, b place) int { return max(a.Start-b.End, b.Start-a.End) }

// distance adds the distance between the entities and the places of the nearest mentions.
func (p *Pairs) distance(f *pairAppender, x, y *entityFacts, together [][2]place) {
	sentences, apart := map[int]bool{}, 1000
	for _, pl := range together {
		sentences[pl[0].sentence] = true
	}
	for _, a := range x.places {
		for _, b := range y.places {
			apart = min(apart, max(a.sentence-b.sentence, b.sentence-a.sentence))
		}
	}
	titleX, titleY := p.titled(x), p.titled(y)
	f.add(pairTogether, Hash(min(len(sentences), 4)))
	f.add(pairTogether, 9, Hash(min(len(sentences), 2)), truth(titleX), truth(titleY))
	f.add(pairApart, Hash(min(apart, 4)))
	f.add(pairTitle, truth(titleX), truth(titleY))
	f.add(pairNearest, Hash(min(x.rank, 2)), Hash(min(y.rank, 2)), truth(titleX), truth(titleY))
	if contains(x.body, y.body) {
		f.add(pairWithin)
	}
	if len(together) > 0 {
		a, b := together[0][0], together[0][1]
		f.add(pairDistance, Hash(bucket(gap(a, b))), truth(a.Start < b.Start))
		f.add(pairOthers, Hash(min(p.others(a, b), 4)), truth(a.Start < b.Start))
	}
	for i := range p.text.Words {
		if s := p.text.Words[i].Sentence; p.text.Sections[p.text.Sentences[s].Section].Kind != schemas.KindTitle {
			break
		}
		if p.owner[i] < 0 {
			f.add(pairTitleWord, p.forms[i], truth(titleX), truth(titleY))
		}
	}
}

func (p *Pairs) titled(n *entityFacts) bool {
	return len(n.places) > 0 &&
		p.text.Sections[p.text.Sentences[n.places[0].sentence].Section].Kind == schemas.KindTitle
}

// others is the number of other entities between two places.
func (p *Pairs) others(a, b place) int {
	seen := map[int]bool{}
	for k := min(a.End, b.End); k < max(a.Start, b.Start); k++ {
		if o := p.owner[k]; o >= 0 {
			seen[o] = true
		}
	}
	return len(seen)
}

// between adds the words between and around two mentions of a sentence.
func (p *Pairs) between(f *pairAppender, a, b place, nearest bool) {
	order, left, right := truth(a.Start < b.Start), a, b
	if b.Start < a.Start {
		left, right = b, a
	}
	phrase := Hash(1)
	previous := Hash(2)
	for k := left.End; k < right.Start && k < left.End+30; k++ {
		form := p.between1(k)
		f.both(pairAnyBetween, order, form)
		if nearest {
			f.both(pairBetween, order, form)
			f.both(pairBigram, order, previous, form)
		}
		phrase = phrase.Uint(uint64(form))
		previous = form
	}
	if right.Start-left.End <= 6 {
		f.both(pairPhrase, order, phrase)
	}
	if !nearest {
		return
	}
	f.both(pairBigram, order, previous, 3)
	for d := 1; d <= 3; d++ {
		f.both(pairBefore, order, p.formAt(left.Start-d, left.sentence))
		f.both(pairAfter, order, p.formAt(right.End-1+d, left.sentence))
	}
}

// between1 is the form of a word, or the type of the entity that it belongs to.
func (p *Pairs) between1(k int) Hash {
	if o := p.owner[k]; o >= 0 {
		return Template(1).String(p.entities[o].Type)
	}
	return p.forms[k]
}

// formAt is the form of word k, the type of its entity, or a mark for the edge of the sentence.
func (p *Pairs) formAt(k, sentence int) Hash {
	if k < 0 || k >= len(p.forms) || p.text.Words[k].Sentence != sentence {
		return Hash(7)
	}
	return p.between1(k)
}

// bucket maps counts to few numbers: 0 to 5 unchanged, then by powers of two.
func bucket(n int) int {
	b := min(n, 5)
	for limit := 8; limit <= n; limit *= 2 {
		b++
	}
	return b
}

func truth(b bool) Hash {
	if b {
		return 1
	}
	return 0
}

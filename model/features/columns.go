package features

import "math"

// ScoredPair is a pair of entities and what a head that reads hashed features adds to the log-odds
// of a relation between them.
type ScoredPair struct {
	Subject, Object int
	Odds            float32   // by all features
	Names           float32   // by those of the names alone
	Contexts        []float32 // by the words around each of Pairs.Meetings
}

// Hierarchy reports whether a concept stands below another one; a mention's Concept names them.
type Hierarchy interface {
	Is(concept, ancestor string) bool
}

// PairColumns is the number of columns of a pair. Their order is part of the format.
const PairColumns = 2*entityColumns + distanceColumns + meetingColumns + scoreColumns + 3*rivalColumns +
	hierarchyColumns

const (
	entityColumns    = 9
	distanceColumns  = 11
	meetingColumns   = 4
	scoreColumns     = 6
	rivalColumns     = 4
	hierarchyColumns = 5
)

// absent is the value of a column that a pair does not have.
var absent = float32(math.NaN())

// Columns returns a row of numbers for each of the pairs of a text: how often and where both
// entities are mentioned, how near to each other, what the head scored, how the pair compares with
// the other pairs, and, with a hierarchy, whether the text names narrower and broader concepts.
// pairs are all pairs of the text that the head joins; h may be nil.
func (p *Pairs) Columns(pairs []ScoredPair, h Hierarchy) [][]float32 {
	c := columns{Pairs: p, all: pairs, entities: make([][]float32, len(p.entities))}
	for i := range p.entities {
		c.entities[i] = c.entity(i)
	}
	if h != nil {
		c.findConcepts(h)
	}
	rows := make([][]float32, len(pairs))
	for i, x := range pairs {
		row := make([]float32, 0, PairColumns)
		row = append(row, c.entities[x.Subject]...)
		row = append(row, c.entities[x.Object]...)
		row = c.distance(row, x)
		row = c.scores(row, x)
		row = c.rivals(row, i)
		rows[i] = c.hierarchy(row, x)
	}
	return rows
}

// columns makes the columns of the pairs of one text.
type columns struct {
	*Pairs
	all      []ScoredPair
	entities [][]float32 // columns of each entity
	narrower [][]int     // of each entity: those of its type that are narrower; nil without concepts
	broader  [][]int
}

func number(b bool) float32 { return float32(truth(b)) }

// entity returns the columns of an entity: its mentions, their share of its type's, its ranks by
// place and number, whether the title has it, the number of entities of its type, and where it is
// mentioned first and last.
func (c *columns) entity(i int) []float32 {
	n := &c.Pairs.entities[i]
	mentions := 0
	for j := range c.Pairs.entities {
		if o := &c.Pairs.entities[j]; o.Type == n.Type {
			mentions += len(o.places)
		}
	}
	row := []float32{
		float32(len(n.places)), float32(len(n.places)) / float32(max(mentions, 1)), float32(n.rank),
		float32(n.common), number(c.titled(n)), float32(c.counts[n.Type]), absent, absent, absent,
	}
	if len(n.places) > 0 {
		first, last := n.places[0].sentence, n.places[len(n.places)-1].sentence
		sentences := float32(len(c.text.Sentences))
		copy(row[6:], []float32{float32(first) / sentences, float32(last) / sentences, float32(first)})
	}
	return row
}

// distance appends the columns of how near the entities are, and of their nearest meeting.
func (c *columns) distance(row []float32, x ScoredPair) []float32 {
	a, b := &c.Pairs.entities[x.Subject], &c.Pairs.entities[x.Object]
	meetings := c.together(a, b)
	shared := map[int]bool{}
	for _, m := range meetings {
		shared[m[0].sentence] = true
	}
	least, sum := absent, float32(0)
	for _, y := range b.places {
		nearest := absent
		for _, x := range a.places {
			if d := float32(max(x.sentence-y.sentence, y.sentence-x.sentence)); !(d >= nearest) {
				nearest = d
			}
		}
		sum += nearest
		if !(nearest >= least) {
			least = nearest
		}
	}
	n := len(c.text.Sentences)
	row = append(
		row, float32(n), float32(len(c.text.Words)), least, sum/float32(max(1, len(b.places))),
		float32(len(shared)), float32(len(meetings)), share(shared, a), share(shared, b),
		number(shared[0]), number(shared[n-1]), number(shared[n-2]),
	)
	if len(meetings) == 0 {
		return append(row, absent, absent, absent, absent)
	}
	s, o := meetings[0][0], meetings[0][1]
	present := map[int]bool{}
	for k, owner := range c.owner {
		if owner >= 0 && c.text.Words[k].Sentence == s.sentence {
			present[owner] = true
		}
	}
	return append(
		row, float32(gap(s, o)), number(s.Start < o.Start), float32(c.others(s, o)), float32(len(present)),
	)
}

// share is the number of sentences as a share of those that mention an entity.
func share(sentences map[int]bool, n *entityFacts) float32 {
	own := map[int]bool{}
	for _, at := range n.places {
		own[at.sentence] = true
	}
	return float32(len(sentences)) / float32(max(1, len(own)))
}

// scores appends what the head adds to the log-odds: in all, by the names, and by the words around
// the nearest meeting, the best two, and all in the mean.
func (c *columns) scores(row []float32, x ScoredPair) []float32 {
	first, best, second, sum := absent, absent, absent, float32(0)
	for i, s := range x.Contexts {
		if i == 0 {
			first = s
		}
		sum += s
		switch {
		case !(s <= best):
			best, second = s, best
		case !(s <= second):
			second = s
		}
	}
	mean := absent
	if n := len(x.Contexts); n > 0 {
		mean = sum / float32(n)
	}
	return append(row, x.Odds, x.Names, first, best, second, mean)
}

// rivals appends how the pair compares with those that share its subject, its object, or only its
// types: the number of better ones and of all, the log-odds of the best, and the difference.
func (c *columns) rivals(row []float32, i int) []float32 {
	x := &c.all[i]
	subject, object := c.Pairs.entities[x.Subject].Type, c.Pairs.entities[x.Object].Type
	var better, all [3]int
	best := [3]float32{absent, absent, absent}
	for j := range c.all {
		y := &c.all[j]
		if i == j || c.Pairs.entities[y.Subject].Type != subject || c.Pairs.entities[y.Object].Type != object {
			continue
		}
		for k, shares := range [3]bool{y.Subject == x.Subject, y.Object == x.Object, true} {
			if !shares {
				continue
			}
			all[k]++
			if y.Odds > x.Odds {
				better[k]++
			}
			if !(y.Odds <= best[k]) {
				best[k] = y.Odds
			}
		}
	}
	for k := range all {
		row = append(row, float32(better[k]), float32(all[k]), best[k], x.Odds-best[k])
	}
	return row
}

// findConcepts sets narrower and broader.
func (c *columns) findConcepts(h Hierarchy) {
	n := len(c.Pairs.entities)
	c.narrower, c.broader = make([][]int, n), make([][]int, n)
	for i := range c.Pairs.entities {
		x := &c.Pairs.entities[i]
		for j := range c.Pairs.entities {
			y := &c.Pairs.entities[j]
			a, b := x.Concept(), y.Concept()
			if x.Type == y.Type && a != "" && b != "" && a != b && h.Is(b, a) {
				c.narrower[i] = append(c.narrower[i], j)
				c.broader[j] = append(c.broader[j], i)
			}
		}
	}
}

// hierarchy appends the number of entities that are narrower and broader than the subject and than
// the object, and the log-odds of the best pair with the subject and a narrower object.
func (c *columns) hierarchy(row []float32, x ScoredPair) []float32 {
	best := absent
	for _, i := range []int{x.Subject, x.Object} {
		if c.narrower == nil || c.Pairs.entities[i].Concept() == "" {
			row = append(row, absent, absent)
			continue
		}
		row = append(row, float32(len(c.narrower[i])), float32(len(c.broader[i])))
	}
	if c.narrower == nil {
		return append(row, best)
	}
	for _, y := range c.all {
		for _, j := range c.narrower[x.Object] {
			if y.Subject == x.Subject && y.Object == j && !(y.Odds <= best) {
				best = y.Odds
			}
		}
	}
	return append(row, best)
}

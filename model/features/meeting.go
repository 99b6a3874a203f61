package features

// Meeting is a mention of one entity and a mention of another in one sentence.
type Meeting struct {
	Subject, Object int // indexes in the Mentions of the entities
	a, b            place
	kind            Hash
}

// maxMeetings limits the meetings of two entities: a list may name them a hundred times.
const maxMeetings = 12

// Meetings returns the meetings of entities a and b, the nearest mentions first.
func (p *Pairs) Meetings(a, b int) []Meeting {
	x, y := &p.entities[a], &p.entities[b]
	together := p.together(x, y)
	all := make([]Meeting, min(len(together), maxMeetings))
	for i := range all {
		at := together[i]
		all[i] = Meeting{at[0].mention, at[1].mention, at[0], at[1], kindOf(x, y)}
	}
	return all
}

// AppendContext appends the features of the words between and around two mentions.
func (p *Pairs) AppendContext(dst []uint32, m Meeting) []uint32 {
	f := pairAppender{dst: dst, kind: m.kind}
	p.between(&f, m.a, m.b, true)
	return f.dst
}

package jobs

import (
	"math"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/reuse"
)

// reuser finds results in all editions of a corpus that the components would compute again. It is
// nil if there is nothing to compute. Close it after the run.
func (c *Components) reuser(sink *corpus.Sink, log func(string)) *reuse.Reuser {
	if len(c.Tasks) == 0 {
		return nil
	}
	var parts []reuse.Part
	live := sink.Snapshot()
	for i := range live.Editions {
		e := &live.Editions[i]
		for j := range e.Parts {
			parts = append(parts, reusePart(sink, e, &e.Parts[j]))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return reuse.New(parts, c.Configuration.Tasks, c.Configuration.Parts, log)
}

func reusePart(sink *corpus.Sink, e *corpus.Edition, p *corpus.Part) reuse.Part {
	part := reuse.Part{
		Path: func(table string) string {
			if f := p.File(table); f != nil {
				return sink.Path(*f)
			}
			return ""
		},
		FirstPMID: math.MaxInt32, Parts: e.Configuration.Parts,
	}
	for i := range p.Units {
		r := &p.Units[i]
		part.LastPMID, part.Sequence = max(part.LastPMID, r.LastPMID), max(part.Sequence, r.Sequence)
		if r.FirstPMID > 0 {
			part.FirstPMID = min(part.FirstPMID, r.FirstPMID)
		}
	}
	return part
}

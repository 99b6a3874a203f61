package jobs

import (
	"context"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/reuse"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// reuser finds results in all editions of a corpus that the components would compute again.
type reuser struct {
	*reuse.Reuser
	sink    *corpus.Sink
	version int64 // of the snapshot whose parts it knows
	follow  bool  // also look for units that were published since the last chunk
}

// newReuser returns the reuser of a run, nil if there is nothing to compute. Close it at the end.
//
// It follows the run where results do not depend on what else is in a batch: how much of the corpus
// it sees then depends on time.
func (c *Components) newReuser(sink *corpus.Sink, log func(string)) *reuser {
	if len(c.Tasks) == 0 {
		return nil
	}
	r := &reuser{
		Reuser: reuse.New(nil, c.Configuration.Tasks, c.Configuration.Parts, log),
		sink:   sink, version: -1, follow: c.exact(),
	}
	r.update()
	return r
}

// exact reports whether results do not depend on what else is in a batch.
func (c *Components) exact() bool {
	for _, model := range []any{c.Encoder, c.Generator} {
		if e, ok := model.(pipeline.Exact); model != nil && !(ok && e.Exact()) {
			return false
		}
	}
	return true
}

// Reuse returns results for the documents of a chunk.
func (r *reuser) Reuse(ctx context.Context, u schemas.Unit, docs []*schemas.Document) ([]*pipeline.Reused, error) {
	if r.follow {
		r.update()
	}
	return r.Reuser.Reuse(ctx, u, docs)
}

// update takes the parts of the newest snapshot.
func (r *reuser) update() {
	live := r.sink.Snapshot()
	if live.Version == r.version {
		return
	}
	r.version = live.Version
	var parts []reuse.Part
	for i := range live.Editions {
		e := &live.Editions[i]
		for j := range e.Parts {
			parts = append(parts, reusePart(r.sink, e, &e.Parts[j]))
		}
	}
	r.Update(parts)
}

func reusePart(sink *corpus.Sink, e *corpus.Edition, p *corpus.Part) reuse.Part {
	part := reuse.Part{
		Path: func(table string) string {
			if f := p.File(table); f != nil {
				return sink.Path(*f)
			}
			return ""
		},
		Parts: e.Configuration.Parts,
	}
	part.FirstPMID, part.LastPMID = p.PMIDs()
	for i := range p.Units {
		part.Sequence = max(part.Sequence, p.Units[i].Sequence)
	}
	return part
}

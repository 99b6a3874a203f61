package jobs

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// PlanRun returns what [Run] would do, and an estimate of time and disk if that is asked for. It
// reads the inputs that are to be published, and writes nothing.
func PlanRun(
	ctx context.Context, source pipeline.Source, c *Components, o RunOptions, estimate bool,
) (*Plan, error) {
	if q, ok := source.(*querySource); ok {
		q.plans.preview = true
	}
	p, err := c.newPlanner(o, c.runInto(source))
	if err != nil {
		return nil, err
	}
	err = p.run(ctx, source)
	if err == nil && estimate {
		p.plan.Estimate, err = p.estimate(ctx)
	}
	return p.plan, errors.Join(Resumable(ctx, err), p.close())
}

func (p *planner) run(ctx context.Context, source pipeline.Source) error {
	units, err := source.Units(ctx)
	if err != nil {
		return err
	}
	count := func(schemas.Unit) int { return 0 }
	if _, remote := source.(pipeline.Skipper); remote {
		at, _ := source.(pipeline.Positioner)
		count = func(u schemas.Unit) int { _, n := at.Position(u); return int(n) }
		source = withoutDocuments{source}
	}
	if _, err := p.preview(ctx, source, units); err != nil {
		return err
	}
	for i := range p.plan.Units {
		if u := &p.plan.Units[i]; u.Action != ActionNone && u.Action != ActionFail {
			u.setRemote(count(schemas.Unit{Name: u.Unit, Path: u.Path}))
			p.plan.Download.Records += u.Remote
		}
	}
	p.end()
	return nil
}

// planner makes a Plan: of one run of the pipeline or, for a sync, of several.
type planner struct {
	components *Components
	options    RunOptions
	direct     bool // corpus.Options.Direct
	pack       int  // corpus.Options.Pack
	sink       *corpus.Sink
	reuser     *reuser
	meter      *Meter
	before     corpus.Snapshot
	plan       *Plan
	reading    elapsed // the time that it took to read the inputs

	// sequential means that a unit is published before the next is read.
	sequential bool
	usual      int // number of records of a file that is not on this machine

	mu      sync.Mutex
	byName  map[string]int // index in plan.Units
	samples [3]sample      // by pipeline.Work
	texts   textSet        // of the documents that the job computes before the current unit
	current string         // unit that is read
	pending []textKey      // its documents
}

// newPlanner opens a corpus as a job would. Close it when done.
func (c *Components) newPlanner(o RunOptions, options corpus.Options) (*planner, error) {
	options = c.corpusOptions(o, options)
	options.Log = nil
	sink, err := corpus.Preview(o.Corpus, c.Configuration, options)
	if err != nil {
		return nil, requestError(err)
	}
	return &planner{
		components: c, options: o, direct: options.Direct, pack: options.Pack, sink: sink,
		reuser: c.newReuser(sink, o.Log), meter: newMeter(c.engine), before: sink.Snapshot(),
		plan: &Plan{Corpus: o.Corpus}, byName: map[string]int{}, texts: textSet{},
	}, nil
}

func (p *planner) close() error {
	if p.reuser != nil {
		p.reuser.Close()
	}
	return p.sink.Close()
}

// preview adds the units of a source to the plan.
func (p *planner) preview(ctx context.Context, source pipeline.Source, units []schemas.Unit) (pipeline.Report, error) {
	hooks, end := p.options.progress(units, p.meter)
	defer end()
	line := p.components.Pipeline()
	line.Source, line.Sink, line.Hooks = source, p.sink, p.watch(hooks)
	if p.reuser != nil {
		p.reuser.update()
		line.Reuser = p.reuser
	}
	before := now()
	report, err := pipeline.Preview(ctx, line, p.see)
	p.reading = p.reading.plus(before.until())
	p.plan.Failed = append(p.plan.Failed, report.Failed...)
	return report, err
}

// watch returns hooks that also feed the plan.
func (p *planner) watch(h pipeline.Hooks) pipeline.Hooks {
	shown := h
	h.Documents = func(u schemas.Unit, n int, resumed bool) {
		p.change(u, func(x *PlannedUnit) { x.Records, x.Resumed = x.Records+n, x.Resumed+n })
		if shown.Documents != nil {
			shown.Documents(u, n, resumed)
		}
	}
	h.UnitDone = func(u schemas.Unit, s pipeline.UnitState, why error) {
		p.change(u, func(x *PlannedUnit) { p.decide(x, s, why) })
		if shown.UnitDone != nil {
			shown.UnitDone(u, s, why)
		}
	}
	return h
}

// change changes a unit of the plan, and adds it if it is new.
func (p *planner) change(u schemas.Unit, do func(*PlannedUnit)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i, ok := p.byName[u.Name]
	if !ok {
		i = len(p.plan.Units)
		p.byName[u.Name], p.plan.Units = i, append(p.plan.Units, PlannedUnit{Unit: u.Name, Path: u.Path})
	}
	do(&p.plan.Units[i])
}

// decide sets the action for a unit that is done.
func (p *planner) decide(x *PlannedUnit, s pipeline.UnitState, why error) {
	switch s {
	case pipeline.UnitSkipped:
		x.Action = ActionNone
		return
	case pipeline.UnitFailed:
		x.Action, x.Error = ActionFail, why.Error()
		return
	}
	now, _ := p.sink.Edition().Unit(x.Unit)
	x.Partial = now.Partial()
	was, published := corpus.Record{}, false
	if e := p.before.Edition(p.sink.Edition().ID); e != nil {
		was, published = e.Unit(x.Unit)
	}
	_, seen := p.before.Seen().Unit(x.Unit)
	switch {
	case !published && seen:
		x.Action = ActionCompute
	case !published:
		x.Action = ActionAdd
	case was.Digest == now.Digest:
		x.Action = ActionRepair
	case now.Completes(&was):
		x.Action = ActionComplete
	default:
		x.Action = ActionReplace
	}
}

// see counts a record that the job would compute.
func (p *planner) see(u schemas.Unit, r pipeline.Previewed) {
	if r.Document == nil || r.Document.Deleted {
		p.change(u, func(x *PlannedUnit) { x.count(r) })
		return
	}
	p.change(u, func(x *PlannedUnit) {
		if u.Name != p.current {
			if i, ok := p.byName[p.current]; ok && p.plan.Units[i].Action != ActionFail {
				p.texts.add(p.pending)
			}
			p.current, p.pending = u.Name, p.pending[:0]
		}
		if r.Work != pipeline.NoWork && p.reuser != nil {
			key := textKeyOf(r.Document)
			p.pending = append(p.pending, key)
			if p.texts.has(key) {
				if !p.sequential {
					x.Repeated++
				} else {
					r.Work, r.Reused = pipeline.NoWork, &pipeline.Reused{}
				}
			}
		}
		x.count(r)
		p.samples[r.Work].add(r)
	})
}

// count counts a record.
func (x *PlannedUnit) count(r pipeline.Previewed) {
	x.Records++
	if r.Document == nil {
		x.Rejected++
	}
	if r.Work == pipeline.EncodeWork {
		x.Encoded++
	}
	if r.Reused == nil {
		return
	}
	x.Reused++
	if r.Work == pipeline.NoWork {
		x.ReusedWhole++
	}
}

// end completes the plan after the last unit.
func (p *planner) end() {
	for i := range p.plan.Units {
		u := &p.plan.Units[i]
		p.plan.add(u.PlannedWork)
		if r, ok := p.sink.Edition().Unit(u.Unit); ok && u.Action == ActionNone {
			p.plan.published.Merge(r.Counts)
		}
	}
	after := p.sink.Snapshot()
	p.plan.describeEdition(p.sink.Target(), &p.before, &after, p.sink.Edition())
}

// setRemote sets the number of records of a unit that is not on this machine.
func (x *PlannedUnit) setRemote(records int) {
	if records > 0 {
		x.PlannedWork = PlannedWork{Records: records, Remote: records}
	}
}

// withoutDocuments is a source whose documents are not fetched.
type withoutDocuments struct{ pipeline.Source }

// Documents yields nothing.
func (withoutDocuments) Documents(context.Context, schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(func(*schemas.Document, error) bool) {}
}

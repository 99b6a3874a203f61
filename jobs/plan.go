package jobs

import (
	"fmt"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Plan is what a job would do.
type Plan struct {
	Corpus  string         `json:"corpus"`
	Edition PlannedEdition `json:"edition"` // to which results go
	Units   []PlannedUnit  `json:"units"`   // all inputs, in order
	PlannedWork
	Download Download      `json:"download"`
	Estimate *PlanEstimate `json:"estimate,omitempty"` // nil if none was asked for

	// Failed are the inputs that cannot be read, or that the corpus refuses.
	Failed []pipeline.Failure `json:"-"`

	published schemas.Counts // of the units with ActionNone
}

// RejectedShare is [Outcome.RejectedShare] as far as it is known.
func (p *Plan) RejectedShare() float64 {
	var c schemas.Counts
	c.Merge(p.published)
	c.Merge(schemas.Counts{Rows: map[string]int64{
		"rejects": int64(p.Rejected), "documents": int64(p.Records - p.Rejected),
	}})
	return rejectedShare(c)
}

// PlannedEdition is the edition to which results go, and which one readers see.
type PlannedEdition struct {
	ID      int    `json:"id"`
	Begins  bool   `json:"begins"`            // it does not exist yet
	Why     string `json:"why,omitempty"`     // how it differs from the edition before
	Release string `json:"release,omitempty"` // that a sync applies
	// CurrentBefore and CurrentAfter are the editions that readers see; 0 for none.
	CurrentBefore int `json:"current_before"`
	CurrentAfter  int `json:"current_after"`
	// Lacks are units of the edition that readers see which this one does not have in the end.
	Lacks []string `json:"lacks,omitempty"`
	// Lost are the rows of the current edition that this one does not have.
	Lost    []string `json:"lost,omitempty"`
	Dropped []int    `json:"dropped,omitempty"` // editions that are dropped
}

// UnitAction is what a job does with a unit.
type UnitAction string

// The actions.
const (
	ActionNone     UnitAction = "none"     // it is published already
	ActionAdd      UnitAction = "add"      // readers do not have it
	ActionCompute  UnitAction = "compute"  // the current edition has it, the one that is written not
	ActionComplete UnitAction = "complete" // the whole takes the place of the first records
	ActionReplace  UnitAction = "replace"  // other content takes its place
	ActionRepair   UnitAction = "repair"   // a file of it is missing or damaged
	ActionFail     UnitAction = "fail"     // it cannot be read, or is refused
)

// PlannedUnit is an input.
type PlannedUnit struct {
	Unit    string     `json:"unit"`
	Path    string     `json:"path"`
	Action  UnitAction `json:"action"`
	Partial bool       `json:"partial,omitempty"` // only its first records are taken
	Error   string     `json:"error,omitempty"`   // why it fails
	PlannedWork
}

// PlannedWork are numbers of records.
type PlannedWork struct {
	Records int `json:"records"` // to publish
	// Remote are the records that are not on this machine. They count for nothing below. The number
	// of those in a file is an estimate.
	Remote  int `json:"remote"`
	Resumed int `json:"resumed"` // found in checkpoints
	Reused  int `json:"reused"`  // documents with results of earlier runs
	// ReusedWhole are the reused documents for which no task need run.
	ReusedWhole int `json:"reused_whole"`
	Encoded     int `json:"encoded"` // documents that the model reads
	// Repeated are documents that an input before has with the same text. They are not among the
	// reused ones, but will be, as far as that input is published when they are read.
	Repeated int `json:"repeated"`
	Rejected int `json:"rejected"` // records that cannot be decoded
}

// Download is what is fetched from a server.
type Download struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"` // 0 if the server does not tell
	// Records are those of a query or of a list of PMIDs.
	Records int `json:"records"`
}

func (w *PlannedWork) add(o PlannedWork) {
	w.Records, w.Remote, w.Resumed = w.Records+o.Records, w.Remote+o.Remote, w.Resumed+o.Resumed
	w.Reused, w.ReusedWhole, w.Encoded = w.Reused+o.Reused, w.ReusedWhole+o.ReusedWhole, w.Encoded+o.Encoded
	w.Repeated, w.Rejected = w.Repeated+o.Repeated, w.Rejected+o.Rejected
}

// Count returns the number of units with an action.
func (p *Plan) Count(a UnitAction) (n int) {
	for i := range p.Units {
		if p.Units[i].Action == a {
			n++
		}
	}
	return n
}

// describeEdition fills in the edition, from the corpus before and after the job.
func (p *Plan) describeEdition(target corpus.Target, before, after *corpus.Snapshot, written *corpus.Edition) {
	p.Edition = PlannedEdition{
		ID: written.ID, Begins: before.Edition(written.ID) == nil, Why: target.Difference, Release: written.Release,
		CurrentBefore: before.Current, CurrentAfter: after.Current, Lost: target.Lost,
	}
	if old := before.Target(); p.Edition.Begins && p.Edition.Why == "" && old.ID > 0 {
		p.Edition.Why = fmt.Sprintf("release %s instead of %s", written.Release, old.NewestRelease())
	}
	if seen := after.Seen(); seen.ID > 0 && seen.ID != written.ID {
		p.Edition.Lacks = written.Missing(seen)
	}
	for i := range before.Editions {
		if id := before.Editions[i].ID; after.Edition(id) == nil {
			p.Edition.Dropped = append(p.Edition.Dropped, id)
		}
	}
}

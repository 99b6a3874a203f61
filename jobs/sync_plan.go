package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/sources/bulk"
)

// stampPrefix begins the stamp of a unit that Sync applied; the MD5 of its file follows.
const stampPrefix = "md5="

// typicalFile is the number of records of a file of PubMed's baseline.
const typicalFile = 30_000

// PlanSync returns what [Sync] would do, and an estimate of time and disk if estimate is set. It
// reads the files that are on this machine, downloads none of the others, and writes nothing.
func PlanSync(ctx context.Context, site bulk.Site, c *Components, o RunOptions, estimate bool) (*Plan, error) {
	if remote, ok := site.(*bulk.Remote); ok {
		remote.ReadOnly = true
	}
	p, err := c.newPlanner(o, c.syncInto())
	if err != nil {
		return nil, err
	}
	p.sequential, p.usual = true, usualRecords(&p.before)
	s := &syncer{
		site: &bulk.Ahead{Site: site}, sink: p.sink, components: c, options: o, planner: p, meter: p.meter,
	}
	if err = s.run(ctx); err == nil {
		p.end()
	}
	if err == nil && estimate {
		p.plan.Estimate, err = p.estimate(ctx)
	}
	return p.plan, errors.Join(syncError(ctx, err), p.close())
}

// plan adds a file to the plan.
func (s *syncer) plan(ctx context.Context, input *bulkInput) error {
	source := pipeline.Source(input)
	if input.FileSource == nil {
		source = withoutDocuments{input}
	}
	units, err := input.Units(ctx)
	if err != nil {
		return err
	}
	report, err := s.planner.preview(ctx, source, units)
	s.report.Add(report)
	if err == nil && input.FileSource == nil && len(report.Failed) == 0 {
		download := &s.planner.plan.Download
		download.Files, download.Bytes = download.Files+1, download.Bytes+input.file.Size
		s.planner.change(input.unit, func(u *PlannedUnit) { u.setRemote(s.planner.usual) })
	}
	return err
}

// usualRecords returns the mean number of records of the files that are applied, and the usual one
// if none is.
func usualRecords(s *corpus.Snapshot) int {
	files, records := 0, 0
	for i := range s.Editions {
		for _, r := range s.Editions[i].Units() {
			if strings.HasPrefix(r.Stamp, stampPrefix) {
				files++
				records += int(r.Counts.Rows["documents"] + r.Counts.Rows["superseded"] + r.Counts.Rows["rejects"])
			}
		}
	}
	if files == 0 {
		return typicalFile
	}
	return records / files
}

// listRelease lists a release, and refuses one that does not fit what was applied. A file that was
// reissued is allowed if it is to be applied again.
func listRelease(ctx context.Context, site bulk.Site, e *corpus.Edition, reissued bool) (bulk.Plan, error) {
	listed, err := site.List(ctx)
	if err != nil {
		return bulk.Plan{}, err
	}
	release, err := bulk.NewPlan(listed)
	if err != nil {
		return release, err
	}
	if newest := e.NewestRelease(); newest > release.Release {
		return release,
			fmt.Errorf("the corpus has release %s, the server publishes %s: name another URL, or another corpus",
				newest, release.Release)
	}
	for _, f := range release.Files {
		r, ok := e.Unit(f.Unit())
		before, known := strings.CutPrefix(r.Stamp, stampPrefix)
		if !ok || !known || reissued { // known only if sync applied it
			continue
		}
		now, err := site.MD5(ctx, f)
		if err != nil {
			return release, err
		}
		if now != before {
			return release,
				fmt.Errorf("%s was reissued since it was applied (MD5 %s, before %s): apply it again with --reissued",
					f.Name, now, before)
		}
	}
	return release, nil
}

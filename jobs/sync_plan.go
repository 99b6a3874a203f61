package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/sources/bulk"
)

// SyncPlan is a release of PubMed, and the files of it that a corpus has.
type SyncPlan struct {
	bulk.Plan
	applied map[string]bool // by unit
}

// Pending returns the files that are to be applied, in order.
func (p *SyncPlan) Pending() []bulk.File {
	var files []bulk.File
	for _, f := range p.Files {
		if !p.applied[f.Unit()] {
			files = append(files, f)
		}
	}
	return files
}

// stampPrefix begins the stamp of a unit that Sync applied; the MD5 of its file follows.
const stampPrefix = "md5="

// PlanSync returns what Sync would apply to a corpus, which need not exist. It changes nothing.
func PlanSync(ctx context.Context, site bulk.Site, root string, reissued bool) (*SyncPlan, error) {
	snapshot, err := corpus.ReadSnapshot(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	plan, err := planSync(ctx, site, snapshot.Target(), reissued)
	return plan, syncError(ctx, err)
}

// planSync lists a release and refuses one that does not fit what was applied. A file that was
// reissued counts as not applied if that is allowed.
func planSync(ctx context.Context, site bulk.Site, e *corpus.Edition, reissued bool) (*SyncPlan, error) {
	listed, err := site.List(ctx)
	if err != nil {
		return nil, err
	}
	release, err := bulk.NewPlan(listed)
	if err != nil {
		return nil, err
	}
	if newest := e.NewestRelease(); newest > release.Release {
		return nil,
			fmt.Errorf("the corpus has release %s, the server publishes %s: name another URL, or another corpus",
				newest, release.Release)
	}
	plan := &SyncPlan{Plan: release, applied: map[string]bool{}}
	for _, f := range release.Files {
		r, ok := e.Unit(f.Unit())
		if !ok {
			continue
		}
		before, known := strings.CutPrefix(r.Stamp, stampPrefix)
		if !known { // applied by Run
			plan.applied[f.Unit()] = true
			continue
		}
		now, err := site.MD5(ctx, f)
		if err != nil {
			return nil, err
		}
		if now != before && !reissued {
			return nil,
				fmt.Errorf("%s was reissued since it was applied (MD5 %s, before %s): apply it again with --reissued",
					f.Name, now, before)
		}
		plan.applied[f.Unit()] = now == before
	}
	return plan, nil
}

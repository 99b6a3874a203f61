package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/sources/bulk"
)

// syncPlan is a release plan with the units that the corpus already has.
type syncPlan struct {
	bulk.Plan
	applied map[string]bool // by unit
}

func (a *syncPlan) pending() []bulk.File {
	var files []bulk.File
	for _, f := range a.Files {
		if !a.applied[f.Unit()] {
			files = append(files, f)
		}
	}
	return files
}

// stampPrefix begins the stamp of a unit that sync applied; the MD5 of its file follows.
const stampPrefix = "md5="

// newSyncPlan plans, and refuses what does not go with what was applied. A file that was published
// anew counts as not applied where that is allowed.
func newSyncPlan(ctx context.Context, site bulk.Site, s *corpus.Snapshot, reissued bool) (*syncPlan, error) {
	listed, err := site.List(ctx)
	if err != nil {
		return nil, err
	}
	listing, err := bulk.NewPlan(listed)
	if err != nil {
		return nil, err
	}
	if newest := newestRelease(s); newest > listing.Release {
		return nil, fmt.Errorf(
			"the corpus has release %s, but what is published is %s: name another URL, or another corpus", newest,
			listing.Release,
		)
	}
	a := &syncPlan{Plan: listing, applied: map[string]bool{}}
	for _, f := range listing.Files {
		r, ok := s.Unit(f.Unit())
		if !ok {
			continue
		}
		before, known := strings.CutPrefix(r.Stamp, stampPrefix)
		if !known { // applied by run
			a.applied[f.Unit()] = true
			continue
		}
		now, err := site.MD5(ctx, f)
		if err != nil {
			return nil, err
		}
		if now != before && !reissued {
			return nil, fmt.Errorf(
				"%s was published anew since it was applied (MD5 %s, before %s): apply it again with --reissued",
				f.Name, now, before,
			)
		}
		a.applied[f.Unit()] = now == before
	}
	return a, nil
}

// newestRelease is that of the newest of PubMed's releases with a unit in the corpus, or "".
func newestRelease(s *corpus.Snapshot) string {
	newest := s.Release
	for i := range s.Units {
		if r := s.Units[i].Release; strings.HasPrefix(r, "pubmed") {
			newest = max(newest, r)
		}
	}
	return newest
}

package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrIncomplete means that the listed files cannot be applied in order.
var ErrIncomplete = errors.New(
	"the listing is not complete: wait until the publisher has finished, or repair the mirror",
)

// Plan is the list of the files of a release.
type Plan struct {
	Release  string
	Baseline int    // number of the last file of the baseline
	Files    []File // by number, from 1 on, without a gap
}

// NewPlan orders the files that are listed in the two folders. The release is that of the baseline.
// Update files of another release, which remain for a while after a new baseline, are omitted.
func NewPlan(listed []File) (Plan, error) {
	var p Plan
	for _, f := range listed {
		if f.Folder != Baseline {
			continue
		}
		if p.Release == "" {
			p.Release = f.Release
		}
		if f.Release != p.Release {
			return Plan{}, fmt.Errorf(
				"%s has files of both %s and %s: %w", Baseline, p.Release, f.Release, ErrIncomplete,
			)
		}
		p.Baseline = max(p.Baseline, f.Number)
	}
	if p.Release == "" {
		return Plan{}, fmt.Errorf("%s has no file: %w", Baseline, ErrIncomplete)
	}
	for _, f := range listed {
		if f.Release == p.Release {
			p.Files = append(p.Files, f)
		}
	}
	slices.SortFunc(p.Files, func(a, b File) int { return cmp.Compare(a.Number, b.Number) })
	for i, f := range p.Files {
		switch {
		case f.Number < i+1:
			return Plan{}, fmt.Errorf("%s is listed twice: %w", f.Name, ErrIncomplete)
		case f.Number > i+1:
			return Plan{}, fmt.Errorf("%sn%04d is missing before %s: %w", p.Release, i+1, f.Name, ErrIncomplete)
		case (f.Folder == Baseline) != (f.Number <= p.Baseline):
			return Plan{}, fmt.Errorf(
				"%s is in %s, but the baseline ends at %d: %w", f.Name, f.Folder, p.Baseline, ErrIncomplete,
			)
		}
	}
	return p, nil
}

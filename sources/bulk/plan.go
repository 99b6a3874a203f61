package bulk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// ErrIncomplete says that what is published now cannot be applied in order.
var ErrIncomplete = errors.New(
	"the listing is not complete: wait until the publisher has finished, or repair the mirror",
)

// Plan is what there is to apply.
type Plan struct {
	Release  string
	Baseline int    // number of its last file
	Files    []File // of the release, from number 1 on, without a gap
}

// NewPlan orders what is listed in the two folders. The release is the one in baseline; update
// files of another release, which stand there still when a new baseline is new, are left out.
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
			return Plan{}, fmt.Errorf("%s holds both %s and %s: %w", Baseline, p.Release, f.Release, ErrIncomplete)
		}
		p.Baseline = max(p.Baseline, f.Number)
	}
	if p.Release == "" {
		return Plan{}, fmt.Errorf("%s holds no file: %w", Baseline, ErrIncomplete)
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
			return Plan{}, fmt.Errorf("%sn%04d is missing, %s is there: %w", p.Release, i+1, f.Name, ErrIncomplete)
		case (f.Folder == Baseline) != (f.Number <= p.Baseline):
			return Plan{}, fmt.Errorf(
				"%s stands in %s, but the baseline goes to %d: %w", f.Name, f.Folder, p.Baseline, ErrIncomplete,
			)
		}
	}
	return p, nil
}

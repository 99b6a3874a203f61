package jobs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
)

// ReleaseProgress is how much of one of PubMed's releases a corpus has.
type ReleaseProgress struct {
	Release string
	Numbers []int // of the files that are applied, ascending
}

var syncedUnit = regexp.MustCompile(`^(pubmed\d\d)n(\d{4})$`)

// SyncProgress returns the releases of which Sync applied a file, by name.
func SyncProgress(e *corpus.Edition) []ReleaseProgress {
	numbers := map[string][]int{}
	synced := map[string]bool{}
	for _, r := range e.Units() {
		m := syncedUnit.FindStringSubmatch(r.Unit)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2]) // four digits
		numbers[m[1]] = append(numbers[m[1]], n)
		synced[m[1]] = synced[m[1]] || strings.HasPrefix(r.Stamp, stampPrefix)
	}
	var all []ReleaseProgress
	for _, release := range slices.Sorted(maps.Keys(numbers)) {
		if synced[release] {
			all = append(all, ReleaseProgress{release, slices.Sorted(slices.Values(numbers[release]))})
		}
	}
	return all
}

// Through is the number of the last file before the first gap.
func (p ReleaseProgress) Through() int {
	for i, n := range p.Numbers {
		if n != i+1 {
			return i
		}
	}
	return len(p.Numbers)
}

// Missing returns the numbers of the files that are not applied although a later one is.
func (p ReleaseProgress) Missing() []int {
	var gaps []int
	next := 1
	for _, n := range p.Numbers {
		for ; next < n; next++ {
			gaps = append(gaps, next)
		}
		next = n + 1
	}
	return gaps
}

// Unit returns the name of the unit of a file.
func (p ReleaseProgress) Unit(n int) string { return fmt.Sprintf("%sn%04d", p.Release, n) }

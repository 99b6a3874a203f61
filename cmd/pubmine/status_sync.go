package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// releaseProgress is how far sync has come with one of PubMed's releases.
type releaseProgress struct {
	release string
	numbers []int // of the files that are applied, in order
}

var syncedUnit = regexp.MustCompile(`^(pubmed\d\d)n(\d{4})$`)

// syncProgress returns the releases of which sync applied a file, by name.
func syncProgress(s *corpus.Snapshot) []releaseProgress {
	numbers := map[string][]int{}
	bySync := map[string]bool{}
	for i := range s.Units {
		r := &s.Units[i]
		m := syncedUnit.FindStringSubmatch(r.Unit)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(m[2]) // four digits
		numbers[m[1]] = append(numbers[m[1]], n)
		bySync[m[1]] = bySync[m[1]] || strings.HasPrefix(r.Stamp, stampPrefix)
	}
	var all []releaseProgress
	for _, release := range slices.Sorted(maps.Keys(numbers)) {
		if bySync[release] {
			all = append(all, releaseProgress{release, slices.Sorted(slices.Values(numbers[release]))})
		}
	}
	return all
}

// through is the number of the last file before the first that is missing.
func (p releaseProgress) through() int {
	for i, n := range p.numbers {
		if n != i+1 {
			return i
		}
	}
	return len(p.numbers)
}

// missing are the numbers that are not applied although a later one is.
func (p releaseProgress) missing() []int {
	var gaps []int
	next := 1
	for _, n := range p.numbers {
		for ; next < n; next++ {
			gaps = append(gaps, next)
		}
		next = n + 1
	}
	return gaps
}

func (p releaseProgress) name(n int) string { return fmt.Sprintf("%sn%04d", p.release, n) }

// maxNamed is how many missing files are named.
const maxNamed = 3

// lines adds what there is to say of a release, of which readers see another one if it is not the
// same. No release is said to be seen before the first is complete; then all units are seen.
func (p releaseProgress) lines(t *view.Table, seen string) {
	switch {
	case seen == "":
		t.Add("release", p.release+", being built: readers see what there is of it")
	case p.release == seen:
		t.Add("release", p.release+", which readers see")
	default:
		t.Add("building", fmt.Sprintf("%s: readers see %s until its baseline is complete", p.release, seen))
	}
	through := p.through()
	upTo := "but not the first"
	if through > 0 {
		upTo = "all up to " + p.name(through)
	}
	t.Add("  applied", fmt.Sprintf("%s of its files, %s", view.Number(int64(len(p.numbers))), upTo))
	if gaps := p.missing(); len(gaps) > 0 {
		var names []string
		for _, n := range gaps[:min(len(gaps), maxNamed)] {
			names = append(names, p.name(n))
		}
		if more := len(gaps) - maxNamed; more > 0 {
			names = append(names, fmt.Sprintf("and %s more", view.Number(int64(more))))
		}
		t.Add("  missing", strings.Join(names, ", "))
	}
	t.Add("  next", p.name(through+1))
}

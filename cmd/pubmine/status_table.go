package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/status"
)

// maxNamed is how many of a list of names are printed.
const maxNamed = 3

// statusTable lays out a status.
func statusTable(st *status.Status) *view.Table {
	t := &view.Table{}
	if st.Version >= 0 {
		t.Counts(st.Counts)
	}
	if d := st.Documents; d != nil {
		t.Add("current", fmt.Sprintf("%s documents; of %s PMIDs %s are deleted",
			view.Number(d.Current), view.Number(d.PMIDs), view.Number(d.Deleted)))
		t.Add("superseded", view.Number(d.Superseded))
		t.Add("tombstones", view.Number(d.Tombstones))
	}
	if st.Version >= 0 {
		t.Add("version", fmt.Sprintf("%d, of %s", st.Version, moment(st.Changed)))
		t.Add("units", view.Number(int64(st.Units)))
	}
	if len(st.Partial) > 0 {
		t.Add("partial", fmt.Sprintf("%s, by --limit: a run without it completes them", someOf(st.Partial)))
	}
	for i := range st.Editions {
		addEdition(t, st, &st.Editions[i])
	}
	for _, u := range st.Unfinished {
		t.Add("unfinished", fmt.Sprintf("%s, %d chunks done: run the same command again to continue", u.Unit, u.Chunks))
	}
	addDisk(t, st.Disk)
	for _, p := range st.Problems[:min(len(st.Problems), maxNamed)] {
		t.Add("problem", p)
	}
	if more := len(st.Problems) - maxNamed; more > 0 {
		t.Add("problem", fmt.Sprintf("and %s more: run pubmine verify", view.Number(int64(more))))
	}
	return t
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// addEdition adds an edition and its releases.
func addEdition(t *view.Table, st *status.Status, e *status.Edition) {
	text := fmt.Sprintf("%s, %s units, model %s, tasks %s, begun %s", e.State, view.Number(int64(e.Units)),
		cmp.Or(e.Model, "none"), cmp.Or(strings.Join(e.Tasks, ","), "none"), moment(e.Begun))
	switch {
	case e.State == "building":
		text += fmt.Sprintf(": readers see edition %d", st.Edition)
	case e.Waiting:
		text += ": readers see a part of its release"
	}
	t.Add(fmt.Sprintf("edition %d", e.ID), text)
	for _, r := range e.Sync {
		addRelease(t, &r)
	}
}

// addRelease adds the progress of a release.
func addRelease(t *view.Table, r *status.Release) {
	upTo := "but not the first"
	if r.Through != "" {
		upTo = "all up to " + r.Through
	}
	t.Add("  release", r.Release)
	t.Add("  applied", fmt.Sprintf("%s of its files, %s; the last on %s",
		view.Number(int64(r.Files)), upTo, moment(r.Last)))
	if len(r.Missing) > 0 {
		t.Add("  missing", someOf(r.Missing))
	}
	t.Add("  next", r.Next)
}

// someOf names the first of some things.
func someOf(names []string) string {
	some := names[:min(len(names), maxNamed)]
	if more := len(names) - maxNamed; more > 0 {
		some = append(some[:len(some):len(some)], fmt.Sprintf("and %s more", view.Number(int64(more))))
	}
	return strings.Join(some, ", ")
}

func addDisk(t *view.Table, d status.Disk) {
	parts := []string{view.Bytes(d.Data) + " of data"}
	for _, x := range []struct {
		bytes int64
		what  string
	}{
		{d.Replaced, "replaced files (until gc)"}, {d.Mirror, "mirror"}, {d.Log, "logs"},
		{d.Checkpoints, "checkpoints"},
	} {
		if x.bytes > 0 {
			parts = append(parts, view.Bytes(x.bytes)+" of "+x.what)
		}
	}
	t.Add("disk", strings.Join(parts, ", "))
}

// addUnits adds the units of the edition that readers see.
func addUnits(t *view.Table, root string) error {
	s, err := corpus.ReadSnapshot(root)
	if err != nil {
		return err
	}
	for _, r := range s.Seen().Units() {
		note := ""
		if r.Partial() {
			note = ", partial"
		}
		rows := r.Counts.Rows
		t.Add("  "+r.Unit, fmt.Sprintf("%s documents, %s rejects, PMID %d to %d%s",
			view.Number(rows["documents"]), view.Number(rows["rejects"]), r.FirstPMID, r.LastPMID, note))
	}
	return nil
}

// problemsOf returns an error if there are problems.
func problemsOf(root string, st *status.Status) error {
	switch n := len(st.Problems); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("corpus %s: %s", root, st.Problems[0])
	default:
		return fmt.Errorf("corpus %s: %d problems: run pubmine verify", root, n)
	}
}

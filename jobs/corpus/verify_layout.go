package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
)

// layoutVerifier collects the problems of everything but data files.
type layoutVerifier struct {
	dir      *store.Dir
	snapshot *Snapshot
	busy     func() bool // a run is writing
	problems []Problem
}

func (v *layoutVerifier) report(path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Path: path, What: fmt.Sprintf(format, args...)})
}

func (v *layoutVerifier) verify() error {
	for _, check := range []func() error{v.header, v.log, v.empty, v.links, v.deltas, v.others} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// header checks corpus.json.
func (v *layoutVerifier) header() error {
	found, err := v.dir.Get(formatFile)
	want, encoding := encodeHeader()
	switch {
	case encoding != nil:
		return encoding
	case errors.Is(err, fs.ErrNotExist):
		v.report(formatFile, "is gone"+repairs)
	case err != nil:
		return err
	case !bytes.Equal(found, want):
		v.report(formatFile, "is not as it was written"+repairs)
	}
	return nil
}

// log checks the files of the log and their copies.
func (v *layoutVerifier) log() error {
	faults, err := logFaults(v.dir)
	for _, f := range faults {
		v.report(f.path, "%s%s", reason(f.err), repairs)
	}
	return err
}

// empty checks the files without rows.
func (v *layoutVerifier) empty() error {
	for _, t := range schemas.Tables() {
		found, err := v.dir.Get(emptyPath(t.Name))
		want, encoding := encodeEmpty(t)
		switch {
		case encoding != nil:
			return encoding
		case errors.Is(err, fs.ErrNotExist):
			v.report(emptyPath(t.Name), "is gone"+repairs)
		case err != nil:
			return err
		case !bytes.Equal(found, want):
			v.report(emptyPath(t.Name), "is not as it was written"+repairs)
		}
	}
	return nil
}

// links compares the tree below tables/ with the current edition.
func (v *layoutVerifier) links() error {
	generation, err := links{v.dir}.generation()
	if err != nil {
		v.report(tablesLink, "%v: move it away, and run pubmine verify --repair", err)
		return nil
	}
	if generation == "" {
		v.report(tablesLink, "is gone"+repairs)
		return nil
	}
	known := map[string]bool{}
	link := func(table, part, to, sum string) error {
		key := linkPath(generation, table, part)
		known[key] = true
		if v.dir.SameFile(to, key) {
			return nil
		}
		if found, _, err := hashFile(v.dir, key); err == nil && found == sum {
			return nil // the copy of a file system without hard links
		} else if errors.Is(err, store.ErrIO) {
			return err
		}
		v.report(key, "does not lead to %s%s", to, repairs)
		return nil
	}
	for _, t := range schemas.Tables() {
		sum, _, _ := hashFile(v.dir, emptyPath(t.Name)) // which is checked elsewhere
		if err := link(t.Name, emptyPart, emptyPath(t.Name), sum); err != nil {
			return err
		}
	}
	for _, p := range v.snapshot.Seen().all() {
		for _, f := range p.Files {
			if err := link(f.Table, p.Name, f.Path, f.SHA256); err != nil {
				return err
			}
		}
	}
	files, err := v.dir.List(path.Join(linksDir, generation))
	for _, p := range files {
		if known[p] {
			continue
		}
		if strings.HasSuffix(p, ".parquet") {
			v.report(p, "belongs to no unit, and programs that read the table read it, too: move it away")
		} else {
			v.report(p, "belongs to no unit: move it away")
		}
	}
	return err
}

func (v *layoutVerifier) deltas() error {
	problems, err := deltaLogs{v.dir}.verify(v.snapshot)
	v.problems = append(v.problems, problems...)
	return err
}

// others reports the files that belong to nothing, and damaged checkpoints of unfinished units.
func (v *layoutVerifier) others() error {
	files, err := v.dir.List(".")
	if err != nil {
		return err
	}
	known := v.snapshot.knownPaths()
	for _, t := range schemas.Tables() {
		known[emptyPath(t.Name)] = true
	}
	old := linkNames(known)
	for _, p := range files {
		switch {
		case known[p] || elsewhere(p):
		case strings.HasPrefix(p, linksDir+"/"):
			if !old[linkName(p)] && !v.current(p) {
				v.report(p, "belongs to no unit: move it away, or pubmine gc removes it")
			}
		case path.Dir(path.Dir(p)) == workDir && isCheckpoint(p):
			err = v.checkpoint(p)
		case strings.HasPrefix(p, store.Temp+"/"):
			if !v.busy() {
				v.report(p, "remains of an interrupted run: the next run removes it")
			}
		case strings.HasPrefix(p, repairDir):
			if !v.busy() {
				v.report(p, "belongs to a repair that was interrupted: pubmine verify --repair continues it")
			}
		case fileName.MatchString(p):
			if !v.busy() {
				v.report(p, "belongs to no edition: the next run removes it")
			}
		default:
			v.report(p, "belongs to no edition and is not pubmine's: move it away")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// elsewhere reports whether a file belongs to the corpus and is checked elsewhere, or by nobody.
func elsewhere(p string) bool {
	if slices.Contains([]string{formatFile, tablesLink, lockFile, manageLock, commitLock}, p) || isLogFile(p) {
		return true
	}
	return strings.HasPrefix(p, "mirror/") || path.Dir(p) == plansDir ||
		strings.HasPrefix(p, dataDir+"/") && strings.Contains(p, "/_delta_log/")
}

// linkNames returns the names that data files have below a generation of the links.
func linkNames(files map[string]bool) map[string]bool {
	names := map[string]bool{}
	for p := range files {
		part := strings.TrimSuffix(path.Base(p), ".parquet")
		if m := fileName.FindStringSubmatch(p); m != nil {
			part = m[1]
		}
		names[path.Join(path.Base(path.Dir(p)), part+".parquet")] = true
	}
	return names
}

// linkName returns the table and the name of a link; "" for a file that is none.
func linkName(p string) string {
	parts := strings.Split(strings.TrimPrefix(p, linksDir+"/"), "/")
	if len(parts) != 4 || parts[0] != parts[2] {
		return ""
	}
	return path.Join(parts[1], parts[3])
}

// current reports whether a file is in the current generation of the links, which are checked
// elsewhere.
func (v *layoutVerifier) current(p string) bool {
	generation, err := links{v.dir}.generation()
	return err == nil && generation != "" && strings.HasPrefix(p, path.Join(linksDir, generation)+"/")
}

// isLogFile reports whether a path is that of a file of the log or of a copy.
func isLogFile(p string) bool {
	if path.Dir(p) == copyDir {
		p = path.Join(logDir, path.Base(p))
	}
	_, commit := commitVersion(p)
	_, checkpoint := checkpointVersion(p)
	return commit || checkpoint
}

// isCheckpoint reports whether a path below meta/work is that of a checkpoint.
func isCheckpoint(p string) bool {
	return chunkNumber(p) >= 0 || chunkNumber(strings.Replace(p, "/part-", "/chunk-", 1)) >= 0
}

// checkpoint checks the checkpoint of an unfinished unit.
func (v *layoutVerifier) checkpoint(p string) error {
	err := openCheckpoint(v.dir, p, arrowview.CheckChunk)
	switch {
	case errors.Is(err, fs.ErrNotExist): // its unit was published
		return nil
	case errors.Is(err, arrowview.ErrCorrupt):
		v.report(p, "is damaged: its records will be computed again; pubmine verify --repair removes it")
		return nil
	}
	return err
}

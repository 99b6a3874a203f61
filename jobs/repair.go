package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/verify"
	"github.com/pubmine/pubmine/pipeline"
)

// RepairOptions configure Repair.
type RepairOptions struct {
	Corpus string
	Log    func(line string) // receives a line for each repair
	Verify verify.Options    // of the check at the end
	// Progress shows the progress of runs that compute parts again: see RunOptions.
	Progress RunOptions
}

// Repair restores a corpus: first what follows from its log ([corpus.Manager.Repair]); then data
// files that are lost or damaged: from their links or, with the same model, from the inputs of
// their units, so that the same bytes take their place. It returns what is still wrong. The problem
// of a file that cannot be computed again tells what is needed.
func Repair(ctx context.Context, o RepairOptions) (*verify.Report, error) {
	needs, err := repair(ctx, o)
	if err != nil {
		return nil, Resumable(ctx, err)
	}
	report, err := verify.Check(ctx, o.Corpus, o.Verify)
	if err != nil {
		return nil, Resumable(ctx, err)
	}
	for i := range report.Problems {
		if p := &report.Problems[i]; needs[p.Path] != "" {
			p.What = needs[p.Path]
		}
	}
	return report, nil
}

// repair returns what is needed for the files that are still damaged.
func repair(ctx context.Context, o RepairOptions) (needs map[string]string, err error) {
	m, err := corpus.ManageAlone(o.Corpus, corpus.Options{Log: o.Log})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := m.Repair(); err != nil {
		return nil, err
	}
	damaged, err := verify.Damaged(ctx, o.Corpus, o.Verify.Progress)
	if err != nil {
		return nil, err
	}
	r := &repairer{options: o, manager: m, damaged: map[string]bool{}, needs: map[string]string{}}
	for _, f := range damaged {
		if restored, err := m.RestoreFromLink(f); err != nil {
			return nil, err
		} else if restored {
			o.Log(f.Path + ": restored from its link below tables/")
		} else {
			r.damaged[f.Path] = true
		}
	}
	if err := r.recompute(ctx); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(filepath.Join(o.Corpus, filepath.FromSlash(repairDir))); err != nil {
		return nil, err
	}
	return r.needs, m.Repair() // links to the restored files
}

// repairer computes damaged parts again.
type repairer struct {
	options RepairOptions
	manager *corpus.Manager
	damaged map[string]bool   // paths
	needs   map[string]string // by path
}

// need notes what the damaged files of a part need.
func (r *repairer) need(p *corpus.Part, format string, args ...any) {
	for _, f := range p.Files {
		if r.damaged[f.Path] {
			r.needs[f.Path] = "cannot be repaired: " + fmt.Sprintf(format, args...)
		}
	}
}

// broken reports whether a part has damaged files.
func (r *repairer) broken(p *corpus.Part) bool {
	for _, f := range p.Files {
		if r.damaged[f.Path] {
			return true
		}
	}
	return false
}

// recompute computes the damaged parts again, edition by edition.
func (r *repairer) recompute(ctx context.Context) error {
	snapshot := r.manager.Snapshot()
	for i := range snapshot.Editions {
		e := &snapshot.Editions[i]
		var components *Components
		var refused error
		for j := range e.Parts {
			p := &e.Parts[j]
			if !r.broken(p) {
				continue
			}
			inputs, missing := findInputs(ctx, r.options.Corpus, p)
			if missing != "" {
				r.need(p, "%s", missing)
				continue
			}
			if components == nil && refused == nil {
				if components, refused = buildEdition(e); components != nil {
					defer components.Close()
				}
			}
			if refused != nil {
				r.need(p, "%v", refused)
				continue
			}
			if err := r.part(ctx, components, p, inputs); err != nil {
				return err
			}
		}
	}
	return nil
}

// repairDir is where parts are computed again: a corpus for each, from which a repair that was
// stopped continues.
const repairDir = "meta/repair"

// part computes a part again, in a corpus of its own, and moves the damaged files from there.
func (r *repairer) part(ctx context.Context, c *Components, p *corpus.Part, inputs pipeline.Source) error {
	key := path.Join(repairDir, p.Name+"-"+p.Key[:8])
	root := filepath.Join(r.options.Corpus, filepath.FromSlash(key))
	options := corpus.Options{Direct: len(c.Tasks) == 0}
	if len(p.Units) > 1 {
		options.Pack = packRecords
	}
	edition, err := c.runAlone(ctx, root, inputs, options, r.options.Progress)
	if err == nil && len(edition.Parts) > 1 {
		err = mergeAll(ctx, root)
	}
	if err != nil {
		return err
	}
	for _, f := range p.Files {
		if !r.damaged[f.Path] {
			continue
		}
		restored, err := r.manager.Restore(f, path.Join(key, f.Path))
		if err != nil {
			return err
		}
		if !restored {
			r.needs[f.Path] = fmt.Sprintf("cannot be repaired: computed again from its input it has other bytes "+
				"(%d units with %d documents)", len(edition.Units()), edition.Counts().Rows["documents"])
			continue
		}
		delete(r.damaged, f.Path)
		r.options.Log(f.Path + ": computed again from its input")
	}
	return os.RemoveAll(root)
}

// mergeAll makes one part of all parts of a corpus.
func mergeAll(ctx context.Context, root string) error {
	m, err := corpus.Manage(root, corpus.Options{})
	if err != nil {
		return err
	}
	_, err = m.Compact(ctx, math.MaxInt64, false)
	return errors.Join(err, m.Close())
}

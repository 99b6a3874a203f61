package jobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

// buildEdition builds the components that made an edition. The error tells what is needed for it.
func buildEdition(e *corpus.Edition) (*Components, error) {
	was := e.Settings
	questions, err := rememberedQuestions(was.Questions)
	if err != nil {
		return nil, err
	}
	c, err := Build(Request{
		Model: was.Model, Tasks: was.Tasks, Backend: was.Backend, Chunk: e.Configuration.Chunk, Questions: questions,
	})
	if err != nil {
		return nil, fmt.Errorf("what made edition %d is needed (model %s): %w", e.ID, e.Model(), err)
	}
	if c.Configuration.Fingerprint() != e.Fingerprint {
		difference := corpus.Difference(e.Configuration, &c.Configuration)
		c.Close()
		return nil, fmt.Errorf("what made edition %d is needed, and here is another (%s): "+
			"use the version of pubmine and the model that made it, or compute the edition again with pubmine run",
			e.ID, difference)
	}
	return c, nil
}

// runAlone takes the units of a source into a corpus of their own, and returns its edition.
func (c *Components) runAlone(
	ctx context.Context, root string, source pipeline.Source, options corpus.Options, o RunOptions,
) (*corpus.Edition, error) {
	sink, err := corpus.Create(root, c.Configuration, options)
	if err != nil {
		return nil, err
	}
	units, err := source.Units(ctx)
	if err != nil {
		return nil, errors.Join(err, sink.Close())
	}
	meter := newMeter(c.engine)
	hooks, end := o.progress(units, meter)
	p := c.Pipeline()
	p.Source, p.Sink, p.Hooks = source, sink, meter.watch(hooks)
	report, err := pipeline.Run(ctx, p)
	end()
	for _, f := range report.Failed {
		err = errors.Join(err, f.Err)
	}
	return sink.Edition(), errors.Join(err, sink.Close())
}

// originals are the inputs of the units of a part: a pipeline.Source.
type originals struct {
	units   []schemas.Unit
	sources map[string]pipeline.Source // by unit
	own     map[string]schemas.Unit    // the unit as its source has it
}

// Units lists the units.
func (s *originals) Units(ctx context.Context) ([]schemas.Unit, error) { return s.units, ctx.Err() }

// Digest returns the digest of the input of a unit.
func (s *originals) Digest(ctx context.Context, u schemas.Unit) (string, error) {
	return s.sources[u.Name].Digest(ctx, s.own[u.Name])
}

// Documents yields the records of a unit.
func (s *originals) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return s.sources[u.Name].Documents(ctx, s.own[u.Name])
}

// findInputs finds the inputs of the units of a part. missing tells what is needed.
func findInputs(ctx context.Context, root string, p *corpus.Part) (found *originals, missing string) {
	found = &originals{sources: map[string]pipeline.Source{}, own: map[string]schemas.Unit{}}
	for i := range p.Units {
		r := &p.Units[i]
		source, unit, why := findInput(ctx, root, r)
		if source == nil {
			digest, _, _ := strings.Cut(r.Digest, ":")
			return nil, fmt.Sprintf("unit %s needs its input, %s with sha256 %s: %s", r.Unit, r.Path, digest, why)
		}
		found.sources[r.Unit], found.own[r.Unit] = source, unit
		found.units = append(found.units, schemas.Unit{Name: r.Unit, Path: unit.Path})
	}
	return found, ""
}

// findInput returns the source of a unit that was read from a file, and the unit there. Otherwise
// why tells the reason, and what to do.
func findInput(ctx context.Context, root string, r *corpus.Record) (_ pipeline.Source, u schemas.Unit, why string) {
	why = "it is not there: put it there and repair again, or remove the damaged files and run again what read it"
	base := filepath.Base(r.Path)
	for _, file := range []string{
		r.Path, filepath.Join(root, "mirror", "baseline", base), filepath.Join(root, "mirror", "updatefiles", base),
	} {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			continue
		}
		files, err := sources.Files(file)
		if err != nil {
			why = err.Error()
			continue
		}
		source := pipeline.Source(files)
		if _, limit, partial := strings.Cut(r.Digest, ":limit="); partial {
			n, err := strconv.Atoi(limit)
			if err != nil {
				return nil, u, "its digest is of an unknown kind"
			}
			source = pipeline.Limit(files, n)
		}
		units, err := source.Units(ctx)
		if err == nil && len(units) == 1 {
			var digest string
			if digest, err = source.Digest(ctx, units[0]); err == nil && digest == r.Digest {
				return source, units[0], ""
			}
		}
		if why = "the file has other content now: restore it and repair again"; err != nil {
			why = err.Error()
		}
	}
	return nil, u, why
}

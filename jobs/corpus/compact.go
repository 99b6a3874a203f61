package corpus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// CompactBytes is the default size of the parts that [Manager.Compact] makes.
const CompactBytes = 256 << 20

// Compaction is what [Manager.Compact] did, or would do.
type Compaction struct {
	Parts int // that were merged
	Into  int
	Bytes int64 // of the files that were merged; gc removes them after the retention time
	Left  int   // parts that another process replaced meanwhile, or that are damaged
}

// Compact merges the parts of the current edition into packs of about target bytes, sorted by pmid.
// A part that is larger than half of that stays as it is. Every merged file is compared with its
// sha256 before; a damaged one stays as it is, too. Readers see the same rows all the time. With
// dry it only counts.
func (m *Manager) Compact(ctx context.Context, target int64, dry bool) (done Compaction, err error) {
	s := m.sink
	live := s.Snapshot()
	e := live.Seen()
	if e.Configuration == nil {
		return done, nil
	}
	s.configuration, s.fingerprint, s.edition = *e.Configuration, e.Fingerprint, e.ID
	for _, group := range compactGroups(e, target) {
		var size int64
		for _, p := range group {
			size += p.Bytes()
		}
		if !dry {
			merged, err := s.compact(ctx, group)
			if err != nil {
				return done, explain(s.root, err)
			}
			if !merged {
				done.Left += len(group)
				continue
			}
			s.options.Log(fmt.Sprintf("merged %d parts of %d bytes", len(group), size))
		}
		done.Parts, done.Into, done.Bytes = done.Parts+len(group), done.Into+1, done.Bytes+size
	}
	return done, nil
}

// compactGroups divides the small parts of an edition, by their lowest pmid, into groups of about
// target bytes. The units of a group belong to one release: a new one replaces them together.
func compactGroups(e *Edition, target int64) (groups [][]*Part) {
	parts := slices.DeleteFunc(e.all(), func(p *Part) bool { return p.Bytes() > target/2 })
	slices.SortStableFunc(parts, func(a, b *Part) int {
		x, _ := a.PMIDs()
		y, _ := b.PMIDs()
		return cmp.Or(cmp.Compare(a.Units[0].Release, b.Units[0].Release), cmp.Compare(x, y))
	})
	var group []*Part
	var size int64
	for _, p := range parts {
		if len(group) > 0 && (size+p.Bytes() > target || p.Units[0].Release != group[0].Units[0].Release) {
			groups, group, size = append(groups, group), nil, 0
		}
		group, size = append(group, p), size+p.Bytes()
	}
	groups = append(groups, group)
	return slices.DeleteFunc(groups, func(g []*Part) bool { return len(g) < 2 })
}

// compact merges parts into one. It reports false if it left them alone.
func (s *Sink) compact(ctx context.Context, parts []*Part) (bool, error) {
	var units []Record
	for _, p := range parts {
		if sound, err := s.sound(ctx, p); err != nil || !sound {
			return false, err
		}
		units = append(units, p.Units...)
	}
	slices.SortFunc(units, byUnit)
	pack := newPack(s.fingerprint, units)
	tables, err := s.merge(ctx, pack, parts)
	if err != nil {
		return false, err
	}
	defer tables.discard()
	merged := false
	err = s.exclusive(func() error {
		live := s.Snapshot()
		if e := live.Edition(s.edition); e == nil || !e.has(parts) {
			return nil
		}
		pack.Time = s.now()
		if pack.Files, err = s.publishTables(tables, pack.stem()); err != nil {
			return err
		}
		merged = true
		return s.append(func(live *Snapshot) (*commit, error) {
			c := &commit{Operation: optimize, Current: live.Current, Edition: live.Edition(s.edition).header()}
			c.Add = []Part{pack}
			for _, p := range parts {
				c.Remove = append(c.Remove, p.stem())
			}
			return c, nil
		})
	})
	return merged, err
}

// optimize is the operation of a commit that changes no row.
const optimize = "OPTIMIZE"

// has reports whether the edition has parts as they are.
func (e *Edition) has(parts []*Part) bool {
	return !slices.ContainsFunc(parts, func(p *Part) bool {
		i, ok := slices.BinarySearchFunc(e.Parts, p.Name, byName)
		return !ok || e.Parts[i].Key != p.Key || !slices.Equal(e.Parts[i].Files, p.Files)
	})
}

// sound compares the files of a part with the log, so that damage is not copied into sound files.
func (s *Sink) sound(ctx context.Context, p *Part) (bool, error) {
	for _, f := range p.Files {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		sum, _, err := hashFile(s.dir, f.Path)
		if err == nil && sum != f.SHA256 {
			err = errors.New("it is damaged")
		}
		if err != nil {
			s.options.Log(fmt.Sprintf("%s: %v: its part and those beside it stay as they are; see pubmine verify", f.Path, err))
			return false, nil
		}
	}
	return true, nil
}

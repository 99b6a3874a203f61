package corpus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// saveEvery is the time after which units that wait for a pack are checkpointed.
const saveEvery = 30 * time.Second

// pack is units that are finished and wait to be published together, as one part.
type pack struct {
	repairs *Part // the damaged pack that they take the place of; nil for a new one
	units   []finished
	records int
}

// finished is a unit of a pack.
type finished struct {
	writer *unitWriter
	record Record
	rows   []schemas.Rows // of each of its records
}

// small reports whether the unit is to be packed: it has few records, or it was in a pack that is
// damaged. Files of PubMed's releases and the beginnings of inputs are parts of their own.
func (p *unitWriter) small(chunks int) (bool, error) {
	if p.damagedPack() != nil {
		return true, nil
	}
	if !p.packable() || (chunks-1)*p.sink.configuration.Chunk >= p.sink.options.Pack {
		return false, nil
	}
	records := 0
	for chunk := range chunks {
		v, err := p.chunkVersions(chunk)
		if err != nil {
			return false, err
		}
		records += v.records
	}
	return records < p.sink.options.Pack, nil
}

func (p *unitWriter) packable() bool {
	release, _ := releaseOf(p.unit.Name)
	return p.sink.options.Pack > 0 && release == local && !isPartial(p.digest)
}

// damagedPack returns the damaged pack that has the unit with this content, or nil.
func (p *unitWriter) damagedPack() *Part {
	if !p.sink.isMissing(p.unit.Name) {
		return nil
	}
	part, r := p.sink.Edition().find(p.unit.Name)
	if r == nil || !part.packed() || r.Digest != p.digest {
		return nil
	}
	return part
}

// setAside adds a unit to a pack, and publishes the pack if it is complete.
func (s *Sink) setAside(p *unitWriter, chunks int) error {
	unit := finished{writer: p, record: p.record(chunks)}
	for records, err := range p.rows(&unit.record) {
		if err != nil {
			return err
		}
		unit.rows = append(unit.rows, records...)
	}
	key := ""
	damaged := p.damagedPack()
	if damaged != nil {
		key = damaged.stem()
	}
	to := s.packs[key]
	if to == nil {
		to = &pack{repairs: damaged}
		s.packs[key] = to
	}
	to.units, to.records = append(to.units, unit), to.records+len(unit.rows)
	if damaged != nil && len(to.units) == len(damaged.Units) || damaged == nil && to.records >= s.options.Pack {
		return s.publishPack(key)
	}
	if now := s.now(); s.saved.IsZero() {
		s.saved = now
	} else if now.Sub(s.saved) >= saveEvery {
		s.saved = now
		return s.saveHeld()
	}
	return nil
}

// Flush publishes the units that wait for others.
func (s *Sink) Flush(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.packs[""] != nil {
		if err := s.publishPack(""); err != nil {
			return explain(s.root, err)
		}
	}
	for stem, p := range s.packs {
		s.options.Log(fmt.Sprintf("%s is damaged and has %d units, of which %d came: it is published again when all have come",
			stem, len(p.repairs.Units), len(p.units)))
	}
	return nil
}

// publishPack publishes the units of a pack. One unit alone is a part like any other.
func (s *Sink) publishPack(key string) error {
	p := s.packs[key]
	if len(p.units) == 1 && p.repairs == nil {
		u := &p.units[0]
		if err := u.writer.publish(u.record.Chunks, u.writer.merge); err != nil {
			return err
		}
		delete(s.packs, key)
		return nil
	}
	slices.SortFunc(p.units, func(a, b finished) int { return byUnit(a.record, b.record) })
	var units []Record
	var rows []schemas.Rows
	for _, u := range p.units {
		units, rows = append(units, u.record), append(rows, u.rows...)
	}
	slices.SortStableFunc(rows, func(a, b schemas.Rows) int { return cmp.Compare(pmidOf(&a), pmidOf(&b)) })
	part := newPack(s.fingerprint, units)
	tables, err := s.fillTables(part.Name, part.input(), func(t *tableFiles) error { return t.write(rows) })
	if err != nil {
		return err
	}
	defer tables.discard()
	if err := s.publishPart(part, tables); err != nil {
		return err
	}
	delete(s.packs, key)
	for _, u := range p.units {
		if err := u.writer.forget(); err != nil {
			return err
		}
	}
	return nil
}

// pmidOf returns the pmid of the rows of a record, 0 if it is not known.
func pmidOf(r *schemas.Rows) int32 {
	switch {
	case len(r.Documents) > 0:
		return r.Documents[0].PMID
	case len(r.Superseded) > 0:
		return r.Superseded[0].PMID
	case len(r.Rejects) > 0:
		return r.Rejects[0].PMID
	}
	return 0
}

// hold keeps a chunk in memory, because the unit will be complete, and maybe its pack, before a
// checkpoint of it would be of use.
func (p *unitWriter) hold(chunk int, records []schemas.Rows) {
	p.mu.Lock()
	p.have[chunk], p.held[chunk] = true, records
	p.versions[chunk] = chunkVersions{versionsOf(records), len(records)}
	p.mu.Unlock()
	p.sink.mu.Lock()
	defer p.sink.mu.Unlock()
	p.sink.holding[p] = true
}

// forget removes the checkpoints of a unit that is published.
func (p *unitWriter) forget() error {
	p.sink.mu.Lock()
	delete(p.sink.holding, p)
	p.sink.mu.Unlock()
	return p.sink.dir.Remove(p.work)
}

// saveHeld checkpoints the chunks that are only in memory.
func (s *Sink) saveHeld() error {
	if s.options.Direct {
		return nil
	}
	for p := range s.holding {
		for chunk, records := range p.held {
			if err := p.write(chunkPath(p.work, chunk), records); err != nil {
				return err
			}
			delete(p.held, chunk)
		}
		delete(s.holding, p)
	}
	return nil
}

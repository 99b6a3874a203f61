package corpus

import (
	"context"
	"errors"
	"fmt"
)

// publishPart publishes tables as a part of the edition, in place of the parts that have its units.
func (s *Sink) publishPart(part Part, tables *tableFiles) error {
	if err := tables.close(); err != nil {
		return err
	}
	return s.exclusive(func() error {
		part.Time = s.now()
		files, err := s.publishTables(tables, part.stem())
		if err != nil {
			return err
		}
		part.Files = files
		rest, err := s.remainders(&part)
		if err != nil {
			return err
		}
		return s.commitPart(part, rest)
	})
}

// publishTables renames the files of tables with rows to their names. All are durable before the
// first rename, so that a full disk leaves nothing half-published.
func (s *Sink) publishTables(tables *tableFiles, stem string) ([]File, error) {
	var files []File
	for i := range tables.tables {
		t := &tables.tables[i]
		if t.rows.Rows() == 0 {
			continue
		}
		f := File{
			Table: t.Name, Path: filePath(t.Name, stem), Rows: t.rows.Rows(), Bytes: t.file.Size(),
			SHA256: t.file.Sum(),
		}
		files = append(files, f)
		if err := t.file.Publish(f.Path); err != nil {
			s.withdraw([]Part{{Files: files}})
			return nil, err
		}
	}
	return files, nil
}

// withdraw removes files that were renamed before their part could be published. Any that remain
// are removed when the corpus is next opened.
func (s *Sink) withdraw(parts []Part) {
	live := s.Snapshot()
	paths := live.livePaths()
	for _, p := range parts {
		for _, f := range p.Files {
			if !paths[f.Path] { // else the part is published and is being repaired
				_ = s.dir.Remove(f.Path)
			}
		}
	}
}

// errMoved reports that another process replaced a part while this one wrote what takes its place.
var errMoved = errors.New("a part was replaced meanwhile")

// remainders writes the parts that keep the other units of packs of which a part replaces some.
func (s *Sink) remainders(part *Part) (rest []Part, err error) {
	for _, old := range s.Edition().holding(part.Units) {
		units := old.without(part)
		if len(units) == 0 {
			continue
		}
		if s.isMissing(units[0].Unit) {
			return rest, fmt.Errorf("%s is damaged: give its inputs again before you replace one of its units",
				old.stem())
		}
		p, err := s.rewrite(newPack(s.fingerprint, units), []*Part{old})
		if err != nil {
			return rest, err
		}
		rest = append(rest, p)
	}
	return rest, nil
}

// rewrite writes a pack from the files of parts that have its units.
func (s *Sink) rewrite(pack Part, from []*Part) (Part, error) {
	tables, err := s.merge(context.Background(), pack, from)
	if err != nil {
		return pack, err
	}
	defer tables.discard()
	pack.Time = s.now()
	pack.Files, err = s.publishTables(tables, pack.stem())
	return pack, err
}

// merge writes the tables of a pack from the files of parts that have its units.
func (s *Sink) merge(ctx context.Context, pack Part, from []*Part) (*tableFiles, error) {
	keep := func(unit string) bool { return pack.unit(unit) != nil }
	return s.fillTables(pack.Name, pack.input(), func(tables *tableFiles) error {
		for i := range tables.tables {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t := &tables.tables[i]
			var paths []string
			for _, p := range from {
				if f := p.File(t.Name); f != nil {
					paths = append(paths, s.Path(*f))
				}
			}
			if err := t.rows.Merge(paths, keep); err != nil {
				return err
			}
		}
		return tables.close()
	})
}

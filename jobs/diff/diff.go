package diff

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// defaultBatch is the number of pmids that are read at once: some ten MB.
const defaultBatch = 4096

// Options of a comparison.
type Options struct {
	Examples  int                // per type and kind of change
	Documents int                // in Result.MostChanged
	Each      func(Change) error // receives every change, unless nil, in a fixed order

	batch int // pmids that are read at once; 0: defaultBatch
}

// Compare compares two editions. path returns the path of a published file.
func Compare(
	ctx context.Context, path func(corpus.File) string, before, after *corpus.Edition, o Options,
) (*Result, error) {
	c := &comparison{path: path, options: o, tally: newTally(o)}
	r := &c.result
	r.Before, r.After = describe(before), describe(after)
	pairs := c.pairParts(before, after)
	tables := c.commonTables(before, after)
	for _, p := range pairs {
		if err := c.compareParts(ctx, p, tables); err != nil {
			return nil, err
		}
	}
	if err := c.finish(tables); err != nil {
		return nil, err
	}
	return r, nil
}

// comparison is the state of Compare.
type comparison struct {
	path    func(corpus.File) string
	options Options
	tally   *tally
	result  Result

	// where the documents of tally.most are
	parts map[string]*corpus.Part // of the edition before, by unit
}

// partPair are two parts that share units.
type partPair struct {
	before, after *corpus.Part
	units         map[string]bool
	first, last   schemas.PMID // range of the units
}

// pairParts pairs the parts that share units, and counts units.
func (c *comparison) pairParts(before, after *corpus.Edition) []*partPair {
	var pairs []*partPair
	c.parts = partsByUnit(before)
	others := partsByUnit(after)
	known := map[[2]*corpus.Part]*partPair{}
	r := &c.result
	for i := range before.Parts {
		p := &before.Parts[i]
		for j := range p.Units {
			u := &p.Units[j]
			other := others[u.Unit]
			if other == nil {
				r.Units.OnlyBefore++
				r.Documents.OnlyBefore += u.Counts.Rows["documents"]
				continue
			}
			r.Units.Both++
			v := recordOf(other, u.Unit)
			if u.Partial() {
				r.Units.PartialBefore++
			}
			if v.Partial() {
				r.Units.PartialAfter++
			}
			pair := known[[2]*corpus.Part{p, other}]
			if pair == nil {
				pair = &partPair{before: p, after: other, units: map[string]bool{}}
				known[[2]*corpus.Part{p, other}] = pair
				pairs = append(pairs, pair)
			}
			pair.add(u)
			pair.add(v)
		}
	}
	for i := range after.Parts {
		for j := range after.Parts[i].Units {
			if u := &after.Parts[i].Units[j]; c.parts[u.Unit] == nil {
				r.Units.OnlyAfter++
				r.Documents.OnlyAfter += u.Counts.Rows["documents"]
			}
		}
	}
	return pairs
}

func (p *partPair) add(u *corpus.Record) {
	p.units[u.Unit] = true
	if u.LastPMID == 0 {
		return
	}
	if p.last == 0 {
		p.first = u.FirstPMID
	}
	p.first, p.last = min(p.first, u.FirstPMID), max(p.last, u.LastPMID)
}

func partsByUnit(e *corpus.Edition) map[string]*corpus.Part {
	parts := map[string]*corpus.Part{}
	for i := range e.Parts {
		for j := range e.Parts[i].Units {
			parts[e.Parts[i].Units[j].Unit] = &e.Parts[i]
		}
	}
	return parts
}

// recordOf returns the record of a unit that the part has.
func recordOf(p *corpus.Part, unit string) *corpus.Record {
	return &p.Units[slices.IndexFunc(p.Units, func(r corpus.Record) bool { return r.Unit == unit })]
}

// commonTables returns the tables that both editions have. It adds those that only one has to the
// result.
func (c *comparison) commonTables(before, after *corpus.Edition) (common []string) {
	rowsBefore, rowsAfter := before.Counts().Rows, after.Counts().Rows
	for _, task := range schemas.Tasks() {
		table := schemas.TableOf(task)
		has := func(e *corpus.Edition, rows map[string]int64) bool {
			return rows[table] > 0 || e.Configuration != nil && slices.Contains(e.Configuration.Tasks, task)
		}
		a, b := has(before, rowsBefore), has(after, rowsAfter)
		only := Table{Name: table, Types: []Type{}, Retyped: []TypeChange{}}
		switch {
		case a && b:
			common = append(common, table)
			continue
		case a:
			only.OnlyIn, only.Rows = before.ID, rowsBefore[table]
		case b:
			only.OnlyIn, only.Rows = after.ID, rowsAfter[table]
		default:
			continue
		}
		c.result.Tables = append(c.result.Tables, only)
	}
	return common
}

// compareParts compares the documents of the units that two parts share, batch by batch.
func (c *comparison) compareParts(ctx context.Context, p *partPair, tables []string) error {
	before, err := open(c.path, p.before, tables)
	if err != nil {
		return err
	}
	defer before.close()
	after := before
	if !sameFiles(p.before, p.after) {
		if after, err = open(c.path, p.after, tables); err != nil {
			return err
		}
		defer after.close()
	}
	pmids, err := p.pmids(before, after)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(pmids, cmp.Or(c.options.batch, defaultBatch)) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		slices.Sort(some)
		var a, b map[schemas.Key]*document
		var pool errgroup.Group
		pool.Go(func() (err error) { a, err = before.load(some, p.units); return err })
		if after != before {
			pool.Go(func() (err error) { b, err = after.load(some, p.units); return err })
		}
		if err := pool.Wait(); err != nil {
			return err
		}
		if after == before {
			b = a
		}
		if err := c.compareBatch(p, a, b, tables); err != nil {
			return err
		}
	}
	return nil
}

// sameFiles reports whether two editions share a part.
func sameFiles(a, b *corpus.Part) bool { return slices.Equal(a.Files, b.Files) }

// pmids returns the pmids of the documents in the range of the units, each once, in the order of
// the files: batches of them are near each other.
func (p *partPair) pmids(parts ...*openPart) (pmids []int32, err error) {
	seen := roaring.New()
	for _, part := range parts {
		all, err := part.pmids()
		if err != nil {
			return nil, err
		}
		for _, pmid := range all {
			if n := schemas.PMID(pmid); p.first <= n && n <= p.last && seen.CheckedAdd(uint32(pmid)) {
				pmids = append(pmids, pmid)
			}
		}
	}
	return pmids, nil
}

func compareKeys(x, y schemas.Key) int {
	return cmp.Or(
		cmp.Compare(x.PMID, y.PMID), cmp.Compare(x.Version, y.Version), cmp.Compare(x.Unit, y.Unit),
	)
}

// compareBatch compares some documents.
func (c *comparison) compareBatch(p *partPair, before, after map[schemas.Key]*document, tables []string) error {
	n := &c.result.Documents
	for key := range after {
		if before[key] == nil {
			n.OnlyAfter++
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(before), compareKeys) {
		a, b := before[key], after[key]
		switch {
		case b == nil:
			n.OnlyBefore++
			continue
		case a.IsDeleted != b.IsDeleted || a.TextSHA256 != b.TextSHA256:
			n.OtherText++
			continue
		}
		n.Compared++
		d := documentPair{parts: p, before: a, after: b, counted: documentOf(key)}
		for _, table := range tables {
			if err := c.compareItems(&d, table, match(a.items[table], b.items[table])); err != nil {
				return err
			}
		}
		if d.counted.changes() > 0 {
			n.Changed++
			c.tally.document(d.counted)
		}
	}
	return nil
}

// documentPair is a document that both editions have.
type documentPair struct {
	parts         *partPair
	before, after *document
	counted       Document
}

// compareItems counts the pairs of a table in a document, and the concepts of mentions.
func (c *comparison) compareItems(d *documentPair, table string, pairs []pair) error {
	for _, x := range pairs {
		kind := x.kind()
		if kind != "" {
			if err := c.change(d, table, kind, x); err != nil {
				return err
			}
			continue
		}
		c.tally.same(table, x)
		if table != mentions {
			continue
		}
		if both := (pair{x.before.conceptItem(), x.after.conceptItem()}); both.before != nil || both.after != nil {
			if err := c.compareItems(d, concepts, []pair{both}); err != nil {
				return err
			}
		}
	}
	return nil
}

// change counts a pair that is not the same.
func (c *comparison) change(d *documentPair, table, kind string, x pair) error {
	f := found{Example{Change: changeOf(d.before.Key, table, kind, x), index: -1}, d.parts.before, d.parts.after}
	for _, side := range []*item{x.before, x.after} {
		if side != nil && f.index < 0 {
			f.index = side.sentence
		}
	}
	withMention := false
	switch kind {
	case Lost:
		d.counted.Lost++
		withMention = table == relations && !d.after.mentions(x.before)
	case Gained:
		d.counted.Gained++
		withMention = table == relations && !d.before.mentions(x.after)
	default:
		d.counted.Changed++
	}
	c.tally.change(f, withMention)
	if c.options.Each == nil {
		return nil
	}
	return c.options.Each(f.Example.Change)
}

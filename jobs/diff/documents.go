package diff

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/schemas"
)

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
		if c.done += int64(len(a)); c.options.Progress != nil {
			c.options.Progress(c.done, c.all)
		}
	}
	return nil
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

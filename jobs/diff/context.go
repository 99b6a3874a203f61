package diff

import (
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// These are the columns that are shown beside examples.
type (
	sentenceColumns struct {
		schemas.Key
		Sentence int32  `parquet:"sentence,delta"`
		DocStart int32  `parquet:"doc_start,delta"`
		Text     string `parquet:"text"`
	}
	titleColumns struct {
		schemas.Key
		Title string `parquet:"title"`
	}
)

// finish makes the result of the numbers, and reads the sentences of examples and the titles of
// documents.
func (c *comparison) finish(tables []string) error {
	var examples []*found
	var compared []Table
	for _, name := range tableNames() {
		table, some := c.tally.result(name)
		if slices.Contains(tables, name) || len(table.Types) > 0 {
			compared, examples = append(compared, table), append(examples, some...)
		}
	}
	if err := c.readSentences(examples); err != nil {
		return err
	}
	for i := range compared {
		c.tally.attach(&compared[i])
	}
	r := &c.result
	r.Tables = append(compared, r.Tables...)
	r.MostChanged = append([]Document{}, c.tally.most.list...)
	r.Identical = r.Units.OnlyBefore+r.Units.OnlyAfter == 0 && r.Documents.Changed+r.Documents.OtherText+
		r.Documents.OnlyBefore+r.Documents.OnlyAfter == 0
	for i := range r.Tables {
		t := &r.Tables[i]
		r.Identical = r.Identical && t.OnlyIn == 0 && (t.Shift == nil || t.Shift.MaxAbs == 0)
	}
	return c.readTitles()
}

// readSentences reads the sentences of the examples, part by part: those of the edition that has
// the item, or of the one before.
func (c *comparison) readSentences(examples []*found) error {
	byPart := map[*corpus.Part][]*found{}
	for _, f := range examples {
		part := f.before
		if f.Change.Change == Gained {
			part = f.after
		}
		if f.index >= 0 {
			byPart[part] = append(byPart[part], f)
		}
	}
	for part, some := range byPart {
		var pmids []int32
		for _, f := range some {
			pmids = append(pmids, f.PMID)
		}
		rows, err := read[sentenceColumns](c.path, part, "sentences", pmids)
		if err != nil {
			return err
		}
		for _, f := range some {
			key := schemas.Key{PMID: f.PMID, Version: f.Version, Unit: f.Unit}
			i := slices.IndexFunc(rows, func(r sentenceColumns) bool { return r.Key == key && r.Sentence == f.index })
			if i >= 0 {
				f.Sentence, f.SentenceStart = rows[i].Text, rows[i].DocStart
			}
		}
	}
	return nil
}

// readTitles reads the titles of the documents that changed most.
func (c *comparison) readTitles() error {
	most := c.result.MostChanged
	byPart := map[*corpus.Part][]int32{}
	for _, d := range most {
		part := c.parts[d.Unit]
		byPart[part] = append(byPart[part], d.PMID)
	}
	for part, pmids := range byPart {
		rows, err := read[titleColumns](c.path, part, "documents", pmids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			for i := range most {
				if d := &most[i]; r.Key == (schemas.Key{PMID: d.PMID, Version: d.Version, Unit: d.Unit}) {
					d.Title = r.Title
				}
			}
		}
	}
	return nil
}

// read reads the rows of some pmids of a table of a part.
func read[T any](path func(corpus.File) string, p *corpus.Part, table string, pmids []int32) ([]T, error) {
	var columns *parquetio.Columns[T]
	if err := openTable(path, p, table, true, &columns); err != nil || columns == nil {
		return nil, damaged(err)
	}
	defer closeTable(columns)
	slices.Sort(pmids)
	rows, err := columns.Select(slices.Compact(pmids))
	return rows, damaged(err)
}

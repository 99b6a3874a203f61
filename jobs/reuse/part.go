package reuse

import (
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// A Part is the published tables of a unit, or of several units.
type Part struct {
	Path      func(table string) string // of the file of a table; "" if the table has no rows
	FirstPMID schemas.PMID              // lowest and highest in documents
	LastPMID  schemas.PMID
	Parts     map[string]string // corpus.Configuration.Parts under which the tables were made
	Sequence  int64             // position in the history: later records are closer to new ones
}

// part is a Part whose results are wanted.
type part struct {
	Part
	tasks []string // whose results can be reused, in order; not empty

	pmids  *roaring.Bitmap // in documents; nil until a chunk has a pmid in the range
	broken bool            // a file cannot be used
	open   *openPart
}

// has reports whether the part has a pmid. Its pmids are known if the pmid is in its range.
func (p *part) has(pmid schemas.PMID) bool {
	return p.FirstPMID <= pmid && pmid <= p.LastPMID && !p.broken && p.pmids.Contains(uint32(pmid))
}

// reusable returns the wanted tasks whose results in the part can be reused.
func (p *Part) reusable(tasks []string, want map[string]string) (same []string) {
	for _, task := range tasks {
		if digest := want[task]; digest != "" && p.Parts[task] == digest {
			same = append(same, task)
		}
	}
	return same
}

// documentColumns are the columns of documents that tell whether a text is the same.
type documentColumns struct {
	schemas.Key
	Sections   []schemas.SectionRow `parquet:"sections,list"`
	IsDeleted  bool                 `parquet:"is_deleted"`
	TextSHA256 string               `parquet:"text_sha256,optional"`
}

// openPart has the open tables of a part; nil where there are no rows or they are not needed.
type openPart struct {
	documents *parquetio.Columns[documentColumns]
	sentences *parquetio.Columns[schemas.SentenceRow]
	mentions  *parquetio.Columns[schemas.MentionRow]
	relations *parquetio.Columns[schemas.RelationRow]
	summaries *parquetio.Columns[schemas.SummaryRow]
	answers   *parquetio.Columns[schemas.AnswerRow]
	labels    *parquetio.Columns[schemas.LabelRow]
	vectors   *parquetio.Columns[schemas.VectorRow]
	rejects   *parquetio.Columns[schemas.RejectRow]

	files []columns // all of these
}

// columns is an open file.
type columns interface {
	Release()
	Close() error
}

// openTables opens the tables that hold the results of tasks; sentences only on demand.
func openTables(p *Part, tasks []string, sentences bool) (_ *openPart, err error) {
	has := func(task string) bool { return slices.Contains(tasks, task) }
	o := &openPart{}
	err = errors.Join(
		openTable(o, p.Path("documents"), true, &o.documents),
		// Reading texts that follow from the document would take most of the time.
		openTable(o, p.Path("sentences"), sentences, &o.sentences, "text"),
		openTable(o, p.Path("mentions"), has(schemas.TaskNER) || has(schemas.TaskRelations), &o.mentions, "text", "model"),
		openTable(o, p.Path("relations"), has(schemas.TaskRelations), &o.relations,
			"subject_text", "object_text", "subject_concept", "object_concept", "model"),
		openTable(o, p.Path("summaries"), has(schemas.TaskSummary), &o.summaries, "model"),
		openTable(o, p.Path("answers"), has(schemas.TaskAnswers), &o.answers, "model"),
		openTable(o, p.Path("labels"), has(schemas.TaskLabels), &o.labels, "model"),
		openTable(o, p.Path("vectors"), has(schemas.TaskVectors), &o.vectors, "model"),
		openTable(o, p.Path("rejects"), true, &o.rejects),
	)
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func openTable[T any](
	o *openPart, path string, needed bool, into **parquetio.Columns[T], without ...string,
) error {
	if !needed || path == "" {
		return nil
	}
	c, err := parquetio.OpenColumns[T](path, without...)
	if err == nil {
		*into, o.files = c, append(o.files, c)
	}
	return err
}

// release frees the pages that are kept.
func (o *openPart) release() {
	for _, c := range o.files {
		c.Release()
	}
}

func (o *openPart) close() {
	for _, c := range o.files {
		_ = c.Close() // it was only read
	}
}

// texts returns the documents of some pmids, by pmid, without tombstones.
func (o *openPart) texts(pmids []int32) (map[int32][]documentColumns, error) {
	rows, err := selectRows(o.documents, pmids)
	found := map[int32][]documentColumns{}
	for _, r := range rows {
		if !r.IsDeleted {
			found[r.PMID] = append(found[r.PMID], r)
		}
	}
	return found, err
}

// annotations returns the rows of all tables but documents, by document.
func (o *openPart) annotations(pmids []int32) (map[schemas.Key]*schemas.Rows, error) {
	var all schemas.Rows
	var pool errgroup.Group
	pool.Go(func() (err error) { all.Sentences, err = selectRows(o.sentences, pmids); return err })
	pool.Go(func() (err error) { all.Mentions, err = selectRows(o.mentions, pmids); return err })
	pool.Go(func() (err error) { all.Relations, err = selectRows(o.relations, pmids); return err })
	pool.Go(func() (err error) { all.Summaries, err = selectRows(o.summaries, pmids); return err })
	pool.Go(func() (err error) { all.Answers, err = selectRows(o.answers, pmids); return err })
	pool.Go(func() (err error) { all.Labels, err = selectRows(o.labels, pmids); return err })
	pool.Go(func() (err error) { all.Vectors, err = selectRows(o.vectors, pmids); return err })
	pool.Go(func() (err error) { all.Rejects, err = selectRows(o.rejects, pmids); return err })
	if err := pool.Wait(); err != nil {
		return nil, err
	}
	found := map[schemas.Key]*schemas.Rows{}
	of := func(key schemas.Key) *schemas.Rows {
		rows := found[key]
		if rows == nil {
			rows = &schemas.Rows{}
			found[key] = rows
		}
		return rows
	}
	divide(all.Sentences, func(r *schemas.SentenceRow) *[]schemas.SentenceRow { return &of(r.Key).Sentences })
	divide(all.Mentions, func(r *schemas.MentionRow) *[]schemas.MentionRow { return &of(r.Key).Mentions })
	divide(all.Relations, func(r *schemas.RelationRow) *[]schemas.RelationRow { return &of(r.Key).Relations })
	divide(all.Summaries, func(r *schemas.SummaryRow) *[]schemas.SummaryRow { return &of(r.Key).Summaries })
	divide(all.Answers, func(r *schemas.AnswerRow) *[]schemas.AnswerRow { return &of(r.Key).Answers })
	divide(all.Labels, func(r *schemas.LabelRow) *[]schemas.LabelRow { return &of(r.Key).Labels })
	divide(all.Vectors, func(r *schemas.VectorRow) *[]schemas.VectorRow { return &of(r.Key).Vectors })
	// A rejected record with the pmid of a document is another record.
	rejects := slices.DeleteFunc(all.Rejects, func(r schemas.RejectRow) bool { return r.Record != nil })
	divide(rejects, func(r *schemas.RejectRow) *[]schemas.RejectRow { return &of(r.Key).Rejects })
	return found, nil
}

// divide appends each row to the list that it belongs to.
func divide[T any](rows []T, list func(*T) *[]T) {
	for i := range rows {
		l := list(&rows[i])
		*l = append(*l, rows[i])
	}
}

func selectRows[T any](c *parquetio.Columns[T], pmids []int32) ([]T, error) {
	if c == nil {
		return nil, nil
	}
	return c.Select(pmids)
}

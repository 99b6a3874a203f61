package diff

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// These are the columns that are compared. Tables of other versions that have them can be compared,
// too.
type (
	documentColumns struct {
		schemas.Key
		IsDeleted  bool   `parquet:"is_deleted"`
		TextSHA256 string `parquet:"text_sha256,optional"`
	}
	mentionColumns struct {
		schemas.Key
		Type         string  `parquet:"type,dict"`
		Text         string  `parquet:"text"`
		DocStart     int32   `parquet:"doc_start,delta"`
		DocEnd       int32   `parquet:"doc_end,delta"`
		Sentence     int32   `parquet:"sentence,delta"`
		Score        float32 `parquet:"score"`
		Concept      string  `parquet:"concept,optional,dict"`
		ConceptScore float32 `parquet:"concept_score,optional"`
	}
	relationColumns struct {
		schemas.Key
		Type        string  `parquet:"type,dict"`
		SubjectText string  `parquet:"subject_text"`
		ObjectText  string  `parquet:"object_text"`
		Sentence    *int32  `parquet:"sentence,optional"`
		Score       float32 `parquet:"score"`
	}
	summaryColumns struct {
		schemas.Key
		Text   string  `parquet:"text"`
		Method string  `parquet:"method,dict"`
		Score  float32 `parquet:"score"`
	}
	answerColumns struct {
		schemas.Key
		QuestionID string  `parquet:"question_id,dict"`
		Question   string  `parquet:"question,dict"`
		Answer     string  `parquet:"answer"`
		Score      float32 `parquet:"score"`
	}
	labelColumns struct {
		schemas.Key
		Label string  `parquet:"label,dict"`
		Score float32 `parquet:"score"`
	}
)

// openPart has the open tables of a part; nil where there are no rows or they are not compared.
type openPart struct {
	part      *corpus.Part
	documents *parquetio.Columns[documentColumns]
	mentions  *parquetio.Columns[mentionColumns]
	relations *parquetio.Columns[relationColumns]
	summaries *parquetio.Columns[summaryColumns]
	answers   *parquetio.Columns[answerColumns]
	labels    *parquetio.Columns[labelColumns]
}

// open opens the compared tables of a part.
func open(path func(corpus.File) string, p *corpus.Part, tables []string) (*openPart, error) {
	o := &openPart{part: p}
	err := damaged(errors.Join(
		openTable(path, p, "documents", true, &o.documents),
		openTable(path, p, mentions, slices.Contains(tables, mentions), &o.mentions),
		openTable(path, p, relations, slices.Contains(tables, relations), &o.relations),
		openTable(path, p, summaries, slices.Contains(tables, summaries), &o.summaries),
		openTable(path, p, answers, slices.Contains(tables, answers), &o.answers),
		openTable(path, p, labels, slices.Contains(tables, labels), &o.labels),
	))
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func openTable[T any](
	path func(corpus.File) string, p *corpus.Part, table string, needed bool, into **parquetio.Columns[T],
) (err error) {
	f := p.File(table)
	if f == nil || !needed {
		return nil
	}
	*into, err = parquetio.OpenColumns[T](path(*f))
	return err
}

// damaged adds what to do to the error of reading a published file.
func damaged(err error) error {
	if missing := (*fs.PathError)(nil); errors.As(err, &missing) && errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is missing", missing.Path)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: run pubmine verify", err)
}

// close closes the files, which were only read.
func (o *openPart) close() {
	closeTable(o.documents)
	closeTable(o.mentions)
	closeTable(o.relations)
	closeTable(o.summaries)
	closeTable(o.answers)
	closeTable(o.labels)
}

func closeTable[T any](c *parquetio.Columns[T]) {
	if c != nil {
		_ = c.Close()
	}
}

// pmids returns the column pmid of documents.
func (o *openPart) pmids() ([]int32, error) {
	if o.documents == nil {
		return nil, nil
	}
	all, err := o.documents.PMIDs()
	return all, damaged(err)
}

// document is a document with the items of the tables. The concepts are in those of mentions.
type document struct {
	documentColumns
	items map[string][]item // by table
}

// mentions reports whether a document mentions both names of a relation.
func (d *document) mentions(relation *item) bool {
	has := func(name string) bool {
		return slices.ContainsFunc(d.items[mentions], func(x item) bool { return strings.EqualFold(x.text, name) })
	}
	return has(relation.text) && has(relation.object)
}

// load reads the documents of some pmids, which are sorted, in some units.
func (o *openPart) load(pmids []int32, units map[string]bool) (map[schemas.Key]*document, error) {
	var (
		pool  errgroup.Group
		docs  []documentColumns
		ments []mentionColumns
		rels  []relationColumns
		sums  []summaryColumns
		ans   []answerColumns
		labs  []labelColumns
	)
	pool.Go(func() (err error) { docs, err = selectRows(o.documents, pmids); return err })
	pool.Go(func() (err error) { ments, err = selectRows(o.mentions, pmids); return err })
	pool.Go(func() (err error) { rels, err = selectRows(o.relations, pmids); return err })
	pool.Go(func() (err error) { sums, err = selectRows(o.summaries, pmids); return err })
	pool.Go(func() (err error) { ans, err = selectRows(o.answers, pmids); return err })
	pool.Go(func() (err error) { labs, err = selectRows(o.labels, pmids); return err })
	if err := pool.Wait(); err != nil {
		return nil, damaged(err)
	}
	all := make(map[schemas.Key]*document, len(docs))
	for i := range docs {
		if units[docs[i].Unit] {
			all[docs[i].Key] = &document{docs[i], map[string][]item{}}
		}
	}
	distribute(all, mentions, ments, func(r *mentionColumns) (schemas.Key, item) { return r.Key, r.item() })
	distribute(all, relations, rels, func(r *relationColumns) (schemas.Key, item) { return r.Key, r.item() })
	distribute(all, summaries, sums, func(r *summaryColumns) (schemas.Key, item) { return r.Key, r.item() })
	distribute(all, answers, ans, func(r *answerColumns) (schemas.Key, item) { return r.Key, r.item() })
	distribute(all, labels, labs, func(r *labelColumns) (schemas.Key, item) { return r.Key, r.item() })
	return all, nil
}

// distribute gives rows to their documents.
func distribute[T any](docs map[schemas.Key]*document, table string, rows []T, of func(*T) (schemas.Key, item)) {
	for i := range rows {
		if key, x := of(&rows[i]); docs[key] != nil {
			items := docs[key].items
			items[table] = append(items[table], x)
		}
	}
}

func selectRows[T any](c *parquetio.Columns[T], pmids []int32) ([]T, error) {
	if c == nil {
		return nil, nil
	}
	return c.Select(pmids)
}

func (r *mentionColumns) item() item {
	return item{
		start: r.DocStart, end: r.DocEnd, typ: r.Type, text: r.Text, score: r.Score, sentence: r.Sentence,
		concept: r.Concept, conceptScore: r.ConceptScore,
	}
}

// item has the names as key, in whichever order, and the order as label.
func (r *relationColumns) item() item {
	x := item{typ: r.Type, text: r.SubjectText, object: r.ObjectText, score: r.Score, sentence: -1}
	if r.Sentence != nil {
		x.sentence = *r.Sentence
	}
	a, b := strings.ToLower(r.SubjectText), strings.ToLower(r.ObjectText)
	if a > b {
		a, b, x.label = b, a, "swapped"
	}
	x.key = a + "\x00" + b
	return x
}

func (r *summaryColumns) item() item {
	return item{typ: r.Method, label: r.Text, text: r.Text, score: r.Score, sentence: -1}
}

func (r *answerColumns) item() item {
	return item{key: r.QuestionID, typ: r.Question, label: r.Answer, text: r.Answer, score: r.Score, sentence: -1}
}

func (r *labelColumns) item() item {
	return item{key: r.Label, typ: r.Label, text: r.Label, score: r.Score, sentence: -1}
}

// conceptItem returns the concept of a mention as an item of its own; nil if it has none.
func (x *item) conceptItem() *item {
	if x.concept == "" {
		return nil
	}
	c := *x
	c.label, c.score = x.concept, x.conceptScore
	return &c
}

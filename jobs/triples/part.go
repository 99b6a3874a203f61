package triples

import (
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// These are the columns that are read. Tables of older versions may lack certainty.
type (
	documentColumns struct {
		schemas.Key
		PubYear     int16 `parquet:"pub_year,optional"`
		IsRetracted bool  `parquet:"is_retracted"`
	}
	mentionColumns struct {
		schemas.Key
		Mention     int32  `parquet:"mention,delta"`
		Type        string `parquet:"type,dict"`
		Text        string `parquet:"text"`
		Concept     string `parquet:"concept,optional,dict"`
		ConceptName string `parquet:"concept_name,optional,dict"`
	}
	relationColumns struct {
		schemas.Key
		Type      string  `parquet:"type,dict"`
		Subject   int32   `parquet:"subject"`
		Object    int32   `parquet:"object"`
		Score     float32 `parquet:"score"`
		Method    string  `parquet:"method,dict"`
		Certainty string  `parquet:"certainty,dict"`
	}
)

// certaintyColumn is the column of relations that tables of older versions do not have.
const certaintyColumn = "certainty"

// openPart has the open tables of a part that has relations.
type openPart struct {
	documents *parquetio.Columns[documentColumns]
	mentions  *parquetio.Columns[mentionColumns]
	relations *parquetio.Columns[relationColumns]
	certainty bool // the relations have it
}

// open opens the tables of a part; nil if it has no relations.
func open(c *corpus.Corpus, p *corpus.Part) (*openPart, error) {
	documents, mentions, relations := p.File("documents"), p.File("mentions"), p.File("relations")
	if documents == nil || mentions == nil || relations == nil {
		return nil, nil
	}
	o := &openPart{certainty: true}
	var err error
	o.relations, err = parquetio.OpenColumns[relationColumns](c.Path(*relations))
	if errors.Is(err, parquetio.ErrTable) {
		o.certainty = false
		o.relations, err = parquetio.OpenColumns[relationColumns](c.Path(*relations), certaintyColumn)
	}
	if err == nil {
		o.mentions, err = parquetio.OpenColumns[mentionColumns](c.Path(*mentions))
	}
	if err == nil {
		o.documents, err = parquetio.OpenColumns[documentColumns](c.Path(*documents))
	}
	if err != nil {
		o.close()
		return nil, damaged(err)
	}
	return o, nil
}

// close closes the files, which were only read.
func (o *openPart) close() {
	if o.relations != nil {
		_ = o.relations.Close()
	}
	if o.mentions != nil {
		_ = o.mentions.Close()
	}
	if o.documents != nil {
		_ = o.documents.Close()
	}
}

// pmids returns the pmids that have relations, each once, in the order of the file: batches of them
// are near each other.
func (o *openPart) pmids() (pmids []int32, err error) {
	all, err := o.relations.PMIDs()
	seen := roaring.New()
	for _, pmid := range all {
		if seen.CheckedAdd(uint32(pmid)) {
			pmids = append(pmids, pmid)
		}
	}
	return pmids, damaged(err)
}

// mentionKey names a mention.
type mentionKey struct {
	schemas.Key
	mention int32
}

// batch is the rows of some documents.
type batch struct {
	documents map[schemas.Key]*documentColumns
	mentions  map[mentionKey]*mentionColumns
	relations []relationColumns
}

// load reads the rows of some pmids, which are sorted.
func (o *openPart) load(pmids []int32) (*batch, error) {
	var (
		pool      errgroup.Group
		documents []documentColumns
		mentions  []mentionColumns
		b         batch
	)
	pool.Go(func() (err error) { documents, err = o.documents.Select(pmids); return err })
	pool.Go(func() (err error) { mentions, err = o.mentions.Select(pmids); return err })
	pool.Go(func() (err error) { b.relations, err = o.relations.Select(pmids); return err })
	if err := pool.Wait(); err != nil {
		return nil, damaged(err)
	}
	b.documents = make(map[schemas.Key]*documentColumns, len(documents))
	for i := range documents {
		b.documents[documents[i].Key] = &documents[i]
	}
	b.mentions = make(map[mentionKey]*mentionColumns, len(mentions))
	for i := range mentions {
		b.mentions[mentionKey{mentions[i].Key, mentions[i].Mention}] = &mentions[i]
	}
	return &b, nil
}

package verify

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// maxRowProblems is the number of problems that are listed for one file.
const maxRowProblems = 3

// rowCheck checks the rows of a part.
type rowCheck struct {
	corpus *corpus.Corpus
	job
	order []schemas.Key       // keys of the documents
	index map[schemas.Key]int // the first position of each
	dead  map[schemas.Key]bool
	tally map[string]*tally // by unit

	problems map[string][]string // by table
	dropped  map[string]int      // number of those that are not listed
}

// checkRows returns the problems of the rows of a part whose files are as they were published.
func checkRows(ctx context.Context, c *corpus.Corpus, j job) (problems []corpus.Problem, err error) {
	r := &rowCheck{
		corpus: c, job: j, index: map[schemas.Key]int{}, dead: map[schemas.Key]bool{}, tally: map[string]*tally{},
		problems: map[string][]string{}, dropped: map[string]int{},
	}
	defer func() {
		if p := recover(); p != nil { // of the Parquet reader
			r.report("documents", "the rows of its part cannot be read: %v", p)
			problems = r.result()
		}
	}()
	for i := range j.part.Units {
		r.tally[j.part.Units[i].Unit] = newTally(&j.part.Units[i])
	}
	if err := r.readKeys(); err != nil {
		r.report("documents", "it cannot be read: %v", err)
		return r.result(), nil
	}
	if err := r.documents(ctx); err != nil {
		return nil, err
	}
	r.rejects()
	r.superseded()
	for _, unit := range j.part.Units {
		r.tally[unit.Unit].compare(r, j.edition)
	}
	return r.result(), nil
}

// report adds a problem of the file of a table.
func (r *rowCheck) report(table, format string, args ...any) {
	if len(r.problems[table]) == maxRowProblems {
		r.dropped[table]++
		return
	}
	r.problems[table] = append(r.problems[table], fmt.Sprintf(format, args...))
}

// reportRow adds a problem of a row.
func (r *rowCheck) reportRow(table string, key schemas.Key, format string, args ...any) {
	r.report(table, "pmid %d, version %d, unit %s: %s", key.PMID, key.Version, key.Unit, fmt.Sprintf(format, args...))
}

// result returns the problems, by file.
func (r *rowCheck) result() (problems []corpus.Problem) {
	for _, t := range schemas.Tables() {
		file := path.Join("delta", t.Name)
		if f := r.part.File(t.Name); f != nil {
			file = f.Path
		}
		for _, what := range r.problems[t.Name] {
			problems = append(problems, corpus.Problem{Path: file, What: what})
		}
		if n := r.dropped[t.Name]; n > 0 {
			what := fmt.Sprintf("%d more problems of its rows", n)
			problems = append(problems, corpus.Problem{Path: file, What: what})
		}
	}
	return problems
}

// readKeys reads the keys of the documents.
func (r *rowCheck) readKeys() error {
	f := r.part.File("documents")
	if f == nil {
		return nil
	}
	columns, err := parquetio.OpenColumns[schemas.Key](r.corpus.Path(*f))
	if err != nil {
		return err
	}
	defer columns.Close()
	pmids, err := columns.PMIDs()
	if err != nil {
		return err
	}
	slices.Sort(pmids)
	if r.order, err = columns.Select(slices.Compact(pmids)); err != nil {
		return err
	}
	for i, key := range r.order {
		if _, ok := r.index[key]; ok {
			r.reportRow("documents", key, "the document is there twice")
		} else {
			r.index[key] = i
		}
		if r.tally[key.Unit] == nil {
			r.reportRow("documents", key, "the unit is not one of this part")
		}
	}
	return nil
}

// position returns the position of a document.
func (r *rowCheck) position(key schemas.Key) (int, bool) {
	i, ok := r.index[key]
	return i, ok
}

// documents checks the documents with their rows in the other tables, one at a time.
func (r *rowCheck) documents(ctx context.Context) error {
	documents := open(r, "documents", func(r *schemas.DocumentRow) schemas.Key { return r.Key })
	sentences := open(r, "sentences", func(r *schemas.SentenceRow) schemas.Key { return r.Key })
	mentions := open(r, "mentions", func(r *schemas.MentionRow) schemas.Key { return r.Key })
	relations := open(r, "relations", func(r *schemas.RelationRow) schemas.Key { return r.Key })
	summaries := open(r, "summaries", func(r *schemas.SummaryRow) schemas.Key { return r.Key })
	answers := open(r, "answers", func(r *schemas.AnswerRow) schemas.Key { return r.Key })
	labels := open(r, "labels", func(r *schemas.LabelRow) schemas.Key { return r.Key })
	vectors := open(r, "vectors", func(r *schemas.VectorRow) schemas.Key { return r.Key })
	for at := 0; documents.more; at++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		document := documents.row
		documents.advance()
		if at >= len(r.order) || document.Key != r.order[at] {
			r.reportRow("documents", document.Key, "the columns of the file do not fit together")
			break
		}
		rows := schemas.Rows{
			Documents: []schemas.DocumentRow{document}, Sentences: sentences.take(at), Mentions: mentions.take(at),
			Relations: relations.take(at), Summaries: summaries.take(at), Answers: answers.take(at),
			Labels: labels.take(at), Vectors: vectors.take(at),
		}
		for _, wrong := range rows.Check() {
			r.reportRow(wrong.Table, document.Key, "%s", wrong.Message)
		}
		r.count(document.Key, &rows)
		if document.IsDeleted {
			r.dead[document.Key] = true
		}
	}
	for _, end := range []func(){
		documents.end, sentences.end, mentions.end, relations.end, summaries.end, answers.end, labels.end,
		vectors.end,
	} {
		end()
	}
	return nil
}

// rejects checks the rejects: those of annotations belong to documents.
func (r *rowCheck) rejects() {
	rows := open(r, "rejects", func(r *schemas.RejectRow) schemas.Key { return r.Key })
	for ; rows.more; rows.advance() {
		if rows.row.Record == nil {
			if _, ok := r.index[rows.row.Key]; !ok {
				r.reportRow("rejects", rows.row.Key, "there is no such document")
			}
		}
		r.count(rows.row.Key, &schemas.Rows{Rejects: []schemas.RejectRow{rows.row}})
	}
	rows.end()
}

// superseded checks the superseded records: the unit has a later record with the same key.
func (r *rowCheck) superseded() {
	rows := open(r, "superseded", func(r *schemas.SupersededRow) schemas.Key { return r.Key })
	for ; rows.more; rows.advance() {
		key, reason := rows.row.Key, schemas.ReasonRevised
		if r.dead[key] {
			reason = schemas.ReasonDeleted
		}
		if _, ok := r.index[key]; !ok {
			r.reportRow("superseded", key, "there is no such document")
		} else if rows.row.ByUnit != key.Unit || rows.row.Reason != reason {
			r.reportRow("superseded", key, "it is not by a later record of its unit, or for another reason")
		}
		r.count(key, &schemas.Rows{Superseded: []schemas.SupersededRow{rows.row}})
	}
	rows.end()
}

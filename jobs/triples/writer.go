package triples

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/pubmine/pubmine/jobs/store"
)

// ErrFormat means that the name of a file tells no format.
var ErrFormat = errors.New("name a file that ends in .parquet, .csv, .tsv or .jsonl")

// Check returns [ErrFormat] unless the extension of a file tells its format.
func Check(path string) error {
	switch filepath.Ext(path) {
	case ".parquet", ".csv", ".tsv", ".jsonl":
		return nil
	}
	return fmt.Errorf("%s: %w", path, ErrFormat)
}

// WriteFile writes rows to a new file in the format that its extension tells. It appears when it is
// complete. The error is [ErrFormat] or store.ErrTaken if the name is not possible.
func WriteFile(path string, rows []Row) error {
	if err := Check(path); err != nil {
		return err
	}
	f, err := store.CreateNew(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	buffer := bufio.NewWriterSize(f, 1<<16)
	switch filepath.Ext(path) {
	case ".parquet":
		err = writeParquet(buffer, rows)
	case ".csv":
		err = writeText(buffer, rows, ',')
	case ".tsv":
		err = writeText(buffer, rows, '\t')
	case ".jsonl":
		err = writeJSON(buffer, rows)
	}
	if err = errors.Join(err, buffer.Flush()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.PublishNew(filepath.Base(path))
}

// groupRows is the number of rows that the writer of Parquet keeps in memory.
const groupRows = 64 << 10

func writeParquet(w io.Writer, rows []Row) error {
	out := parquet.NewGenericWriter[Row](
		w, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.MaxRowsPerRowGroup(groupRows),
	)
	if _, err := out.Write(rows); err != nil {
		return err
	}
	return out.Close()
}

func writeJSON(w io.Writer, rows []Row) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range rows {
		if err := e.Encode(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func writeText(w io.Writer, rows []Row, comma rune) error {
	out := csv.NewWriter(w)
	out.Comma = comma
	if err := out.Write([]string{
		"subject_concept", "subject_name", "subject_type", "type", "object_concept", "object_name", "object_type",
		"abstracts", "negated", "speculative", "mean_score", "best_score", "first_year", "last_year", "any_retracted",
		"pmids",
	}); err != nil {
		return err
	}
	for i := range rows {
		if err := out.Write(rows[i].cells()); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cells returns the row as text, null as the empty one.
func (r *Row) cells() []string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	number := func(n *int32) string {
		if n == nil {
			return ""
		}
		return strconv.Itoa(int(*n))
	}
	score := func(x float32) string { return strconv.FormatFloat(float64(x), 'g', -1, 32) }
	var pmids strings.Builder
	for i, pmid := range r.PMIDs {
		if i > 0 {
			pmids.WriteByte(';')
		}
		pmids.WriteString(strconv.Itoa(int(pmid)))
	}
	return []string{
		text(r.SubjectConcept), r.SubjectName, r.SubjectType, r.Type, text(r.ObjectConcept), r.ObjectName, r.ObjectType,
		strconv.Itoa(int(r.Abstracts)), number(r.Negated), number(r.Speculative), score(r.MeanScore),
		score(r.BestScore), number(r.FirstYear), number(r.LastYear), strconv.FormatBool(r.AnyRetracted), pmids.String(),
	}
}

package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/memory"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

const (
	sampleSize = 128             // documents that encoder or generator read
	cheapSize  = 512             // documents that they do not read
	sampleTime = 5 * time.Second // after which no more are computed
)

// sample is a random choice of the documents for which a run does the same kind of work.
type sample struct {
	docs   int // number and length of all documents, also of those that were not chosen
	chars  int64
	chosen []pipeline.Previewed
	random *rand.Rand
}

// add counts a document, and chooses it with the same probability as those before it.
func (s *sample) add(r pipeline.Previewed) {
	s.docs++
	s.chars += int64(textLen(r.Document))
	if r.Reused != nil && r.Reused.Annotations == nil {
		return // what will be reused is not known yet
	}
	if s.random == nil {
		s.random = rand.New(rand.NewPCG(1, 2))
	}
	size := cheapSize
	if r.Work == pipeline.EncodeWork {
		size = sampleSize
	}
	if len(s.chosen) < size {
		s.chosen = append(s.chosen, r)
	} else if i := s.random.IntN(s.docs); i < size {
		s.chosen[i] = r
	}
}

// textLen is the length of a text in bytes.
func textLen(doc *schemas.Document) int {
	n := 0
	for _, s := range doc.Sections {
		n += len(s.Text)
	}
	return n
}

// measured is the cost of the documents of a sample.
type measured struct {
	docs      int
	chars     int64   // of the documents in computing
	opening   float64 // seconds until model and backend are ready
	computing elapsed
}

// measure computes the documents of a sample.
func (c *Components) measure(ctx context.Context, s *sample) (m measured, rows []schemas.Rows, err error) {
	if c.linker != nil && len(s.chosen) > 0 {
		opening := now()
		if _, err := c.linker(); err != nil {
			return m, nil, err
		}
		m.opening = opening.until().wall.Seconds()
	}
	start, compiled, first := now(), c.compiling(), 0.0 // seconds of the first document
	for _, n := range []int{1, 7, 16, sampleSize, cheapSize} {
		batch := s.chosen[m.docs:min(m.docs+n, len(s.chosen))]
		if len(batch) == 0 || m.docs > 0 && start.until().wall > sampleTime {
			break
		}
		took, made, err := c.compute(ctx, batch)
		if err != nil {
			return m, nil, err
		}
		rows, m.docs = append(rows, made...), m.docs+len(batch)
		if n == 1 && len(s.chosen) > 1 { // it also waits for the model
			first, compiled = took.wall.Seconds(), c.compiling()
			continue
		}
		m.computing = m.computing.plus(took)
		for _, r := range batch {
			m.chars += int64(textLen(r.Document)) + 1
		}
	}
	if m.chars == 0 && m.docs > 0 { // the first took all the time
		m.computing.wall = time.Duration(first * float64(time.Second))
		m.chars, first = int64(textLen(s.chosen[0].Document))+1, 0
	}
	m.opening += first
	compiling := c.compiling() - compiled // that is done once for many documents
	m.computing.wall = max(0, m.computing.wall-compiling)
	m.opening += compiling.Seconds()
	return m, rows, nil
}

// compiling returns the time that the backend has compiled programs.
func (c *Components) compiling() time.Duration {
	if c.engine == nil {
		return 0
	}
	return c.engine.used().Compile
}

// compute runs the pipeline over documents. What a preview also does is not in the time.
func (c *Components) compute(
	ctx context.Context, batch []pipeline.Previewed,
) (took elapsed, _ []schemas.Rows, err error) {
	docs := make([]*schemas.Document, len(batch))
	for i, r := range batch {
		docs[i] = r.Document
	}
	rows := &memory.Sink{}
	p := c.Pipeline()
	p.Source, p.Sink, p.Reuser = memory.NewSource("sample", docs), rows, sampleReuser(batch)
	p.Options.Chunk = len(batch) // one call of the Reuser
	start := now()
	if _, err := pipeline.Preview(ctx, p, func(schemas.Unit, pipeline.Previewed) {}); err != nil {
		return took, nil, err
	}
	reading := start.until()
	start = now()
	_, err = pipeline.Run(ctx, p)
	return start.until().minus(reading), rows.Records, err
}

// written is the cost of rows: of their checkpoint, and of their tables.
type written struct {
	chunk, tables float64 // bytes
	took          elapsed
}

// write writes rows to memory.
func (p *planner) write(records []schemas.Rows) (w written, err error) {
	start := now()
	var chunk bytes.Buffer
	if err := arrowview.WriteChunk(&chunk, records); err != nil {
		return w, err
	}
	w.chunk = float64(chunk.Len())
	if p.direct {
		start = now() // there are no checkpoints
	} else if records, err = arrowview.ReadChunk(bytes.NewReader(chunk.Bytes()), int64(chunk.Len())); err != nil {
		return w, err
	}
	metadata := map[string]string{"configuration": fmt.Sprint(p.components.Configuration)}
	var counts schemas.Counts
	counts.Add(records)
	for _, t := range schemas.Tables() {
		var size counter
		f, err := parquetio.NewWriter(&size, t, metadata)
		if err == nil {
			err = errors.Join(f.Write(records), f.Close())
		}
		if err != nil {
			return w, err
		}
		if counts.Rows[t.Name] > 0 {
			w.tables += float64(size)
		}
	}
	w.took = start.until()
	return w, nil
}

// writeCost is the cost of the rows of units: some for each unit, and some for each byte of the
// checkpoints that these rows would have.
type writeCost struct{ unit, perByte written }

// writeCost compares all the rows with their halves, and with none.
func (p *planner) writeCost(records []schemas.Rows) (c writeCost, err error) {
	half := len(records) / 2
	var costs [4]written
	for k, part := range [][]schemas.Rows{nil, records[:half], records[half:], records} {
		for i := range 3 { // the fastest: something else may have interrupted the others
			w, err := p.write(part)
			if err != nil {
				return c, err
			}
			if i == 0 || w.took.wall < costs[k].took.wall {
				costs[k] = w
			}
		}
	}
	none, all := costs[0], costs[3]
	c.unit = written{tables: max(0, costs[1].tables+costs[2].tables-all.tables), took: none.took}
	if all.chunk > 0 {
		c.perByte = written{
			tables: (all.tables - c.unit.tables) / all.chunk, took: all.took.minus(none.took).times(1 / all.chunk),
		}
	}
	return c, nil
}

// counter counts bytes.
type counter int64

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// sampleReuser returns what was found for the documents of a sample.
type sampleReuser []pipeline.Previewed

// Reuse returns the results. The documents are all those of the sample.
func (s sampleReuser) Reuse(context.Context, schemas.Unit, []*schemas.Document) ([]*pipeline.Reused, error) {
	found := make([]*pipeline.Reused, len(s))
	for i := range s {
		found[i] = s[i].Reused
	}
	return found, nil
}

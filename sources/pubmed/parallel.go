package pubmed

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/pubmine/pubmine/schemas"
)

const (
	// batchSize is the number of bytes of records that are decoded together: enough to make the
	// cost of passing them on negligible.
	batchSize = 128 << 10
	// maxWorkers is the maximum number of decoders, which limits the records in memory. One
	// splitter cannot keep more busy.
	maxWorkers = 4
)

// batch is consecutive records.
type batch struct {
	raw     []byte // memory of the last pieces
	size    int    // bytes of all pieces
	pieces  []piece
	results []result
	err     error         // that ends the input after the pieces; io.EOF at its end
	panic   any           // of a decoder
	ready   chan struct{} // closed once the pieces are decoded
}

// result is the content of one piece: a document, deletions or a reject.
type result struct {
	doc     *schemas.Document
	deleted []deletion
	reject  *schemas.Reject
}

// documents returns the document or those of the deletions.
func (r result) documents() iter.Seq[*schemas.Document] {
	return func(yield func(*schemas.Document) bool) {
		if r.doc != nil && !yield(r.doc) {
			return
		}
		for _, x := range r.deleted {
			if !yield(x.document()) {
				return
			}
		}
	}
}

// decodeAll yields the results of the records of an input, in order, and then the error of the
// input as a whole, if any. It starts the only goroutines of the package: a splitter and several
// decoders. They have ended when the sequence ends. If the consumer waits, at most maxWorkers+3
// batches are in memory.
func decodeAll(open func() (*splitter, error)) iter.Seq2[result, error] {
	return func(yield func(result, error) bool) {
		workers := min(runtime.GOMAXPROCS(0), maxWorkers)
		ordered, work, stop := make(chan *batch, workers), make(chan *batch, workers), make(chan struct{})
		var running sync.WaitGroup
		defer running.Wait()
		defer close(stop)
		running.Go(func() {
			defer close(ordered)
			defer close(work)
			split(open, func(b *batch) bool {
				select {
				case <-stop:
					return false
				case ordered <- b:
					work <- b // a worker takes it even if the consumer stops
					return true
				}
			})
		})
		for range workers {
			running.Go(func() {
				d := new(decoder)
				for b := range work {
					b.decode(d)
				}
			})
		}
		for b := range ordered {
			if !b.yield(yield) {
				return
			}
		}
	}
}

// split divides an input into batches, until send returns false.
func split(open func() (*splitter, error), send func(*batch) bool) {
	s, err := open()
	for {
		b := &batch{ready: make(chan struct{})}
		for err == nil && b.size < batchSize {
			var p piece
			if p, err = s.next(); err == nil {
				b.add(p)
			}
		}
		b.err = err
		if !send(b) || err != nil {
			return
		}
	}
}

// add copies a piece, because the splitter will overwrite its bytes.
func (b *batch) add(p piece) {
	if cap(b.raw)-len(b.raw) < len(p.raw) {
		b.raw = make([]byte, 0, max(batchSize*5/4, len(p.raw))) // earlier pieces keep their memory
	}
	from := len(b.raw)
	b.raw = append(b.raw, p.raw...)
	p.raw = b.raw[from:]
	b.size += len(p.raw)
	b.pieces = append(b.pieces, p)
}

func (b *batch) decode(d *decoder) {
	defer close(b.ready)
	defer func() { b.panic = recover() }()
	b.results = make([]result, len(b.pieces))
	for i, p := range b.pieces {
		b.results[i] = p.decode(d)
	}
	b.raw, b.pieces = nil, nil
}

func (b *batch) yield(yield func(result, error) bool) bool {
	<-b.ready
	if b.panic != nil {
		panic(fmt.Sprintf("decode: %v", b.panic)) // in the goroutine of the consumer
	}
	for _, got := range b.results {
		if !yield(got, nil) {
			return false
		}
	}
	if b.err != nil && b.err != io.EOF {
		yield(result{}, b.err)
	}
	return b.err == nil
}

func (p piece) decode(d *decoder) result {
	switch {
	case p.over:
		return result{reject: tooLarge(p.raw, p.most)}
	case p.name == "":
		return result{
			reject: &schemas.Reject{
				Stage: stage, Kind: kindMalformed, Message: fmt.Sprintf("not a record: %.80q", p.raw),
			},
		}
	case p.name == "DeleteCitation", p.name == "DeleteDocument":
		list, err := d.deleted(p.raw)
		return result{deleted: list, reject: asReject(err)}
	}
	doc, err := d.decode(p.raw)
	if err != nil {
		return result{reject: asReject(err)}
	}
	return result{doc: doc}
}

// asReject returns the Reject that every error of a decoder is.
func asReject(err error) *schemas.Reject {
	var reject *schemas.Reject
	errors.As(err, &reject)
	return reject
}

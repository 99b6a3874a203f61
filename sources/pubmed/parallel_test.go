package pubmed

import (
	"errors"
	"io"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// many are n records of several KiB, so that they make several batches.
func many(n int) string {
	var b strings.Builder
	b.WriteString("<PubmedArticleSet>")
	for i := range n {
		b.WriteString(small(strconv.Itoa(i+1), strings.Repeat("word ", 1000+i%7*100)))
	}
	return b.String() + "</PubmedArticleSet>"
}

// settled waits until there are no more goroutines than before.
func settled(t *testing.T, before int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func TestOrder(t *testing.T) {
	const n = 500
	next := schemas.PMID(1)
	for doc, err := range documents(strings.NewReader(many(n)), "in.xml", defaultLimits) {
		if err != nil || doc.PMID != next {
			t.Fatalf("PMID %v after %d, error %v", doc, next-1, err)
		}
		next++
	}
	if next != n+1 {
		t.Errorf("%d documents", next-1)
	}
}

// TestNothingLeaks stops at every place: within the first batch, far behind it, at the error of the
// src, and in a panic of the consumer.
func TestNothingLeaks(t *testing.T) {
	input := many(300)
	broken := errors.New("disk on fire")
	before := runtime.NumGoroutine()
	for _, stop := range []int{1, 2, 29, 150, 300, 1000} {
		for _, r := range []io.Reader{
			strings.NewReader(input), io.MultiReader(strings.NewReader(input[:len(input)/2]), iotest.ErrReader(broken)),
		} {
			n := 0
			for range documents(r, "in.xml", defaultLimits) {
				if n++; n == stop {
					break
				}
			}
			settled(t, before)
		}
	}
	func() {
		defer func() {
			if recover() != "enough" {
				t.Error("the panic of the consumer is lost")
			}
		}()
		for range documents(strings.NewReader(input), "in.xml", defaultLimits) {
			panic("enough")
		}
	}()
	settled(t, before)
	next, stop := iter.Pull2(documents(strings.NewReader(input), "in.xml", defaultLimits))
	if doc, err, ok := next(); !ok || err != nil || doc.PMID != 1 {
		t.Errorf("%v, %v, %v", doc, err, ok)
	}
	stop()
	settled(t, before)
}

// endless gives one record again and again, and counts what was read of it.
type endless struct {
	record string
	at     int
	read   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.record[e.at:])
	e.at = (e.at + n) % len(e.record)
	e.read += n
	return n, nil
}

// TestReadAheadIsBounded consumes little of an endless input, slowly.
func TestReadAheadIsBounded(t *testing.T) {
	e := &endless{record: small("1", strings.Repeat("word ", 1000))}
	n := 0
	for range documents(io.MultiReader(strings.NewReader("<PubmedArticleSet>"), e), "in.xml", defaultLimits) {
		if n++; n == 2 {
			time.Sleep(50 * time.Millisecond)
			break
		}
	}
	if most := (2*maxWorkers + 3) * 2 * batchSize; e.read > most {
		t.Errorf("%d bytes read ahead, more than %d", e.read, most)
	}
}

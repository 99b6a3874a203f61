package pubmed

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"
)

// limits are maxima for one input.
type limits struct {
	record   int   // bytes of one record
	expanded int64 // bytes of the XML
	ratio    int64 // XML bytes per compressed byte, beyond from XML bytes
	from     int64
}

// defaultLimits are far above the files of NLM (0.3 GB, records of 2 MB, ratios of 6 to 15).
var defaultLimits = limits{record: 16 << 20, expanded: 4 << 30, ratio: 400, from: 64 << 20}

// counter counts the bytes of a source and keeps its error, which is not an error of the format.
type counter struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// expander reads the decompressed stream within the limits.
type expander struct {
	r      io.Reader
	packed *counter // nil when the input is not compressed
	n      int64
	limits limits
}

func (e *expander) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.n += int64(n)
	if e.n > e.limits.expanded {
		return n, fmt.Errorf("more than %d MiB of XML in one file; split it", e.limits.expanded>>20)
	}
	if e.packed != nil && e.n > e.limits.from && e.n > e.limits.ratio*e.packed.n {
		return n, fmt.Errorf("it expands more than %d times: no PubMed file does", e.limits.ratio)
	}
	if e.packed != nil && err != nil && err != io.EOF {
		err = gzipError(err)
	}
	return n, err
}

func gzipError(err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("truncated gzip; fetch it again")
	case errors.Is(err, gzip.ErrChecksum):
		return errors.New("gzip checksum does not match; fetch it again")
	case errors.Is(err, gzip.ErrHeader):
		return errors.New("broken gzip header, or junk after the end of the gzip data; fetch it again")
	}
	return fmt.Errorf("broken gzip data (%w); fetch it again", err)
}

// expand recognizes gzip, of one or several members, by its magic number, and converts the
// encodings of old exports to UTF-8 without a byte order mark.
func expand(src *counter, l limits) (io.Reader, error) {
	packed := bufio.NewReaderSize(src, 32<<10)
	magic, err := packed.Peek(2)
	if len(magic) == 0 && err == io.EOF {
		return nil, errors.New("empty file")
	}
	e := &expander{r: packed, limits: l}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(packed)
		if err != nil {
			return nil, gzipError(err)
		}
		unzipped.Multistream(false)
		e.r, e.packed = &members{unzipped, packed}, src
	}
	return decoded(bufio.NewReaderSize(e, 4<<10))
}

// members reads the members of gzip data. It ignores zeros after the last one, to which tapes and
// some servers pad files, as gzip does.
type members struct {
	unzipped *gzip.Reader
	packed   *bufio.Reader // which the gzip.Reader leaves right after a member
}

func (m *members) Read(p []byte) (int, error) {
	n, err := m.unzipped.Read(p)
	for n == 0 && err == io.EOF {
		if err = m.next(); err == nil {
			n, err = m.unzipped.Read(p)
		} else if err == io.EOF {
			return 0, err
		}
	}
	if err == io.EOF { // of a member that is not known to be the last
		err = nil
	}
	return n, err
}

// next begins the next member. It returns io.EOF if there is none.
func (m *members) next() error {
	padded := false
	for {
		b, err := m.packed.Peek(max(1, m.packed.Buffered()))
		rest := bytes.TrimLeft(b, "\x00")
		padded = padded || len(rest) < len(b)
		if len(rest) > 0 && padded {
			return gzip.ErrHeader
		}
		if len(rest) > 0 {
			err = m.unzipped.Reset(m.packed)
			m.unzipped.Multistream(false)
			return err
		}
		if _, discarding := m.packed.Discard(len(b)); err != nil || discarding != nil {
			return cmp.Or(err, discarding)
		}
	}
}

var declaredEncoding = regexp.MustCompile(`^<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']`)

// decoded converts a stream to UTF-8 from the encoding that its first bytes declare.
func decoded(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(256)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(head) == 0 {
		return nil, errors.New("empty file")
	}
	if bytes.HasPrefix(head, []byte("\uFEFF")) {
		_, err := r.Discard(len("\uFEFF"))
		return r, err
	}
	for _, utf16 := range [...]string{"\xfe\xff", "\xff\xfe", "<\x00", "\x00<"} {
		if bytes.HasPrefix(head, []byte(utf16)) {
			return nil, errors.New("UTF-16 is not read; convert it to UTF-8")
		}
	}
	declared := declaredEncoding.FindSubmatch(head)
	if declared == nil {
		return r, nil
	}
	switch name := string(declared[1]); strings.ToLower(name) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return r, nil
	case "iso-8859-1", "latin1":
		return charmap.ISO8859_1.NewDecoder().Reader(r), nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	default:
		return nil, fmt.Errorf("encoding %.40q is not read; convert it to UTF-8", name)
	}
}

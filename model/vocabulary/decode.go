package vocabulary

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// magic begins a file; the version follows, and a line feed.
const (
	magic   = "pubmine vocabulary "
	version = "1"
)

// ReadCard checks a file's contents and returns its card, checksum and size.
func ReadCard(data []byte) (*Vocabulary, error) {
	v, _, err := open(data)
	return v, err
}

// open returns a vocabulary with its card only, and the sections.
func open(data []byte) (*Vocabulary, cursor, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		if len(data) > 0 && len(data) < len(magic) && strings.HasPrefix(magic, string(data)) {
			return nil, cursor{}, errCut
		}
		return nil, cursor{}, errors.New("it is not a vocabulary: make one with pubmine vocab build")
	}
	line, rest, ok := bytes.Cut(rest, []byte("\n"))
	switch {
	case !ok || len(rest) < sha256.Size:
		return nil, cursor{}, errCut
	case string(line) != version:
		return nil, cursor{}, fmt.Errorf(
			"it has version %.20q of the format, and this program reads version %s: build it again with this "+
				"program, or use the program that built it", line, version,
		)
	}
	want, body := rest[:sha256.Size], rest[sha256.Size:]
	sum := sha256.Sum256(body)
	if !bytes.Equal(sum[:], want) {
		return nil, cursor{}, errors.New("it is damaged or incomplete (its checksum differs): copy or build it again")
	}
	in := cursor{data: body}
	v := &Vocabulary{SHA256: hex.EncodeToString(sum[:]), Size: len(data)}
	card := in.bytes(int(in.uint32()))
	if in.err != nil {
		return nil, cursor{}, in.err
	}
	if err := json.Unmarshal(card, &v.Card); err != nil {
		return nil, cursor{}, fmt.Errorf("its card: %w: build it again", err)
	}
	return v, in, nil
}

var errCut = errors.New("it is incomplete: copy or build it again")

// Decode loads a vocabulary from the contents of a file.
func Decode(data []byte) (*Vocabulary, error) {
	v, in, err := open(data)
	if err != nil {
		return nil, err
	}
	zip, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, err
	}
	defer zip.Close()
	sections, err := split(in)
	if err != nil {
		return nil, err
	}
	if err := v.read(zip, sections[0], sections[1:]); err != nil {
		return nil, err
	}
	for i, c := range v.classes {
		if i == 0 || v.classes[i-1].typ != c.typ {
			v.bounds = append(v.bounds, v.first[c.first])
		}
	}
	return v, nil
}

// section is a compressed part of a file.
type section struct {
	concepts, names, raw int
	data                 []byte
}

// maxExpansion is the most that a section may grow by decompression.
const maxExpansion = 1 << 10

func split(in cursor) ([]section, error) {
	var sections []section
	for total := 0; len(in.data) > 0; {
		s := section{concepts: int(in.uint32()), names: int(in.uint32()), raw: int(in.uint32())}
		s.data = in.bytes(int(in.uint32()))
		total += s.raw
		if in.err != nil || s.raw > maxExpansion*len(s.data) || s.names > s.raw || s.concepts > s.raw || total > 1<<31 {
			return nil, errDamaged
		}
		sections = append(sections, s)
	}
	if len(sections) == 0 {
		return nil, errDamaged
	}
	return sections, nil
}

// expand decompresses a section into dst, which has its size.
func (s section) expand(zip *zstd.Decoder, dst []byte) error {
	out, err := zip.DecodeAll(s.data, dst[:0:len(dst)])
	if err != nil || len(out) != s.raw || len(out) > 0 && &out[0] != &dst[0] {
		return errDamaged
	}
	return nil
}

// read reads the section about concepts and the blocks of names, on all processors.
func (v *Vocabulary) read(zip *zstd.Decoder, facts section, blocks []section) error {
	names, concepts, size := 0, 0, 0
	for _, b := range blocks {
		names, concepts, size = names+b.names, concepts+b.concepts, size+b.raw
	}
	if concepts != facts.concepts {
		return errDamaged
	}
	v.table = newTable(names)
	v.names = make([]byte, size)
	v.first = make([]uint32, concepts+1)
	v.first[concepts] = uint32(size)
	hashes := make([]uint32, names)
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	names, concepts, size = 0, 0, 0
	for _, b := range blocks {
		first, hashes, at := v.first[concepts:concepts+b.concepts], hashes[names:names+b.names], size
		work.Go(func() error {
			if err := b.expand(zip, v.names[at:at+b.raw]); err != nil {
				return err
			}
			return v.readNames(at, at+b.raw, first, hashes)
		})
		names, concepts, size = names+b.names, concepts+b.concepts, size+b.raw
	}
	work.Go(func() error { return v.readConcepts(zip, facts) })
	if err := work.Wait(); err != nil {
		return err
	}
	v.table.fill(v, hashes)
	return nil
}

// readNames sets the hashes of the names of a block, and the first names of its concepts.
func (v *Vocabulary) readNames(from, to int, first, hashes []uint32) error {
	in := cursor{data: v.names[from:to:to]}
	var key []byte
	n, c := 0, 0
	for ; len(in.data) > 0 && n < len(hashes); n++ {
		at := to - len(in.data)
		if Kind(in.bytes(1)[0])&Preferred != 0 {
			if c == len(first) {
				return errDamaged
			}
			first[c] = uint32(at)
			c++
		}
		key = normalize.Key(key, view(in.bytes(in.count())))
		if in.err != nil || c == 0 || len(key) == 0 {
			return errDamaged
		}
		hashes[n] = v.table.add(key)
	}
	if n != len(hashes) || c != len(first) || len(in.data) > 0 {
		return errDamaged
	}
	return nil
}

// header returns the bytes before the body.
func header(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append([]byte(magic+version+"\n"), sum[:]...)
}

func appendSection(dst []byte, s section) []byte {
	for _, n := range []int{s.concepts, s.names, s.raw, len(s.data)} {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return append(dst, s.data...)
}

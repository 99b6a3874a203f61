package vocabulary

import (
	"encoding/binary"
	"encoding/json"

	"github.com/klauspost/compress/zstd"
)

// blockSize is from which on a block of names is full, in bytes. Blocks are loaded in parallel.
const blockSize = 6 << 20

// Encode returns the contents of the file, with the numbers filled in on the card.
func (b *Builder) Encode(card Card) ([]byte, error) {
	all, classes, err := b.sorted()
	if err != nil {
		return nil, err
	}
	others := b.others(all)
	card.Concepts, card.Names, card.Retired = map[string]int{}, map[string]int{}, len(others)
	for _, d := range all {
		card.Concepts[d.Type]++
		card.Names[d.Type] += len(d.Names)
	}
	head, err := json.Marshal(card)
	if err != nil {
		return nil, err
	}
	zip, err := zstd.NewWriter(
		nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(8<<20),
		zstd.WithEncoderConcurrency(1),
	)
	if err != nil {
		return nil, err
	}
	defer zip.Close()
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(head)))
	body = append(body, head...)
	raw := b.concepts(all, classes, others)
	body = appendSection(body, section{len(all), 0, len(raw), zip.EncodeAll(raw, nil)})
	for len(all) > 0 {
		var s section
		raw := raw[:0]
		for ; s.concepts < len(all) && len(raw) < blockSize; s.concepts++ {
			for _, name := range all[s.concepts].Names {
				raw = appendString(append(raw, byte(name.Kind)), name.Text)
				s.names++
			}
		}
		all = all[s.concepts:]
		s.raw, s.data = len(raw), zip.EncodeAll(raw, nil)
		body = appendSection(body, s)
	}
	return append(header(body), body...), nil
}

// concepts returns the section about concepts.
func (b *Builder) concepts(all []*draft, classes []class, others []otherID) []byte {
	out := binary.AppendUvarint(nil, uint64(len(classes)))
	for _, c := range classes {
		out = appendString(appendString(appendString(out, c.typ), c.species), c.prefix)
		for _, n := range []int{c.width, c.base, int(c.end - c.first)} {
			out = binary.AppendUvarint(out, uint64(n))
		}
	}
	for _, c := range classes {
		last := uint32(0)
		for _, d := range all[c.first:c.end] {
			if c.base == 0 {
				out = appendString(out, d.ID)
				continue
			}
			out = binary.AppendUvarint(out, uint64(d.n-last))
			last = d.n
		}
	}
	trees := 0
	for i, d := range all {
		out = appendRelated(out, Concept(i), b.parents(d))
		if len(d.Trees) > 0 {
			trees++
		}
	}
	out = binary.AppendUvarint(out, uint64(trees))
	last := 0
	for i, d := range all {
		if len(d.Trees) == 0 {
			continue
		}
		out = binary.AppendUvarint(out, uint64(i-last))
		last = i
		out = binary.AppendUvarint(out, uint64(len(d.Trees)))
		for _, tree := range d.Trees {
			out = appendString(out, tree)
		}
	}
	out = binary.AppendUvarint(out, uint64(len(others)))
	for _, o := range others {
		out = binary.AppendUvarint(appendString(out, o.id), uint64(o.concept))
	}
	return out
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

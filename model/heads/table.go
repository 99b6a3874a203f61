package heads

import (
	"fmt"
	"math"
	"math/bits"
)

// Table is the quantised weights of the features that training kept. The bucket of a feature is its
// top bits; a bitmap marks the kept buckets, and the number of kept buckets before one is the
// number of its row. A weight is an int8 times the scale of its label, with an error of at most
// half that scale.
type Table struct {
	bits   int       // buckets = 1 << bits
	labels int       // values per row
	kept   []uint64  // bitmap over buckets
	before []uint32  // kept buckets before each word of the bitmap
	rows   []int8    // kept buckets * labels
	scale  []float32 // per label
}

// newTable makes a Table from its stored parts, which it keeps, and checks that they are
// consistent.
func newTable(kept []uint64, rows []int8, scale []float32) (*Table, error) {
	t := &Table{labels: len(scale), kept: kept, rows: rows, scale: scale}
	if n := len(kept); n == 0 || n&(n-1) != 0 || n > 1<<26 {
		return nil, fmt.Errorf("a bitmap of %d words; it must be a power of two up to 2^26", n)
	}
	t.bits = bits.TrailingZeros(uint(len(kept))) + 6
	t.before = make([]uint32, len(kept))
	n := 0
	for i, w := range kept {
		t.before[i] = uint32(n)
		n += bits.OnesCount64(w)
	}
	if len(rows) != n*t.labels {
		return nil, fmt.Errorf("%d weights for %d buckets of %d labels", len(rows), n, t.labels)
	}
	return t, nil
}

// quantise keeps the buckets of a full table (1<<bits rows of labels weights) with a weight of at
// least threshold.
func quantise(table []float32, labels, nbits int, threshold float32) *Table {
	scale := make([]float32, labels)
	kept := make([]uint64, 1<<(nbits-6))
	n := 0
	for b := range len(table) / labels {
		largest := float32(0)
		for l, w := range table[b*labels : (b+1)*labels] {
			w = abs(w)
			scale[l] = max(scale[l], w/math.MaxInt8)
			largest = max(largest, w)
		}
		if largest > 0 && largest >= threshold {
			kept[b>>6] |= 1 << (b & 63)
			n++
		}
	}
	rows := make([]int8, 0, n*labels)
	for b := range len(table) / labels {
		if kept[b>>6]&(1<<(b&63)) == 0 {
			continue
		}
		for l, w := range table[b*labels : (b+1)*labels] {
			q := int8(0)
			if scale[l] > 0 {
				q = int8(math.RoundToEven(float64(w / scale[l])))
			}
			rows = append(rows, q)
		}
	}
	t, err := newTable(kept, rows, scale)
	if err != nil {
		panic(err) // the parts are consistent by construction
	}
	return t
}

// Scale multiplies all weights, to compensate for feature dropout in training.
func (t *Table) Scale(by float32) {
	for i := range t.scale {
		t.scale[i] *= by
	}
}

// row returns the weights of a feature, or nil when its bucket is not kept.
func (t *Table) row(feature uint32) []int8 {
	return t.bucket(feature >> (32 - t.bits))
}

// Bits returns the number of bits of a feature's hash that are its bucket.
func (t *Table) Bits() int { return t.bits }

// bucket returns the weights of a bucket, or nil when it is not kept.
func (t *Table) bucket(b uint32) []int8 {
	word, bit := t.kept[b>>6], uint64(1)<<(b&63)
	if word&bit == 0 {
		return nil
	}
	at := (int(t.before[b>>6]) + bits.OnesCount64(word&(bit-1))) * t.labels
	return t.rows[at : at+t.labels : at+t.labels]
}

// add adds the weights of the features to dst.
func (t *Table) add(dst []float32, features []uint32) {
	var sum [MaxLabels]int32
	for _, f := range features {
		for l, q := range t.row(f) {
			sum[l] += int32(q)
		}
	}
	for l, s := range t.scale {
		dst[l] += float32(s) * float32(sum[l])
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// Package features computes the lexical features of words, pairs of entities, sentences and
// questions as 32-bit hashes, for the linear heads of package heads.
//
// A feature is a template (a small number for the observed property: "the suffix of three of the
// word to the left") and a value ("ine"). Both are hashed into a uint32; a head keeps weights per
// bucket, the top bits of that number (feature hashing: Weinberger et al., 2009, "Feature Hashing
// for Large Scale Multitask Learning"). There is no dictionary of features, so a model has numbers
// only.
//
// Hashes are part of the format of a trained model: any change of a template, value or hash
// function invalidates every trained head (Version). Golden values in the tests detect changes.
//
// The lexical features of words follow reference training.md, section 1: form, prefixes, suffixes
// and shapes of the word, form, suffix and shape of two neighbours on each side, and bigrams.
package features

import (
	"unicode"
	"unicode/utf8"
)

// A Hash is a feature being built: a value type, so that a common beginning is computed once and
// continued in several ways. Start one with Template, add to it, and take its Sum.
type Hash uint64

// The 64-bit parameters of FNV-1a.
const (
	fnvOffset Hash = 14695981039346656037
	fnvPrime  Hash = 1099511628211
)

// Template starts a feature. Every kind of feature of a head has a different number.
func Template(id uint32) Hash {
	return fnvOffset.Uint(uint64(id))
}

// Byte adds one byte.
func (h Hash) Byte(b byte) Hash { return (h ^ Hash(b)) * fnvPrime }

// Uint adds a number.
func (h Hash) Uint(n uint64) Hash {
	h ^= Hash(n) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

// Int adds a number that may be negative.
func (h Hash) Int(n int) Hash { return h.Uint(uint64(int64(n))) }

// Bool adds a boolean.
func (h Hash) Bool(b bool) Hash {
	if b {
		return h.Uint(1)
	}
	return h.Uint(0)
}

// String adds the bytes of s and its end, so that String("a").String("bc") and
// String("ab").String("c") differ.
func (h Hash) String(s string) Hash {
	for i := range len(s) {
		h = h.Byte(s[i])
	}
	return h.end(len(s))
}

// Lower adds s in lower case, rune by rune, as String(strings.ToLower(s)) would, without allocating
// that string.
func (h Hash) Lower(s string) Hash {
	n := 0
	for _, r := range s {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			h = h.Byte(byte(r))
			n++
			continue
		}
		var b [utf8.UTFMax]byte
		k := utf8.EncodeRune(b[:], unicode.ToLower(r))
		for _, c := range b[:k] {
			h = h.Byte(c)
		}
		n += k
	}
	return h.end(n)
}

func (h Hash) end(n int) Hash { return h.Uint(uint64(n) + 0x100) }

// Sum is the finished feature. Its top bits are as well mixed as its low ones.
func (h Hash) Sum() uint32 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return uint32(h >> 32)
}

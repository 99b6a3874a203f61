package schemas

import "unicode/utf8"

// codePoints turns byte offsets of a text into code point offsets.
type codePoints struct {
	size  int
	count []int32 // code points before each byte offset, -1 inside a character; nil when the text is ASCII
}

// newCodePoints reads the text once.
func newCodePoints(text string) codePoints {
	c := codePoints{size: len(text)}
	if utf8.RuneCountInString(text) == len(text) {
		return c
	}
	c.count = make([]int32, len(text)+1)
	for i := range c.count {
		c.count[i] = -1
	}
	n := int32(0)
	for i := range text {
		c.count[i] = n
		n++
	}
	c.count[len(text)] = n
	return c
}

// at returns the code points before byte offset i, or -1 when i is outside the text or inside a
// character.
func (c codePoints) at(i int) int32 {
	if i < 0 || i > c.size {
		return -1
	}
	if c.count == nil {
		return int32(i)
	}
	return c.count[i]
}

package vocabulary

import (
	"encoding/binary"
	"errors"
)

// errDamaged is the error of contents that no encoder writes.
var errDamaged = errors.New("its contents are inconsistent: copy the file again, or build it again")

// cursor reads values from bytes. After the first that is invalid, all are zero.
type cursor struct {
	data []byte
	err  error
}

func (c *cursor) fail() {
	c.data, c.err = nil, errDamaged
}

func (c *cursor) uvarint() uint64 {
	x, n := binary.Uvarint(c.data)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.data = c.data[n:]
	return x
}

// number returns a uvarint, which must not exceed limit.
func (c *cursor) number(limit int) int {
	x := c.uvarint()
	if x > uint64(limit) {
		c.fail()
		return 0
	}
	return int(x)
}

// count returns a number of things, each of which takes at least one byte.
func (c *cursor) count() int { return c.number(len(c.data)) }

func (c *cursor) varint() int64 {
	x, n := binary.Varint(c.data)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.data = c.data[n:]
	return x
}

func (c *cursor) bytes(n int) []byte {
	if n > len(c.data) {
		c.fail()
		return nil
	}
	b := c.data[:n:n]
	c.data = c.data[n:]
	return b
}

// string returns a string, which shares the memory of the data.
func (c *cursor) string() string { return view(c.bytes(c.count())) }

func (c *cursor) uint32() uint32 {
	if b := c.bytes(4); len(b) == 4 {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

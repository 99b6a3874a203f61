package pickle

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// mark is the stack element of a MARK.
type mark struct{}

// Decoder reads consecutive pickles.
type Decoder struct {
	in     *bufio.Reader
	host   Host
	offset int64 // bytes read, of all pickles

	// state of the current pickle
	stack  []any
	memo   map[uint32]any
	left   int64 // bytes that the pickle may still have
	values int
}

// NewDecoder returns a decoder of the pickles in r. It reads ahead.
func NewDecoder(r io.Reader, host Host) *Decoder {
	return &Decoder{in: bufio.NewReader(r), host: host}
}

// Offset returns the number of bytes of the pickles read so far.
func (d *Decoder) Offset() int64 { return d.offset }

// Decode reads one pickle.
func (d *Decoder) Decode() (any, error) {
	d.stack, d.memo, d.left, d.values = nil, map[uint32]any{}, MaxBytes, 0
	begin := d.offset
	for {
		at := d.offset
		op, err := d.byte()
		if err == nil && opcode(op) == opStop {
			return d.stop(begin)
		}
		if err == nil {
			err = d.step(opcode(op))
		}
		if err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at-begin, err)
		}
	}
}

func (d *Decoder) stop(begin int64) (any, error) {
	if len(d.stack) != 1 {
		return nil, fmt.Errorf("pickle, byte %d: it ends with %d values instead of one", d.offset-begin-1, len(d.stack))
	}
	value, err := d.pop()
	d.stack, d.memo = nil, nil
	return value, err
}

// step runs one instruction.
func (d *Decoder) step(op opcode) error {
	switch op {
	case opMark:
		return d.push(mark{})
	case opProto:
		return d.proto()
	case opFrame:
		_, err := d.bytes(8) // frames are hints for prefetching
		return err
	case opBinPut, opLongBinPut, opMemoize, opBinGet, opLongBinGet:
		return d.remember(op)
	case opAppend, opAppends, opSetItem, opSetItems, opBuild:
		return d.fill(op)
	case opGlobal, opStackGlobal, opReduce, opNewObj, opBinPersID:
		return d.ask(op)
	}
	value, err := d.value(op)
	if err != nil {
		return err
	}
	return d.push(value)
}

func (d *Decoder) proto() error {
	version, err := d.byte()
	if err == nil && (version < 2 || version > 4) {
		return fmt.Errorf("protocol %d: protocols 2 to 4 are read", version)
	}
	return err
}

// remember stores the top of the stack in the memo, or pushes a value of the memo.
func (d *Decoder) remember(op opcode) error {
	width := 1
	switch op {
	case opLongBinPut, opLongBinGet:
		width = 4
	case opMemoize:
		width = 0
	}
	index := uint32(len(d.memo))
	if width > 0 {
		n, err := d.uint(width)
		if err != nil {
			return err
		}
		index = uint32(n)
	}
	if op == opBinGet || op == opLongBinGet {
		value, ok := d.memo[index]
		if !ok {
			return fmt.Errorf("the memo has no entry %d", index)
		}
		return d.push(value)
	}
	if len(d.stack) == 0 || d.stack[len(d.stack)-1] == any(mark{}) {
		return errors.New("the stack is empty: nothing to store in the memo")
	}
	d.memo[index] = d.stack[len(d.stack)-1]
	return d.count()
}

// count limits the number of values of a pickle.
func (d *Decoder) count() error {
	if d.values++; d.values > MaxValues {
		return fmt.Errorf("more than %d values", MaxValues)
	}
	return nil
}

func (d *Decoder) push(v any) error {
	d.stack = append(d.stack, v)
	return d.count()
}

// pop takes a value, not a mark, from the stack.
func (d *Decoder) pop() (any, error) {
	n := len(d.stack) - 1
	if n < 0 {
		return nil, errors.New("the stack is empty")
	}
	v := d.stack[n]
	if _, ok := v.(mark); ok {
		return nil, errors.New("found a mark instead of a value")
	}
	d.stack = d.stack[:n]
	return v, nil
}

// popMark removes the topmost mark and returns the values above it.
func (d *Decoder) popMark() ([]any, error) {
	for i := len(d.stack) - 1; i >= 0; i-- {
		if _, ok := d.stack[i].(mark); ok {
			items := append([]any(nil), d.stack[i+1:]...)
			d.stack = d.stack[:i]
			return items, nil
		}
	}
	return nil, errors.New("the stack has no mark")
}

func (d *Decoder) byte() (byte, error) {
	if d.left == 0 {
		return 0, tooLong()
	}
	b, err := d.in.ReadByte()
	if err != nil {
		return 0, cut(err)
	}
	d.left--
	d.offset++
	return b, nil
}

// bytes reads n bytes and allocates memory as they arrive.
func (d *Decoder) bytes(n uint64) ([]byte, error) {
	if n > uint64(d.left) {
		return nil, tooLong()
	}
	var b strings.Builder
	read, err := io.CopyN(&b, d.in, int64(n))
	d.left -= read
	d.offset += read
	if err != nil {
		return nil, cut(err)
	}
	return []byte(b.String()), nil
}

// uint reads an unsigned number of width bytes, little endian.
func (d *Decoder) uint(width int) (uint64, error) {
	var n uint64
	for i := range width {
		b, err := d.byte()
		if err != nil {
			return 0, err
		}
		n |= uint64(b) << (8 * i)
	}
	return n, nil
}

// line reads up to the next line feed, which it drops.
func (d *Decoder) line() (string, error) {
	var b strings.Builder
	for b.Len() <= 1000 {
		c, err := d.byte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", errors.New("a name has more than 1000 bytes")
}

func tooLong() error { return fmt.Errorf("it has more than %d bytes", MaxBytes) }

// cut is the error of a pickle that ends too soon.
func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("it is truncated: %w", io.ErrUnexpectedEOF)
	}
	return err
}

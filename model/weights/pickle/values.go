package pickle

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"
)

// value makes the value of an instruction that pushes one.
func (d *Decoder) value(op opcode) (any, error) {
	switch op {
	case opNone:
		return nil, nil
	case opNewTrue:
		return true, nil
	case opNewFalse:
		return false, nil
	case opEmptyList:
		return &List{}, nil
	case opEmptyDict:
		return &Dict{}, nil
	case opEmptyTuple:
		return Tuple{}, nil
	case opTuple, opTuple1, opTuple2, opTuple3:
		return d.tuple(op)
	case opBinInt, opBinInt1, opBinInt2, opLong1, opBinFloat:
		return d.number(op)
	case opBinUnicode, opShortUnicode, opBinUnicode8, opShortBinString:
		b, err := d.sized(op)
		if err == nil && !utf8.Valid(b) {
			err = errors.New("a string is not valid UTF-8")
		}
		return string(b), err
	case opBinBytes, opShortBinBytes, opBinBytes8:
		return d.sized(op)
	}
	return nil, fmt.Errorf("opcode %s is not one of those that plain data and tensors need: %s", opName(op), advice)
}

// advice is the hint for a file with more than weights.
const advice = "do not trust the file; if you do, load it in Python and save its state dict alone, best as safetensors"

// opName returns the name of an unsupported opcode.
func opName(op opcode) string {
	for _, name := range strings.Fields(refused) {
		if name[0] == byte(op) {
			return name[1:]
		}
	}
	return fmt.Sprintf("%#02x", byte(op))
}

func (d *Decoder) tuple(op opcode) (any, error) {
	if op == opTuple {
		items, err := d.popMark()
		return Tuple(items), err
	}
	items := make(Tuple, int(op-opTuple1)+1)
	for i := len(items) - 1; i >= 0; i-- {
		var err error
		if items[i], err = d.pop(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (d *Decoder) number(op opcode) (any, error) {
	switch op {
	case opBinInt1, opBinInt2:
		n, err := d.uint(map[opcode]int{opBinInt1: 1, opBinInt2: 2}[op])
		return int64(n), err
	case opBinInt:
		n, err := d.uint(4)
		return int64(int32(n)), err
	case opBinFloat: // big endian, unlike everything else
		b, err := d.bytes(8)
		if err != nil {
			return nil, err
		}
		var bits uint64
		for _, c := range b {
			bits = bits<<8 | uint64(c)
		}
		return math.Float64frombits(bits), nil
	}
	b, err := d.sized(op)
	if err != nil || len(b) == 0 {
		return int64(0), err
	}
	slices.Reverse(b) // two's complement, little endian
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if n.IsInt64() {
		return n.Int64(), nil
	}
	return n, nil
}

// sized reads the bytes of an instruction that are preceded by their number.
func (d *Decoder) sized(op opcode) ([]byte, error) {
	width := 4
	switch op {
	case opShortBinString, opShortUnicode, opShortBinBytes, opLong1:
		width = 1
	case opBinUnicode8, opBinBytes8:
		width = 8
	}
	n, err := d.uint(width)
	if err != nil {
		return nil, err
	}
	return d.bytes(n)
}

// fill adds to a container.
func (d *Decoder) fill(op opcode) error {
	var items []any
	var err error
	switch op {
	case opAppends, opSetItems:
		items, err = d.popMark()
	default:
		items = make([]any, map[opcode]int{opAppend: 1, opBuild: 1, opSetItem: 2}[op])
		for i := len(items) - 1; i >= 0 && err == nil; i-- {
			items[i], err = d.pop()
		}
	}
	if err != nil {
		return err
	}
	if len(d.stack) == 0 {
		return errors.New("the stack is empty")
	}
	switch into := d.stack[len(d.stack)-1].(type) {
	case *List:
		if op == opAppend || op == opAppends {
			into.Items = append(into.Items, items...)
			return nil
		}
	case *Dict:
		if op == opSetItem || op == opSetItems {
			return into.setAll(items)
		}
		if op == opBuild && into.class != "" {
			return d.build(into, items[0])
		}
	}
	return fmt.Errorf("items are put into a %s: %s", TypeName(d.stack[len(d.stack)-1]), advice)
}

func (d *Dict) setAll(items []any) error {
	if len(items)%2 != 0 {
		return errors.New("a key has no value")
	}
	for i := 0; i < len(items); i += 2 {
		d.set(items[i], items[i+1])
	}
	return nil
}

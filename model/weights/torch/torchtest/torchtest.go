// Package torchtest writes files as torch.save does, for tests: the zip archive and the layout
// before torch 1.6, in pickle protocols 2 and 4.
//
// An object is made of nil, bool, int64, float64, string, []byte, Tuple, List, Dict, OrderedDict,
// Namespace, Global, Call and *Tensor. Package torch describes the layouts.
package torchtest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pubmine/pubmine/model/weights"
)

// The containers of an object.
type (
	// Tuple is a tuple.
	Tuple []any
	// List is a list.
	List []any
	// Dict is a dict.
	Dict []Item
	// OrderedDict is a collections.OrderedDict, with state as a module's state_dict has it.
	OrderedDict []Item
	// Namespace is an argparse.Namespace.
	Namespace []Item
)

// Item is one entry of a dict.
type Item struct {
	Key   string
	Value any
}

// Global is a class or function, named "module name".
type Global struct{ Module, Name string }

// Call is the call of a global.
type Call struct {
	Function  Global
	Arguments Tuple
}

// Storage holds elements that tensors look at.
type Storage struct {
	Key      string
	Class    string // of torch, such as FloatStorage
	Elements int64
	Data     []byte
}

// Tensor is a view of a storage.
type Tensor struct {
	Storage        *Storage
	First          int64
	Shape, Strides []int64
}

// Float32s returns a tensor with a separate storage, row by row.
func Float32s(key string, values []float32, shape ...int64) *Tensor {
	t := weights.FromFloat32s("", values)
	return &Tensor{
		Storage: &Storage{key, "FloatStorage", int64(len(values)), t.Data}, Shape: shape, Strides: rows(shape),
	}
}

// rows returns the strides of a tensor without gaps.
func rows(shape []int64) []int64 {
	strides := make([]int64, len(shape))
	n := int64(1)
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	return strides
}

// pickler writes one pickle.
type pickler struct {
	bytes.Buffer
	protocol byte
	legacy   bool
	puts     uint32
	storages []*Storage // in the order in which they came up
}

// Pickle returns the pickle of an object.
func Pickle(protocol byte, object any) []byte {
	p := &pickler{protocol: protocol}
	return p.dump(object)
}

func (p *pickler) dump(object any) []byte {
	p.Write([]byte{0x80, p.protocol})
	p.put(object)
	p.WriteByte('.')
	return p.Bytes()
}

// remember writes the instruction of a pickler that stores a value in the memo.
func (p *pickler) remember() {
	switch {
	case p.protocol >= 4:
		p.WriteByte(0x94)
	case p.puts < 256:
		p.Write([]byte{'q', byte(p.puts)})
	default:
		p.WriteByte('r')
		p.number(4, uint64(p.puts))
	}
	p.puts++
}

func (p *pickler) number(width int, n uint64) {
	p.Write(binary.LittleEndian.AppendUint64(nil, n)[:width])
}

func (p *pickler) put(v any) {
	switch v := v.(type) {
	case nil:
		p.WriteByte('N')
	case bool:
		p.WriteByte(map[bool]byte{true: 0x88, false: 0x89}[v])
	case int:
		p.integer(int64(v))
	case int64:
		p.integer(v)
	case float64:
		p.WriteByte('G')
		p.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
	case string:
		p.text(v)
	case []byte:
		p.WriteByte('B')
		p.number(4, uint64(len(v)))
		p.Write(v)
		p.remember()
	case Global:
		p.global(v)
	case Call:
		p.global(v.Function)
		p.put(v.Arguments)
		p.WriteByte('R')
		p.remember()
	case *Tensor:
		p.tensor(v)
	default:
		p.container(v)
	}
}

func (p *pickler) integer(n int64) {
	switch {
	case n >= 0 && n < 1<<8:
		p.Write([]byte{'K', byte(n)})
	case n >= 0 && n < 1<<16:
		p.WriteByte('M')
		p.number(2, uint64(n))
	case n == int64(int32(n)):
		p.WriteByte('J')
		p.number(4, uint64(n))
	default:
		p.Write([]byte{0x8a, 8})
		p.number(8, uint64(n))
	}
}

func (p *pickler) text(s string) {
	if p.protocol >= 4 && len(s) < 256 {
		p.Write([]byte{0x8c, byte(len(s))})
	} else {
		p.WriteByte('X')
		p.number(4, uint64(len(s)))
	}
	p.WriteString(s)
	p.remember()
}

func (p *pickler) global(g Global) {
	if p.protocol >= 4 {
		p.text(g.Module)
		p.text(g.Name)
		p.WriteByte(0x93)
	} else {
		fmt.Fprintf(p, "c%s\n%s\n", g.Module, g.Name)
	}
	p.remember()
}

func (p *pickler) container(v any) {
	switch v := v.(type) {
	case Tuple:
		if len(v) > 0 && len(v) <= 3 {
			for _, item := range v {
				p.put(item)
			}
			p.WriteByte(0x84 + byte(len(v)))
			break
		}
		if len(v) == 0 {
			p.WriteByte(')')
			return
		}
		p.WriteByte('(')
		for _, item := range v {
			p.put(item)
		}
		p.WriteByte('t')
	case List:
		p.WriteByte(']')
		p.remember()
		p.WriteByte('(')
		for _, item := range v {
			p.put(item)
		}
		p.WriteByte('e')
		return
	case Dict:
		p.WriteByte('}')
		p.remember()
		p.items(v)
		return
	case OrderedDict:
		p.global(Global{"collections", "OrderedDict"})
		p.WriteString(")R")
		p.remember()
		p.items(v)
		p.put(Dict{{"_metadata", Dict{}}})
		p.WriteByte('b')
		return
	case Namespace:
		p.global(Global{"argparse", "Namespace"})
		p.WriteString(")\x81")
		p.remember()
		p.put(Dict(v))
		p.WriteByte('b')
		return
	default:
		panic(fmt.Sprintf("torchtest: a %T cannot be pickled", v))
	}
	p.remember()
}

func (p *pickler) items(items []Item) {
	p.WriteByte('(')
	for _, item := range items {
		p.text(item.Key)
		p.put(item.Value)
	}
	p.WriteByte('u')
}

func (p *pickler) tensor(t *Tensor) {
	p.global(Global{"torch._utils", "_rebuild_tensor_v2"})
	p.WriteByte('(')
	id := Tuple{"storage", Global{"torch", t.Storage.Class}, t.Storage.Key, "cpu", t.Storage.Elements}
	if p.legacy {
		id = append(id, nil)
	}
	p.put(id)
	p.WriteByte('Q')
	p.integer(t.First)
	for _, sizes := range [][]int64{t.Shape, t.Strides} {
		var tuple Tuple
		for _, n := range sizes {
			tuple = append(tuple, n)
		}
		p.put(tuple)
	}
	p.put(false)
	p.put(Call{Global{"collections", "OrderedDict"}, Tuple{}})
	p.WriteString("tR")
	p.remember()
	for _, s := range p.storages {
		if s == t.Storage {
			return
		}
	}
	p.storages = append(p.storages, t.Storage)
}

// Entry is one entry of an archive.
type Entry struct {
	Name string
	Data []byte
}

// Entries returns the entries of the archive of an object.
func Entries(protocol byte, object any) []Entry {
	p := &pickler{protocol: protocol}
	entries := []Entry{{"model/data.pkl", p.dump(object)}, {"model/byteorder", []byte("little")}}
	for _, s := range p.storages {
		entries = append(entries, Entry{"model/data/" + s.Key, s.Data})
	}
	return append(entries, Entry{"model/version", []byte("3\n")})
}

// Archive returns an archive of entries, by a method of archive/zip.
func Archive(method uint16, entries ...Entry) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.Name, Method: method})
		if err == nil {
			_, err = w.Write(e.Data)
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Zip returns the file of an object.
func Zip(object any) []byte { return Archive(zip.Store, Entries(2, object)...) }

// Legacy returns the file of an object in the layout before torch 1.6.
func Legacy(object any) []byte {
	p := &pickler{protocol: 2, legacy: true}
	data := p.dump(object)
	var keys List
	for _, s := range p.storages {
		keys = append(keys, s.Key)
	}
	var b bytes.Buffer
	b.WriteString("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") // the magic number
	b.Write(Pickle(2, int64(1001)))
	b.Write(Pickle(2, Dict{{"protocol_version", int64(1001)}, {"little_endian", true}}))
	b.Write(data)
	b.Write(Pickle(2, keys))
	for _, s := range p.storages {
		b.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.Elements)))
		b.Write(s.Data)
	}
	return b.Bytes()
}

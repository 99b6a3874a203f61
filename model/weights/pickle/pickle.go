// Package pickle reads the part of Python's pickle format that files of weights need. It runs no
// code from a pickle.
//
// A pickle is a program for a stack machine (Python's pickletools.py describes every opcode); the
// full machine can import any module and call any function in it. This one has the opcodes with
// which Python's pickler writes plain data in protocols 2 to 4, and builds these values:
//
//	None               nil
//	bool float str     bool, float64, string
//	int                int64, or *big.Int where that is too small
//	bytes              []byte
//	tuple              Tuple
//	list               *List
//	dict, OrderedDict  *Dict, in the order of the file
//	argparse.Namespace *Dict of its attributes
//
// The Host decides which globals a pickle may name and call, and returns the results. Everything
// else is an error that names the opcode or the global. State that a pickle sets on a dict (as
// torch does for a module's versions) is dropped.
//
// Memory is bounded: at most MaxBytes are read and MaxValues values made. This package does not
// traverse values, so neither deep nesting nor a list that contains itself does harm; callers that
// traverse them must limit the depth.
package pickle

import "math/big"

// The limits of one pickle. The largest published BioGPT checkpoint has a pickle of 120 kB with
// 15,000 values.
const (
	MaxBytes  = 16 << 20
	MaxValues = 1 << 20
)

// Tuple is a Python tuple.
type Tuple []any

// List is a Python list.
type List struct{ Items []any }

// Dict is a Python dict. Keys may occur twice; the last one counts.
type Dict struct {
	Keys   []any
	Values []any
	class  Global // empty for a plain dict
}

// Get returns the value of a key that is a string, and whether there is one.
func (d *Dict) Get(key string) (any, bool) {
	for i := len(d.Keys) - 1; i >= 0; i-- {
		if k, ok := d.Keys[i].(string); ok && k == key {
			return d.Values[i], true
		}
	}
	return nil, false
}

func (d *Dict) set(key, value any) {
	d.Keys, d.Values = append(d.Keys, key), append(d.Values, value)
}

// Global is a class or function that a pickle names: module and name, joined by a dot.
type Global string

// The globals that need no Host.
const (
	orderedDict Global = "collections.OrderedDict"
	namespace   Global = "argparse.Namespace"
)

// Host provides the values of a pickle that are not plain data.
type Host interface {
	// Allows reports whether a pickle may name the global.
	Allows(Global) bool
	// Call returns the result of a call of an allowed global.
	Call(function Global, args Tuple) (any, error)
	// Persistent returns the object of a persistent id.
	Persistent(id any) (any, error)
}

// TypeName returns Python's name of the type of a value, for messages: values may contain
// themselves, so they must not be printed.
func TypeName(v any) string {
	switch v.(type) {
	case nil:
		return "None"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []byte:
		return "bytes"
	case Tuple:
		return "tuple"
	case *List:
		return "list"
	case *Dict:
		return "dict"
	case Global:
		return "class"
	}
	return "object"
}

package pickle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights/pickle"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
)

// host allows one function, which returns its arguments as a list, and persistent ids, which it
// returns as they are.
type host struct{}

func (host) Allows(g pickle.Global) bool { return g == "m.f" }
func (host) Call(g pickle.Global, args pickle.Tuple) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("m.f needs arguments")
	}
	return &pickle.List{Items: args}, nil
}
func (host) Persistent(id any) (any, error) {
	if id == nil {
		return nil, errors.New("None is no id")
	}
	return id, nil
}

func decode(text string) (any, error) {
	return pickle.NewDecoder(strings.NewReader(text), host{}).Decode()
}

func TestValues(t *testing.T) {
	object := torchtest.Dict{
		{
			Key: "none", Value: nil,
		}, {Key: "true", Value: true}, {Key: "small", Value: int64(7)}, {Key: "medium", Value: int64(700)},
		{Key: "negative", Value: int64(-7)}, {Key: "large", Value: int64(1) << 40},
		{
			Key: "float", Value: -0.5,
		}, {Key: "text", Value: "é"}, {Key: "long", Value: strings.Repeat("x", 300)},
		{Key: "bytes", Value: []byte{0, 255}}, {Key: "empty", Value: torchtest.Tuple{}},
		{
			Key: "tuples",
			Value: torchtest.Tuple{
				torchtest.Tuple{"1"}, torchtest.Tuple{"1", "2"}, torchtest.Tuple{"1", "2", "3"},
				torchtest.Tuple{"1", "2", "3", "4"},
			},
		},
		{Key: "list", Value: torchtest.List{"a", torchtest.List{}}},
		{Key: "ordered", Value: torchtest.OrderedDict{{Key: "b", Value: int64(1)}, {Key: "a", Value: int64(2)}}},
		{Key: "args", Value: torchtest.Namespace{{Key: "layers", Value: int64(3)}}},
		{
			Key: "call",
			Value: torchtest.Call{
				Function: torchtest.Global{Module: "m", Name: "f"}, Arguments: torchtest.Tuple{int64(1), int64(2)},
			},
		},
	}
	tuple := func(items ...any) pickle.Tuple { return items }
	list := func(items ...any) *pickle.List { return &pickle.List{Items: items} }
	want := &pickle.Dict{
		Keys: []any{
			"none", "true", "small", "medium", "negative", "large", "float", "text", "long", "bytes", "empty",
			"tuples", "list", "ordered", "args", "call",
		},
		Values: []any{
			nil,
			true,
			int64(7),
			int64(700),
			int64(-7),
			int64(1) << 40,
			-0.5,
			"é",
			strings.Repeat("x", 300),
			[]byte{0, 255},
			tuple(),
			tuple(tuple("1"), tuple("1", "2"), tuple("1", "2", "3"), tuple("1", "2", "3", "4")),
			list("a", list()),
			&pickle.Dict{
				Keys: []any{"b", "a"}, Values: []any{int64(1), int64(2)},
			},
			&pickle.Dict{Keys: []any{"layers"}, Values: []any{int64(3)}},
			list(int64(1), int64(2)),
		},
	}
	for _, protocol := range []byte{2, 3, 4} {
		got, err := decode(string(torchtest.Pickle(protocol, object)))
		if err != nil {
			t.Fatalf("protocol %d: %v", protocol, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(pickle.Dict{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("protocol %d: %s", protocol, diff)
		}
	}
}

func TestGet(t *testing.T) {
	d := &pickle.Dict{Keys: []any{"a", int64(1), "a"}, Values: []any{"old", "x", "new"}}
	if v, ok := d.Get("a"); !ok || v != "new" {
		t.Errorf("a is %v", v)
	}
	if _, ok := d.Get("1"); ok {
		t.Error("1 is a number there")
	}
}

func TestInstructions(t *testing.T) {
	for text, want := range map[string]any{
		"\x80\x02\x8a\x00.":                                int64(0),
		"\x80\x02\x8a\x01\xff.":                            int64(-1),
		"\x80\x02\x8a\x02\xff\x00.":                        int64(255),
		"\x80\x02U\x03abc.":                                "abc",
		"\x80\x03C\x02ab.":                                 []byte("ab"),
		"\x80\x03B\x02\x00\x00\x00ab.":                     []byte("ab"),
		"\x80\x04\x8e\x01" + zeros(7) + "a.":               []byte("a"),
		"\x80\x04\x8d\x01" + zeros(7) + "a.":               "a",
		"\x80\x04\x95\x02" + zeros(7) + "N.":               nil,
		"\x80\x02X\x01\x00\x00\x00aq\x05h\x05\x86.":        pickle.Tuple{"a", "a"},
		"\x80\x04\x8c\x01a\x94h\x00\x86.":                  pickle.Tuple{"a", "a"},
		"\x80\x02Nr\x00\x01\x00\x00j\x00\x01\x00\x00\x86.": pickle.Tuple{nil, nil},
		"\x80\x02]Na.":                                     &pickle.List{Items: []any{nil}},
		"\x80\x02}NNs.":                                    &pickle.Dict{Keys: []any{nil}, Values: []any{nil}},
		"\x80\x02X\x01\x00\x00\x00aQ.":                     "a",
	} {
		got, err := decode(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(pickle.Dict{})); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	got, err := decode("\x80\x02\x8a\x09" + zeros(8) + "\x01.")
	if n, ok := got.(*big.Int); err != nil || !ok || n.Cmp(new(big.Int).Lsh(big.NewInt(1), 64)) != 0 {
		t.Errorf("2^64 is %v, %v", got, err)
	}
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

// Everything that is not on the list is refused by name, and nothing is left half done.
func TestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.":          `global "os.system"`,
		"\x80\x02cbuiltins\neval\n.":                              `global "builtins.eval"`,
		"\x80\x04\x8c\x05posix\x8c\x06system\x93.":                `global "posix.system"`,
		"\x80\x02cnumpy.core.multiarray\n_reconstruct\n.":         `global "numpy.core.multiarray._reconstruct"`,
		"\x80\x02ccollections\nOrderedDict\n)Rcbuiltins\nexec\n.": `global "builtins.exec"`,
		"(ios\nsystem\n.":                   "opcode INST",
		"\x80\x02(cm\nf\no.":                "opcode OBJ",
		"\x80\x02Pid\n.":                    "opcode PERSID",
		"\x80\x02\x82\x01.":                 "opcode EXT1",
		"\x80\x04\x8f.":                     "opcode EMPTY_SET",
		"\x80\x04cm\nf\n)}\x92.":            "opcode NEWOBJ_EX",
		"\x80\x02I1\n.":                     "opcode INT",
		"\x80\x02N2.":                       "opcode DUP",
		"\x80\x02N0.":                       "opcode POP",
		"\x80\x02\xff.":                     "opcode 0xff",
		"\x80\x02\x8b\x01\x00\x00\x00\x01.": "opcode LONG4",
		"\x80\x05N.":                        "protocol 5",
		"\x80\x01N.":                        "protocol 1",
		"\x80\x02.":                         "ends with 0 values",
		"\x80\x02NN.":                       "ends with 2 values",
		"\x80\x02(.":                        "a mark instead of",
		"\x80\x02h\x03.":                    "the memo has no entry 3",
		"\x80\x02q\x03.":                    "nothing to store in the memo",
		"\x80\x02(q\x03.":                   "nothing to store in the memo",
		"\x80\x02t.":                        "no mark",
		"\x80\x02e.":                        "no mark",
		"\x80\x02(e.":                       "stack is empty",
		"\x80\x02\x85.":                     "stack is empty",
		"\x80\x02a.":                        "stack is empty",
		"\x80\x02Na.":                       "stack is empty",
		"\x80\x02NNa.":                      "items are put into a None",
		"\x80\x02]NNs.":                     "items are put into a list",
		"\x80\x02}}b.":                      "items are put into a dict",
		"\x80\x02ccollections\nOrderedDict\n)RNb.":   "state of a collections.OrderedDict is a None",
		"\x80\x02ccollections\nOrderedDict\n]\x85R.": "called with arguments",
		"\x80\x02}(Nu.":                                "a key has no value",
		"\x80\x02N)R.":                                 "a None is called with a tuple",
		"\x80\x02cm\nf\nNR.":                           "a class is called with a None",
		"\x80\x02cm\nf\n)R.":                           "m.f needs arguments",
		"\x80\x02NQ.":                                  "None is no id",
		"\x80\x04NN\x93.":                              "named by a None and a None",
		"\x80\x02X\x01\x00\x00\x00\xff.":               "not valid UTF-8",
		"\x80\x02X\xff\xff\xff\xffabc":                 "more than 16777216 bytes",
		"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xff": "more than 16777216 bytes",
		"\x80\x02X\x09\x00\x00\x00abc":                 "is truncated",
		"\x80\x02c" + strings.Repeat("x", 2000):        "more than 1000 bytes",
		"":                                             "is truncated",
	} {
		_, err := decode(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error has several lines", text)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	if _, err := decode("\x80\x02" + strings.Repeat("N", pickle.MaxValues+1)); err == nil ||
		!strings.Contains(err.Error(), "values") {
		t.Errorf("%d values: %v", pickle.MaxValues+1, err)
	}
	text := "\x80\x02X\x00\x00\xf0\x00" + strings.Repeat(
		"x", 0xf00000,
	) + "X\x00\x00\x20\x00" + strings.Repeat(
		"x", 0x200000,
	) + "."
	if _, err := decode(text); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	// A state of half as many attributes as values are allowed is set again and again.
	items := strings.Repeat("NN", pickle.MaxValues/5)
	build := "\x80\x02}(" + items + "uq\x000" // POP is refused, so the dict stays on the stack
	build = strings.TrimSuffix(build, "0") + strings.Repeat("cargparse\nNamespace\n)\x81h\x00b", 10)
	if _, err := decode(build); err == nil || !strings.Contains(err.Error(), "values") {
		t.Errorf("a state set ten times: %v", err)
	}
}

func TestSeveralPickles(t *testing.T) {
	d := pickle.NewDecoder(strings.NewReader("\x80\x02N.\x80\x02\x88.rest"), host{})
	for i, want := range []any{nil, true} {
		if got, err := d.Decode(); err != nil || got != want || d.Offset() != int64(4*(i+1)) {
			t.Errorf("pickle %d: %v, %v, ends at %d", i, got, err, d.Offset())
		}
	}
	if _, err := d.Decode(); err == nil {
		t.Error("\"rest\" is no pickle")
	}
}

func TestCutAnywhere(t *testing.T) {
	whole := torchtest.Pickle(
		2,
		torchtest.OrderedDict{
			{Key: "w", Value: torchtest.Float32s("0", []float32{1}, 1).Shape[0]},
			{Key: "s", Value: "text"},
			{Key: "f", Value: 0.5},
		},
	)
	for n := range whole {
		if _, err := decode(string(whole[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
}

// genValue draws an object and the printed form of the value that is read.
func genValue(t *rapid.T, depth int) any {
	kinds := 6
	if depth > 0 {
		kinds = 9
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.Int64().Draw(t, "int")
	case 3:
		return rapid.Float64().Draw(t, "float")
	case 4:
		return rapid.String().Draw(t, "text")
	case 5:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	case 6:
		return torchtest.Tuple(genItems(t, depth))
	case 7:
		return torchtest.List(genItems(t, depth))
	}
	var d torchtest.Dict
	for i, v := range genItems(t, depth) {
		d = append(d, torchtest.Item{Key: fmt.Sprint(i), Value: v})
	}
	return d
}

func genItems(t *rapid.T, depth int) []any {
	items := make([]any, rapid.IntRange(0, 5).Draw(t, "items"))
	for i := range items {
		items[i] = genValue(t, depth-1)
	}
	return items
}

// plain converts a value that was read to the value that was written.
func plain(v any) any {
	all := func(items []any) []any {
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = plain(item)
		}
		return out
	}
	switch v := v.(type) {
	case pickle.Tuple:
		return torchtest.Tuple(all(v))
	case *pickle.List:
		return torchtest.List(all(v.Items))
	case *pickle.Dict:
		var d torchtest.Dict
		for i, key := range v.Keys {
			d = append(d, torchtest.Item{Key: key.(string), Value: plain(v.Values[i])})
		}
		return d
	}
	return v
}

func TestReadingIsTheInverseOfWriting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genValue(t, 3)
		got, err := decode(string(torchtest.Pickle(rapid.SampledFrom([]byte{2, 4}).Draw(t, "protocol"), want)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, plain(got), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTypeNames(t *testing.T) {
	for want, v := range map[string]any{
		"None": nil, "bool": true, "int": big.NewInt(1), "float": 1.5, "str": "", "bytes": []byte{},
		"tuple": pickle.Tuple{}, "list": &pickle.List{},
		"dict": &pickle.Dict{}, "class": pickle.Global("a.b"), "object": 1,
	} {
		if got := pickle.TypeName(v); got != want {
			t.Errorf("%T is a %s, want %s", v, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(
		torchtest.Pickle(
			2,
			torchtest.OrderedDict{
				{Key: "w", Value: torchtest.Float32s("0", []float32{1}, 1)},
				{Key: "a", Value: torchtest.Namespace{{Key: "x", Value: int64(1)}}},
			},
		),
	)
	f.Add(
		torchtest.Pickle(
			4,
			torchtest.Dict{
				{Key: "a", Value: torchtest.List{1.5, nil, true, []byte("x"), torchtest.Tuple{int64(-1), "é"}}},
			},
		),
	)
	f.Add([]byte("\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."))
	f.Add([]byte("\x80\x02]q\x00h\x00a."))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := pickle.NewDecoder(bytes.NewReader(data), host{})
		for d.Offset() < int64(len(data)) {
			if _, err := d.Decode(); err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("an error of several lines: %q", err)
				}
				return
			}
		}
	})
}

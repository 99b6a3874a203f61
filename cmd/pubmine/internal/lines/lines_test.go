package lines_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/lines"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

func never() error { return nil }

// echo is a Row with the text.
func echo(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return append(append(dst, `,"echo":`...), quoted...)
}

// run reads the inputs and returns what was written.
func run(plain bool, row lines.Row, inputs ...string) (string, error) {
	var out bytes.Buffer
	w := lines.NewWriter(&out, plain, row)
	for _, in := range inputs {
		if err := w.Read("in.jsonl", strings.NewReader(in), never); err != nil {
			return out.String(), err
		}
	}
	return out.String(), nil
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		what   string
		plain  bool
		inputs []string
		want   string
	}{
		{"nothing", false, nil, ""},
		{"an empty input", false, []string{""}, ""},
		{"no line end at the end", false, []string{`{"id":"a","text":"b"}`}, `{"id":"a","echo":"b"}` + "\n"},
		{
			"any id", false, []string{`{"id":{"x": [1]},"text":"b","more":2}` + "\r\n"},
			`{"id":{"x": [1]},"echo":"b"}` + "\n",
		},
		{
			"no id", false, []string{"\n  \n" + `{"text":""}`, `{"text":"c"}`},
			`{"id":3,"echo":""}` + "\n" + `{"id":4,"echo":"c"}` + "\n",
		},
		{"escapes", false, []string{`{"id":1,"text":"\u03ba\n\ud83d\ude00"}`}, `{"id":1,"echo":"κ\n😀"}` + "\n"},
		{
			"plain text", true, []string{"a\n\n{b", "c\n"},
			`{"id":1,"echo":"a"}` + "\n" + `{"id":2,"echo":""}` + "\n" +
				`{"id":3,"echo":"{b"}` + "\n" + `{"id":4,"echo":"c"}` + "\n",
		},
	} {
		got, err := run(c.plain, echo, c.inputs...)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ what, line, want string }{
		{"no JSON", "{", "in.jsonl: line 2: unexpected end of JSON input: want "},
		{"no object", "[]", "in.jsonl: line 2: it is of type array, not an object: want "},
		{"no text", `{"id":1}`, `in.jsonl: line 2: it has no "text": want `},
		{
			"a number for a text", `{"id":1,"text":2}`,
			`in.jsonl: line 2: its "text" is of type number, not a string: want `,
		},
		{"no text but null", `{"id":1,"text":null}`, `in.jsonl: line 2: it has no "text": want `},
		{
			"a line without end", strings.Repeat("x", 1<<26+1),
			"in.jsonl: line 2: longer than 64 MiB: give one text a line",
		},
	} {
		got, err := run(false, echo, `{"id":1,"text":"a"}`+"\n"+c.line)
		var bad *schemas.BadInputError
		if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
		if got != `{"id":1,"echo":"a"}`+"\n" {
			t.Errorf("%s: %q is written", c.what, got)
		}
	}
}

func TestReadStops(t *testing.T) {
	var out bytes.Buffer
	w, left, stopped := lines.NewWriter(&out, true, echo), 2, errors.New("stopped")
	err := w.Read("in", strings.NewReader("a\nb\nc\n"), func() error {
		if left--; left < 0 {
			return stopped
		}
		return nil
	})
	if !errors.Is(err, stopped) || strings.Count(out.String(), "\n") != 2 {
		t.Errorf("%v after %q", err, out.String())
	}
}

// A row is written before the next is waited for.
func TestReadDoesNotHoldBack(t *testing.T) {
	from, to := io.Pipe()
	rows, out := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- lines.NewWriter(out, true, echo).Read("in", from, never) }()
	for range 3 {
		if _, err := to.Write([]byte("a\n")); err != nil {
			t.Fatal(err)
		}
		if n, err := rows.Read(make([]byte, 100)); n == 0 || err != nil {
			t.Fatalf("read %d: %v", n, err)
		}
	}
	to.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errors.New("cannot read") }
func (failing) Write([]byte) (int, error) { return 0, errors.New("cannot write") }

func TestReadTellsOfBrokenStreams(t *testing.T) {
	if err := lines.NewWriter(io.Discard, true, echo).Read("in", failing{}, never); err == nil ||
		err.Error() != "in: cannot read" {
		t.Errorf("reading: %v", err)
	}
	for _, n := range []int{1, 1 << 20} {
		if err := lines.NewWriter(failing{}, true, echo).Read(
			"in", strings.NewReader(strings.Repeat("a", n)), never,
		); err == nil {
			t.Errorf("%d bytes: no error", n)
		}
	}
}

// row is any output line.
type row struct {
	ID     int
	IDs    []int32 `json:"ids"`
	Tokens []string
	Spans  [][2]int
}

func parse(t rapid.TB, line string) row {
	t.Helper()
	var r row
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

func TestSentences(t *testing.T) {
	got, err := run(true, lines.Sentences, "κ is. E. coli.\n \n")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":1,"spans":[[0,5],[6,14]]}` + "\n" + `{"id":2,"spans":[]}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// learned is a small vocabulary.
func learned(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Learn(map[string]int{"abcdeκ": 9, "&lt;\"": 9, "the": 20}, 12)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestTokens(t *testing.T) {
	got, err := run(true, lines.Tokens(learned(t)), "the 😀κa<\n\n")
	if err != nil {
		t.Fatal(err)
	}
	first, second, _ := strings.Cut(got, "\n")
	r := parse(t, first)
	if diff := cmp.Diff([]string{"</s>", "the</w>", "<unk>"}, r.Tokens[:3]); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(
		[][2]int{{0, 0}, {0, 3}, {4, 5}, {5, 6}, {6, 7}, {7, 7}, {7, 7}, {7, 7}, {7, 8}}, r.Spans,
	); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	if want := `{"id":2,"ids":[2],"tokens":["</s>"],"spans":[[0,0]]}` + "\n"; second != want {
		t.Errorf("an empty text: %s, want %s", second, want)
	}
}

// Of any text the three lists have one length, and the ids are those of Encode.
func TestTokensOfAnyText(t *testing.T) {
	tok := learned(t)
	asRow := lines.Tokens(tok)
	part := rapid.OneOf(
		rapid.SampledFrom([]string{" ", "the", "κ", "<", "\"", "\\", "-", "😀", "\x01", "."}),
		rapid.StringN(0, 3, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 0, 10).Draw(t, "parts"), "")
		r := parse(t, `{"id":1`+string(asRow(nil, text))+`}`)
		if diff := cmp.Diff(tok.Encode(text), r.IDs); diff != "" {
			t.Fatalf("ids (-want +got):\n%s", diff)
		}
		if len(r.Tokens) != len(r.IDs) || len(r.Spans) != len(r.IDs) {
			t.Fatalf("%d ids, %d tokens, %d spans", len(r.IDs), len(r.Tokens), len(r.Spans))
		}
		runes, offset := []rune(text), 0
		for i, span := range r.Spans {
			if span[0] < offset || span[1] < span[0] || span[1] > len(runes) {
				t.Fatalf("%q: span %v after %d", text, span, offset)
			}
			offset = span[1]
			if want := strings.TrimSuffix(r.Tokens[i], "</w>"); r.IDs[i] != tokenizer.Unk && want == "the" &&
				string(runes[span[0]:span[1]]) != want {
				t.Fatalf("%q: %v is not %q", text, span, want)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"id":1,"text":"E. coli. The"}`+"\n"), false)
	f.Add([]byte("a\xff\n\r\nb"), true)
	asRow := lines.Tokens(learned(f))
	f.Fuzz(func(t *testing.T, in []byte, plain bool) {
		for _, row := range []lines.Row{asRow, lines.Sentences} {
			var out bytes.Buffer
			_ = lines.NewWriter(&out, plain, row).Read("in", bytes.NewReader(in), never)
			for line := range strings.Lines(out.String()) {
				if !json.Valid([]byte(line)) {
					t.Fatalf("%q is no JSON", line)
				}
			}
		}
	})
}

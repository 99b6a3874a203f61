package tokenizer_test

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/moses"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
)

// shared is the directory with reference data next to the repository.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	p := filepath.Join(append([]string{"..", "..", "..", "shared"}, path...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	return p
}

// fairseq returns BioGPT's vocabulary; prefix is "" or "biogpt_large_".
func fairseq(t testing.TB, prefix string) *tokenizer.Tokenizer {
	t.Helper()
	dir := shared(t, "data", "biogpt")
	files := fstest.MapFS{}
	for _, name := range []string{"dict.txt", "bpecodes"} {
		data, err := os.ReadFile(filepath.Join(dir, prefix+name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	tok, err := tokenizer.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

type golden struct {
	Text    string
	Moses   []string
	Pieces  []string
	IDs     []int32
	Decoded string
}

// spellsSpecial lists the edge texts that hold special tokens, which the reference turns into
// special ids and this package does not.
var spellsSpecial = []string{"</s>", "<s> a </s> b", "x<unk>y", "<pad>", "</s>a"}

func (g golden) check(t *testing.T, tok *tokenizer.Tokenizer) {
	t.Helper()
	if words := tokenizer.Words(g.Text); !slices.Equal(g.Moses, words) {
		t.Errorf("%q: Moses words (-want +got):\n%s", g.Text, cmp.Diff(g.Moses, words))
	}
	got := tok.Encode(g.Text)
	if slices.Contains(spellsSpecial, g.Text) {
		for _, id := range got[1:] {
			if id < tokenizer.Unk {
				t.Errorf("%q: special id %d", g.Text, id)
			}
		}
		return
	}
	if !slices.Equal(g.IDs, got) {
		t.Errorf("%q: ids (-want +got):\n%s", g.Text, cmp.Diff(g.IDs, got))
	}
	if decoded := tok.Decode(got); decoded != g.Decoded {
		t.Errorf("%q: decoded %q, want %q", g.Text, decoded, g.Decoded)
	}
	checkSpans(t, tok, g.Text)
}

func TestGoldenTexts(t *testing.T) {
	for name, prefix := range map[string]string{"base": "", "large": "biogpt_large_"} {
		t.Run(name, func(t *testing.T) {
			tok := fairseq(t, prefix)
			for i, g := range lines[golden](t, shared(t, "golden", "tokenizer", name+".jsonl.gz"), 1000) {
				if g.check(t, tok); t.Failed() {
					t.Fatalf("stopped at record %d", i)
				}
			}
		})
	}
}

func TestGoldenEdges(t *testing.T) {
	var edge struct {
		Strings  []golden
		MadeWith map[string]json.RawMessage `json:"made_with"`
		Pairs    []struct {
			A, B string
			IDs  []int32
		}
		Truncated []struct {
			Text      string
			MaxLength int `json:"max_length"`
			IDs       []int32
		}
	}
	readJSON(t, shared(t, "golden", "tokenizer", "edge.json"), &edge)
	tok := fairseq(t, "")
	for _, g := range edge.Strings {
		g.check(t, tok)
	}
	for _, p := range edge.Pairs {
		if diff := cmp.Diff(p.IDs, append(tok.Encode(p.A), tok.Encode(p.B)...)); diff != "" {
			t.Errorf("pair %q, %q (-want +got):\n%s", p.A, p.B, diff)
		}
	}
	for _, c := range edge.Truncated {
		if diff := cmp.Diff(c.IDs, tok.Encode(c.Text)[:c.MaxLength]); diff != "" {
			t.Errorf("cut to %d (-want +got):\n%s", c.MaxLength, diff)
		}
	}
	for name, prefix := range map[string]string{"base": "", "large": "biogpt_large_"} {
		var want struct {
			Size   int    `json:"vocab_size"`
			Digest string `json:"sha256_of_vocab"`
		}
		if err := json.Unmarshal(edge.MadeWith[name], &want); err != nil {
			t.Fatal(err)
		}
		tok, sum := fairseq(t, prefix), sha256.New()
		for id := range int32(tok.Size()) {
			fmt.Fprintf(sum, "%s\t%d\n", tok.Piece(id), id)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); tok.Size() != want.Size || got != want.Digest {
			t.Errorf(
				"%s: vocabulary of %d pieces with digest %s, want %d with %s", name, tok.Size(), got, want.Size,
				want.Digest,
			)
		}
	}
}

func TestGoldenDecoding(t *testing.T) {
	var file struct {
		Decode []struct {
			IDs  []int32
			Want string `json:"skip_special"`
		}
		Join []struct {
			Tokens []string
			Text   string
		} `json:"moses_detokenize"`
	}
	readJSON(t, shared(t, "golden", "tokenizer", "decode.json"), &file)
	tok := fairseq(t, "")
	for _, c := range file.Decode {
		if slices.Max(append(c.IDs, 0)) >= int32(tok.Size()) {
			continue // the versions of the reference do not agree on ids beyond the vocabulary
		}
		if diff := cmp.Diff(c.Want, tok.Decode(c.IDs)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.IDs, diff)
		}
	}
	for _, c := range file.Join {
		if got := moses.Join(c.Tokens); got != c.Text {
			t.Errorf("%q: joined %q, want %q", c.Tokens, got, c.Text)
		}
	}
}

// The two forms of one vocabulary are the same vocabulary, base and Large.
func TestHuggingFaceForm(t *testing.T) {
	texts := lines[golden](t, shared(t, "golden", "tokenizer", "base.jsonl.gz"), 100)
	for name, prefix := range map[string]string{"base": "", "large": "biogpt_large_"} {
		t.Run(name, func(t *testing.T) {
			fq, dir := fairseq(t, prefix), t.TempDir()
			tokenizertest.Write(t, fq, dir)
			written, err := tokenizer.Load(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			same(t, fq, written, texts)
		})
	}
	t.Run("as published", func(t *testing.T) {
		published, err := tokenizer.Load(
			os.DirFS(shared(t, "data", "biogpt", "tokenizer", "hf-biogpt-via-RE_on_BioRED")),
		)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fairseq(t, ""), published, texts)
	})
}

// same checks that two tokenizers have one vocabulary and give the same ids.
func same(t *testing.T, a, b *tokenizer.Tokenizer, texts []golden) {
	t.Helper()
	if a.Size() != b.Size() {
		t.Fatalf("%d pieces and %d", a.Size(), b.Size())
	}
	for id := range int32(a.Size()) {
		if a.Piece(id) != b.Piece(id) {
			t.Fatalf("id %d: %q and %q", id, a.Piece(id), b.Piece(id))
		}
	}
	for _, g := range texts {
		if diff := cmp.Diff(a.Encode(g.Text), b.Encode(g.Text)); diff != "" {
			t.Fatalf("%q: %s", g.Text, diff)
		}
	}
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// lines returns the first n records of a gzipped file of JSON lines.
func lines[T any](t testing.TB, path string, n int) []T {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var records []T
	decoder := json.NewDecoder(bufio.NewReader(unzipped))
	for len(records) < n && decoder.More() {
		var r T
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

package tokenizer_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
)

// model returns a directory with these files.
func directory(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

const vocab = `{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"lo":4,"w</w>":5,"l":6,"o":7}`

func TestLoadForms(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"hugging face":         directory("vocab.json", vocab, "merges.txt", "l o 123\n\n"),
		"hugging face, header": directory("vocab.json", vocab, "merges.txt", "#version: 0.2\nl o\n"),
		"fairseq":              directory("dict.txt", "lo@@ 9\nw 8\nl@@ 7\no@@ 1\n", "bpecodes", "l o 99\n"),
	} {
		tok, err := tokenizer.Load(fsys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]int32{2, 4, 5}, tok.Encode("low")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if tok.Size() != 8 || tok.Piece(5) != "w</w>" || tok.Piece(99) != "<unk>" || tok.Piece(-1) != "<unk>" {
			t.Errorf("%s: size %d, pieces %q %q", name, tok.Size(), tok.Piece(5), tok.Piece(99))
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for want, fsys := range map[string]fstest.MapFS{
		"found neither vocab.json nor dict.txt": directory("config.json", "{}"),
		"merges.txt: file does not exist":       directory("vocab.json", vocab),
		"vocab.json: unexpected end":            directory("vocab.json", "{", "merges.txt", ""),
		"each once": directory("vocab.json", `{"<s>":0,"<pad>":0}`,
			"merges.txt", ""),
		`"x" has 9`: directory("vocab.json", `{"x":9}`, "merges.txt", ""),
		"id 0 is not <s>: this is not a BioGPT vocabulary": directory("vocab.json", `{"x":0}`, "merges.txt", ""),
		"merges.txt:2: want two pieces":                    directory("vocab.json", vocab, "merges.txt", "l o\nx\n"),
		"dict.txt:2: want a piece and its count":           directory("dict.txt", "a 1\nb\n", "bpecodes", ""),
		`vocabulary: piece "a</w>" has the ids 4 and 5`:    directory("dict.txt", "a 1\na 2\n", "bpecodes", ""),
		"bpecodes: file does not exist":                    directory("dict.txt", "a 1\n"),
	} {
		_, err := tokenizer.Load(fsys)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "load tokenizer: ") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestLearnAndWrite(t *testing.T) {
	const size = 80
	learned := small(t, sample, size)
	if learned.Size() > size {
		t.Errorf("%d pieces, want at most %d", learned.Size(), size)
	}
	for _, id := range learned.Encode(sample) {
		if id == tokenizer.Unk {
			t.Errorf("a word it was learned from is unknown")
		}
	}
	dir := t.TempDir()
	tokenizertest.Write(t, learned, dir)
	again, err := tokenizer.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for id := range int32(learned.Size()) {
		if learned.Piece(id) != again.Piece(id) {
			t.Errorf("id %d: %q, want %q", id, again.Piece(id), learned.Piece(id))
		}
	}
	if diff := cmp.Diff(learned.Append(nil, sample, 0), again.Append(nil, sample, 0)); diff != "" {
		t.Error(diff)
	}
}

// Rare characters are not in the vocabulary, and the same counts give the same vocabulary.
func TestLearnIsDeterministic(t *testing.T) {
	counts := map[string]int{"mice": 50, "rats": 50, "ζ": 9, "β": 10, "&amp;": 30}
	first, err := tokenizer.Learn(counts, 40)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := tokenizer.Learn(counts, 40)
		if err != nil {
			t.Fatal(err)
		}
		for id := range int32(max(first.Size(), again.Size())) {
			if first.Piece(id) != again.Piece(id) {
				t.Fatalf("id %d: %q and %q", id, first.Piece(id), again.Piece(id))
			}
		}
	}
	if got := first.Encode("ζ β"); got[1] != tokenizer.Unk || got[2] == tokenizer.Unk {
		t.Errorf("ids %v", got)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(vocab, "l o\n", "a 1\nb@@ 2\n")
	f.Fuzz(func(t *testing.T, vocab, merges, dict string) {
		for _, fsys := range []fstest.MapFS{directory("vocab.json", vocab, "merges.txt", merges),
			directory("dict.txt", dict, "bpecodes", merges)} {
			if tok, err := tokenizer.Load(fsys); err == nil {
				tok.Decode(tok.Encode("low a"))
			}
		}
	})
}

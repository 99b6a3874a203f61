package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/train/corpus"
	"github.com/pubmine/pubmine/model/weights"
)

// newBioGPT writes a causal model that has learned nothing, with a vocabulary of the documents' words and of what is written about them.
func newBioGPT(t *testing.T, docs []corpus.Example, pieces int, sizes biogpt.Config) (dir string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir = t.TempDir()
	counts := map[string]int{}
	for _, e := range docs {
		for _, w := range tokenizer.Words(strings.ToLower(e.Doc.Text()) + " the relation between and exists; the interaction is. the answer to the question given the context") {
			counts[w] += 10 // no character is rare
		}
	}
	words, err := tokenizer.Learn(counts, pieces)
	must(err)
	must(words.WriteFiles(dir))
	sizes.Vocab = words.Size()
	config, err := json.Marshal(sizes)
	must(err)
	must(os.WriteFile(filepath.Join(dir, biogpt.ConfigFile), config, 0o666))
	var file bytes.Buffer
	must(weights.Write(&file, biogpt.InitStructured(sizes, 1).Tensors(sizes.Trunk()), nil))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o666))
	card := catalog.Card{Name: "new", Licence: "MIT", Tasks: []string{}, SHA256: map[string]string{}}
	files, err := os.ReadDir(dir)
	must(err)
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(err)
		sum := sha256.Sum256(data)
		card.SHA256[f.Name()] = hex.EncodeToString(sum[:])
	}
	data, err := json.Marshal(card)
	must(err)
	must(os.WriteFile(filepath.Join(dir, catalog.CardFile), data, 0o666))
	return dir
}

// The proof on real documents: a small model that knew nothing writes the relations of the first 30 documents of BC5CDR that it was
// fine-tuned on. make proof-generated runs it.
func TestReproducesBC5CDR(t *testing.T) {
	if os.Getenv("PUBMINE_PROOF") == "" {
		t.Skip("it takes minutes: make proof-generated")
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "corpora", "bc5cdr", "biogpt_train.json"))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	path := filepath.Join(t.TempDir(), "thirty.json")
	cut := firstMembers(t, data, 30)
	if err := os.WriteFile(path, cut, 0o666); err != nil {
		t.Fatal(err)
	}
	docs, _, err := corpus.Read(path, corpus.Own("thirty", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	dev := filepath.Join(t.TempDir(), "dev.json")
	if err := os.WriteFile(dev, lastMembers(t, data, 3), 0o666); err != nil {
		t.Fatal(err)
	}
	base := newBioGPT(t, docs, 3000, biogpt.NewConfig(0, 128, 2, 4, 512, 1024, biogpt.Causal))
	model := filepath.Join(t.TempDir(), "written")
	start := time.Now()
	said := tell(t, "train", "--task", "relations", "--generated", "--base", base, "--train", path, "--dev", dev, "--out", model, "--rate", "2e-3", "--accumulate", "1", "--epochs", "60", "--average", "2")
	t.Logf("trained in %v\n%s", time.Since(start), said)
	start = time.Now()
	said = tell(t, "eval", "--model", model, path)
	t.Logf("measured in %v\n%s", time.Since(start), said)
}

// members are those of a JSON object, as they stand.
func members(t *testing.T, data []byte) (names []string, values map[string]json.RawMessage) {
	t.Helper()
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	in := json.NewDecoder(bytes.NewReader(data))
	depth := 0
	for {
		token, err := in.Token()
		if err != nil {
			return names, values
		}
		switch x := token.(type) {
		case json.Delim:
			if x == '{' || x == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if _, ok := values[x]; ok && depth == 1 {
				names = append(names, x)
			}
		}
	}
}

func object(t *testing.T, names []string, values map[string]json.RawMessage) []byte {
	t.Helper()
	var b bytes.Buffer
	for i, n := range names {
		b.WriteString(map[bool]string{true: "{", false: ",\n"}[i == 0])
		b.WriteString(`"` + n + `": `)
		b.Write(values[n])
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func firstMembers(t *testing.T, data []byte, n int) []byte {
	names, values := members(t, data)
	return object(t, names[:n], values)
}

func lastMembers(t *testing.T, data []byte, n int) []byte {
	names, values := members(t, data)
	return object(t, names[len(names)-n:], values)
}

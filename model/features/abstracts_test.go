package features

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// abstracts returns the first n abstracts of the reference data, cut at every ". ": the features
// are compared, and not the sentences of the sentence stage.
func abstracts(t *testing.T, n int) []*model.Text {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "pool", "abstracts.jsonl.gz"))
	if os.IsNotExist(err) {
		t.Skip("needs the reference data in ../shared")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	var texts []*model.Text
	for len(texts) < n && lines.Scan() {
		var record struct{ Title, Abstract string }
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, cut(record.Title, strings.SplitAfter(record.Abstract, ". ")...))
	}
	if len(texts) < n {
		t.Fatalf("%d abstracts, want %d: %v", len(texts), n, lines.Err())
	}
	return texts
}

// longWords returns an entity for each of the first six long words, with all their occurrences.
func longWords(t *model.Text) []names.Entity {
	var entities []names.Entity
	index := map[string]int{}
	for _, w := range t.Words {
		word := strings.ToLower(t.Body[w.Start:w.End])
		at, ok := index[word]
		if !ok {
			if len(word) < 8 || len(entities) == 6 {
				continue
			}
			at = len(entities)
			index[word] = at
			entities = append(entities, names.Entity{Type: []string{"Chemical", "Disease"}[at%2]})
		}
		entities[at].Mentions = append(
			entities[at].Mentions, schemas.Mention{Type: entities[at].Type, Span: w.Span, Sentence: w.Sentence},
		)
	}
	return entities
}

// TestAbstracts compares the features of real abstracts with those that the bundled model was
// trained on. Another digest means that models have to be trained again.
func TestAbstracts(t *testing.T) {
	names := []string{"pairs", "questions", "sentences", "words"}
	digests := map[string]hash.Hash{}
	for _, name := range names {
		digests[name] = sha256.New()
	}
	add := func(name string, features []uint32) {
		data := binary.LittleEndian.AppendUint32(nil, uint32(len(features)))
		for _, f := range features {
			data = binary.LittleEndian.AppendUint32(data, f)
		}
		digests[name].Write(data)
	}
	for _, text := range abstracts(t, 300) {
		words, sentences := NewWords(text), NewSentences(text)
		for i := range text.Words {
			add("words", words.Append(nil, i))
		}
		for i := range text.Sentences {
			add("sentences", sentences.Append(nil, i))
		}
		entities := longWords(text)
		pairs := NewPairs(text, entities)
		for i := range entities {
			for j := range entities {
				if i != j {
					add("pairs", pairs.Append(nil, i, j))
				}
			}
		}
		title := text.Body[:text.Sentences[0].End]
		for _, question := range []string{title, "Does " + strings.ToLower(title) + " matter?"} {
			q := NewQuestion(text, question)
			add("questions", q.Append(nil))
			for i, end := q.Sentences(); i < end; i++ {
				add("questions", q.AppendSentence(nil, i))
			}
		}
	}
	want := map[string]string{
		"words":     "6a7e6986a4bae91e1851df80e2bca600e3ffe535a9d1fac898989d2496e437ec",
		"sentences": "645694ec7dc435387f2e2ebe5643f82614f19f0022990f54c8c558744dd1a369",
		"pairs":     "dad70f17c5d7e579d025a6c2889fbb9e764411291e85c794064f4d38aebdf54b",
		"questions": "c97a3352421b9fa3f7f513d4f782224fcffe4744097e0b2933c3921e98b9a3ca",
	}
	for _, name := range names {
		if got := hex.EncodeToString(digests[name].Sum(nil)); got != want[name] {
			t.Errorf("the features of %s changed: digest %s, want %s", name, got, want[name])
		}
	}
}

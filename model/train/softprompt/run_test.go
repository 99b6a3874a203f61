package softprompt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/train/corpus"
	"github.com/pubmine/pubmine/model/train/loop/looptest"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/stages/text"
)

// reports are documents on substances that did harm, in the form of BioGPT's authors; the second of three names two harms.
func reports(t testing.TB, n int) []corpus.Example {
	t.Helper()
	drugs := []string{"zorvelin", "tamoquin", "brazolam", "lumirac", "quindane"}
	harms := []string{"renal failure", "nausea and vomiting", "tremor", "rash"}
	var b strings.Builder
	for i := range n {
		drug, harm, other := drugs[i%len(drugs)], harms[i%len(harms)], harms[(i+1)%len(harms)]
		relations, also := fmt.Sprintf(`{"chemical": "C%d", "disease": "D%d"}`, i%len(drugs), i%len(harms)), "not seen"
		if i%3 == 1 {
			relations += fmt.Sprintf(`, {"chemical": "C%d", "disease": "D%d"}`, i%len(drugs), (i+1)%len(harms))
			also = "seen, too"
		}
		fmt.Fprintf(&b, `, "%d": {"title": "%s after %s", "abstract": "One patient in %d took %s. %s was %s.", "relations": [%s],
			"chemical2id": {"%s": "C%d"}, "disease2id": {"%s": "D%d", "%s": "D%d"}}`,
			100+i, strings.ToUpper(harm[:1])+harm[1:], drug, 2+i, drug, other, also, relations, drug, i%len(drugs), harm, i%len(harms), other, (i+1)%len(harms))
	}
	examples, _, err := corpus.BioGPT(strings.NewReader("{"+b.String()[2:]+"}"), corpus.Own("reports", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// vocabularyOf learns a vocabulary of the texts that are read and written.
func vocabularyOf(t testing.TB, docs []corpus.Example) *tokenizer.Tokenizer {
	t.Helper()
	counts := map[string]int{}
	more := "the relation between and exists; the relation . question: context: the answer to the question given the context is yes no maybe. ... interaction"
	for _, e := range docs {
		for _, w := range tokenizer.Words(strings.ToLower(e.Doc.Text()) + " " + more) {
			counts[w] += 10
		}
	}
	words, err := tokenizer.Learn(counts, 500)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// newBase writes a model that has learned nothing.
func newBase(t testing.TB, docs []corpus.Example, attention string) *catalog.Model {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	words := vocabularyOf(t, docs)
	must(words.WriteFiles(dir))
	cfg := biogpt.NewConfig(words.Size(), 32, 2, 1, 64, 128, attention)
	data, err := json.Marshal(cfg)
	must(err)
	must(os.WriteFile(filepath.Join(dir, biogpt.ConfigFile), data, 0o644))
	var file bytes.Buffer
	must(weights.Write(&file, biogpt.InitStructured(cfg, 1).Tensors(cfg.Trunk()), nil))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o644))
	card := catalog.Card{Name: "new", Licence: "MIT", Attention: attention, Tasks: []string{}, SHA256: map[string]string{}}
	for _, name := range []string{biogpt.ConfigFile, biogpt.WeightsFile, "vocab.json", "merges.txt"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(err)
		sum := sha256.Sum256(data)
		card.SHA256[name] = hex.EncodeToString(sum[:])
	}
	data, err = json.Marshal(card)
	must(err)
	must(os.WriteFile(filepath.Join(dir, catalog.CardFile), data, 0o644))
	m, err := catalog.Resolve(dir)
	must(err)
	return m
}

// A model that knew nothing learns to write the relations of some documents: what it writes is read back, anchored and scored.
func TestLearnsRelations(t *testing.T) {
	docs := reports(t, 5)
	out := looptest.New()
	tr := Training{
		Name: "reports", Base: newBase(t, docs, ""), Plan: Plan{Task: "relations"}, Train: docs, Dev: docs, Sources: []string{"reports.json"},
		Backend: "go", Out: out, Work: looptest.New(), Options: Options{Rate: 1e-2, Epochs: 65, Average: 2, Dropout: -1, Tokens: 512, Accumulate: 1, Seed: 1},
	}
	o, err := Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range o.Score {
		t.Logf("%s: %v %v", name, table.Micro(), table)
		if table.Micro().F1() < 0.95 {
			t.Errorf("%s: %v", name, table)
		}
	}
	t.Logf("%d steps, loss %g", o.Steps, o.Dev.Mean())
}

var (
	_ = errors.Is
	_ = slices.Equal[[]int]
	_ = text.New
)

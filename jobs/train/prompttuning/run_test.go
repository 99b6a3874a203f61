package prompttuning

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

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/stages/generate"
)

// newDir creates a model directory.
func newDir(t testing.TB, path string) *modeldir.Writer {
	t.Helper()
	dir, err := modeldir.Create(path, modeldir.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

// tableOf returns the table of a setting.
func tableOf(t testing.TB, all score.Tables, setting string) score.Table {
	t.Helper()
	for subject, table := range all {
		if subject.Setting == setting {
			return table
		}
	}
	t.Fatalf("%s was not measured", setting)
	return nil
}

// reports are documents on substances and adverse effects, in the format of BioGPT's authors; each
// second of three has two effects.
func reports(t testing.TB, n int) []dataset.Example {
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
		fmt.Fprintf(
			&b,
			`, "%d": {"title": "%s after %s", "abstract": "One patient in %d took %s. %s was %s.", "relations": [%s],
			"chemical2id": {"%s": "C%d"}, "disease2id": {"%s": "D%d", "%s": "D%d"}}`,
			100+i,
			strings.ToUpper(harm[:1])+harm[1:],
			drug,
			2+i,
			drug,
			other,
			also,
			relations,
			drug,
			i%len(drugs),
			harm,
			i%len(harms),
			other,
			(i+1)%len(harms),
		)
	}
	examples, _, err := dataset.BioGPT(
		strings.NewReader("{"+b.String()[2:]+"}"), dataset.UserRules("reports", "train", false),
	)
	if err != nil {
		t.Fatal(err)
	}
	return examples
}

// vocabularyOf learns a vocabulary of sources and targets.
func vocabularyOf(t testing.TB, docs []dataset.Example) *tokenizer.Tokenizer {
	t.Helper()
	counts := map[string]int{}
	more := "the relation between and exists; the relation . question: context: " +
		"the answer to the question given the context is yes no maybe. ... interaction"
	for _, e := range docs {
		all := strings.Join([]string{strings.ToLower(e.Doc.Text()), e.Doc.Text(), e.Question, more}, " ")
		for _, w := range tokenizer.Words(all) {
			counts[w] += 10
		}
	}
	tok, err := tokenizer.Learn(counts, 500)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// newBase writes a model with initial parameters.
func newBase(t testing.TB, docs []dataset.Example, attention string) *catalog.Model {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	words := vocabularyOf(t, docs)
	tokenizertest.Write(t, words, dir)
	cfg := biogpt.NewConfig(words.Size(), 32, 2, 1, 64, 128, attention)
	data, err := json.Marshal(cfg)
	must(err)
	must(os.WriteFile(filepath.Join(dir, biogpt.ConfigFile), data, 0o644))
	var file bytes.Buffer
	must(weights.Write(&file, biogpt.InitStructured(cfg, 1).Tensors(cfg.Trunk()), nil))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o644))
	card := catalog.Card{
		Name: "new", Licence: "MIT", Attention: attention, Tasks: []string{}, SHA256: map[string]string{},
	}
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

// A new model is trained to generate the relations of some documents; its text is parsed, anchored
// and scored.
func TestTrainRelations(t *testing.T) {
	docs := reports(t, 5)
	path := t.TempDir()
	tr := Training{
		Name: "reports", Base: newBase(t, docs, ""), Plan: Plan{Task: "relations"}, Train: docs, Dev: docs,
		Sources: []string{"reports.json"}, Backend: device.CPU, Out: newDir(t, path),
		Options: Options{
			Rate: 1e-2, Epochs: 70, Evaluate: 35, Average: 2, Dropout: -1, Tokens: 512, Accumulate: 1, Seed: 1,
		},
	}
	o, err := Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	if c := tableOf(t, o.Score, InTheText).Micro(); c.F1() < 0.95 || c.TP < 6 {
		t.Errorf("in the text: %v", tableOf(t, o.Score, InTheText))
	}
	if c := tableOf(t, o.Score, AsPublished).Micro(); c.F1() > 0.9 { // "nausea and vomiting" is cut
		t.Errorf("as published: %v", tableOf(t, o.Score, AsPublished))
	}
	if o.Trained != 5 || o.Measured != 5 || o.Skipped != 0 || o.Steps != 70 {
		t.Errorf("%+v", o)
	}
	made, err := catalog.Resolve(path)
	if err != nil {
		t.Fatal(err)
	}
	card := made.Card
	first := int32(vocabularyOf(t, docs).Size())
	want := model.Generation{
		Task: "relations", Template: "bc5cdr", Subject: "Chemical", Object: "Disease", Relation: "CID",
		SourceTokens: 77, TargetTokens: 42,
		SoftPrompt: []int32{
			first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6, first + 7, first + 8,
		},
	}
	if diff := cmp.Diff([]model.Generation{want}, card.Generation); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(card.Tasks, []string{"relations"}) || !slices.Equal(card.Types, []string{"Chemical", "Disease"}) ||
		len(card.SHA256) != 4 ||
		!slices.ContainsFunc(card.Scores, func(s catalog.Score) bool {
			return s.Task == "relations" && s.Data == "dev set" && s.Setting == InTheText && s.Type == "" && s.F1 >= 95
		}) ||
		!strings.Contains(card.Description, "9 soft tokens") {
		t.Errorf("card %+v", card)
	}
	cfg, err := biogpt.LoadConfig(made.FS)
	if err != nil || cfg.Vocab != int(first)+9 {
		t.Errorf("%d rows, error %v", cfg.Vocab, err)
	}
}

// Rows for soft tokens that the table of the base has already stay, and none are added.
func TestExtended(t *testing.T) {
	cfg := biogpt.NewConfig(6, 4, 1, 1, 4, 8, "")
	params := biogpt.InitStructured(cfg, 1)
	table := params[biogpt.TokenTable]
	got, err := Extended{Tensors: params, Rows: 6, Seed: 1}.AppendFloat32s(nil, biogpt.TokenTable, []int{9, 4})
	if err != nil || len(got) != 36 || !slices.Equal(got[:24], table) {
		t.Fatalf("%v, %v", got, err)
	}
	for _, v := range got[24:] {
		if v == 0 || v > 2.5 || v < -2.5 { // five standard deviations
			t.Errorf("a new value of %g", v)
		}
	}
	again, _ := Extended{Tensors: params, Rows: 6, Seed: 1}.AppendFloat32s(nil, biogpt.TokenTable, []int{9, 4})
	other, _ := Extended{Tensors: params, Rows: 6, Seed: 2}.AppendFloat32s(nil, biogpt.TokenTable, []int{9, 4})
	if !slices.Equal(got, again) || slices.Equal(got, other) {
		t.Error("new rows do not depend on the seed")
	}
	same, err := (Extended{Tensors: params, Rows: 6}).AppendFloat32s(nil, biogpt.TokenTable, []int{6, 4})
	if err != nil || !slices.Equal(same, table) {
		t.Errorf("%v, %v", same, err)
	}
	if _, err := (Extended{Tensors: params, Rows: 6}).AppendFloat32s(nil, biogpt.TokenTable, []int{5, 4}); err == nil {
		t.Error("rows are lost")
	}
	name := cfg.Trunk()[1].Name
	if got, err := (Extended{Tensors: params, Rows: 6}).AppendFloat32s(nil, name, cfg.Trunk()[1].Shape); err != nil ||
		!slices.Equal(got, params[name]) {
		t.Errorf("%s: %v", name, err)
	}
}

func TestExamples(t *testing.T) {
	docs := append(reports(t, 2), dataset.Example{Doc: reports(t, 1)[0].Doc})
	g, err := Plan{Task: "relations", Soft: 2}.Generation(docs, 1000, 128)
	if err != nil {
		t.Fatal(err)
	}
	words := vocabularyOf(t, docs)
	p, err := generate.NewPrompter(g, words)
	if err != nil {
		t.Fatal(err)
	}
	got, left := Examples(p, docs, false)
	if len(got) != 2 || left != 1 {
		t.Fatalf("%d examples, %d left out", len(got), left)
	}
	source := words.Encode("nausea and vomiting after tamoquin. one patient in 3 took tamoquin. tremor was seen, too.")
	target := append(
		words.Encode("the relation between tamoquin and nausea and vomiting exists; " +
			"the relation between tamoquin and tremor exists.")[1:],
		tokenizer.EOS,
	)
	all := slices.Concat(source, []int32{1000, 1001}, target)
	if e := got[1]; !slices.Equal(e.Tokens, all[:len(all)-1]) {
		t.Errorf("tokens %v, want %v", e.Tokens, all)
	}
	silent := slices.Repeat([]int32{trunk.NoTarget}, len(source)+1)
	if e := got[1]; !slices.Equal(e.Targets, slices.Concat(silent, target)) {
		t.Errorf("targets %v, want %v", e.Targets, target)
	}
	if whole, _ := Examples(p, docs, true); !slices.Equal(whole[1].Targets, all[1:]) {
		t.Errorf("targets of all: %v", whole[1].Targets)
	}
}

func TestPlanMistakes(t *testing.T) {
	docs := reports(t, 3)
	for want, change := range map[string]func(*Training){
		"bidirectional":                  func(t *Training) { t.Base = nil },
		"can be generated":               func(t *Training) { t.Plan.Task = "summary" },
		`template "other"`:               func(t *Training) { t.Plan.Template = "other" },
		"is of task answers":             func(t *Training) { t.Plan.Template = "hoc" },
		"relate no Gene to a Disease":    func(t *Training) { t.Plan.Subject, t.Plan.Object = "Gene", "Disease" },
		"too many for a model with 128":  func(t *Training) { t.Plan.Soft = 120 },
		"no questions with answers":      func(t *Training) { t.Plan.Task = "answers" },
		"hold no relations":              func(t *Training) { t.Train = []dataset.Example{{Doc: docs[0].Doc}} },
		"0 of the dev set have a target": func(t *Training) { t.Dev = nil },
	} {
		tr := Training{
			Base: newBase(t, docs, ""), Plan: Plan{Task: "relations"}, Train: docs, Dev: docs,
			Out: newDir(t, t.TempDir()), Backend: device.CPU,
		}
		if change(&tr); tr.Base == nil {
			tr.Base = newBase(t, docs, biogpt.Bidirectional)
		}
		if _, err := Run(t.Context(), tr); !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

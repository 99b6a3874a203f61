package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// newBioGPT writes an untrained causal model, with a vocabulary of the documents'
// words and of their targets.
func newBioGPT(t *testing.T, docs []dataset.Example, pieces int, sizes biogpt.Config) (dir string) {
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
		for _, w := range tokenizer.Words(strings.ToLower(
			e.Doc.Text(),
		) + " the relation between and exists; the interaction is. the answer to the question given the context") {
			counts[w] += 10 // no character is rare
		}
	}
	tok, err := tokenizer.Learn(counts, pieces)
	must(err)
	tokenizertest.Write(t, tok, dir)
	sizes.Vocab = tok.Size()
	jobstest.WriteJSON(t, filepath.Join(dir, biogpt.ConfigFile), sizes)
	var file bytes.Buffer
	must(weights.Write(&file, biogpt.InitStructured(sizes, 1).Tensors(sizes.Trunk()), nil))
	must(os.WriteFile(filepath.Join(dir, biogpt.WeightsFile), file.Bytes(), 0o666))
	jobstest.WriteCard(t, dir, catalog.Card{Name: "new", Licence: "MIT"})
	return dir
}

// harms are documents on substances that did harm, in the form of BioGPT's authors and as PubMed
// XML.
func harms(n int) (authors, xml string) {
	drugs, harms := []string{
		"zorvelin", "tamoquin", "brazolam", "lumirac",
	}, []string{
		"renal failure", "nausea and vomiting", "tremor",
	}
	var documents, records []string
	for i := range n {
		drug, harm := drugs[i%len(drugs)], harms[i%len(harms)]
		title, abstract := strings.ToUpper(
			harm[:1],
		)+harm[1:]+" after "+drug, fmt.Sprintf(
			"One patient in %d took %s.", i+2, drug,
		)
		documents = append(
			documents,
			fmt.Sprintf(
				`"%d": {"title": "%s", "abstract": "%s", "relations": [{"chemical": "C%d", "disease": "D%d"}], "chemical2id": {"%s": "C%d"}, "disease2id": {"%s": "D%d"}}`,
				700+i,
				title,
				abstract,
				i%len(drugs),
				i%len(harms),
				drug,
				i%len(drugs),
				harm,
				i%len(harms),
			),
		)
		records = append(
			records,
			fmt.Sprintf(
				`<PubmedArticle><MedlineCitation><PMID Version="1">%d</PMID><Article><ArticleTitle>%s</ArticleTitle><Abstract><AbstractText>%s</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>`,
				700+i,
				title,
				abstract,
			),
		)
	}
	return "{" + strings.Join(
			documents,
			",\n",
		) + "}", `<?xml version="1.0" encoding="utf-8"?><PubmedArticleSet>` + strings.Join(
			records, "",
		) + `</PubmedArticleSet>`
}

// stopper ends a context when a text is written to it.
type stopper struct {
	bytes.Buffer
	at   string
	stop context.CancelCauseFunc
}

func (s *stopper) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(s.at)) {
		s.stop(errors.New("enough"))
	}
	return s.Buffer.Write(p)
}

// The whole path on a few documents: fine-tune, stop and resume, evaluate, run, and find nothing to
// do.
func TestGeneratedRelations(t *testing.T) {
	dir := t.TempDir()
	authors, xml := harms(3)
	path, input, model, mined := filepath.Join(
		dir, "harms.json",
	), filepath.Join(
		dir, "harms.xml",
	), filepath.Join(
		dir, "written",
	), filepath.Join(
		dir, "C",
	)
	for name, text := range map[string]string{path: authors, input: xml} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	other, _ := harms(6)
	dev := filepath.Join(dir, "dev.json")
	if err := os.WriteFile(dev, lastMembers(t, []byte(other), 1), 0o666); err != nil {
		t.Fatal(err)
	}
	docs, _, err := dataset.Read(path, dataset.UserRules("harms", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	base := newBioGPT(t, docs, 300, biogpt.NewConfig(0, 32, 2, 1, 64, 128, biogpt.Causal))
	train := []string{
		"train", "generate", "--tasks", "relations", "--base", base, "--train", path, "--dev", dev, "--out",
		model, "--rate", "0.01", "--epochs", "140", "--evaluate", "35", "--average", "2", "--tokens", "256",
		"--backend", "cpu",
	}
	ctx, stop := context.WithCancelCause(t.Context())
	err = executed(t, ctx, train, streams{out: new(bytes.Buffer), err: &stopper{at: "step 35 of", stop: stop}})
	if exit.Code(err) != exit.Again {
		t.Fatalf("stopped: exit code %d, error %v", exit.Code(err), err)
	}
	if err := executed(
		t, t.Context(), []string{"eval", "--model", model, path},
		streams{out: new(bytes.Buffer), err: new(bytes.Buffer)},
	); exit.Code(
		err,
	) != exit.Misuse {
		t.Errorf("half a model is one: %v", err)
	}
	printed := stdout(t, train...)
	if !strings.Contains(printed, "Template bc5cdr, 9 soft tokens; trained on 3 documents in 140 steps") ||
		!strings.Contains(printed, "relations, in the text") {
		t.Errorf("train prints\n%s", printed)
	}
	if err := executed(t, t.Context(), train, streams{out: new(bytes.Buffer), err: new(bytes.Buffer)}); exit.Code(
		err,
	) != exit.Misuse {
		t.Errorf("trained into a model: %v", err)
	}
	if m := relationsByConcept(t, model, path); m.TP != 3 || m.FP+m.FN > 0 {
		t.Errorf("%+v", m)
	}
	printed = stdout(t, "run", input, "--corpus", mined, "--model", model, "--backend", "cpu", "--max-rejects", "0")
	if counts := counted(t, mined); counts.Rows["relations"] != 3 || counts.Mentions["Chemical"] != 6 ||
		counts.Mentions["Disease"] != 3 ||
		!strings.Contains(printed, "cpu") {
		t.Errorf("%+v\n%s", counts, printed)
	}
	if printed = stdout(t, "run", input, "--corpus", mined, "--model", model, "--backend", "cpu"); !strings.Contains(
		printed, "nothing to do",
	) {
		t.Errorf("a second run prints\n%s", printed)
	}
	decodeOtherwise(t, model)
	if printed = stdout(t, "run", input, "--corpus", mined, "--model", model, "--backend", "cpu"); strings.Contains(
		printed, "nothing to do",
	) {
		t.Error("beams make no difference")
	}
}

func TestGeneratedUsage(t *testing.T) {
	dir := t.TempDir()
	authors, _ := harms(3)
	path, bad := filepath.Join(dir, "harms.json"), filepath.Join(dir, "bad.json")
	for name, text := range map[string]string{path: authors, bad: `{"1": {"title": 5}}`} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"--tasks relations", exit.Misuse, "--train"},
		{"--train " + path, exit.Misuse, "--tasks"},
		{"--tasks ner,relations --base bundled --train " + path, exit.Misuse, "--tasks"},
		{"--tasks relations --train " + path, exit.Misuse, "--base"},
		{"--tasks relations --base none --train " + path, exit.Misuse, "none"},
		{"--tasks relations --base bundled --train " + path, exit.Misuse, "bidirectional"},
		{"--tasks ner --base " + "bundled" + " --train " + path, exit.Misuse, ""},
		{"--tasks relations --base bundled --pair Chemical --train " + path, exit.Misuse, "such as Chemical,Disease"},
		{"--tasks relations --base bundled --epochs=-1 --train " + path, exit.Misuse, "1 or more"},
		{"--tasks relations --base bundled --train " + bad, exit.Input, "bad.json"},
		{"--tasks relations --base bundled --train " + filepath.Join(dir, "none.json"), exit.Misuse, "none.json"},
	} {
		err := executed(t,
			t.Context(), append([]string{"train", "generate", "--out", out}, strings.Fields(c.args)...),
			streams{out: new(bytes.Buffer), err: new(bytes.Buffer)},
		)
		if exit.Code(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: exit code %d, error %v", c.args, exit.Code(err), err)
		}
	}
}

// counted returns the counts of a corpus.
func counted(t *testing.T, dir string) schemas.Counts {
	t.Helper()
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	return s.Counts()
}

// decodeOtherwise sets a beam search in the card of a model.
func decodeOtherwise(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, catalog.CardFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	card, err := catalog.ParseCard(data)
	if err != nil {
		t.Fatal(err)
	}
	card.Generation[0].Beams, card.Generation[0].LengthPenalty = 3, 1
	jobstest.WriteJSON(t, path, card)
}

// On real documents: a small untrained model, fine-tuned on the first 30 documents of BC5CDR,
// generates their relations. make proof-generated runs it and prints the scores.
func TestReproducesBC5CDR(t *testing.T) {
	if os.Getenv("PUBMINE_PROOF") == "" {
		t.Skip("it takes minutes: make proof-generated")
	}
	data, err := os.ReadFile(
		filepath.Join("..", "..", "..", "shared", "data", "corpora", "bc5cdr", "biogpt_train.json"),
	)
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	dir := t.TempDir()
	path, dev, model := filepath.Join(dir, "thirty.json"), filepath.Join(dir, "dev.json"), filepath.Join(dir, "written")
	for name, text := range map[string][]byte{path: firstMembers(t, data, 30), dev: lastMembers(t, data, 3)} {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	docs, _, err := dataset.Read(path, dataset.UserRules("thirty", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	base := newBioGPT(t, docs, 3000, biogpt.NewConfig(0, 128, 2, 4, 512, 1024, biogpt.Causal))
	start := time.Now()
	printed := stdout(
		t, "train", "generate", "--tasks", "relations", "--base", base, "--train", path, "--dev", dev, "--out",
		model, "--rate", "2e-3", "--accumulate", "1", "--epochs", "70", "--evaluate", "90", "--average", "2",
	)
	t.Logf("trained in %.0f s\n%s", time.Since(start).Seconds(), printed)
	start = time.Now()
	t.Logf("%s\nwritten and measured in %.1f s", stdout(t, "eval", "--model", model, path), time.Since(start).Seconds())
	if m := relationsByConcept(t, model, path); m.F1 < 0.95 {
		t.Errorf("%+v", m)
	}
}

// conceptFigures are the scores of relations between concepts.
type conceptFigures struct {
	TP, FP, FN int
	F1         float64
}

// relationsByConcept runs eval.
func relationsByConcept(t *testing.T, model, data string) conceptFigures {
	t.Helper()
	var result struct {
		Results []struct {
			Relations struct {
				ByConcept struct{ Micro conceptFigures } `json:"by_concept"`
			}
			Mentions *struct{}
		}
	}
	if err := json.Unmarshal(
		[]byte(stdout(t, "eval", "--model", model, data, "--json", "--backend", "cpu")), &result,
	); err != nil {
		t.Fatal(err)
	}
	if result.Results[0].Mentions != nil {
		t.Error("mentions are measured, and the data has none")
	}
	return result.Results[0].Relations.ByConcept.Micro
}

// members are those of a JSON object, in order.
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

// A model that generates answers gets the questions of the command line, or those in titles; every
// completion is a row of answers or of rejects.
func TestWrittenAnswers(t *testing.T) {
	dir := t.TempDir()
	_, xml := harms(2)
	asked := `{"9": {"QUESTION": "Does it hurt?", "CONTEXTS": ["It did."], "LONG_ANSWER": "Yes.", "final_decision": "yes"}}`
	for name, text := range map[string]string{"x.xml": xml, "asked.json": asked} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	model := filepath.Join(dir, "model")
	pubmine(t, 0, "model", "convert", writeFiles(t, publishedRows(t, 9)), model, "--template", "pubmedqa")
	for name, c := range map[string]struct {
		questions []string
		rejects   int64
	}{
		"titles": {nil, 0}, "another": {[]string{"Does aspirin cause gout?"}, 0},
		"one": {[]string{"Does zorvelin cause renal failure?"}, 1},
		"two": {[]string{"Does zorvelin cause renal failure?", "Does tamoquin cause vomiting?"}, 2},
	} {
		mined := filepath.Join(dir, name)
		args := []string{
			"run", filepath.Join(dir, "x.xml"), "--corpus", mined, "--model", model, "--backend", "cpu",
			"--max-rejects", "0",
		}
		for _, q := range c.questions {
			args = append(args, "--question", q)
		}
		pubmine(t, 0, args...)
		if got := counted(t, mined); got.Rows["rejects"] != c.rejects || got.Rows["answers"] != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	printed := stdout(t, "eval", "--model", model, filepath.Join(dir, "asked.json"), "--backend", "cpu")
	if !strings.Contains(printed, "Answers") || !strings.Contains(printed, "| yes") {
		t.Errorf("eval says\n%s", printed)
	}
}

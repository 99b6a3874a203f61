package jobs_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// changeWeights replaces the tensors and metadata of a model directory.
func changeWeights(
	t *testing.T, dir string, change func(tensors map[string]*weights.Tensor, metadata map[string]string),
) {
	t.Helper()
	path := filepath.Join(dir, biogpt.WeightsFile)
	file, closeFile, err := weights.OpenFS(os.DirFS(dir), biogpt.WeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]*weights.Tensor{}
	for _, name := range file.Names() {
		x, err := file.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors[name] = &x
	}
	metadata := file.Metadata()
	closeFile()
	change(tensors, metadata)
	var list []weights.Tensor
	for _, x := range tensors {
		list = append(list, *x)
	}
	var out bytes.Buffer
	if err := weights.Write(&out, list, metadata); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// changeTensor changes the first byte of a tensor.
func changeTensor(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		changeWeights(t, dir, func(tensors map[string]*weights.Tensor, _ map[string]string) {
			tensors[name].Data[0] ^= 1
		})
	}
}

// changeSetting adds a space to the JSON of a head's settings.
func changeSetting(key string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		changeWeights(t, dir, func(_ map[string]*weights.Tensor, metadata map[string]string) {
			if metadata[key] += " "; metadata[key] == " " {
				t.Fatalf("no key %s in %v", key, metadata)
			}
		})
	}
}

// A change of a model or of the settings changes the digests of the tasks that depend on it, and no
// others.
func TestParts(t *testing.T) {
	const sentences, ner, linking, relations, summary = "sentences", "ner", "linking", "relations", "summary"
	const answers, labels, vectors = "answers", "labels", "vectors"
	words, others := &vocabulary.Vocabulary{SHA256: "a"}, &vocabulary.Vocabulary{SHA256: "b"}
	settings := jobs.Settings{Questions: []string{"Is it?"}, Vocabulary: words, Chunk: 256, GroupTokens: 1000}
	card := catalog.Card{Name: "test", Tasks: schemas.Tasks()}
	state := []string{ner, linking, relations, summary, vectors} // they read states, or what those tasks find
	with := func(chunk, group int) jobs.Settings {
		return jobs.Settings{Questions: settings.Questions, Vocabulary: words, Chunk: chunk, GroupTokens: group}
	}
	base := partsOf(t, jobstest.WriteModel(t, schemas.Tasks()...), card, nil, "cpu", settings)
	all := []string{answers, labels, linking, ner, relations, sentences, summary, vectors}
	if got := slices.Sorted(maps.Keys(base)); !slices.Equal(got, all) {
		t.Fatalf("parts of %v", got)
	}
	for name, test := range map[string]struct {
		change  func(t *testing.T, dir string)
		card    catalog.Card
		backend string
		s       jobs.Settings
		want    []string
	}{
		"nothing":       {},
		"description":   {card: catalog.Card{Name: "other", Description: "better", Tasks: card.Tasks}},
		"head ner":      {change: changeTensor("head.ner.bias"), want: []string{ner, linking, relations}},
		"types":         {change: changeSetting("head.ner.types"), want: []string{ner, linking, relations}},
		"relation head": {change: changeTensor("head.relation.test.dense"), want: []string{relations}},
		"threshold":     {change: changeSetting("head.relation.test"), want: []string{relations}},
		"summary head":  {change: changeTensor("head.summary.bias"), want: []string{summary}},
		"answer head":   {change: changeTensor("head.answer.bias"), want: []string{answers}},
		"label head":    {change: changeTensor("head.label.bias"), want: []string{labels}},
		"labels":        {change: changeSetting("head.label"), want: []string{labels}},
		"answers":       {change: changeSetting("head.answer"), want: []string{answers}},
		"trunk":         {change: changeTensor("biogpt.layer_norm.bias"), want: state},
		"config": {want: state, change: func(t *testing.T, dir string) {
			replaceIn(t, filepath.Join(dir, biogpt.ConfigFile), `"scale_embedding":true`, `"scale_embedding":false`)
		}},
		"tokenizer": {want: schemas.Tasks(), change: func(t *testing.T, dir string) {
			replaceIn(t, filepath.Join(dir, "merges.txt"), "\n", "\n\n")
		}},
		"backend": {backend: "xla:cpu", want: state},
		"questions": {
			s: jobs.Settings{Vocabulary: words, Chunk: 256, GroupTokens: 1000}, want: []string{answers},
		},
		"concepts": {want: []string{linking, relations}, s: jobs.Settings{
			Questions: settings.Questions, Vocabulary: others, Chunk: 256, GroupTokens: 1000,
		}},
		"linking head":    {change: changeTensor("head.linking.names"), want: []string{linking, relations}},
		"group":           {s: with(256, 999), want: schemas.Tasks()},
		"chunk, on a CPU": {s: with(32, 1000)},
		"generation": {want: []string{answers}, card: catalog.Card{
			Name: "test", Tasks: card.Tasks, Generation: []model.Generation{
				{Task: answers, Template: "pubmedqa", SourceTokens: 9, TargetTokens: 9},
			},
		}},
	} {
		dir := jobstest.WriteModel(t, schemas.Tasks()...)
		if test.card.Name == "" {
			test.card = card
		}
		if test.backend == "" {
			test.backend = "cpu"
		}
		if test.s.Chunk == 0 {
			test.s = settings
		}
		got := partsOf(t, dir, test.card, test.change, test.backend, test.s)
		var changed []string
		for _, task := range append([]string{sentences}, schemas.Tasks()...) {
			if got[task] != base[task] {
				changed = append(changed, task)
			}
		}
		if diff := cmp.Diff(test.want, changed); diff != "" {
			t.Errorf("%s: other digests have changed (-want +got):\n%s", name, diff)
		}
	}
}

// partsOf returns the parts of a model directory after a change.
func partsOf(
	t *testing.T, dir string, card catalog.Card, change func(*testing.T, string), backend string, s jobs.Settings,
) map[string]string {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, catalog.CardFile)); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(t, dir)
	}
	jobstest.WriteCard(t, dir, card)
	m, err := catalog.Resolve(dir)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := jobs.Parts(m, taskStubs(card), backend, s)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// taskStubs returns tasks of the names on a card that read states as those of WriteModel do.
func taskStubs(card catalog.Card) (tasks []pipeline.Task) {
	for _, name := range card.Tasks {
		if slices.Contains([]string{schemas.TaskAnswers, schemas.TaskLabels, schemas.TaskLinking}, name) {
			tasks = append(tasks, pipelinetest.Summarizer{Label: name}) // reads no states
			continue
		}
		tasks = append(tasks, pipelinetest.Task{Label: name})
	}
	return tasks
}

func replaceIn(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil && !strings.Contains(string(data), old) {
		err = fmt.Errorf("%s: no %s", path, old)
	}
	if err == nil {
		err = os.WriteFile(path, []byte(strings.Replace(string(data), old, replacement, 1)), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Batches matter on backends whose floats depend on them.
func TestPartsOfBatches(t *testing.T) {
	m, err := catalog.Resolve(jobstest.WriteModel(t, schemas.Tasks()...))
	if err != nil {
		t.Fatal(err)
	}
	for backend, same := range map[string]bool{"cpu": true, "xla:cpu": false, "xla:cuda": false} {
		var digests []string
		for _, chunk := range []int{32, 256} {
			parts, err := jobs.Parts(m, taskStubs(m.Card)[:1], backend, jobs.Settings{Chunk: chunk})
			if err != nil {
				t.Fatal(err)
			}
			digests = append(digests, parts[schemas.TaskNER])
		}
		if (digests[0] == digests[1]) != same {
			t.Errorf("%s: %v", backend, digests)
		}
	}
}

// Relations that are found without mentions of task ner are others.
func TestPartsOfTasks(t *testing.T) {
	m, err := catalog.Resolve(jobstest.WriteModel(t, schemas.Tasks()...))
	if err != nil {
		t.Fatal(err)
	}
	of := func(m *catalog.Model, tasks ...pipeline.Task) map[string]string {
		parts, err := jobs.Parts(m, tasks, "cpu", jobs.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	all := taskStubs(m.Card)
	with, without := of(m, all...), of(m, all[1:]...)
	if with[schemas.TaskRelations] == without[schemas.TaskRelations] ||
		with[schemas.TaskSummary] != without[schemas.TaskSummary] {
		t.Errorf("with ner %v, without %v", with, without)
	}
	if none := of(nil); len(none) != 1 || none[jobs.SentencesPart] != with[jobs.SentencesPart] {
		t.Errorf("without tasks %v", none)
	}
	var missing fs.FS = os.DirFS(t.TempDir())
	if _, err := jobs.Parts(&catalog.Model{FS: missing}, all, "cpu", jobs.Settings{}); err == nil {
		t.Error("a model without weights has parts")
	}
}

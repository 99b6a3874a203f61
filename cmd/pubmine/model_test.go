package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/tokenizer/tokenizertest"
	"github.com/pubmine/pubmine/model/weights/torch/torchtest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/hub/hubtest"
)

// publishedModel is a model directory as the Hub has it: config, vocabulary, and a file of torch.
func publishedModel(t *testing.T) map[string][]byte { return publishedRows(t, 0) }

// publishedRows is publishedModel with rows of the token table that have no token.
func publishedRows(t *testing.T, soft int) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	tok, err := tokenizer.Learn(map[string]int{"the": 3, "gene": 2}, 300)
	if err != nil {
		t.Fatal(err)
	}
	tokenizertest.Write(t, tok, dir)
	files := map[string][]byte{}
	for _, name := range []string{"vocab.json", "merges.txt"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	cfg := biogpt.NewConfig(tok.Size()+soft, 32, 1, 2, 64, 64, "")
	if files["config.json"], err = json.Marshal(cfg); err != nil {
		t.Fatal(err)
	}
	params := biogpt.InitStructured(cfg, 1)
	var state torchtest.OrderedDict
	for i, s := range cfg.Trunk() {
		var shape []int64
		for _, n := range s.Shape {
			shape = append(shape, int64(n))
		}
		state = append(
			state, torchtest.Item{Key: s.Name, Value: torchtest.Float32s(fmt.Sprint(i), params[s.Name], shape...)},
		)
	}
	files["pytorch_model.bin"] = torchtest.Zip(state)
	return files
}

func writeFiles(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// pubmine runs a command and checks its exit code.
func pubmine(t *testing.T, code int, args ...string) (out, printed string) {
	t.Helper()
	var o, e bytes.Buffer
	err := executed(t, context.Background(), args, streams{out: &o, err: &e})
	if got := exit.Report(&e, err); got != code {
		t.Fatalf("%v: exit code %d, want %d: %s", args, got, code, e.String())
	}
	return o.String(), e.String()
}

// keep redirects the directory of pulled models.
func keep(t *testing.T) string {
	folder := filepath.Join(t.TempDir(), "models")
	t.Setenv("PUBMINE_MODELS", folder)
	return folder
}

func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: %q is not in %q", what, part, text)
		}
	}
}

func TestModelConvert(t *testing.T) {
	in, out := writeFiles(t, publishedModel(t)), filepath.Join(t.TempDir(), "small")
	info, _ := pubmine(t, 0, "model", "info", in)
	contains(
		t, "info", info, "torch zip: pytorch_model.bin", "of type F32",
		"1 layers of width 32, 2 heads, feed-forward width 64, 64 positions, causal", "none: pubmine",
	)
	pubmine(t, 0, "model", "convert", in, out, "--licence", "MIT")
	info, _ = pubmine(t, 0, "model", "info", out)
	contains(
		t, "info", info, "safetensors: model.safetensors",
		"small@unversioned", "Converted from torch zip.", "licence      MIT", "tasks        none",
	)
	if _, err := catalog.Resolve(out); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != 5 {
		t.Errorf("%v, %v", entries, err)
	}
	_, printed := pubmine(t, 2, "model", "convert", in, out)
	contains(t, "a directory that is not empty", printed, "give a new directory")
	// The vocabulary may be elsewhere, or be left out.
	bare := publishedModel(t)
	delete(bare, "vocab.json")
	lone := writeFiles(t, bare)
	_, printed = pubmine(t, 42, "model", "convert", lone, filepath.Join(t.TempDir(), "x"))
	contains(t, "no vocabulary", printed, "no vocabulary: ")
	pubmine(
		t, 0, "model", "convert", filepath.Join(lone, "pytorch_model.bin"), filepath.Join(t.TempDir(), "x"),
		"--vocabulary", in,
	)
	pubmine(t, 0, "model", "convert", lone, filepath.Join(t.TempDir(), "x"), "--vocabulary", "none")
}

// A checkpoint that BioGPT's authors fine-tuned serves its task once the card has its template,
// whatever it generates.
func TestModelConvertFineTuned(t *testing.T) {
	in, out, root := writeFiles(
		t, publishedRows(t, 9),
	), filepath.Join(
		t.TempDir(), "tuned",
	), filepath.Join(
		t.TempDir(), "C",
	)
	printed, _ := pubmine(t, 0, "model", "convert", in, out, "--template", "bc5cdr")
	contains(t, "convert", printed, "none: pubmine")
	info, _ := pubmine(t, 0, "model", "info", out)
	contains(t, "info", info, "tasks        relations")
	m, err := catalog.Resolve(out)
	if err != nil {
		t.Fatal(err)
	}
	g, ok := m.Card.Generates("relations")
	if !ok || len(g.SoftPrompt) != 9 || g.SourceTokens != 34 || g.TargetTokens != 21 || g.Relation != "CID" {
		t.Errorf("%+v", g)
	}
	if _, xml := harms(2); os.WriteFile(filepath.Join(in, "x.xml"), []byte(xml), 0o666) != nil {
		t.Fatal("not written")
	}
	pubmine(
		t, 0, "run", filepath.Join(in, "x.xml"), "--corpus", root, "--model", out, "--backend", "cpu",
		"--max-rejects", "0",
	)
	if c := counted(t, root); c.Rows["documents"] != 2 || c.Rejects["cut-off"]+c.Rejects["unreadable"] == 0 {
		t.Errorf("%+v", c)
	}
	_, printed = pubmine(
		t, 2, "model", "convert", writeFiles(t, publishedModel(t)), filepath.Join(t.TempDir(), "x"), "--template",
		"hoc",
	)
	contains(t, "no soft tokens", printed, "so there are no soft tokens")
}

// A conversion reuses the directory of an interrupted one.
func TestModelConvertAgain(t *testing.T) {
	in, out := writeFiles(t, publishedModel(t)), writeFiles(t, map[string][]byte{"model.safetensors": []byte("half")})
	if err := os.MkdirAll(filepath.Join(out, "meta", "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "meta", "model.lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	pubmine(t, 0, "model", "convert", in, out)
	if _, err := catalog.Resolve(out); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(out, "meta")); err == nil {
		t.Error("temporary files are left")
	}
}

func TestModelBadInput(t *testing.T) {
	files := publishedModel(t)
	evil := bytes.Replace(
		files["pytorch_model.bin"], []byte("ctorch._utils\n_rebuild_tensor_v2\n"),
		[]byte("cposix\nsystem\nq\x00q\x00q\x00q\x00q\x00q\x00q\x00q\x00q\x00q"), 1,
	)
	for want, data := range map[string][]byte{
		"posix.system": evil, "directory": files["pytorch_model.bin"][:5000], "it is empty": {},
	} {
		files["pytorch_model.bin"] = data
		for _, args := range [][]string{{"model", "info"}, {"model", "convert"}} {
			args = append(args, writeFiles(t, files))
			if args[1] == "convert" {
				args = append(args, filepath.Join(t.TempDir(), "x"))
			}
			_, printed := pubmine(t, 42, args...)
			contains(t, args[1], printed, want)
			if strings.Count(printed, "\n") != 1 {
				t.Errorf("%v: %q", args, printed)
			}
		}
	}
	_, printed := pubmine(t, 42, "model", "info", "nowhere")
	contains(t, "nowhere", printed, "nowhere: no such file or model")
}

// A vocabulary of another model is detected before anything is computed.
func TestVocabularyOfAnotherModel(t *testing.T) {
	dir := jobstest.WriteModel(t, schemas.TaskNER)
	config := biogpt.NewConfig(5, jobstest.Hidden, 1, 2, 64, 64, biogpt.Bidirectional)
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, catalog.CardFile))
	if err != nil {
		t.Fatal(err)
	}
	card, err := catalog.ParseCard(text)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	card.SHA256["config.json"] = hex.EncodeToString(sum[:])
	if text, err = json.Marshal(card); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"config.json": data, catalog.CardFile: text} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := jobs.Build(jobs.Request{Model: dir, Backend: "cpu"}); err == nil ||
		!strings.Contains(err.Error(), "pieces, its config says 5") {
		t.Error(err)
	}
}

func TestModelCheck(t *testing.T) {
	in := writeFiles(t, publishedModel(t))
	wrong := writeFiles(t, map[string][]byte{
		"expected.json": []byte(
			`{"forward":[{"name":"one","input_ids":[[2,5]],"attention_mask":[[1,1]],"selected":[{"row":0,"pos":1,"last_hidden_state":[0]}]}]}`,
		),
		"right.json": []byte(
			`{"generation":[{"name":"run","input_ids":[[2,5]],"attention_mask":[[1,1]],"generate":{"max_new_tokens":1},"new_tokens":[[9]]}]}`,
		),
		"none.json": []byte(`{"forward":[{"name":"x","positions_rule":"arange"}]}`),
		"bad.json":  []byte(`{}`),
	})
	file := func(name string) []string {
		return []string{"model", "check", in, "--backend", "cpu", "--expected", filepath.Join(wrong, name)}
	}
	out, printed := pubmine(t, 1, file("expected.json")...)
	contains(t, "check", out, "one", "states +Inf", "differs")
	contains(t, "check", printed, "loaded in", "1 of 1 batches differ")
	out, _ = pubmine(t, 1, file("right.json")...)
	contains(t, "generation", out, "run", "instead of [9]")
	_, printed = pubmine(t, 42, file("bad.json")...)
	contains(t, "bad", printed, "neither forward nor generation")
	_, printed = pubmine(t, 42, file("none.json")...)
	contains(t, "none", printed, "nothing in it can be compared")
	pubmine(t, 2, file("nowhere.json")...)
}

// The outputs of a model agree with its own, in every format and after conversion.
func TestModelCheckAgrees(t *testing.T) {
	in, out := writeFiles(t, publishedModel(t)), filepath.Join(t.TempDir(), "small")
	pubmine(t, 0, "model", "convert", in, out)
	engine, err := biogpt.Open(os.DirFS(out), device.OpenCPU())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	states, err := engine.Encode(context.Background(), [][]int32{{2, 5, 6}})
	if err != nil {
		t.Fatal(err)
	}
	state, err := json.Marshal(states[0][2*engine.Dim():])
	if err != nil {
		t.Fatal(err)
	}
	want := writeFiles(t, map[string][]byte{"expected.json": fmt.Appendf(
		nil,
		`{"forward":[{"name":"own","input_ids":[[1,2,5,6]],"attention_mask":[[0,1,1,1]],"selected":[{"row":0,"pos":3,"last_hidden_state":%s}]}]}`,
		state,
	)})
	for _, path := range []string{in, filepath.Join(in, "pytorch_model.bin"), out} {
		printed, _ := pubmine(
			t,
			0,
			"model",
			"check",
			path,
			"--expected",
			filepath.Join(want, "expected.json"),
			"--backend",
			"cpu",
		)
		contains(t, path, printed, "own", "1 compared", "0 wrong", "ok")
	}
}

func TestModelListWarns(t *testing.T) {
	folder := keep(t)
	dir := filepath.Join(folder, "broken")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, catalog.CardFile), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	out, printed := pubmine(t, 0, "model", "list")
	contains(t, "list", out, "bundled")
	contains(t, "warning", printed, "model broken: ", "name is empty")
}

func TestModelPull(t *testing.T) {
	folder := keep(t)
	h := hubtest.New(t, "owner/small", publishedModel(t), "pytorch_model.bin")
	h.Breaks = 1
	out, printed := pubmine(t, 0, "model", "pull", "owner/small", "--url", h.URL)
	contains(t, "pull", out, filepath.Join(folder, "owner--small"))
	contains(t, "pull", printed, "pytorch_model.bin: complete, digest ")
	if entries, err := os.ReadDir(filepath.Join(folder, ".downloads")); err != nil || len(entries) != 0 {
		t.Errorf("downloads are left: %v, %v", entries, err)
	}
	list, _ := pubmine(t, 0, "model", "list")
	contains(t, "list", list, "bundled", "owner--small  owner--small@", "no tasks")
	m, err := catalog.Resolve("owner--small")
	if err != nil || m.Card.Version != hubtest.Commit {
		t.Errorf("%v, %v", m, err)
	}
	_, printed = pubmine(t, 2, "model", "pull", "owner/small", "--url", h.URL)
	contains(t, "again", printed, "it exists already")
}

func TestModelPullFails(t *testing.T) {
	folder := keep(t)
	files := publishedModel(t)
	h := hubtest.New(t, "owner/small", files, "pytorch_model.bin")
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{2, "is unknown", []string{"small"}},
		{2, "not the URL of a server", []string{"owner/small", "--url", "nowhere"}},
		{42, "nothing public", []string{"owner/other", "--url", h.URL}},
		{42, "nothing public", []string{"owner/small", "--revision", "v9", "--url", h.URL}},
	} {
		_, printed := pubmine(t, c.code, append([]string{"model", "pull"}, c.args...)...)
		contains(t, c.want, printed, c.want)
	}
	h.Wrong = 100
	_, printed := pubmine(t, 42, "model", "pull", "owner/small", "--url", h.URL)
	contains(t, "wrong bytes", printed, "not what the Hub announces")
	h.Wrong, h.Moved = 0, strings.Repeat("e", 40)
	_, printed = pubmine(t, 42, "model", "pull", "owner/small", "--revision", hubtest.Commit, "--url", h.URL)
	contains(t, "another commit", printed, "owner/small at "+hubtest.Commit, "answers with commit eeeeeeee")
	if entries, err := os.ReadDir(folder); err == nil {
		for _, e := range entries {
			if e.Name() != ".downloads" {
				t.Errorf("%s is installed", e.Name())
			}
		}
	}
	h.Moved, h.Status = "", 400
	pubmine(t, 75, "model", "pull", "owner/small", "--url", h.URL)
	h.Status = 0
	delete(files, "config.json")
	_, printed = pubmine(t, 42, "model", "pull", "owner/small", "--url", h.URL)
	contains(t, "no config", printed, "no config.json")
	if _, ok := catalog.Kept("owner--small"); ok {
		t.Errorf("%s has a model", folder)
	}
}

// A FIFO in place of any file of a model directory is refused, not waited for.
func TestFIFOInModel(t *testing.T) {
	input := filepath.Join("..", "..", "testdata", "pubmed", "books.xml")
	names := []string{"config.json", "vocab.json", "merges.txt", "model.safetensors", "pubmine-model.json"}
	for _, name := range names {
		dir := jobstest.WriteModel(t, "ner")
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
		for _, args := range [][]string{
			{"run", input, "--corpus", filepath.Join(t.TempDir(), "C"), "--model", dir}, {"model", "info", dir},
		} {
			var printed bytes.Buffer
			code := exit.Report(&printed, execute(context.Background(), args, streams{out: io.Discard, err: &printed}))
			if code == 0 || !strings.Contains(printed.String(), "it is not a regular file: replace it by one") {
				t.Errorf("%s, %v: exit code %d: %s", name, args, code, printed.String())
			}

		}
	}
}

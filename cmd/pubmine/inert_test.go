package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// nasty sets the title of a terminal, clears it, and turns the order of what follows around.
const nasty = "\x1b]0;x\a\u009b2J\u202egpj\u2066"

// checkInert fails if a terminal would do something else with a text than print it.
func checkInert(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control)
	}) {
		t.Errorf("%s prints %q", what, text)
	}
}

// told runs a command, checks that its output is inert, and returns all of it. A forged line is one
// that begins like those of nasty names.
func told(t *testing.T, args ...string) string {
	t.Helper()
	var out, messages bytes.Buffer
	exit.Report(&messages, executed(t, t.Context(), args, streams{out: &out, err: &messages}))
	all := out.String() + messages.String()
	checkInert(t, strings.Join(args, " "), all)
	for line := range strings.Lines(all) {
		if strings.HasPrefix(strings.TrimSpace(line), "forged") {
			t.Errorf("%q prints a line of its own: %q", args, line)
		}
	}
	return all
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// Nothing in file names and abstracts acts on a terminal or forges a line.
func TestNamesAndAbstractsAreInert(t *testing.T) {
	dir := filepath.Join(t.TempDir(), nasty+"\nforged")
	title := "Aspirin\u009b2J in \u202eגנב e\u0301 &#x85; forged &#x2067;"
	one := write(t, filepath.Join(dir, "one"+nasty+"\nforged.xml"), setOf(article(1, title)))
	write(t, filepath.Join(dir, "two\x9b\nforged.xml"), "<html>"+nasty)
	root := filepath.Join(dir, "C")
	ran := told(t, "run", one, "--corpus", root, "--tasks", "ner")
	if !strings.Contains(ran, `\x1b]0;x\x07\u009b2J\u202e`) {
		t.Errorf("the name of the corpus is not visible: %q", ran)
	}
	told(t, "run", dir, "--corpus", filepath.Join(dir, "D"), "--tasks", "ner")
	told(t, "run", filepath.Join(dir, "two\x9b\nforged.xml"), "--corpus", filepath.Join(dir, "E"))
	told(t, "run", filepath.Join(dir, "none"+nasty), "--corpus", root)
	told(t, "status", "--corpus", root, "--units")
	told(t, "status", "--corpus", root, "--config")
	told(t, "status", "--corpus", root+nasty)
	if shown := told(t, "show", "--corpus", root, "1"); !strings.Contains(shown, `\u202eגנב e`+"\u0301") {
		t.Errorf("show prints %q", shown)
	}
	write(t, filepath.Join(root, "tables", "mentions", "x"+nasty+"\nforged.parquet"), nasty)
	told(t, "verify", "--corpus", root)
	told(t, "verify", "--corpus", root, "--"+nasty)
	told(t, "help", nasty+"\nforged")
	data := write(t, filepath.Join(dir, "x.PubTator"),
		"1|t|Aspirin"+nasty+"\n1|a|\n1\t0\t7\tAspirin\tA"+nasty+"\tM\n\n")
	told(t, "eval", data, "--raw-types", "--tasks", "ner")
	told(t, "train", "heads", "--tasks", "ner", "--train", data+nasty, "--out", filepath.Join(dir, "M"))
}

// The same for model directories and their cards.
func TestModelsAreInert(t *testing.T) {
	folder := keep(t)
	dir := jobstest.WriteModel(t, schemas.TaskNER)
	if err := os.Remove(filepath.Join(dir, catalog.CardFile)); err != nil {
		t.Fatal(err)
	}
	jobstest.WriteCard(t, dir, catalog.Card{
		Name: "x" + nasty + "\nforged", Version: nasty, Description: nasty + "\nforged\tx", Licence: nasty + "\nforged",
		Types: []string{nasty + "\nforged"}, Tasks: []string{schemas.TaskNER},
	})
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir, filepath.Join(folder, "kept")); err != nil {
		t.Fatal(err)
	}
	if list := told(t, "model", "list"); !strings.Contains(list, `kept`) {
		t.Errorf("the list is %q", list)
	}
	told(t, "model", "info", dir)
	bad := t.TempDir()
	write(t, filepath.Join(bad, catalog.CardFile), `{"name": "x", "for`+nasty+`ged": 1}`)
	told(t, "run", "x.xml", "--corpus", bad, "--model", bad)
	expected := write(t, filepath.Join(bad, "expected.json"), `{"forward":[{"name":"one\u001b[2J\nforged",`+
		`"input_ids":[[2,5]],"attention_mask":[[1,1]],"selected":[{"row":0,"pos":1,"last_hidden_state":[0]}]}]}`)
	told(t, "model", "check", writeFiles(t, publishedModel(t)), "--expected", expected, "--backend", "cpu")
}

// The same for what servers answer.
func TestServersAreInert(t *testing.T) {
	keep(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			fmt.Fprintf(c, "HTTP/1.1 404 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", nasty)
			_ = c.Close()
		}
	}()
	url := "http://" + l.Addr().String() + "/"
	root := filepath.Join(t.TempDir(), "C")
	for _, args := range [][]string{
		{"sync", "--corpus", root, "--base-url", url, "--tasks", "none"},
		{"model", "pull", "owner/small", "--url", url},
	} {
		if all := told(t, args...); !strings.Contains(all, `404 \x1b]0;x`) {
			t.Errorf("%q prints %q", args, all)
		}
	}
}

// JSON means the same as without the guard.
func TestJSONStaysExact(t *testing.T) {
	text := "Aspirin" + nasty + "\u2028 e\u0301\x7f"
	line, err := json.Marshal(map[string]any{"id": []any{text, 1}, "text": text})
	if err != nil {
		t.Fatal(err)
	}
	line = bytes.Replace(line, []byte(`,1]`), []byte(",\r\t1]"), 1)
	in := write(t, filepath.Join(t.TempDir(), "x.jsonl"), string(line)+"\n")
	var got struct {
		ID     []any
		Tokens []string
	}
	out := told(t, "tokenize", in)
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&got); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if len(got.ID) != 2 || got.ID[0] != text || len(got.Tokens) == 0 {
		t.Errorf("%q", out)
	}
}

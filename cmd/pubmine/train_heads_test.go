package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// instruments writes documents on measuring instruments, a type that is new to the bundled model,
// in PubTator and as PubMed XML. Their names are made up and end alike, so that unseen names can be
// found.
func instruments(first, n int) (pubtator, xml string) {
	random := rand.New(rand.NewPCG(uint64(first), 1))
	syllables := []string{"zor", "vel", "tam", "quin", "bra", "lox", "mir", "dun"}
	name := func() string {
		var b strings.Builder
		for range 2 + random.IntN(2) {
			b.WriteString(syllables[random.IntN(len(syllables))])
		}
		return b.String() + []string{"meter", "scope", "graph"}[random.IntN(3)]
	}
	sentences := []string{
		"Readings of the %s were compared with those of aspirin.", "We calibrated a %s twice a day.",
		"No %s was available in the clinic.", "The β-range of every %s was recorded.",
	}
	var annotated, records strings.Builder
	for i := first; i < first+n; i++ {
		a, b := name(), name()
		title := fmt.Sprintf("Use of a %s in the wild: report %d.", a, i)
		abstract := fmt.Sprintf(
			sentences[random.IntN(4)], a,
		) + " Nothing else was seen. " + fmt.Sprintf(
			sentences[random.IntN(4)], b,
		)
		fmt.Fprintf(&annotated, "%d|t|%s\n%d|a|%s\n", i, title, i, abstract)
		body := title + " " + abstract
		for at := 0; at < len(body); {
			next, instrument := -1, ""
			for _, x := range []string{a, b} {
				if k := strings.Index(body[at:], x); k >= 0 && (next < 0 || at+k < next) {
					next, instrument = at+k, x
				}
			}
			if next < 0 {
				break
			}
			start := utf8.RuneCountInString(body[:next])
			fmt.Fprintf(&annotated, "%d\t%d\t%d\t%s\tInstrument\n", i, start, start+len(instrument), instrument)
			at = next + len(instrument)
		}
		annotated.WriteByte('\n')
		fmt.Fprintf(
			&records,
			`<PubmedArticle><MedlineCitation><PMID Version="1">%d</PMID><Article><ArticleTitle>%s</ArticleTitle><Abstract><AbstractText>%s</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>`,
			i,
			title,
			abstract,
		)
	}
	return annotated.String(),
		`<?xml version="1.0" encoding="utf-8"?><PubmedArticleSet>` + records.String() + `</PubmedArticleSet>`
}

// stdout runs the command line and returns what it prints.
func stdout(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if err := executed(t, t.Context(), args, streams{out: &out, err: &errs}); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	return out.String()
}

// A model that is trained on a hundred annotated abstracts of a new type finds it in others, beside
// the types of the bundled model.
func TestNewEntityType(t *testing.T) {
	dir := t.TempDir()
	learn, _ := instruments(100, 100)
	held, records := instruments(500, 20)
	for name, text := range map[string]string{"learn.PubTator": learn, "held.PubTator": held, "held.xml": records} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	own := filepath.Join(dir, "instruments")
	printed := stdout(
		t,
		"train",
		"heads",
		"--tasks",
		"ner",
		"--train",
		filepath.Join(dir, "learn.PubTator"),
		"--out",
		own,
		"--epochs",
		"3",
		"--backend",
		"cpu",
	)
	if !strings.Contains(printed, "Instrument") || !strings.Contains(printed, "The dev set has 10 documents") {
		t.Errorf("train prints\n%s", printed)
	}
	var result struct {
		Results []struct {
			Documents int
			Mentions  struct {
				Strict struct {
					Micro struct{ F1 float64 }
					Types map[string]struct{ F1 float64 }
				}
			}
		}
	}
	printed = stdout(
		t, "eval", "--model", own, filepath.Join(dir, "held.PubTator"), "--tasks", "ner", "--json", "--backend",
		"cpu",
	)
	if err := json.Unmarshal([]byte(printed), &result); err != nil {
		t.Fatal(err)
	}
	if r := result.Results[0]; r.Documents != 20 || r.Mentions.Strict.Micro.F1 < 0.9 ||
		len(r.Mentions.Strict.Types) != 1 {
		t.Errorf("eval prints %+v", r)
	}
	mined := filepath.Join(dir, "C")
	stdout(t, "run", filepath.Join(dir, "held.xml"), "--corpus", mined, "--model", own, "--backend", "cpu")
	c, err := corpus.Open(mined)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	found := s.Counts().Mentions
	if found["Instrument"] < 40 || found["Chemical"] == 0 || !strings.HasPrefix(s.Model(), "instruments@") {
		t.Errorf("mentions %v by %s", found, s.Model())
	}
}

func TestTrainUsage(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bad := write("bad.xml", "<html/>")
	off := write("off.PubTator", "1|t|A saw\n1\t0\t3\tsaw\tTool\n")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"train", exit.Misuse, "expected one of"},
		{"train heads --out x --tasks ner", exit.Misuse, "--train"},
		{"train heads --out x --tasks ner --train none.txt", exit.Misuse, "none.txt"},
		{"train heads --out x --tasks ner --train " + bad, exit.Input, "not BioC"},
		{"train heads --out x --tasks ner --train " + off, exit.Input, "no mention matches the text"},
		{"train heads --out x --tasks ner --base none --train " + off, exit.Misuse, "none"},
		{"eval none.txt", exit.Misuse, "none.txt"},
		{"eval bc5cdr/dev --data " + dir, exit.Misuse, "--data"},
		{"eval " + bad, exit.Input, "not BioC"},
		{"eval " + off + " --tasks none", exit.Misuse, "--tasks must be one of"},
		{"eval " + off + " --model none", exit.Misuse, "none"},
	} {
		err := executed(t, t.Context(), strings.Fields(c.args), streams{out: new(bytes.Buffer), err: new(bytes.Buffer)})
		if exit.Code(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: exit code %d, error %v", c.args, exit.Code(err), err)
		}
	}
}

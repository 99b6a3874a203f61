package dataset_test

import (
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// layOut writes files below a new folder; one whose name ends in .gz is compressed.
func layOut(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			var packed strings.Builder
			z := gzip.NewWriter(&packed)
			if _, err := z.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			text = packed.String()
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func toyLibrary(t *testing.T) string {
	return layOut(t, map[string]string{
		"bc5cdr/train.PubTator": "1|t|Zorv and gout\n1\t0\t4\tZorv\tChemical\t" +
			"C1\n\n2|t|Quarx\n2\t0\t5\tQuarx\tChemical\tC2\n",
		"bc5cdr/dev.PubTator": "2|t|Quarx\n2\t0\t5\tQuarx\tChemical\tC2\n",
		"aioner/tmVar3_Train.PubTator": "3|t|p.V600E of ZVK\n3\t0\t7\tp.V600E\t" +
			"ProteinMutation\tp|SUB|V|600|E\n3\t11\t14\tZVK\tGene\t1\n",
		"aioner/Linnaeus_Train.PubTator": "2|t|Of dogs\n2\t3\t7\tdogs\tSpecies\t9615\n",
		"aioner/NLMgene_Train.PubTator": "5|t|ZVK kinases\n5\t0\t3\tZVK\tGene\t1\n5\t0\t" +
			"11\tZVK kinases\tFamilyName\t1\n",
		"bc2gm/train.tsv": "ZVK\tB-GENE\nrose\tO\n",
		"bc2gm/devel.tsv": "ZVK\tB-GENE\nfell\tO\n",
		"jnlpba_train.jsonl.gz": `{"id": "90", "text": "HeLa has ZVK\n", ` +
			`"mentions": [[0, 4, "cell_line"], [9, 12, "protein"]]}`,
		"drugprot/development/drugprot_development_abstracs.tsv": "8\tZorv\tIt blocks ZVK.\n",
		"drugprot/development/drugprot_development_entities.tsv": "8\tT1\tCHEMICAL\t0\t4\tZorv\n8\tT2\tGENE\t15\t" +
			"18\tZVK\n",
		"drugprot/development/drugprot_development_relations.tsv": "8\tINHIBITOR\tArg1:T1\tArg2:T2\n",
	})
}

func TestLoad(t *testing.T) {
	dir := toyLibrary(t)
	examples, counts, err := dataset.Load(
		dir, "bc5cdr", "tmvar3", "linnaeus", "nlm-gene", "bc2gm", "jnlpba", "drugprot",
	)
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Part, Text, Types, Mentions string }
	var got []row
	for _, e := range examples {
		r := row{e.Corpus + "/" + e.Split, e.Doc.Text(), strings.Join(e.Types, " "), ""}
		for _, m := range e.Gold.Mentions {
			r.Mentions += m.Type + ":" + r.Text[m.Start:m.End] + " "
		}
		got = append(got, r)
	}
	want := []row{
		{"bc5cdr/train", "Zorv and gout ", "Chemical Disease", "Chemical:Zorv "},
		{"bc5cdr/train", "Quarx ", "Chemical Disease", "Chemical:Quarx "},
		{"bc5cdr/dev", "Quarx ", "Chemical Disease", "Chemical:Quarx "},
		{"nlm-gene/train", "ZVK kinases ", "Gene", "Gene:ZVK "},
		{"tmvar3/train", "p.V600E of ZVK ", "Variant", "Variant:p.V600E "},
		{"linnaeus/train", "Of dogs ", "Species", "Species:dogs "},
		{"drugprot/dev", "Zorv It blocks ZVK.", "Chemical Gene", "Chemical:Zorv Gene:ZVK "},
		{"bc2gm/train", "ZVK rose ", "Gene", "Gene:ZVK "},
		{"bc2gm/dev", "ZVK fell ", "Gene", "Gene:ZVK "},
		{"jnlpba/train", "HeLa has ZVK ", "CellLine Gene", "CellLine:HeLa Gene:ZVK "},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if counts["tmvar3/train"].Unmapped["Gene"] != 1 || counts["nlm-gene/train"].Masked != 1 ||
		counts["drugprot/dev"].Relations != 1 {
		t.Errorf("%+v", counts)
	}
	var total dataset.Stats
	for _, s := range counts {
		total.Add(s)
	}
	if total.Documents != len(examples) || total.Unmapped["Gene"] != 1 {
		t.Errorf("%+v", total)
	}
	// Linnaeus has PMC identifiers: its document 2 is not document 2 of a dev set.
	held := dataset.NewHeldOut(examples)
	if n := len(held.Training(examples)); n != 6 {
		t.Errorf("%d examples to train on", n)
	}
	if n := len(dataset.Select(examples, "bc5cdr", "dev")); n != 1 {
		t.Errorf("%d examples of a split", n)
	}
}

func TestLoadNeedsEveryCorpus(t *testing.T) {
	if _, _, err := dataset.Load(toyLibrary(t)); err == nil || !strings.Contains(err.Error(), "ncbi-disease") {
		t.Errorf("error %v does not name the missing corpus", err)
	}
}

func TestLoadSplit(t *testing.T) {
	dir := toyLibrary(t)
	examples, err := dataset.LoadSplit(dir, "bc5cdr/dev")
	if err != nil || len(examples) != 1 || examples[0].Split != "dev" {
		t.Errorf("%d examples, %v", len(examples), err)
	}
	_, err = dataset.LoadSplit(dir, "bc5cdr/test")
	if !errors.Is(err, dataset.ErrNoSplit) || !strings.Contains(err.Error(), "train, dev") {
		t.Errorf("an unknown split: %v", err)
	}
	if _, err := dataset.LoadSplit(t.TempDir(), "bc5cdr/dev"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	for name, want := range map[string]bool{"bc5cdr/dev": true, "bc5cdr": false, "mine/dev": false} {
		if dataset.IsSplit(name) != want {
			t.Errorf("IsSplit(%q) is not %v", name, want)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for name, c := range map[string]struct{ file, text, corpus, want string }{
		"bad file":   {"bc5cdr/train.PubTator", "x\n", "bc5cdr", "corpus bc5cdr, train set: PubTator line 1"},
		"bad packed": {"jnlpba_train.jsonl.gz", "", "jnlpba", "corpus jnlpba, train set"},
	} {
		dir := layOut(t, map[string]string{c.file: c.text})
		if name == "bad packed" {
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte("plain"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := dataset.Load(dir, c.corpus); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestNamesAreDistinct(t *testing.T) {
	names := dataset.Names()
	if slices.Sort(names); len(slices.Compact(slices.Clone(names))) != len(names) || len(names) != 13 {
		t.Errorf("%v", names)
	}
}

func TestUnknownCorpus(t *testing.T) {
	if _, _, err := dataset.Load(t.TempDir(), "nosuch"); err == nil || !strings.Contains(err.Error(), "bc5cdr") {
		t.Errorf("error %v does not list the known ones", err)
	}
	if _, _, err := dataset.Load(t.TempDir(), "bc5cdr"); err == nil ||
		!strings.Contains(err.Error(), "corpus bc5cdr, train set") {
		t.Errorf("error %v", err)
	}
}

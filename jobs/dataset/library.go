package dataset

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// librarySplit is one split of a public corpus: a file, or a set of tables.
type librarySplit struct {
	corpus, split string
	files         []string
	read          func(files []io.Reader, rules Rules) ([]Example, Stats, error)
	rules         func(Rules) Rules
}

// librarySplits is the layout of the folder of public corpora.
func librarySplits() []librarySplit {
	onlyTypes := func(types ...string) func(Rules) Rules {
		return func(r Rules) Rules { return r.only(types...) }
	}
	biored := onlyTypes(CellLine, Chemical, Disease, Gene, Species, Variant)
	chemprot := func(split string) []string {
		base := "chemprot/chemprot_" + split + "/chemprot_" + split + "_"
		return []string{base + "abstracts.tsv", base + "entities.tsv", base + "gold_standard.tsv"}
	}
	drugprot := "drugprot/development/drugprot_development_"
	return []librarySplit{
		{"bc5cdr", "train", []string{"bc5cdr/train.PubTator"}, readPubTator, onlyTypes(Chemical, Disease)},
		{"bc5cdr", "dev", []string{"bc5cdr/dev.PubTator"}, readPubTator, onlyTypes(Chemical, Disease)},
		{"ncbi-disease", "train", []string{"ncbi-disease/train.PubTator"}, readPubTator, onlyTypes(Disease)},
		{"ncbi-disease", "dev", []string{"ncbi-disease/dev.PubTator"}, readPubTator, onlyTypes(Disease)},
		{"biored", "train", []string{"biored/train.PubTator"}, readPubTator, biored},
		{"biored", "dev", []string{"biored/dev.PubTator"}, readPubTator, biored},
		{"nlm-gene", "train", []string{"aioner/NLMgene_Train.PubTator"}, readPubTator, onlyTypes(Gene)},
		{"gnormplus", "train", []string{"aioner/GNormPlus_Train.PubTator"}, readPubTator, onlyTypes(Gene)},
		// Only the variants of tmVar3 are gold; its other types are predictions.
		{"tmvar3", "train", []string{"aioner/tmVar3_Train.PubTator"}, readPubTator, onlyTypes(Variant)},
		{"species800", "train", []string{"aioner/SPECIES_Train.PubTator"}, readPubTator, onlyTypes(Species)},
		{"linnaeus", "train", []string{"aioner/Linnaeus_Train.PubTator"}, readPubTator, func(r Rules) Rules {
			r = r.only(Species)
			r.NotPMID = true // articles of PubMed Central
			return r
		}},
		{"bioid", "train", []string{"aioner/BioID_Train.PubTator"}, readPubTator, func(r Rules) Rules {
			r = r.only(CellLine)
			r.NotPMID = true // figures of articles
			return r
		}},
		{"chemprot", "train", chemprot("training"), readTables, onlyTypes(Chemical, Gene)},
		{"chemprot", "dev", chemprot("development"), readTables, onlyTypes(Chemical, Gene)},
		{
			"drugprot", "dev",
			[]string{drugprot + "abstracs.tsv", drugprot + "entities.tsv", drugprot + "relations.tsv"}, readTables,
			onlyTypes(Chemical, Gene),
		},
		{"bc2gm", "train", []string{"bc2gm/train.tsv"}, readCoNLL, onlyTypes(Gene)},
		{"bc2gm", "dev", []string{"bc2gm/devel.tsv"}, readCoNLL, onlyTypes(Gene)},
		{"jnlpba", "train", []string{"jnlpba_train.jsonl.gz"}, readJSONLines, func(r Rules) Rules {
			r.NotPMID = true // MEDLINE identifiers
			r.Types = map[string]string{"cell_line": CellLine, "protein": Gene, "DNA": Gene, "RNA": Gene}
			r.Annotated = []string{CellLine, Gene}
			return r
		}},
	}
}

// ErrNoSplit means that a corpus has no split of a name.
var ErrNoSplit = errors.New("no such split")

// Names returns the corpora that Load knows.
func Names() []string {
	var names []string
	for _, p := range librarySplits() {
		if !slices.Contains(names, p.corpus) {
			names = append(names, p.corpus)
		}
	}
	return names
}

// IsSplit reports whether a name is that of a corpus with a slash and anything after it, such as
// "bc5cdr/dev".
func IsSplit(name string) bool {
	corpus, _, ok := strings.Cut(name, "/")
	return ok && slices.Contains(Names(), corpus)
}

// LoadSplit reads one split, such as "bc5cdr/dev", from a folder that is laid out as Load wants.
func LoadSplit(dir, name string) ([]Example, error) {
	corpus, split, _ := strings.Cut(name, "/")
	var known []string
	for _, p := range librarySplits() {
		if p.corpus == corpus && p.split == split {
			examples, _, err := p.load(dir)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return examples, nil
		}
		if p.corpus == corpus {
			known = append(known, p.split)
		}
	}
	return nil, fmt.Errorf("%s: corpus %s has the splits %s: %w", name, corpus, strings.Join(known, ", "), ErrNoSplit)
}

// Load reads every split of the named corpora, or of all, from a folder with the layout of
// librarySplits: "bc5cdr/train.PubTator", "chemprot/chemprot_training/…". It also returns the
// counts by "corpus/split".
func Load(dir string, names ...string) ([]Example, map[string]Stats, error) {
	for _, n := range names {
		if !slices.Contains(Names(), n) {
			return nil, nil, fmt.Errorf("unknown corpus %q: known are %s", n, strings.Join(Names(), ", "))
		}
	}
	var all []Example
	counts := map[string]Stats{}
	for _, p := range librarySplits() {
		if len(names) > 0 && !slices.Contains(names, p.corpus) {
			continue
		}
		examples, stats, err := p.load(dir)
		if err != nil {
			return nil, nil, fmt.Errorf("corpus %s, %s set: %w", p.corpus, p.split, err)
		}
		all = append(all, examples...)
		counts[p.corpus+"/"+p.split] = stats
	}
	return all, counts, nil
}

func (p librarySplit) load(dir string) (examples []Example, stats Stats, err error) {
	var readers []io.Reader
	for _, name := range p.files {
		f, err := open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, stats, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		readers = append(readers, f)
	}
	return p.read(readers, p.rules(PublicRules(p.corpus, p.split)))
}

// open opens a file, and unpacks it if its name ends in .gz.
func open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

func readPubTator(f []io.Reader, rules Rules) ([]Example, Stats, error) { return PubTator(f[0], rules) }

func readTables(f []io.Reader, rules Rules) ([]Example, Stats, error) {
	return Tables(f[0], f[1], f[2], rules)
}

func readCoNLL(f []io.Reader, rules Rules) ([]Example, Stats, error) { return CoNLL(f[0], rules) }

func readJSONLines(f []io.Reader, rules Rules) ([]Example, Stats, error) {
	return JSONLines(f[0], rules)
}

package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/tokenizer/bpe"
)

// The files of a vocabulary.
const (
	vocabFile  = "vocab.json" // piece to id
	mergesFile = "merges.txt" // one pair per line; further columns are ignored
	dictFile   = "dict.txt"   // fairseq: "piece count" per line, ids from 4 on; a piece without "@@" ends a word
	codesFile  = "bpecodes"   // as merges.txt
)

// IsFile reports whether a file of a model directory, by its name, holds a part of a vocabulary.
func IsFile(name string) bool {
	return slices.Contains([]string{vocabFile, mergesFile, dictFile, codesFile}, name)
}

// continues is fairseq's suffix of a piece that does not end a word.
const continues = "@@"

// Load reads the vocabulary of a model directory.
func Load(fsys fs.FS) (*Tokenizer, error) {
	t, err := load(fsys)
	if err != nil {
		return nil, fmt.Errorf("load tokenizer: %w", err)
	}
	return t, nil
}

func load(fsys fs.FS) (*Tokenizer, error) {
	readPieces, merges := readVocab, mergesFile
	_, err := fs.Stat(fsys, vocabFile)
	if errors.Is(err, fs.ErrNotExist) {
		readPieces, merges = readDict, codesFile
		if _, err := fs.Stat(fsys, dictFile); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("found neither %s nor %s: a model directory needs %s and %s, or %s and %s",
				vocabFile, dictFile, vocabFile, mergesFile, dictFile, codesFile)
		}
	}
	pieces, err := readPieces(fsys)
	if err != nil {
		return nil, err
	}
	pairs, err := readMerges(fsys, merges)
	if err != nil {
		return nil, err
	}
	return New(pieces, pairs)
}

// readVocab reads vocab.json.
func readVocab(fsys fs.FS) ([]string, error) {
	data, err := fs.ReadFile(fsys, vocabFile)
	if err != nil {
		return nil, err
	}
	var ids map[string]int
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("%s: %w", vocabFile, err)
	}
	pieces := make([]string, len(ids))
	taken := make([]bool, len(ids))
	for piece, id := range ids {
		if id < 0 || id >= len(ids) || taken[id] {
			return nil, fmt.Errorf(
				"%s: %d pieces need the ids 0 to %d, each once: %q has %d", vocabFile, len(ids), len(ids)-1, piece,
				id,
			)
		}
		pieces[id], taken[id] = piece, true
	}
	return pieces, nil
}

// readDict reads dict.txt.
func readDict(fsys fs.FS) ([]string, error) {
	data, err := fs.ReadFile(fsys, dictFile)
	if err != nil {
		return nil, err
	}
	pieces := specialPieces()
	for line := range strings.Lines(string(data)) {
		piece, _, ok := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !ok || piece == "" {
			return nil, fmt.Errorf("%s:%d: want a piece and its count", dictFile, len(pieces)-int(specials)+1)
		}
		if inner, ok := strings.CutSuffix(piece, continues); ok {
			pieces = append(pieces, inner)
		} else {
			pieces = append(pieces, piece+bpe.EndOfWord)
		}
	}
	return pieces, nil
}

// readMerges reads merges.txt or bpecodes.
func readMerges(fsys fs.FS, name string) ([]bpe.Pair, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	var merges []bpe.Pair
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		fields := strings.Fields(line)
		if number == 1 && strings.HasPrefix(line, "#version") || number > 1 && len(fields) == 0 {
			continue
		}
		if len(fields) < 2 {
			return nil, fmt.Errorf("%s:%d: want two pieces", name, number)
		}
		merges = append(merges, bpe.Pair{Left: fields[0], Right: fields[1]})
	}
	return merges, nil
}

// Files returns vocab.json and merges.txt by name, as Hugging Face's BioGptTokenizer reads them.
func (t *Tokenizer) Files() (map[string][]byte, error) {
	var vocab, merges bytes.Buffer
	for id, piece := range t.pieces {
		name, err := json.Marshal(piece)
		if err != nil {
			return nil, fmt.Errorf("write tokenizer: piece %d: %w", id, err)
		}
		separator := ",\n"
		if id == 0 {
			separator = "{\n"
		}
		fmt.Fprintf(&vocab, "%s%s: %d", separator, name, id)
	}
	vocab.WriteString("\n}\n")
	for _, m := range t.merges {
		fmt.Fprintf(&merges, "%s %s\n", m.Left, m.Right)
	}
	return map[string][]byte{vocabFile: vocab.Bytes(), mergesFile: merges.Bytes()}, nil
}

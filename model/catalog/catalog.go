// Package catalog resolves the name of a model to its directory and verifies the files in it.
//
// A model directory has the layout of BioGPT on Hugging Face, and a card:
//
//	config.json             sizes of the trunk (package biogpt)
//	model.safetensors       parameters of the trunk, under Hugging Face's names, and of the heads
//	vocab.json, merges.txt  vocabulary (package tokenizer); or dict.txt and bpecodes
//	pubmine-model.json      the Card: tasks, types, training data, scores, licence, digests
//
// Each task has a head, or the model serves it by generating text (Card.Generation).
//
// A directory is opened only if every file has the digest in the card, so that an incomplete copy
// is refused and the digest of the card identifies the whole model. Other files in the directory
// cannot be read through a Model. Package jobs/modeldir writes model directories.
package catalog

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// Bundled is the name of the model that is compiled in.
const Bundled = "bundled"

//go:embed bundled/*.json bundled/merges.txt bundled/model.safetensors
var bundled embed.FS

// Model is a verified model directory.
type Model struct {
	Card   Card
	FS     fs.FS
	Digest string // sha256 of the card, in hex
}

// ID names the model in rows and commit records: its name and the first digits of its digest.
func (m *Model) ID() string { return m.Card.Name + "@" + m.Digest[:12] }

// Find returns the files of the model of a name: [Bundled], a directory, or a model in the user's
// folder of models, in this order. A directory called "bundled" is reached as "./bundled". Find
// does not check the files, and they need no card.
func Find(name string) (fs.FS, error) {
	if name == Bundled {
		return fs.Sub(bundled, Bundled)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return Dir(name), nil
	}
	if dir, ok := Kept(name); ok {
		return Dir(dir), nil
	}
	return nil, fmt.Errorf(
		"model %q is unknown: give %q, a model directory, or a name that pubmine model list prints", name, Bundled,
	)
}

// Dir returns the files of a model directory. Only regular files can be opened: a FIFO could block
// for ever.
func Dir(path string) fs.FS { return regularFiles{os.DirFS(path)} }

type regularFiles struct{ dir fs.FS }

// Open opens a file or directory.
func (r regularFiles) Open(name string) (fs.File, error) {
	info, err := r.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errIrregular}
	}
	return r.dir.Open(name)
}

// Stat describes a file without opening it.
func (r regularFiles) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.dir, name) }

var errIrregular = errors.New("it is not a regular file: replace it by one")

// Resolve opens the model of a name (see Find), which must have a card, and checks its files.
func Resolve(name string) (*Model, error) {
	dir, err := Find(name)
	if err != nil {
		return nil, err
	}
	return open(name, dir)
}

func open(name string, dir fs.FS) (*Model, error) {
	data, err := fs.ReadFile(dir, CardFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("model %s: it has no %s: make one with pubmine model convert", name, CardFile)
	}
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	card, err := ParseCard(data)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	for _, file := range slices.Sorted(maps.Keys(card.SHA256)) {
		sum, err := digest(dir, file)
		if err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
		if sum != card.SHA256[file] {
			return nil, fmt.Errorf(
				"model %s: %s differs from the card (sha256 %s, not %s): copy the directory again",
				name, file, sum, card.SHA256[file],
			)
		}
	}
	sum := sha256.Sum256(data)
	return &Model{Card: card, FS: listed{dir, card}, Digest: hex.EncodeToString(sum[:])}, nil
}

// listed is a directory in which only the card and the files that it lists can be opened.
type listed struct {
	dir  fs.FS
	card Card
}

// Open opens a file of the model.
func (l listed) Open(name string) (fs.File, error) {
	if _, ok := l.card.SHA256[name]; !ok && name != CardFile {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return l.dir.Open(name)
}

func digest(dir fs.FS, name string) (string, error) {
	f, err := dir.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

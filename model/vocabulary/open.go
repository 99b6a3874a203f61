package vocabulary

import (
	_ "embed" // for the bundled vocabulary
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pubmine/pubmine/model/folder"
)

// Bundled is the name of the vocabulary that is compiled in.
const Bundled = "bundled"

// Extension is that of the files of vocabularies in the user's folder.
const Extension = ".vocab"

//go:embed bundled/bundled.vocab
var bundled []byte

// folderEnv is the environment variable with the folder of vocabularies.
const folderEnv = "PUBMINE_VOCABULARIES"

// Folder returns the folder of the user's vocabularies: the value of the environment variable
// PUBMINE_VOCABULARIES, or pubmine/vocabularies in the user's cache.
func Folder() (string, error) { return folder.Of("vocabularies", folderEnv) }

// Names returns the names of the vocabularies in the user's folder, in order.
func Names() ([]string, error) {
	dir, err := Folder()
	if err != nil {
		return nil, err
	}
	files, err := folder.List(dir)
	var names []string
	for _, file := range files {
		if name, ok := strings.CutSuffix(file, Extension); ok && name != "" {
			names = append(names, name)
		}
	}
	return names, err
}

// Open loads the vocabulary of a name: [Bundled], a file, or one in the user's folder, in this
// order. A file called "bundled" is reached as "./bundled".
func Open(name string) (*Vocabulary, error) { return openWith(name, Decode) }

// Inspect returns the vocabulary of a name with only its card, checksum and size.
func Inspect(name string) (*Vocabulary, error) { return openWith(name, ReadCard) }

func openWith(name string, read func([]byte) (*Vocabulary, error)) (*Vocabulary, error) {
	data, err := contents(name)
	if err != nil {
		return nil, err
	}
	v, err := read(data)
	if err != nil {
		return nil, fmt.Errorf("vocabulary %s: %w", name, err)
	}
	return v, nil
}

func contents(name string) ([]byte, error) {
	if name == Bundled {
		return bundled, nil
	}
	path := name
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\`) {
		if dir, err := Folder(); err == nil {
			path = filepath.Join(dir, name+Extension)
		}
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(
			"vocabulary %q is unknown: give %q, a file, or a name that pubmine vocab list prints", name, Bundled,
		)
	}
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	if !info.Mode().IsRegular() { // a FIFO could block for ever
		return nil, fmt.Errorf("vocabulary %s: it is not a regular file: give the file that vocab build wrote", name)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	return data, nil
}

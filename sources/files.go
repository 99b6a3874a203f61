// Package sources finds the files of a run and reads their documents. It is a pipeline.Source.
//
// [Files] reads PubMed XML from files, folders and globs. The documents of a unit depend on nothing
// but the bytes of its file, which its digest identifies.
package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// FileSource reads PubMed XML files. It is a pipeline.Source in which one unit is one file.
type FileSource struct {
	units   []schemas.Unit
	streams map[string]*stream // by Unit.Path
	skipped []Skip

	mu      sync.Mutex
	digests map[string]string // of the last Digest, by Unit.Path
}

// Skip is a file in a folder that is not an input.
type Skip struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// String returns "skipped FILE: REASON".
func (s Skip) String() string { return "skipped " + s.Path + ": " + s.Reason }

// Files lists the inputs of a run: files, folders and globs, in the given order. A folder is walked
// with all its subfolders in the order of their names. Its inputs are the files that end in .xml or
// .xml.gz, or have no extension, and whose root element is one of PubMed; hidden files and folders
// are ignored. A named file, or one that a glob matches, is always an input: if it is not PubMed
// XML, reading it is a *schemas.BadInputError. A file that is found twice counts once. To find no
// input at all is an error.
//
// "-" is standard input. Standard input and FIFOs are copied to a temporary file when they are
// first read.
//
// The unit of a file is named after its path within the given folder, without the extension and
// with dots for path separators: "a/b.xml.gz" is unit "a.b". Where two would have the same name,
// parent folders are put in front. The unit of standard input is "stdin".
func Files(paths ...string) (*FileSource, error) {
	s := &FileSource{streams: make(map[string]*stream), digests: make(map[string]string)}
	var found []file
	for _, path := range paths {
		files, err := s.expand(path)
		if err != nil {
			return nil, err
		}
		found = append(found, files...)
	}
	found, err := distinctFiles(found)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no PubMed XML found in %s", strings.Join(paths, ", "))
	}
	names := unitNames(found)
	for i, f := range found {
		u := schemas.Unit{Name: names[i], Path: f.path}
		if f.stream {
			s.streams[f.path] = &stream{path: f.path}
		} else {
			info, err := os.Stat(f.path)
			if err != nil {
				return nil, err
			}
			u.Stamp = stamp(info)
		}
		s.units = append(s.units, u)
	}
	return s, nil
}

// file is one input.
type file struct {
	path   string
	abs    string
	parts  int // of the path, in the unit's name
	stream bool
}

// expand resolves one argument.
func (s *FileSource) expand(path string) ([]file, error) {
	if path == "-" {
		path = stdin
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		matches, globErr := filepath.Glob(path)
		if globErr != nil || len(matches) == 0 {
			return nil, fmt.Errorf("%s: no such file or folder, and no file matches it", path)
		}
		var found []file
		for _, match := range matches {
			files, err := s.expand(match)
			if err != nil {
				return nil, err
			}
			found = append(found, files...)
		}
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return s.walk(path)
	}
	return []file{{path: path, parts: 1, stream: isStream(path, info.Mode())}}, nil
}

// walk lists the PubMed files below a folder.
func (s *FileSource) walk(root string) ([]file, error) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	var found []file
	err = filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != real && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !candidate(d.Name()):
			return nil
		}
		relative, err := filepath.Rel(real, path)
		if err != nil {
			return err
		}
		shown := filepath.Join(root, relative)
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			s.skipped = append(s.skipped, Skip{shown, "not a regular file"})
			return err
		}
		take, err := s.sniff(shown)
		if take {
			found = append(found, file{path: shown, parts: strings.Count(relative, string(filepath.Separator)) + 1})
		}
		return err
	})
	return found, err
}

func candidate(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".xml.gz") || !strings.Contains(name, ".")
}

// sniff reports whether a file in a folder is an input. One that is broken or cannot be opened is,
// so that reading it reports the reason.
func (s *FileSource) sniff(path string) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = pubmed.Sniff(f, path)
	if bad := (*schemas.BadInputError)(nil); errors.As(err, &bad) {
		if errors.Is(err, pubmed.ErrNotPubMed) || filepath.Ext(path) == "" {
			s.skipped = append(s.skipped, Skip{path, bad.Err.Error()})
			return false, nil
		}
		return true, nil
	}
	return err == nil, err
}

// distinctFiles drops repeated files.
func distinctFiles(found []file) ([]file, error) {
	seen := make(map[string]bool)
	var kept []file
	for _, f := range found {
		abs, err := filepath.Abs(f.path)
		if err != nil {
			return nil, err
		}
		if f.abs = abs; !seen[abs] {
			seen[abs] = true
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// stamp changes whenever a file is written to.
func stamp(info fs.FileInfo) string {
	return fmt.Sprintf("%d-%d", info.Size(), info.ModTime().UnixNano())
}

// Skipped lists the files in folders that are not inputs, each with the reason. Files that are
// ignored by their names are not among them.
func (s *FileSource) Skipped() []Skip { return slices.Clone(s.skipped) }

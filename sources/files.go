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
	skipped []Skip

	mu      sync.Mutex
	digests map[string]string // by Unit.Path, what Digest said last
}

// Skip is a file that was met in a folder and left out.
type Skip struct{ Path, Reason string }

// Files lists the inputs of a run: files, folders and globs, in the order given. A folder is walked
// with all its folders, in the order of the names; of the files in it those count that end in .xml
// or .xml.gz or have no extension, and whose root element is PubMed's. Hidden files and folders are
// passed over. A file that is named, or matched by a glob, is taken as it is: if it is no PubMed
// XML, reading it is a *schemas.BadInputError. A file that is met twice counts once. To find
// nothing at all is an error.
//
// The unit of a file is named by its path within the folder given, without the extension, path
// separators become dots: "a/b.xml.gz" is unit "a.b". Where two would have the same name, parent
// folders are put before.
func Files(paths ...string) (*FileSource, error) {
	s := &FileSource{digests: make(map[string]string)}
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
		info, err := os.Stat(f.path)
		if err != nil {
			return nil, err
		}
		s.units = append(s.units, schemas.Unit{Name: names[i], Path: f.path, Stamp: stamp(info)})
	}
	return s, nil
}

// file is one input: where it is, and how many parts of its path name it.
type file struct {
	path  string
	abs   string
	parts int
}

// expand resolves one argument.
func (s *FileSource) expand(path string) ([]file, error) {
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
	return []file{{path: path, parts: 1}}, nil
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
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return err
		}
		relative, err := filepath.Rel(real, path)
		if err != nil {
			return err
		}
		shown := filepath.Join(root, relative)
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

// sniff reports whether to take a file that was met in a folder. A broken one is taken, so that
// reading it tells what is wrong.
func (s *FileSource) sniff(path string) (bool, error) {
	f, err := os.Open(path)
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

// distinctFiles drops the files that were met before.
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

// Skipped lists the files that were met in folders and are not PubMed XML.
func (s *FileSource) Skipped() []Skip { return slices.Clone(s.skipped) }

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
	"sync/atomic"
	"time"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// FileSource reads PubMed XML files. It is a pipeline.Source in which one unit is one file.
type FileSource struct {
	units   []schemas.Unit
	streams map[string]*stream // by Unit.Path

	listed   map[string]fs.FileInfo // files, by Unit.Path
	unlisted map[string]error       // inputs that cannot be listed, by Unit.Path
	skipped  []Skip

	mu      sync.Mutex
	digests map[string]string // of the last Digest, by Unit.Path
	read    atomic.Int64      // bytes of the file that Documents reads
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
// A file that cannot be read and a folder that cannot be listed (no permission, a symbolic link to
// nothing, a failing disk) are inputs, too: reading them is a *schemas.BadInputError, so that a run
// reports them and continues with the others.
//
// "-" is standard input. Standard input and FIFOs are copied to a temporary file when they are
// first read.
//
// The unit of a file is named after its path within the given folder, without the extension and
// with dots for path separators: "a/b.xml.gz" is unit "a.b". The name depends on nothing else: two
// files with the same name are an error. The unit of standard input is "stdin".
func Files(paths ...string) (*FileSource, error) {
	s := &FileSource{
		streams: make(map[string]*stream), listed: make(map[string]fs.FileInfo), unlisted: make(map[string]error),
		digests: make(map[string]string),
	}
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
	if err := checkNames(found); err != nil {
		return nil, err
	}
	now := time.Now()
	for _, f := range found {
		u := schemas.Unit{Name: f.unit(), Path: f.path}
		if f.stream {
			s.streams[f.path] = &stream{path: f.path}
		} else if info, err := os.Stat(f.path); err == nil && f.err == nil {
			u.Stamp, s.listed[f.path] = stamp(info, now), info
		} else if f.err != nil {
			s.unlisted[f.path] = f.err
		}
		s.units = append(s.units, u)
	}
	return s, nil
}

// file is one input.
type file struct {
	path   string
	below  string // its path within the given folder: its base name if it was given itself
	stream bool
	err    error // of an input that cannot be listed, which reading it returns
}

// given returns the input that an argument names.
func given(path string) file { return file{path: path, below: filepath.Base(path)} }

// expand resolves one argument.
func (s *FileSource) expand(path string) ([]file, error) {
	if path == "-" {
		path = stdin
	}
	f := given(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !isLink(path):
		return s.glob(path)
	case err != nil:
		f.err = err
	case info.IsDir():
		return s.walk(path), nil
	default:
		f.stream = isStream(path, info.Mode())
	}
	return []file{f}, nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// glob lists the files that match a pattern.
func (s *FileSource) glob(pattern string) ([]file, error) {
	matches, err := filepath.Glob(pattern)
	if err != nil || len(matches) == 0 {
		return nil, fmt.Errorf("%s: no such file or folder, and no file matches it", pattern)
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

// walk lists the PubMed files below a folder. A folder that cannot be listed is one of them.
func (s *FileSource) walk(root string) []file {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		f := given(root)
		f.err = err
		return []file{f}
	}
	var found []file
	_ = filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error { // which returns no other error
		below := strings.TrimPrefix(strings.TrimPrefix(path, real), string(filepath.Separator))
		f := file{path: filepath.Join(root, below), below: below, err: err}
		switch {
		case err != nil:
			f.below = filepath.Join(below, "-") // which no file can have
			found = append(found, f)
		case path != real && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && candidate(d.Name()) && s.sniff(&f):
			found = append(found, f)
		}
		return nil
	})
	return found
}

func candidate(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".xml.gz") || !strings.Contains(name, ".")
}

// sniff reports whether a file in a folder is an input. One that is broken or cannot be opened is,
// so that reading it reports the reason.
func (s *FileSource) sniff(f *file) bool {
	var info fs.FileInfo
	if info, f.err = os.Stat(f.path); f.err != nil {
		return true
	}
	if !info.Mode().IsRegular() {
		s.skipped = append(s.skipped, Skip{f.path, "not a regular file"})
		return false
	}
	content, err := os.Open(f.path)
	if err != nil {
		return true
	}
	defer content.Close()
	err = pubmed.Sniff(content, f.path)
	bad := (*schemas.BadInputError)(nil)
	if errors.As(err, &bad) && (errors.Is(err, pubmed.ErrNotPubMed) || filepath.Ext(f.path) == "") {
		s.skipped = append(s.skipped, Skip{f.path, bad.Err.Error()})
		return false
	}
	return true
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
		if !seen[abs] {
			seen[abs] = true
			kept = append(kept, f)
		}
	}
	return kept, nil
}

// Skipped lists the files in folders that are not inputs, each with the reason. Files that are
// ignored by their names are not among them.
func (s *FileSource) Skipped() []Skip { return slices.Clone(s.skipped) }

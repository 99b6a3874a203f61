package bulk

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Site is a place where the files are published.
type Site interface {
	// List lists both folders.
	List(ctx context.Context) ([]File, error)
	// MD5 returns the MD5 in the current sidecar of a file.
	MD5(ctx context.Context, f File) (string, error)
	// Fetch returns the path of a file that is complete: it has the MD5 of its sidecar.
	Fetch(ctx context.Context, f File) (path string, err error)
}

// Holder is a Site that can tell which files are on this machine.
type Holder interface {
	// Have returns the path of a file that Fetch would not download, or "". It writes nothing.
	Have(ctx context.Context, f File) (path string, err error)
}

// ErrMismatch means that the MD5 of a file in a mirror is not that of its sidecar.
var ErrMismatch = errors.New("its MD5 is not that in its .md5 file")

// Mirror is the Site in a local folder.
type Mirror struct{ root string }

// OpenMirror returns the mirror in a folder.
func OpenMirror(root string) *Mirror { return &Mirror{root} }

// List lists both folders; a mirror without update files has a baseline alone.
func (m *Mirror) List(context.Context) ([]File, error) {
	var files []File
	for _, folder := range []string{Baseline, UpdateFiles} {
		entries, err := os.ReadDir(filepath.Join(m.root, folder))
		if errors.Is(err, fs.ErrNotExist) && folder == UpdateFiles {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("mirror: %w", err)
		}
		for _, e := range entries {
			f, ok := parseName(folder, e.Name())
			if !ok {
				continue
			}
			if info, err := e.Info(); err == nil {
				f.Size = info.Size()
			}
			files = append(files, f)
		}
	}
	return files, nil
}

// MD5 reads the sidecar of a file.
func (m *Mirror) MD5(_ context.Context, f File) (string, error) {
	data, err := os.ReadFile(m.path(f) + sidecar)
	if err != nil {
		return "", fmt.Errorf("mirror: %w", err)
	}
	return parseMD5(data, f.Name)
}

// Fetch compares the file with its sidecar.
func (m *Mirror) Fetch(ctx context.Context, f File) (string, error) {
	want, err := m.MD5(ctx, f)
	if err != nil {
		return "", err
	}
	got, err := md5File(m.path(f))
	if err != nil {
		return "", fmt.Errorf("mirror: %w", err)
	}
	if got != want {
		return "", fmt.Errorf("%s: %w: get both again", m.path(f), ErrMismatch)
	}
	return m.path(f), nil
}

// Have is Fetch.
func (m *Mirror) Have(ctx context.Context, f File) (string, error) { return m.Fetch(ctx, f) }

// sidecar is the suffix of the name of a file's sidecar.
const sidecar = ".md5"

func (m *Mirror) path(f File) string { return filepath.Join(m.root, f.Folder, f.Name) }

func md5File(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := md5.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}

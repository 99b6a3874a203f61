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

// Site is where the files are.
type Site interface {
	// List lists both folders.
	List(ctx context.Context) ([]File, error)
	// MD5 returns what the sidecar of a file says now.
	MD5(ctx context.Context, f File) (string, error)
	// Fetch returns the path of a file that is whole: it has the MD5 that its sidecar says.
	Fetch(ctx context.Context, f File) (path string, err error)
}

// ErrMD5 says that a file is not what its sidecar says.
var ErrMD5 = errors.New("the MD5 is not that of the sidecar")

// Mirror is the Site in a folder.
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
			if f, ok := parseName(folder, e.Name()); ok {
				files = append(files, f)
			}
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
		return "", fmt.Errorf("%s: %w: get the file and its sidecar again", m.path(f), ErrMD5)
	}
	return m.path(f), nil
}

// sidecar is what follows a file's name in that of its sidecar.
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

// Package folder finds the folders of the user's models and vocabularies.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// List returns the names of the files in a folder, in order; none if it does not exist.
func List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// Of returns the folder of a kind of files, such as "models": the value of an environment variable,
// or pubmine/models in the user's cache.
func Of(kind, env string) (string, error) {
	if dir := os.Getenv(env); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for %s: %w: set %s", kind, err, env)
	}
	return filepath.Join(cache, "pubmine", kind), nil
}

// Package folder finds the folders of the user's models and vocabularies.
package folder

import (
	"fmt"
	"os"
	"path/filepath"
)

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

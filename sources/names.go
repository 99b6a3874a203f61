package sources

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
)

// longestName is the maximum length of a unit's name. File systems allow 255 bytes, and the corpus
// adds to the name.
const longestName = 128

// unit returns the name of the unit of a file: its path within the given folder, without the
// extension and with dots for separators. A path with other characters than letters, digits, '.',
// '_' and '-' has '_' in their place and a hash at the end, so that "a b" and "a+b" have different
// names; a path that is too long ends in a hash, too.
func (f file) unit() string {
	path := stem(filepath.ToSlash(f.below))
	dotted := strings.ReplaceAll(path, "/", ".")
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_-.", r) {
			return r
		}
		return '_'
	}, dotted)
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
		name = "_" + name[1:]
	}
	if name != dotted || len(name) > longestName {
		hash := fmt.Sprintf("-%.4x", sha256.Sum256([]byte(path)))
		name = name[:min(len(name), longestName-len(hash))] + hash
	}
	return name
}

// checkNames returns an error if two files have the same unit. Names must differ in more than case.
func checkNames(files []file) error {
	first := make(map[string]file)
	for _, f := range files {
		key := strings.ToLower(f.unit())
		if other, taken := first[key]; taken {
			return fmt.Errorf("%s and %s are both named unit %s: %s", other.path, f.path, f.unit(), separate(other, f))
		}
		first[key] = f
	}
	return nil
}

// separate tells how to give two files different names.
func separate(a, b file) string {
	above, err := filepath.Abs(filepath.Dir(a.path))
	for err == nil && above != filepath.Dir(above) {
		if b.below, err = relative(above, b.path); filepath.IsLocal(b.below) {
			a.below, err = relative(above, a.path)
			break
		}
		above = filepath.Dir(above)
	}
	if err != nil || !filepath.IsLocal(b.below) || strings.EqualFold(a.unit(), b.unit()) {
		return "rename one of them, or leave one out"
	}
	return "rename one of them, or give " + above + " instead, so that the names begin with the directories below it"
}

// relative returns a path as seen from a folder.
func relative(folder, path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(folder, abs)
}

// stem returns a path without .xml or .xml.gz.
func stem(path string) string {
	for _, extension := range [...]string{".gz", ".xml"} {
		if len(path) > len(extension) && strings.EqualFold(path[len(path)-len(extension):], extension) {
			path = path[:len(path)-len(extension)]
		}
	}
	return path
}

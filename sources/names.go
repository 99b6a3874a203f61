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

// unitNames returns a name for each file. Names differ in more than case.
func unitNames(files []file) []string {
	extension := make([]bool, len(files)) // whether to keep it: for x.xml and x.xml.gz in one folder
	parts := make([]int, len(files))
	for i, f := range files {
		parts[i] = f.parts
	}
	names := make([]string, len(files))
	for {
		for i, f := range files {
			names[i] = unitName(f.abs, parts[i], extension[i])
		}
		again := false
		for _, group := range sameName(names) {
			stems := make(map[string]int)
			for _, i := range group {
				stems[stem(files[i].abs)]++
			}
			for _, i := range group {
				switch {
				case stems[stem(files[i].abs)] > 1 && !extension[i]:
					extension[i], again = true, true
				case parts[i] < strings.Count(files[i].abs, string(filepath.Separator)):
					parts[i]++
					again = true
				}
			}
		}
		if !again {
			return hashed(names, files)
		}
	}
}

// sameName returns the groups of indexes whose names collide.
func sameName(names []string) map[string][]int {
	groups := make(map[string][]int)
	for i, name := range names {
		groups[strings.ToLower(name)] = append(groups[strings.ToLower(name)], i)
	}
	for name, group := range groups {
		if len(group) == 1 {
			delete(groups, name)
		}
	}
	return groups
}

// hashed makes names different whose complete paths give the same name: "a b.xml" and "a+b.xml".
func hashed(names []string, files []file) []string {
	for _, group := range sameName(names) {
		for _, i := range group {
			names[i] += shortHash(files[i].abs)
		}
	}
	return names
}

func shortHash(s string) string { return fmt.Sprintf("-%.4x", sha256.Sum256([]byte(s))) }

// stem returns a path without .xml or .xml.gz.
func stem(path string) string {
	for _, extension := range [...]string{".gz", ".xml"} {
		if len(path) > len(extension) && strings.EqualFold(path[len(path)-len(extension):], extension) {
			path = path[:len(path)-len(extension)]
		}
	}
	return path
}

// unitName returns a name made of the last parts of a path.
func unitName(path string, parts int, extension bool) string {
	if !extension {
		path = stem(path)
	}
	all := strings.Split(path, string(filepath.Separator))
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("_-.", r) {
			return r
		}
		return '_'
	}, strings.Join(all[max(0, len(all)-parts):], "."))
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
		name = "_" + name[1:]
	}
	if len(name) > longestName {
		hash := shortHash(name)
		name = name[:longestName-len(hash)] + hash
	}
	return name
}

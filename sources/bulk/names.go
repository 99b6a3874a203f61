package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The two folders.
const (
	Baseline    = "baseline"
	UpdateFiles = "updatefiles"
)

// File is one published file.
type File struct {
	Folder  string // Baseline or UpdateFiles
	Name    string // pubmed26n0001.xml.gz
	Release string // pubmed26
	Number  int
	Changed time.Time // from the index, to the minute; zero if the index has none
	Size    int64     // in bytes, from the index two or three digits of it; 0 if the index has none
}

// Unit returns the name of the file's unit.
func (f File) Unit() string { return strings.TrimSuffix(f.Name, extension) }

const extension = ".xml.gz"

var fileName = regexp.MustCompile(`^(pubmed\d{2})n(\d{4})\.xml\.gz$`)

// parseName returns the file of a name, and whether the name has the form of one.
func parseName(folder, name string) (File, bool) {
	m := fileName.FindStringSubmatch(name)
	if m == nil {
		return File{}, false
	}
	number, _ := strconv.Atoi(m[2]) // four digits
	return File{Folder: folder, Name: name, Release: m[1], Number: number}, number > 0
}

// ErrListing means that a server did not send the complete index of a folder.
var ErrListing = errors.New("not the complete index of a folder: try again later")

// row matches a link of an index and the time and the size after it, if there are any.
var row = regexp.MustCompile(
	`(?i)<a\s[^<>]*href="([^"<>]*)"[^<>]*>[^<>]*</a>\s*(?:</td>\s*<td[^<>]*>\s*)?` +
		`(?:(\d{4}-\d\d-\d\d \d\d:\d\d)\s*(?:</td>\s*<td[^<>]*>\s*)?(\d{1,15}(?:\.\d)?[KMG]?\b)?)?`,
)

// parseSize returns the bytes of a size like "19M" in an index, 0 if there is none.
func parseSize(text string) int64 {
	digits := strings.TrimRight(text, "KMGkmg")
	x, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0
	}
	shift := 10 * (1 + strings.Index("KMG", strings.ToUpper(text[len(digits):])))
	if len(digits) == len(text) {
		shift = 0
	}
	return int64(x * float64(int64(1)<<shift))
}

// parseListing returns the files that an index in HTML links to, in its order, each once.
func parseListing(folder string, page []byte) ([]File, error) {
	if !bytes.Contains(bytes.ToLower(page), []byte("</html>")) {
		return nil, fmt.Errorf("%s: %w", folder, ErrListing)
	}
	var files []File
	seen := map[string]bool{}
	for _, m := range row.FindAllSubmatch(page, -1) {
		f, ok := parseName(folder, string(m[1]))
		if !ok || seen[f.Name] {
			continue
		}
		seen[f.Name] = true
		if t, err := time.Parse("2006-01-02 15:04", string(m[2])); err == nil {
			f.Changed = t
		}
		f.Size = parseSize(string(m[3]))
		files = append(files, f)
	}
	return files, nil
}

// ErrSidecar means that a .md5 file does not contain the MD5 of its file.
var ErrSidecar = errors.New("not an MD5 of this file: get it again")

var (
	md5BSD = regexp.MustCompile(`^MD5\s?\(([^()]+)\)\s?= ?([0-9a-fA-F]{32})\s*$`)
	md5GNU = regexp.MustCompile(`^([0-9a-fA-F]{32})(?: [ *](\S+))?\s*$`)
)

// parseMD5 returns the digits of a sidecar in lower case. If the sidecar names a file, that must be
// the file of this name.
func parseMD5(data []byte, name string) (string, error) {
	if m := md5BSD.FindSubmatch(data); m != nil && string(m[1]) == name {
		return strings.ToLower(string(m[2])), nil
	}
	if m := md5GNU.FindSubmatch(data); m != nil && (len(m[2]) == 0 || string(m[2]) == name) {
		return strings.ToLower(string(m[1])), nil
	}
	return "", fmt.Errorf("%s.md5: %.80q: %w", name, data, ErrSidecar)
}

package corpus

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Keys of the corpus directory: see the package doc.
const (
	formatFile   = "corpus.json"
	lockFile     = "meta/lock"
	tablesDir    = "tables"
	unitsDir     = "meta/units"
	snapshotsDir = "meta/snapshots"
	workDir      = "meta/work"
)

// local is the release of units that belong to none of PubMed's yearly releases.
const local = "local"

var unitName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$`)

// fileName matches the path of a published file: unit, and the first 8 digits of its key.
var fileName = regexp.MustCompile(
	`^tables/[a-z]+/[A-Za-z0-9._-]+/([A-Za-z0-9_][A-Za-z0-9._-]*)-([0-9a-f]{8})\.parquet$`,
)

// folder returns the name of a unit under a key in all paths.
func folder(unit, key string) string { return unit + "-" + key[:8] }

func filePath(table, release, unit, key string) string {
	return path.Join(tablesDir, table, release, folder(unit, key)+".parquet")
}

func recordPath(unit, key string) string { return path.Join(unitsDir, unit, key[:16]+".json") }

func snapshotPath(n int) string { return path.Join(snapshotsDir, fmt.Sprintf("%06d.json", n)) }

// snapshotNumber is the inverse of snapshotPath, 0 for other files.
func snapshotNumber(p string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(path.Base(p), ".json"))
	if err != nil || n < 1 || p != snapshotPath(n) {
		return 0
	}
	return n
}

func workPath(unit, key string) string { return path.Join(workDir, folder(unit, key)) }

func chunkPath(work string, chunk int) string {
	return path.Join(work, fmt.Sprintf("chunk-%04d.arrow", chunk))
}

// chunkNumber is the inverse of chunkPath, -1 for other files.
func chunkNumber(p string) int {
	digits := strings.TrimSuffix(strings.TrimPrefix(path.Base(p), "chunk-"), ".arrow")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || p != chunkPath(path.Dir(p), n) {
		return -1
	}
	return n
}

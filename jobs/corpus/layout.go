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
	formatFile = "corpus.json"
	lockFile   = "meta/lock"
	manageLock = "meta/manage"
	commitLock = "meta/commit"
	tablesLink = "tables"
	linksDir   = "meta/tables"
	dataDir    = "delta"
	logDir     = "meta/log"
	copyDir    = "meta/copy"
	workDir    = "meta/work"
	plansDir   = "meta/plans"
	repairDir  = "meta/repair/" // of package jobs
)

// local is the release of units that belong to none of PubMed's yearly releases.
const local = "local"

var unitName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$`)

// fileName matches the path of a data file: the name of a part, and the first 8 digits of its key.
var fileName = regexp.MustCompile(`^delta/[a-z]+/([A-Za-z0-9_][A-Za-z0-9._-]*(?:~\d+)?)-([0-9a-f]{8})\.parquet$`)

// folder returns the name of a part or unit under a key in all paths.
func folder(name, key string) string { return name + "-" + key[:8] }

func filePath(table, stem string) string { return path.Join(dataDir, table, stem+".parquet") }

func commitPath(v int64) string { return path.Join(logDir, fmt.Sprintf("%010d.json", v)) }

func checkpointPath(v int64) string {
	return path.Join(logDir, fmt.Sprintf("%010d.checkpoint.json", v))
}

// commitVersion is the inverse of commitPath.
func commitVersion(p string) (int64, bool) {
	v, err := strconv.ParseInt(strings.TrimSuffix(path.Base(p), ".json"), 10, 64)
	return v, err == nil && v >= 0 && p == commitPath(v)
}

// checkpointVersion is the inverse of checkpointPath.
func checkpointVersion(p string) (int64, bool) {
	v, err := strconv.ParseInt(strings.TrimSuffix(path.Base(p), ".checkpoint.json"), 10, 64)
	return v, err == nil && v >= 0 && p == checkpointPath(v)
}

// generationName is the name of a directory of links.
func generationName(version int64) string { return fmt.Sprintf("%06d", version) }

// linkPath is the path of a part's link below tables/.
func linkPath(generation, table, part string) string {
	return path.Join(linksDir, generation, table, generation, part+".parquet")
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

package pjrt

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	_ "embed" // the lists of packages
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/store"
)

// A Kind is what a plugin computes on.
type Kind string

// The kinds of plugins that can be installed.
const (
	CPU  Kind = "cpu"
	CUDA Kind = "cuda"
)

var (
	//go:embed cpu.txt
	cpuList string
	//go:embed cuda.txt
	cudaList string
)

// ErrPlatform means that no plugin of the kind is published for this platform.
var ErrPlatform = errors.New("there is no plugin of this kind for this machine")

// requirements returns the packages of a kind, one in a line, in pip's form; the plugin's is the
// first.
func (k Kind) requirements() string {
	if k == CUDA {
		return cudaList
	}
	return cpuList
}

// Packages returns what a kind is made of, as NAME==VERSION; the plugin's package is the first.
func (k Kind) Packages() []string {
	var names []string
	for line := range strings.Lines(k.requirements()) {
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	return names
}

var hashes = regexp.MustCompile(`--hash=sha256:([0-9a-f]{64})`)

// expected returns the sha256 of each package of a kind.
func (k Kind) expected() map[string]bool {
	sums := map[string]bool{}
	for _, m := range hashes.FindAllStringSubmatch(k.requirements(), -1) {
		sums[m[1]] = true
	}
	return sums
}

// key is where a file of a wheel goes; "" for what is not needed.
func (k Kind) key(name string) string {
	switch {
	case !filepath.IsLocal(name) || strings.HasSuffix(name, "/"):
		return ""
	case k == CPU && path.Base(name) == "pjrt_c_api_cpu_plugin.so":
		return "pjrt_c_api_cpu_plugin.so"
	case k == CUDA && isPlugin(name), k == CUDA && strings.HasPrefix(name, "nvidia/") && needed(name):
		return path.Join(k.folder(), name)
	}
	return ""
}

// folder holds the files of a kind that has several; its name has the version, so that two versions
// never mix.
func (k Kind) folder() string {
	return strings.Replace(k.Packages()[0], "==", "-", 1)
}

func isPlugin(name string) bool { return strings.HasSuffix(name, "_plugin.so") }

// needed leaves out what only compilers of CUDA programs want.
func needed(name string) bool {
	return !strings.Contains(name, "/include/") && !strings.HasSuffix(name, ".a") && !strings.HasSuffix(name, ".py")
}

// Install downloads the plugin of a kind into a folder, and returns its path.
func Install(ctx context.Context, folder string, kind Kind, fetch Fetcher) (plugin string, err error) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "", fmt.Errorf(
			"%w (%s/%s): name one of yours in PJRT_PLUGIN_LIBRARY_PATH, or use --backend cpu", ErrPlatform,
			runtime.GOOS, runtime.GOARCH,
		)
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	dir := store.New(folder, nil)
	unlock, err := dir.Lock("lock")
	if err != nil {
		return "", fmt.Errorf("%s: %w", folder, err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := dir.Remove(store.Temp); err != nil { // what a crash left
		return "", err
	}
	downloads := dir.Path(path.Join(store.Temp, "wheels"))
	if err := os.MkdirAll(downloads, 0o777); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, dir.Remove(store.Temp)) }()
	list := filepath.Join(downloads, string(kind)+".txt")
	if err := os.WriteFile(list, []byte(kind.requirements()), 0o666); err != nil {
		return "", err
	}
	if err := fetch(ctx, list, downloads); err != nil {
		return "", err
	}
	wheels, err := filepath.Glob(filepath.Join(downloads, "*.whl"))
	if err != nil {
		return "", err
	}
	if plugin, err = unpack(ctx, dir, kind, wheels); err != nil {
		return "", err
	}
	return plugin, kind.removeOthers(dir)
}

// removeOthers removes the folders of other versions.
func (k Kind) removeOthers(dir *store.Dir) error {
	if k == CPU {
		return nil
	}
	others, err := filepath.Glob(dir.Path("jax-cuda*"))
	for _, other := range others {
		if key := filepath.Base(other); key != k.folder() && err == nil {
			err = dir.Remove(key)
		}
	}
	return err
}

// unpack checks every wheel before it takes a file of any, and the plugins last.
func unpack(ctx context.Context, dir *store.Dir, kind Kind, wheels []string) (plugin string, err error) {
	missing := kind.expected()
	for _, w := range wheels {
		sum, err := sha256File(w)
		if err != nil {
			return "", err
		}
		if !missing[sum] {
			return "", fmt.Errorf(
				"%s is not the file that this pubmine expects (sha256 %s): nothing was installed", filepath.Base(w),
				sum,
			)
		}
		delete(missing, sum)
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("%w: %d of %d packages did not come", ErrNotNow, len(missing), len(kind.Packages()))
	}
	for _, plugins := range []bool{false, true} {
		for _, w := range wheels {
			found, err := unpackWheel(ctx, dir, kind, w, plugins)
			if err != nil {
				return "", fmt.Errorf("%s: %w", filepath.Base(w), err)
			}
			if found != "" {
				plugin = found
			}
		}
	}
	if plugin == "" {
		return "", fmt.Errorf("%s holds no plugin", kind.Packages()[0])
	}
	return plugin, nil
}

// unpackWheel takes the files of a wheel that are plugins, or those that are not. It returns where
// a plugin was put.
func unpackWheel(
	ctx context.Context, dir *store.Dir, kind Kind, wheel string, plugins bool,
) (plugin string, err error) {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return "", err
	}
	defer z.Close()
	for _, f := range z.File {
		key := kind.key(f.Name)
		if key == "" || isPlugin(f.Name) != plugins {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		if err := put(dir, key, f); err != nil {
			return "", err
		}
		if plugins {
			plugin = dir.Path(key)
		}
	}
	return plugin, nil
}

// put gives a file of a zip its place.
func put(dir *store.Dir, key string, f *zip.File) error {
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := dir.Create()
	if err != nil {
		return err
	}
	defer to.Discard()
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	if err := to.Publish(key); err != nil {
		return err
	}
	if slices.Contains(strings.Split(key, "/"), "bin") || f.Mode()&0o100 != 0 {
		return os.Chmod(dir.Path(key), 0o755)
	}
	return nil
}

func sha256File(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return hex.EncodeToString(hash.Sum(nil)), err
}

// Folder returns where plugins are installed for this user.
func Folder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache folder: %w: set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(cache, "pubmine", "pjrt"), nil
}

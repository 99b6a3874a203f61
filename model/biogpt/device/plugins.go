package device

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// pluginEnv is the environment variable with the plugin's file, or with the directories to search,
// as a path list.
const pluginEnv = "PJRT_PLUGIN_LIBRARY_PATH"

// Plugins lists the PJRT plugins found for XLACPU or CUDA, the preferred one first. It searches, in
// this order,
//
//   - the files or directories in the environment variable PJRT_PLUGIN_LIBRARY_PATH;
//   - the directory pubmine/pjrt of the user's cache, where "pubmine backend install" puts them;
//   - the site-packages of Python environments, for the packages "lammps-jax-pjrt-cpu" and
//     "jax-cuda*-pjrt": the active environment, the one that python3 belongs to, the user's, the
//     system's;
//   - the directories of go-xla's installer.
//
// Nothing is run or downloaded.
func Plugins(name string) []string {
	var found []string
	add := func(pattern string) {
		paths, _ := filepath.Glob(pattern) // fails only for a directory whose name is a malformed pattern
		for _, p := range paths {
			if abs, err := filepath.Abs(p); err == nil && isPlugin(abs, name) && !slices.Contains(found, abs) {
				found = append(found, abs)
			}
		}
	}
	for _, path := range filepath.SplitList(os.Getenv(pluginEnv)) {
		add(path)
		add(filepath.Join(path, "*"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		add(filepath.Join(cache, "pubmine", "pjrt", "*"))
		add(filepath.Join(cache, "pubmine", "pjrt", "jax-cuda*", "jax_plugins", "xla_cuda*", "*"))
	}
	for _, site := range sitePackages() {
		add(filepath.Join(site, "lammps_jax_pjrt_cpu", "*"))
		add(filepath.Join(site, "jax_plugins", "xla_cuda*", "*"))
	}
	for _, dir := range installerDirs() {
		add(filepath.Join(dir, "*"))
		add(filepath.Join(dir, "nvidia", "*")) // where the CUDA plugin finds its libraries
	}
	return found
}

// isPlugin reports whether a file is a plugin, by its name: "pjrt_c_api_cpu_plugin.so",
// "pjrt_c_api_cpu_v0.83.4_plugin.so", "xla_cuda_plugin.so".
func isPlugin(path, name string) bool {
	base := strings.ToLower(filepath.Base(path))
	ext := filepath.Ext(base)
	if ext != ".so" && ext != ".dylib" || !strings.Contains(base, "plugin") {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && strings.Contains(base, strings.TrimPrefix(name, "xla:"))
}

// installerDirs are the directories of go-xla's installer.
func installerDirs() []string {
	var dirs []string
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "lib", "go-xla"))
	}
	return append(dirs, "/usr/local/lib/go-xla")
}

// sitePackages returns patterns of the package directories of Python environments, the active
// environment first.
func sitePackages() []string {
	var roots []string
	for _, env := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if root := os.Getenv(env); root != "" {
			roots = append(roots, root)
		}
	}
	if python, err := exec.LookPath("python3"); err == nil { // an environment that is not activated
		roots = append(roots, filepath.Dir(filepath.Dir(python)))
	}
	if home, err := os.UserHomeDir(); err == nil {
		roots = append(roots, filepath.Join(home, ".local"))
	}
	roots = append(roots, "/usr/local", "/usr")
	var sites []string
	for _, root := range roots {
		for _, packages := range []string{"site-packages", "dist-packages"} {
			sites = append(sites, filepath.Join(root, "lib*", "python3*", packages))
		}
	}
	return sites
}

package device

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// GPUs names the NVIDIA GPUs that this process can see, by the model that the driver reports, or
// else by the device file. It opens none.
func GPUs() []string { return gpusBelow("/") }

func gpusBelow(root string) []string {
	files, _ := filepath.Glob(filepath.Join(root, "dev", "nvidia[0-9]*")) // the pattern is valid
	if len(files) == 0 || hidden() {
		return nil
	}
	var models []string
	driver := filepath.Join(root, "proc", "driver", "nvidia")
	information, _ := filepath.Glob(filepath.Join(driver, "gpus", "*", "information")) // valid
	for _, path := range information {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if model, ok := strings.CutPrefix(line, "Model:"); ok {
				models = append(models, strings.TrimSpace(model))
			}
		}
	}
	if len(models) < len(files) {
		return files
	}
	slices.Sort(models)
	return models[:len(files)] // in a container the driver may report GPUs that it has no access to
}

// hidden reports whether the environment hides every device from CUDA.
func hidden() bool {
	visible, set := os.LookupEnv("CUDA_VISIBLE_DEVICES")
	return set && (visible == "" || visible == "-1" || visible == "NoDevFiles")
}

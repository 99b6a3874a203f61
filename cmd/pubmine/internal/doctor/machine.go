package doctor

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Machine is the hardware that the program runs on. A limit that a container sets counts as the
// hardware; what cannot be learned is left empty.
type Machine struct {
	Processor string   `json:"processor"`
	Cores     int      `json:"cores"`    // available to this process
	Used      int      `json:"used"`     // by this program
	Features  []string `json:"features"` // instruction sets for matrix products
	Memory    uint64   `json:"memory,omitempty"`
	Free      uint64   `json:"free,omitempty"` // without swapping
	GPUs      []GPU    `json:"gpus,omitempty"`
}

// GPU is an NVIDIA device.
type GPU struct {
	Model  string `json:"model"`
	Memory string `json:"memory,omitempty"` // as nvidia-smi prints it
	Free   string `json:"free,omitempty"`
	Driver string `json:"driver,omitempty"`
}

// features are the instruction sets that decide how fast matrix products are.
var features = [...]cpuid.FeatureID{
	cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512VNNI, cpuid.AVX512BF16, cpuid.AMXTILE, cpuid.AMXBF16,
	cpuid.ASIMD, cpuid.SVE,
}

// readMachine examines the machine: the processor itself, Linux's /proc and /sys, and, if there are
// devices, nvidia-smi.
func readMachine(ctx context.Context, devices []string) Machine {
	m := Machine{
		Processor: cpuid.CPU.BrandName, Cores: runtime.NumCPU(), Used: runtime.GOMAXPROCS(0), Features: []string{},
	}
	for _, f := range features {
		if cpuid.CPU.Has(f) {
			m.Features = append(m.Features, f.String())
		}
	}
	m.Memory, m.Free = memory("/")
	for _, d := range devices {
		m.GPUs = append(m.GPUs, GPU{Model: d})
	}
	if len(devices) == 0 {
		return m
	}
	if gpus := smi(ctx); len(gpus) > 0 {
		m.GPUs = gpus
	}
	return m
}

// memory returns the bytes of memory in total and free.
func memory(root string) (total, free uint64) {
	info, err := os.ReadFile(filepath.Join(root, "proc", "meminfo"))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(info)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		n, err := strconv.ParseUint(fields[1], 10, 53)
		switch {
		case err != nil:
		case fields[0] == "MemTotal:":
			total = n << 10
		case fields[0] == "MemAvailable:":
			free = n << 10
		}
	}
	limit, used := number(root, "memory.max"), number(root, "memory.current")
	if limit > 0 && limit < total {
		return limit, min(free, limit-min(used, limit))
	}
	return total, free
}

// number reads a file of this process's control group; "max", which is no limit, is 0.
func number(root, name string) uint64 {
	data, err := os.ReadFile(filepath.Join(root, "sys", "fs", "cgroup", name))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// smi runs nvidia-smi.
func smi(ctx context.Context) []GPU {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	const fields = "--query-gpu=name,memory.total,memory.free,driver_version"
	out, err := exec.CommandContext(ctx, "nvidia-smi", fields, "--format=csv,noheader").Output()
	if err != nil {
		return nil
	}
	return parseSMI(string(out))
}

func parseSMI(out string) []GPU {
	r := csv.NewReader(strings.NewReader(out))
	r.TrimLeadingSpace, r.FieldsPerRecord = true, 4
	rows, err := r.ReadAll()
	if err != nil {
		return nil
	}
	var gpus []GPU
	for _, row := range rows {
		gpus = append(gpus, GPU{Model: row[0], Memory: row[1], Free: row[2], Driver: row[3]})
	}
	return gpus
}

// PeakMemory is the peak memory of the program, if the system reports it.
func PeakMemory() string {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

package doctor

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/model/biogpt/device"
)

// advice returns what would make runs faster on this machine.
func (d *Diagnosis) advice() []string {
	var faster []string
	advise := func(format string, args ...any) { faster = append(faster, fmt.Sprintf(format, args...)) }
	gpu := len(d.Machine.GPUs) > 0
	_, cuda := d.opened(device.CUDA)
	xla, withXLA := d.opened(device.XLACPU)
	cpu, _ := d.opened(device.CPU)
	switch {
	case !d.XLA:
		advise("build with a C compiler (CGO_ENABLED=1): this program cannot open XLA plugins")
	case gpu && !cuda && !d.has(device.CUDA):
		advise("pubmine backend install --cuda: a GPU is visible and unused")
	case gpu && !cuda:
		advise("the GPU is not used, because its plugin does not open (see above): " +
			"pubmine backend install --cuda installs one with its libraries")
	}
	if d.XLA && !withXLA && !cuda {
		if d.has(device.XLACPU) {
			advise("the plugin for the processor does not open (see above): pubmine backend install installs one")
		} else {
			advise("pubmine backend install: training is several times faster with XLA")
		}
	}
	if !d.SIMD && runtime.GOARCH == "amd64" {
		advise("build with GOEXPERIMENT=simd, as make build does: more kernels then use SIMD instructions")
	}
	if d.Machine.Used < d.Machine.Cores {
		advise("GOMAXPROCS or a container's limit leaves this program %d of %d cores", d.Machine.Used, d.Machine.Cores)
	}
	if d.Auto == device.CPU && xla.FLOPS > 1.2*cpu.FLOPS && cpu.FLOPS > 0 {
		advise("--backend xla:cpu: its matrix products are faster here; it pays off in long runs, as it compiles first")
	}
	return faster
}

// Write prints a diagnosis as text that is inert, beside the style.
func (d *Diagnosis) Write(w io.Writer, style view.Style) error {
	var b strings.Builder
	head := func(text string) { fmt.Fprintf(&b, "\n%s\n", style.Bold(text)) }
	fmt.Fprintf(&b, "%s  %s\n", style.Bold(inert.Line("pubmine "+d.Version)), inert.Line(d.Built))
	head("Machine")
	d.writeMachine(&b)
	head("Program")
	fmt.Fprintf(&b, "  SIMD       %s\n", either(d.SIMD, "yes", "no, except for the matrix products"))
	fmt.Fprintf(&b, "  XLA        %s\n", either(d.XLA, "yes, plugins can be opened", "no, built without cgo"))
	head("Backends")
	last := ""
	for i := range d.Backends {
		d.writeBackend(&b, style, &d.Backends[i], last)
		last = d.Backends[i].Name
	}
	fmt.Fprintf(&b, "\n--backend auto is %s: %s.\n", style.Bold(d.Auto), inert.Line(d.Why))
	head("Advice")
	for _, f := range d.Faster {
		fmt.Fprintf(&b, "  • %s\n", f)
	}
	if len(d.Faster) == 0 {
		more := either(d.Auto == device.CUDA, "more GPUs", "more cores, or a GPU")
		fmt.Fprintf(&b, "  only better hardware: %s\n", more)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (d *Diagnosis) writeMachine(b *strings.Builder) {
	m := d.Machine
	inert.Fprintf(b, "  processor  %s\n", m.Processor)
	inert.Fprintf(b, "  cores      %d%s; %s\n", m.Used,
		either(m.Used < m.Cores, fmt.Sprintf(" of %d", m.Cores), ""), strings.Join(m.Features, " "))
	if m.Memory > 0 {
		inert.Fprintf(b, "  memory     %s, %s free\n", gigabytes(m.Memory), gigabytes(m.Free))
	}
	for _, g := range m.GPUs {
		inert.Fprintf(b, "  GPU        %s", g.Model)
		if g.Memory != "" {
			inert.Fprintf(b, ", %s, %s free, driver %s", g.Memory, g.Free, g.Driver)
		}
		b.WriteByte('\n')
	}
	if len(m.GPUs) == 0 {
		b.WriteString("  GPU        none is visible\n")
	}
}

// writeBackend prints a backend, or another plugin of the backend before it.
func (d *Diagnosis) writeBackend(b *strings.Builder, style view.Style, x *Backend, last string) {
	name := either(x.Name == last, "", x.Name)
	used, _ := d.opened(d.Auto)
	mark := either(x.Name == d.Auto && x.Plugin == used.Plugin, "→", " ")
	state := either(x.Opens, "opens", either(x.Plugin == "" && x.Name != device.CPU, "–", "fails"))
	line := fmt.Sprintf("%s %-9s  %-5s  ", mark, name, state)
	switch {
	case x.Opens:
		line += fmt.Sprintf("%14s  %-8s  %s",
			either(x.FLOPS > 0, view.FLOPS(x.FLOPS), ""), strings.ToLower(x.DType), inert.Line(tilde(x.Plugin)))
	case x.Plugin != "":
		why := strings.ReplaceAll(strings.TrimPrefix(x.Error, "opening "+x.Plugin+": "), x.Plugin, "it")
		line += fmt.Sprintf("%s\n%20s%.200s", inert.Line(tilde(x.Plugin)), "", inert.Line(why))
	default:
		line += inert.Line(x.Error)
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func gigabytes(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }

// tilde shortens a path below the user's home.
func tilde(path string) string {
	home, err := os.UserHomeDir()
	if err != nil || home == "/" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

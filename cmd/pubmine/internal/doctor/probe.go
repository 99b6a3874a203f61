package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// probeTimeout is the maximum time for a plugin to open and to be measured.
const probeTimeout = 2 * time.Minute

// Finding is the result of a probe.
type Finding struct {
	FLOPS float64 `json:"flops,omitempty"` // 0 if not measured
	DType string  `json:"dtype,omitempty"`
	Error string  `json:"error,omitempty"` // why it does not open
}

// probe calls Probe in a process of its own. The plugin is empty for the backend cpu.
func probe(ctx context.Context, backend, plugin string, measure time.Duration) Finding {
	program, err := os.Executable()
	if err != nil {
		return Finding{Error: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var out, messages bytes.Buffer
	child := exec.CommandContext(
		ctx, program, "doctor", "--probe", backend, "--plugin", plugin, "--measure", measure.String(),
	)
	child.Args[0], child.Stdout, child.Stderr = "pubmine", &out, &messages
	child.WaitDelay = time.Second // processes started by a plugin may hold the pipes
	err = child.Run()
	var f Finding
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return Finding{Error: fmt.Sprintf("it did not open within %v", probeTimeout)}
	case errors.As(err, &exit):
		return Finding{Error: fmt.Sprintf("it crashes: %v%s", err, lastLine(messages.String()))}
	case err != nil:
		return Finding{Error: err.Error()}
	}
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		return Finding{Error: "it ends the program that opens it" + lastLine(messages.String())}
	}
	return f
}

// lastLine returns the last line of the messages of a program that crashed, or the line with the
// reason if Go's runtime printed one, as the end of an error message.
func lastLine(messages string) string {
	last := ""
	for line := range strings.Lines(messages) {
		line = strings.TrimSpace(line)
		for _, first := range []string{"SIG", "fatal error: ", "panic: "} {
			if strings.HasPrefix(line, first) {
				return fmt.Sprintf(": %.200s", line)
			}
		}
		if line != "" {
			last = fmt.Sprintf(": %.200s", line)
		}
	}
	return last
}

// Probe opens a backend in this process, and measures it for a time.
func Probe(backend, plugin string, measure time.Duration) Finding {
	f := Finding{}
	if err := f.open(backend, plugin, measure); err != nil {
		f.Error = err.Error()
	}
	return f
}

func (f *Finding) open(backend, plugin string, measure time.Duration) (err error) {
	var d *device.Device
	if plugin != "" {
		d, err = device.OpenPlugin(backend, plugin)
	} else {
		d, err = device.Open(backend)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if measure <= 0 {
		return nil
	}
	s, err := d.Speed(measure)
	f.FLOPS, f.DType = s.FLOPS, s.DType
	return err
}

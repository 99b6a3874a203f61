package main

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

// probing is how long a plugin may take to open and to be measured.
const probing = 2 * time.Minute

// finding is what a probe found out.
type finding struct {
	FLOPS float64 `json:"flops,omitempty"` // 0 where it was not measured
	DType string  `json:"dtype,omitempty"`
	Error string  `json:"error,omitempty"` // why it does not open
}

// probe opens a backend in a process of its own, so that a plugin that crashes takes nothing else
// down, and measures it there. The plugin is empty for the backend cpu.
func probe(ctx context.Context, backend, plugin string, measure time.Duration) finding {
	program, err := os.Executable()
	if err != nil {
		return finding{Error: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	var out, said bytes.Buffer
	child := exec.CommandContext(
		ctx, program, "doctor", "--probe", backend, "--plugin", plugin, "--measure", measure.String(),
	)
	child.Args[0], child.Stdout, child.Stderr = "pubmine", &out, &said
	child.WaitDelay = time.Second // what a plugin started may hold the pipes
	err = child.Run()
	var f finding
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return finding{Error: fmt.Sprintf("it did not open within %v", probing)}
	case errors.As(err, &exit):
		return finding{Error: fmt.Sprintf("it crashes: %v%s", err, lastWords(said.String()))}
	case err != nil:
		return finding{Error: err.Error()}
	}
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		return finding{Error: "it ends the program that opens it" + lastWords(said.String())}
	}
	return f
}

// lastWords returns, as the end of a message, what a program said when it ended: Go's word for it,
// or else its last line.
func lastWords(said string) string {
	last := ""
	for line := range strings.Lines(said) {
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

// answer is the other side of probe: it says what it found as JSON.
func (c *doctorCommand) answer(std streams) error {
	f := finding{}
	if err := f.look(c.Probe, c.Plugin, c.Measure); err != nil {
		f.Error = err.Error()
	}
	return json.NewEncoder(std.out).Encode(f)
}

func (f *finding) look(backend, plugin string, measure time.Duration) (err error) {
	var d *device.Device
	switch {
	case plugin != "":
		d, err = device.OpenPlugin(backend, plugin)
	case backend == device.GoMLX:
		d = device.OpenCPU() // what a run computes with under this name
	default:
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

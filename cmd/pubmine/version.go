package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// versionCommand is pubmine version.
type versionCommand struct{}

// Run runs the command.
func (*versionCommand) Run(std streams) error {
	program, experiment := version, "none"
	if info, ok := debug.ReadBuildInfo(); ok {
		program = cmp.Or(program, info.Main.Version)
		for _, s := range info.Settings {
			if s.Key == "GOEXPERIMENT" {
				experiment = s.Value
			}
		}
	}
	m, err := catalog.Resolve(catalog.Bundled)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(
		std.out,
		"pubmine %s\ntables  version %d\nmodel   %s\nbuilt   %s %s/%s, experiments: %s\n",
		cmp.Or(
			program, "unknown",
		),
		schemas.Version,
		m.ID(),
		runtime.Version(),
		runtime.GOOS,
		runtime.GOARCH,
		experiment,
	)
	return err
}

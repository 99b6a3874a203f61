package main

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// versionFlag is the flag --version.
type versionFlag bool

// BeforeReset prints the version.
func (versionFlag) BeforeReset(c *kong.Context) error {
	_, err := fmt.Fprintln(c.Stdout, "pubmine", programVersion())
	return errors.Join(err, errPrinted)
}

// programVersion is the version that was given when the program was built.
func programVersion() string {
	if version != "" {
		return version
	}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "unknown"
	}
	return cmp.Or(info.Main.Version, "unknown")
}

// versionCommand is pubmine version.
type versionCommand struct{}

// Help is the description in pubmine version --help.
func (*versionCommand) Help() string { return example("pubmine version") }

// Run runs the command.
func (*versionCommand) Run(std streams) error {
	experiment := "none"
	if info, ok := debug.ReadBuildInfo(); ok {
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
	_, err = fmt.Fprintf(std.out, "pubmine %s\ntables  version %d\nmodel   %s\nbuilt   %s %s/%s, experiments: %s\n",
		programVersion(), schemas.Version, m.ID(), runtime.Version(), runtime.GOOS, runtime.GOARCH, experiment)
	return err
}

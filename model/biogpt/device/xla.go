//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// openXLA opens the plugin at an absolute path. go-xla downloads a plugin that is given by name,
// but not by path; automatic installation is switched off as well, so that a change in go-xla
// cannot make a run access the network.
func openXLA(path string) (compute.Backend, error) {
	xla.EnableAutoInstall(false)
	return xla.New(path)
}

// HasXLA reports whether this program can open plugins.
const HasXLA = true

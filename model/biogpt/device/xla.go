//go:build cgo && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
)

// openXLA opens the plugin at an absolute path. The plugin's name makes go-xla download one, a path
// does not; installing is switched off all the same, so that no change of that rule can make a run
// reach for the network.
func openXLA(path string) (compute.Backend, error) {
	xla.EnableAutoInstall(false)
	return xla.New(path)
}

// HasXLA reports whether this program can open plugins.
const HasXLA = true

//go:build !(cgo && ((linux && (amd64 || arm64)) || (darwin && arm64)))

package device

import (
	"errors"

	"github.com/gomlx/compute"
)

// openXLA fails where go-xla cannot be built.
func openXLA(string) (compute.Backend, error) {
	return nil, errors.New(
		"this program was built without XLA; build it with cgo and a C compiler, or use --backend cpu",
	)
}

// HasXLA reports whether this program can open plugins.
const HasXLA = false

package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// A bar is drawn only for work that takes long.
func TestBytes(t *testing.T) {
	var out bytes.Buffer
	show, end := bytesFrom(&out, "verify", time.Now().Add(time.Hour))
	show(1, 2)
	end()
	if out.Len() > 0 {
		t.Errorf("short work draws %q", out.String())
	}
	show, end = bytesFrom(&out, "verify", time.Now())
	show(1, 2)
	end()
	if got := out.String(); !strings.Contains(got, "verify") || !strings.Contains(got, "50%") {
		t.Errorf("drawn %q", got)
	}
}

package device

import (
	"math"
	"testing"
	"time"
)

func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("computes for a second")
	}
	for _, name := range []string{GoMLX, XLACPU} {
		if name == XLACPU && len(Plugins(name)) == 0 {
			continue
		}
		d, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		s, err := d.Speed(time.Millisecond)
		if err != nil || s.FLOPS < 1e8 || math.IsInf(s.FLOPS, 0) || s.DType != "Float32" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

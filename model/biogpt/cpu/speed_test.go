package cpu

import (
	"testing"
	"time"
)

func TestSpeed(t *testing.T) {
	if speed := Speed(time.Millisecond, 2); speed < 1e7 || speed > 1e15 {
		t.Errorf("%g operations a second", speed)
	}
}

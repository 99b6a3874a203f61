package score_test

import (
	"math"
	"testing"

	"github.com/pubmine/pubmine/jobs/eval/score"
)

func TestCalibration(t *testing.T) {
	var c, d score.Calibration
	for i := range 10 {
		c.Add(0.85, i < 6)
	}
	d.Add(1, true)
	d.Add(float32(math.NaN()), true)
	d.Add(0.05, false)
	c.Merge(d)
	if c[8].Count != 10 || math.Abs(c[8].Accuracy()-0.6) > 1e-9 || math.Abs(c[8].Mean()-0.85) > 1e-6 ||
		c[9].Count != 1 ||
		c[0].Count != 1 {
		t.Errorf("%+v", c)
	}
	if got, want := c.Error(), (10*0.25+0.05)/12; math.Abs(got-want) > 1e-6 {
		t.Errorf("error %v, want %v", got, want)
	}
}

package jobs

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/pipeline"
)

func fakeEngine(s biogpt.Stats, peak float64) *lazyEngine {
	return &lazyEngine{usage: engineUsage{Stats: s, Peak: peak}}
}

func TestMeter(t *testing.T) {
	g := newMeter(
		fakeEngine(
			biogpt.Stats{
				Tokens: 50_000, Padded: 62_500, FLOPs: 6e11, Busy: 9 * time.Second, Compile: time.Second,
				Programs: 3,
			},
			1e11,
		),
	)
	g.start = time.Now().Add(-10 * time.Second)
	hooks := g.watch(pipeline.Hooks{})
	hooks.Waits(pipeline.Waits{Prepare: time.Second})
	g.endRun(
		pipeline.Report{Waits: pipeline.Waits{Prepare: 2 * time.Second, Starved: time.Second, Finish: 8 * time.Second}},
	)
	hooks.Waits(pipeline.Waits{Prepare: time.Second, Blocked: time.Second}) // of the next run
	said := fmt.Sprint(g.Attributes()...)
	for _, want := range []string{
		"prepare_waited 3s", "infer_waited 2s", "finish_waited 8s", "padding 20%", "device_busy 90%",
		"compiling 10%", "model_flops_utilisation 60%",
	} {
		if !strings.Contains(said, strings.ReplaceAll(want, " ", "")) && !strings.Contains(said, want) {
			t.Errorf("no %q in %q", want, said)
		}
	}
	x := g.Read()
	if d := x.Device; d == nil || math.Abs(d.TokensPerSec-5000) > 50 || math.Abs(d.Padding-0.2) > 1e-9 ||
		x.Waits.Blocked != 1 {
		t.Errorf("%+v, device %+v", x, x.Device)
	}
	if idle := newMeter(nil).Read(); idle.Device != nil {
		t.Errorf("%+v", idle)
	}
	if idle := newMeter(fakeEngine(biogpt.Stats{}, 0)).Read(); idle.Device != nil {
		t.Errorf("%+v", idle)
	}
}

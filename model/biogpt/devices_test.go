package biogpt

import (
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

// TestSeveralDevices encodes on all devices that XLA makes of the processor.
func TestSeveralDevices(t *testing.T) {
	if testing.Short() || len(device.Plugins(device.XLACPU)) == 0 {
		t.Skip("-short, or no PJRT plugin for the CPU on this machine")
	}
	b, err := OpenBackend(device.XLACPU)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	peers := b.Peers()
	if len(peers) < 2 {
		t.Skipf("XLA makes %d devices of this processor", len(peers))
	}
	cfg := NewConfig(64, 32, 2, 2, 48, 64, Causal)
	params := InitStructured(cfg, 1)
	e := newEngine(t, b, cfg)
	defer e.Close()
	if len(e.lanes) != 1 {
		t.Fatalf("%d lanes on a processor", len(e.lanes))
	}
	for _, d := range peers[1:] {
		e.lanes = append(e.lanes, lane{device: d})
	}
	if err := e.SetParams(params); err != nil {
		t.Fatal(err)
	}
	e.layout.tokens = 2 * cfg.MaxPositions
	sequences := randomSequences(cfg, 3, slices.Repeat([]int{50, 60, 33, 64}, 2*len(peers))...)
	want, got := encode(t, newEngine(t, device.OpenCPU(), cfg), sequences), encode(t, e, sequences)
	for i := range want {
		if d := distance(want[i], got[i]); d > 1e-5 {
			t.Errorf("sequence %d differs by %g", i, d)
		}
	}
}

// TestMemoryRunsOut checks that batches get smaller, and that the last ones give up.
func TestMemoryRunsOut(t *testing.T) {
	for _, c := range []struct{ tokens, longest, want int }{{8192, 300, 4096}, {600, 300, 300}, {300, 300, 0}} {
		if got := (layout{tokens: c.tokens}).smaller(c.longest).tokens; got != c.want {
			t.Errorf("after %d tokens a batch of %d tokens, want %d", c.tokens, got, c.want)
		}
	}
}

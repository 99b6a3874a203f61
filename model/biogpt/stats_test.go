package biogpt

import (
	"testing"
	"time"

	"github.com/pubmine/pubmine/model/biogpt/device"
)

func TestStats(t *testing.T) {
	b, err := OpenBackend(device.GoMLX)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	e := newEngine(t, b, NewConfig(64, 32, 2, 2, 48, 64, Causal))
	defer e.Close()
	if s := e.Stats(); s != (Stats{}) || s.Rate() != 0 || s.Padding() != 0 {
		t.Errorf("an engine that did nothing counts %+v", s)
	}
	encode(t, e, randomSequences(e.cfg, 1, 40, 0, 7))
	s := e.Stats()
	if s.Sequences != 2 || s.Tokens != 47 || s.Padded < s.Tokens || s.Programs == 0 || s.Busy <= 0 || s.Compile <= 0 {
		t.Errorf("%+v", s)
	}
	if want := e.cfg.FLOPs(40) + e.cfg.FLOPs(7); s.FLOPs != want {
		t.Errorf("%g FLOPs, want %g", s.FLOPs, want)
	}
	if s.Padding() < 0 || s.Padding() >= 1 || s.Rate() != s.FLOPs/s.Busy.Seconds() {
		t.Errorf("padding %g, rate %g", s.Padding(), s.Rate())
	}
	before := s
	encode(t, e, randomSequences(e.cfg, 1, 40, 0, 7))
	if s := e.Stats(); s.Programs != before.Programs || s.Compile != before.Compile || s.Tokens != 2*before.Tokens {
		t.Errorf("the same lengths again: %+v after %+v", s, before)
	}
}

// TestFLOPs counts the products of a layer one by one.
func TestFLOPs(t *testing.T) {
	const n, hidden, ffn = 5, 8, 12
	products := 4*n*hidden*hidden + 2*n*hidden*ffn
	for attention, pairs := range map[string]int{Causal: 1 + 2 + 3 + 4 + 5, Bidirectional: 25} {
		cfg := NewConfig(16, hidden, 3, 2, ffn, 8, attention)
		if got, want := cfg.FLOPs(n), float64(3*2*(products+2*pairs*hidden)); got != want {
			t.Errorf("%s: %g, want %g", attention, got, want)
		}
	}
	if got := (Stats{FLOPs: 6e9, Busy: 2 * time.Second}).Rate(); got != 3e9 {
		t.Errorf("rate %g", got)
	}
}

package loop

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt/trunk"
)

// An epoch holds every example once, in batches of the permitted size. The number of batches is the
// same in every epoch; their order differs between epochs, and is reproducible.
func TestEpochsHoldEveryExampleOnce(t *testing.T) {
	trainer := fresh(t)
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(1, 64), 1, 60).Draw(t, "lengths")
		r := run{Options: Options{Seed: rapid.Uint64().Draw(t, "seed")}, trainer: trainer}
		for _, n := range lengths {
			r.train = append(r.train, trunk.Example{Tokens: make([]int32, n)})
		}
		number := 0
		for epoch := range 3 {
			r.plan(epoch)
			planned := fmt.Sprint(r.batches)
			if epoch > 0 && len(r.batches) != number {
				t.Fatalf("%d batches in epoch %d, %d before", len(r.batches), epoch, number)
			}
			number = len(r.batches)
			var all []int
			for _, batch := range r.batches {
				longest := 0
				for _, i := range batch {
					longest = max(longest, lengths[i])
				}
				if len(batch) == 0 || len(batch) > trainer.Rows(longest) {
					t.Fatalf("a batch of %d with up to %d tokens", len(batch), longest)
				}
				all = append(all, batch...)
			}
			slices.Sort(all)
			for i := range lengths {
				if len(all) != len(lengths) || all[i] != i {
					t.Fatalf("epoch %d holds %v", epoch, all)
				}
			}
			if r.plan(epoch); fmt.Sprint(r.batches) != planned {
				t.Fatal("the same epoch in another order")
			}
		}
	})
	r := run{trainer: trainer, train: counting(40, 3)}
	r.plan(0)
	first := fmt.Sprint(r.batches)
	if r.plan(1); fmt.Sprint(r.batches) == first {
		t.Error("two epochs in the same order")
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		schedule Schedule
		step     int
		want     float64
	}{
		{Cosine, 0, 0.1}, {Cosine, 4, 0.5}, {Cosine, 9, 1}, {Cosine, 10, 1}, {Cosine, 55, 0.51}, {Cosine, 100, 0.02},
		{InverseSqrt, 0, 0.1}, {InverseSqrt, 9, 1}, {InverseSqrt, 39, 0.5}, {InverseSqrt, 89, 1.0 / 3},
	} {
		if got := c.schedule.rate(c.step, 100, 0.1); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s, step %d: %g, want %g", c.schedule, c.step, got, c.want)
		}
	}
	for _, s := range []Schedule{Cosine, InverseSqrt} {
		if got := s.rate(0, 1, 0); got != 1 {
			t.Errorf("%s without warm-up begins with %g", s, got)
		}
	}
}

// The first step, which compiles programs, does not count once there are others; the mean follows
// the newest.
func TestPace(t *testing.T) {
	var p pace
	step := func(took time.Duration) {
		p.last = time.Now().Add(-took)
		p.add(1000)
	}
	step(100 * time.Second)
	step(time.Second)
	if got := p.perSecond(); got < 900 || got > 1000 {
		t.Errorf("%.0f tokens/s, want 1000", got)
	}
	if got := p.left(60); got < time.Minute || got > 65*time.Second {
		t.Errorf("%v left of 60 steps of a second", got)
	}
	for range 50 {
		step(2 * time.Second)
	}
	if got := p.perSecond(); got < 490 || got > 510 {
		t.Errorf("%.0f tokens/s, want 500", got)
	}
}

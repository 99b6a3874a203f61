package decodingtest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

// Subject is a decoder under test, with empty slots: at least 4 slots, a vocabulary of at least 16
// and at least 40 positions.
type Subject struct {
	Decoder   decoding.Decoder
	Limits    decoding.Limits
	Logits    Model   // the logits of one pass over all ids, which the decoder must reproduce
	Tolerance float64 // maximum difference; 0 stands for 1e-4
}

// Run tests whether a decoder behaves as decoding.Decoder specifies. All tests use the same
// decoder.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if s.Tolerance == 0 {
		s.Tolerance = 1e-4
	}
	for _, test := range []struct {
		name string
		run  func(t *testing.T, c *checker)
	}{
		{"prompts of many lengths", prompts},
		{"steps", steps},
		{"to the last position", lastPosition},
		{"slots are independent", independent},
		{"copies", copies},
		{"any calls", anyCalls},
		{"refusals", refusals},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newChecker(t, s)) })
	}
}

// checker calls a decoder and checks every row of logits that it returns.
type checker struct {
	Subject
	t    *testing.T
	rng  *rand.Rand
	held [][]int32
	want map[string][]float32
}

func newChecker(t *testing.T, s Subject) *checker {
	return &checker{
		Subject: s, t: t, rng: rand.New(rand.NewPCG(7, 7)), held: make([][]int32, s.Limits.Slots),
		want: map[string][]float32{},
	}
}

// ids draws n ids that begin with </s>.
func (c *checker) ids(n int) []int32 {
	ids := []int32{decoding.End}
	for len(ids) < n {
		ids = append(ids, c.id())
	}
	return ids[:n]
}

func (c *checker) id() int32 { return int32(c.rng.IntN(c.Limits.Vocab)) }

func (c *checker) prefill(prompts ...decoding.Prompt) {
	c.t.Helper()
	rows, err := c.Decoder.Prefill(context.Background(), prompts)
	if err != nil {
		c.t.Fatal(err)
	}
	var slots []int
	for _, p := range prompts {
		slots = append(slots, p.Slot)
		c.held[p.Slot] = slices.Clone(p.IDs)
	}
	c.check("prefill", slots, rows)
}

func (c *checker) step(slots ...int) {
	c.t.Helper()
	var tokens []decoding.Token
	for _, slot := range slots {
		id := c.id()
		tokens = append(tokens, decoding.Token{Slot: slot, ID: id})
		c.held[slot] = append(slices.Clone(c.held[slot]), id)
	}
	rows, err := c.Decoder.Step(context.Background(), tokens)
	if err != nil {
		c.t.Fatal(err)
	}
	c.check("step", slots, rows)
}

func (c *checker) copy(from, to []int) {
	c.t.Helper()
	if err := c.Decoder.Copy(context.Background(), from, to); err != nil {
		c.t.Fatal(err)
	}
	before := slices.Clone(c.held)
	for i := range from {
		c.held[to[i]] = before[from[i]]
	}
}

func (c *checker) check(what string, slots []int, rows [][]float32) {
	c.t.Helper()
	if len(rows) != len(slots) {
		c.t.Fatalf("%s: %d rows for %d slots", what, len(rows), len(slots))
	}
	for i, slot := range slots {
		key := fmt.Sprint(c.held[slot])
		if c.want[key] == nil {
			c.want[key] = slices.Clone(c.Logits(c.held[slot]))
		}
		want := c.want[key]
		if len(rows[i]) != len(want) {
			c.t.Fatalf("%s: slot %d: %d logits, want %d", what, slot, len(rows[i]), len(want))
		}
		for id := range want {
			if d := math.Abs(float64(rows[i][id]) - float64(want[id])); !(d <= c.Tolerance) {
				c.t.Fatalf(
					"%s: slot %d after %d tokens: logit of %d is %v, want %v", what, slot, len(c.held[slot]), id,
					rows[i][id], want[id],
				)
			}
			rows[i][id] = float32(math.NaN()) // the caller may write to the rows
		}
	}
}

func prompts(_ *testing.T, c *checker) {
	c.prefill(decoding.Prompt{Slot: 1, IDs: c.ids(9)})
	c.prefill(
		decoding.Prompt{Slot: 3, IDs: c.ids(1)}, decoding.Prompt{Slot: 0, IDs: c.ids(33)},
		decoding.Prompt{Slot: 1, IDs: c.ids(2)}, decoding.Prompt{Slot: 2, IDs: c.ids(17)},
	)
	c.prefill(decoding.Prompt{Slot: 2, IDs: c.ids(c.Limits.MaxLen)})
	c.step(1, 3, 0)
}

func steps(_ *testing.T, c *checker) {
	c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(5)}, decoding.Prompt{Slot: 2, IDs: c.ids(12)})
	for range 12 {
		c.step(2, 0)
	}
	c.prefill(decoding.Prompt{Slot: 1, IDs: c.ids(3)})
	for range 5 {
		c.step(0, 1, 2)
		c.step(1)
	}
}

func lastPosition(_ *testing.T, c *checker) {
	c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(c.Limits.MaxLen - 6)}, decoding.Prompt{Slot: 1, IDs: c.ids(2)})
	for range 6 {
		c.step(0, 1)
	}
	c.step(1) // a full slot does not affect others
	if _, err := c.Decoder.Step(context.Background(), []decoding.Token{{Slot: 0, ID: 4}}); err == nil {
		c.t.Error("a token beyond the last position was taken")
	}
	c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(4)})
	c.step(0)
}

// independent checks that equal tokens give equal logits whatever the other slots hold: check
// compares both with one value.
func independent(_ *testing.T, c *checker) {
	ids := c.ids(7)
	c.prefill(decoding.Prompt{Slot: 0, IDs: ids})
	c.prefill(
		decoding.Prompt{Slot: 2, IDs: c.ids(30)}, decoding.Prompt{Slot: 3, IDs: ids},
		decoding.Prompt{Slot: 1, IDs: c.ids(11)},
	)
	c.step(0, 1, 2, 3)
	c.step(3)
	c.step(1)
	c.step(0, 2)
	c.prefill(decoding.Prompt{Slot: 2, IDs: c.ids(6)})
	c.step(3, 0)
}

func copies(_ *testing.T, c *checker) {
	c.prefill(
		decoding.Prompt{Slot: 0, IDs: c.ids(6)}, decoding.Prompt{Slot: 1, IDs: c.ids(10)},
		decoding.Prompt{Slot: 2, IDs: c.ids(3)},
	)
	c.step(0, 1, 2)
	c.copy([]int{1}, []int{3})
	c.step(0, 1, 2, 3)
	c.copy([]int{0, 1, 2, 3}, []int{1, 2, 3, 0})
	c.step(0, 1, 2, 3)
	c.copy([]int{2, 2, 1}, []int{0, 1, 2})
	c.step(0, 1, 2, 3)
	c.copy([]int{3, 1}, []int{3, 0})
	c.copy(nil, nil)
	c.step(0, 1, 2, 3)
}

// anyCalls makes a reproducible random sequence of calls.
func anyCalls(_ *testing.T, c *checker) {
	slots := c.rng.Perm(c.Limits.Slots)[:4]
	for _, slot := range slots {
		c.prefill(decoding.Prompt{Slot: slot, IDs: c.ids(1 + c.rng.IntN(20))})
	}
	for range 40 {
		some := slices.Clone(slots)
		c.rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		some = slices.DeleteFunc(
			some[:1+c.rng.IntN(len(some))], func(slot int) bool { return len(c.held[slot]) >= c.Limits.MaxLen },
		)
		switch c.rng.IntN(6) {
		case 0:
			c.prefill(decoding.Prompt{Slot: slots[0], IDs: c.ids(1 + c.rng.IntN(36))})
		case 1:
			var from []int
			for range some {
				from = append(from, slots[c.rng.IntN(len(slots))])
			}
			c.copy(from, some)
		default:
			if len(some) > 0 {
				c.step(some...)
			}
		}
	}
}

func refusals(t *testing.T, c *checker) {
	c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(3)})
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"no tokens": func() error { return second(c.Decoder.Prefill(ctx, []decoding.Prompt{{Slot: 1}})) },
		"long prompt": func() error {
			return second(c.Decoder.Prefill(ctx, []decoding.Prompt{{Slot: 1, IDs: c.ids(c.Limits.MaxLen + 1)}}))
		},
		"no such slot": func() error {
			return second(c.Decoder.Prefill(ctx, []decoding.Prompt{{Slot: c.Limits.Slots, IDs: c.ids(2)}}))
		},
		"no such id": func() error {
			return second(c.Decoder.Prefill(ctx, []decoding.Prompt{{Slot: 1, IDs: []int32{int32(c.Limits.Vocab)}}}))
		},
		"negative id": func() error { return second(c.Decoder.Step(ctx, []decoding.Token{{Slot: 0, ID: -1}})) },
		"twice": func() error {
			return second(c.Decoder.Step(ctx, []decoding.Token{{Slot: 0, ID: 4}, {Slot: 0, ID: 5}}))
		},
		"copy to none": func() error { return c.Decoder.Copy(ctx, []int{0}, []int{c.Limits.Slots}) },
		"copy twice":   func() error { return c.Decoder.Copy(ctx, []int{0, 0}, []int{1, 1}) },
		"copy uneven":  func() error { return c.Decoder.Copy(ctx, []int{0}, nil) },
	} {
		c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(3)})
		if call() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Decoder.Step(ended, []decoding.Token{{Slot: 0, ID: 4}}); err == nil {
		t.Error("a context that has ended: no error")
	}
	c.prefill(decoding.Prompt{Slot: 0, IDs: c.ids(3)}, decoding.Prompt{Slot: 1, IDs: c.ids(4)})
	c.step(0, 1)
}

func second(_ [][]float32, err error) error { return err }

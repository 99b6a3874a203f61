package decoding_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
	"github.com/pubmine/pubmine/model/biogpt/decoding/decodingtest"
)

const vocab = 24

func limits(slots int) decoding.Limits {
	return decoding.Limits{Slots: slots, Vocab: vocab, MaxLen: 40}
}

func fake(slots int) *decodingtest.Fake {
	return decodingtest.NewFake(limits(slots), decodingtest.Random(vocab))
}

// run runs requests on a new fake with the given number of slots.
func run(t interface{ Fatal(...any) }, slots int, requests ...decoding.Request) [][]decoding.Sequence {
	results, err := decoding.Run(context.Background(), fake(slots), limits(slots), requests)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// anyRequest draws a request of any kind, of at most 4 sequences at once.
func anyRequest() *rapid.Generator[decoding.Request] {
	return rapid.Custom(func(t *rapid.T) decoding.Request {
		r := decoding.Request{Prompt: rapid.SliceOfN(rapid.Int32Range(0, vocab-1), 1, 12).Draw(t, "prompt")}
		r.MaxNew = rapid.IntRange(1, 20).Draw(t, "max new")
		r.MinNew = rapid.IntRange(0, 4).Draw(t, "min new")
		r.MinLength = rapid.IntRange(0, 14).Draw(t, "min length")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 1:
			r.Beams = rapid.IntRange(2, 4).Draw(t, "beams")
			r.Return = rapid.IntRange(0, r.Beams).Draw(t, "return")
			r.LengthPenalty = rapid.SampledFrom([]float64{-1, 0, 0.5, 1, 2}).Draw(t, "penalty")
			r.EarlyStopping = rapid.SampledFrom([]decoding.EarlyStopping{decoding.StopUnlikely, decoding.StopFull,
				decoding.StopNever}).
				Draw(t, "early")
		case 2:
			r.Temperature = rapid.Float64Range(0.1, 2).Draw(t, "temperature")
			r.TopK = rapid.IntRange(0, vocab).Draw(t, "top k")
			r.TopP = rapid.Float64Range(0, 1).Draw(t, "top p")
			r.Seed = rapid.Uint64().Draw(t, "seed")
			r.Return = rapid.IntRange(0, 4).Draw(t, "return")
		}
		if rapid.Bool().Draw(t, "stops") {
			r.Stop = func(ids []int32) bool { return ids[len(ids)-1]%7 == 3 }
		}
		return r
	})
}

func TestResultsDoNotDependOnCompany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requests := rapid.SliceOfN(anyRequest(), 1, 8).Draw(t, "requests")
		together := run(t, rapid.IntRange(4, 9).Draw(t, "slots"), requests...)
		for i, r := range requests {
			if diff := cmp.Diff(run(t, 4, r)[0], together[i]); diff != "" {
				t.Fatalf("request %d differs (alone, together): %s", i, diff)
			}
		}
	})
}

func TestSequencesAreWhatTheyShouldBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest().Draw(t, "request")
		list := run(t, 4, r)[0]
		if len(list) != max(1, r.Return) {
			t.Fatalf("%d sequences, %d wanted", len(list), r.Return)
		}
		model := decodingtest.Random(vocab)
		for i, s := range list {
			ids := slices.Clone(r.Prompt)
			sum := 0.0
			for j, c := range s.Tokens {
				if want := logProb(model(ids), c.ID); math.Abs(c.LogProb-want) > 1e-5 {
					t.Fatalf("sequence %d, token %d: log-probability %v, want %v", i, j, c.LogProb, want)
				}
				if c.ID == decoding.End &&
					(j < r.MinNew || r.MinNew == 0 && len(ids) < r.MinLength || j < len(s.Tokens)-1) {
					t.Fatalf("sequence %d ends at token %d", i, j)
				}
				ids, sum = append(ids, c.ID), sum+c.LogProb
			}
			last := ids[len(ids)-1]
			stopped := r.Stop != nil && r.Stop(ids)
			want := decoding.FinishLength
			if last == decoding.End {
				want = decoding.FinishEnd
			} else if stopped {
				want = decoding.FinishStop
			}
			if s.Finish != want || want == decoding.FinishLength && len(s.Tokens) != r.MaxNew {
				t.Fatalf(
					"sequence %d of %d tokens, %d at most: finished by %s, not %s", i, len(s.Tokens), r.MaxNew,
					s.Finish, want,
				)
			}
			if r.Beams > 1 {
				sum /= math.Pow(float64(len(s.Tokens)), r.LengthPenalty)
			}
			if math.Abs(s.Score-sum) > 1e-5*(1+math.Abs(sum)) || r.Beams > 1 && i > 0 && s.Score > list[i-1].Score {
				t.Fatalf("sequence %d: score %v of %v", i, s.Score, sum)
			}
		}
	})
}

// logProb is the plain formula.
func logProb(logits []float32, id int32) float64 {
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v))
	}
	return float64(logits[id]) - math.Log(sum)
}

func TestGreedyTakesTheLikeliest(t *testing.T) {
	model := decodingtest.Random(vocab)
	prompt := []int32{2, 9, 4}
	ids := slices.Clone(prompt)
	for len(ids) < 40 {
		logits := model(ids)
		best := slices.Index(logits, slices.Max(logits))
		ids = append(ids, int32(best))
		if best == int(decoding.End) {
			break
		}
	}
	if diff := cmp.Diff(ids[3:], run(t, 1, decoding.Request{Prompt: prompt})[0][0].IDs()); diff != "" {
		t.Error(diff)
	}
}

// exactly makes a request of n tokens.
func exactly(n, prompt int) decoding.Request {
	return decoding.Request{Prompt: make([]int32, prompt), Options: decoding.Options{MaxNew: n, MinNew: n}}
}

func TestSlotsAreRefilledAtOnce(t *testing.T) {
	f := fake(2)
	requests := []decoding.Request{exactly(5, 3), exactly(2, 4), exactly(3, 1), exactly(1, 2), exactly(2, 2)}
	if _, err := decoding.Run(context.Background(), f, f.Limits, requests); err != nil {
		t.Fatal(err)
	}
	want := []decodingtest.Call{
		{Method: "prefill", Slots: []int{0, 1}}, // the first two; a prefill gives the first token
		{Method: "step", Slots: []int{0, 1}},    // the second is done
		{Method: "prefill", Slots: []int{1}},    // the third
		{Method: "step", Slots: []int{0, 1}},
		{Method: "step", Slots: []int{0, 1}}, // the third is done
		{Method: "prefill", Slots: []int{1}}, // the fourth is done at once
		{Method: "step", Slots: []int{0}},    // the first is done
		{Method: "prefill", Slots: []int{0}}, // the fifth
		{Method: "step", Slots: []int{0}},
	}
	if diff := cmp.Diff(want, f.Calls); diff != "" {
		t.Error(diff)
	}
}

func TestPromptsDoNotHoldUpOthers(t *testing.T) {
	l := decoding.Limits{Slots: 8, Vocab: vocab, MaxLen: 1000}
	f := decodingtest.NewFake(l, func([]int32) []float32 { return make([]float32, vocab) })
	requests := []decoding.Request{exactly(6, 2)}
	for range 5 {
		requests = append(requests, exactly(2, 300))
	}
	s := decoding.NewScheduler(f, l)
	for _, r := range requests[:1] {
		if err := s.Add(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; ; i++ {
		more, err := s.Step(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			for _, r := range requests[1:] {
				if err := s.Add(context.Background(), r); err != nil {
					t.Fatal(err)
				}
			}
		} else if !more {
			break
		}
	}
	for i, call := range f.Calls {
		if call.Method == "prefill" && (len(call.Slots) > 1 || f.Calls[i+1].Method != "step") {
			t.Errorf("call %d read %d prompts of 300 tokens, and then: %v", i, len(call.Slots), f.Calls[i+1])
		}
	}
	if stats := s.Stats(); stats.Prompts != 1502 || stats.Active != 0 || stats.Waiting != 0 || stats.Rows != 5+5 {
		t.Errorf("%+v", stats)
	}
}

func TestBeamsAreCopiedOnlyWhereTheyFork(t *testing.T) {
	f := fake(3)
	r := exactly(12, 3)
	r.Beams = 3
	s := decoding.NewScheduler(f, f.Limits)
	if err := s.Add(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range f.Calls {
		if call.Method == "copy" && len(call.Slots) > 2 {
			t.Errorf("of three beams %d were copied", len(call.Slots))
		}
	}
	if stats := s.Stats(); stats.Prompts != 3 || stats.Steps != 11 || stats.Rows != 33 || stats.Copies < 2 {
		t.Errorf("%+v", stats)
	}
}

func TestCancellationFreesTheSlots(t *testing.T) {
	f := fake(2)
	s := decoding.NewScheduler(f, f.Limits)
	gone := errors.New("the client is gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	results := map[string]error{}
	add := func(ctx context.Context, name string, r decoding.Request) {
		r.Done = func(list []decoding.Sequence, err error) {
			if (err == nil) != (len(list) == 1) {
				t.Errorf("%s: %d sequences and %v", name, len(list), err)
			}
			results[name] = err
		}
		if err := s.Add(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	long := exactly(30, 2)
	long.Emit = func(i int, c decoding.Choice) { cancel(gone) }
	add(ctx, "long", long)
	add(context.Background(), "short", exactly(3, 2))
	add(ctx, "waiting", exactly(3, 2))
	add(context.Background(), "next", exactly(3, 2))
	for more := true; more; {
		var err error
		if more, err = s.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]error{"long": gone, "waiting": gone, "short": nil, "next": nil}
	if fmt.Sprint(results) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", results, want)
	}
	if stats := s.Stats(); stats.Steps > 4 {
		t.Errorf("%+v: the long request went on", stats)
	}
}

func TestDecoderErrors(t *testing.T) {
	f := fake(1)
	s := decoding.NewScheduler(f, f.Limits)
	var first, second error
	r := exactly(5, 2)
	r.Done = func(_ []decoding.Sequence, err error) { first = err }
	again := exactly(1, 2)
	again.Done = func(_ []decoding.Sequence, err error) { second = err }
	if err := errors.Join(s.Add(context.Background(), r), s.Add(context.Background(), again)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("out of memory")
	f.Err = broken
	if more, err := s.Step(context.Background()); !more || err != broken || first != broken || second != nil {
		t.Errorf("%v %v %v %v", more, err, first, second)
	}
	f.Err = nil
	if more, err := s.Step(context.Background()); more || err != nil || second != nil {
		t.Errorf("the next request: %v %v %v", more, err, second)
	}
	f.Err = broken
	if _, err := decoding.Run(context.Background(), f, f.Limits, []decoding.Request{r}); err != broken {
		t.Errorf("run: %v", err)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	prompt := []int32{2, 5}
	for want, r := range map[string]decoding.Request{
		"no tokens":       {},
		"can have 41":     {Prompt: prompt, Options: decoding.Options{MaxNew: 39}},
		"40 positions":    {Prompt: make([]int32, 41)},
		"no room":         {Prompt: make([]int32, 40)},
		"limit is 2":      {Prompt: prompt, Options: decoding.Options{MaxLength: 2}},
		"id 24":           {Prompt: []int32{2, 24}},
		"id -1":           {Prompt: []int32{-1}},
		"4 slots":         {Prompt: prompt, Options: decoding.Options{Beams: 5}},
		"below 0":         {Prompt: prompt, Options: decoding.Options{MinNew: -1}},
		"temperature NaN": {Prompt: prompt, Options: decoding.Options{Temperature: math.NaN()}},
		"top-p 1.5":       {Prompt: prompt, Options: decoding.Options{Temperature: 1, TopP: 1.5}},
		"exclude":         {Prompt: prompt, Options: decoding.Options{Temperature: 1, Beams: 2}},
		"the 2 beams":     {Prompt: prompt, Options: decoding.Options{Beams: 2, Return: 3}},
		"are the same":    {Prompt: prompt, Options: decoding.Options{Return: 3}},
	} {
		r.Done = func([]decoding.Sequence, error) { t.Errorf("%s: done was called", want) }
		_, err := decoding.Run(context.Background(), fake(4), limits(4), []decoding.Request{r})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", want, err)
		}
	}
	many := decoding.Limits{Slots: 20, Vocab: vocab, MaxLen: 40}
	if err := decoding.NewScheduler(nil, many).Add(context.Background(),
		decoding.Request{Prompt: prompt, Options: decoding.Options{Beams: 12}}); err == nil {
		t.Error("more candidates than the vocabulary has: no error")
	}
}

func TestEmit(t *testing.T) {
	for _, options := range []decoding.Options{{MaxNew: 9}, {MaxNew: 9, Temperature: 1, Return: 3},
		{MaxNew: 9, Beams: 4, Return: 2, LengthPenalty: 1}} {
		emitted := map[int][]decoding.Choice{}
		r := decoding.Request{Prompt: []int32{2, 7}, Options: options}
		r.Emit = func(i int, c decoding.Choice) { emitted[i] = append(emitted[i], c) }
		want := map[int][]decoding.Choice{}
		for i, s := range run(t, 4, r)[0] {
			want[i] = s.Tokens
		}
		if diff := cmp.Diff(want, emitted); diff != "" {
			t.Errorf("%+v: %s", options, diff)
		}
	}
}

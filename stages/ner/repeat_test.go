package ner

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// repeating is a stage with the repeat bonus lift for both types.
func repeating(t testing.TB, lift float32) Stage {
	st := reader(t)
	st.tagger.Repeat = []float32{lift, lift}
	return st
}

func annotated(t testing.TB, st Stage, text *model.Text, states model.States) []schemas.Mention {
	t.Helper()
	var a schemas.Annotations
	if err := st.Annotate(text, states, &a); err != nil {
		t.Fatal(err)
	}
	return a.Mentions
}

func TestRepeatedNames(t *testing.T) {
	for _, c := range []struct {
		name      string
		sentences []string
		want      []string
	}{
		{
			"a name that was missed", []string{"<Aspirin> helps", "We gave Aspirin again."},
			[]string{"Aspirin", "Aspirin"},
		},
		{
			"several words", []string{"{renal failure} came", "No renal failure and no failure."},
			[]string{"renal failure", "renal failure"},
		},
		{
			"a longer name in another case and number", []string{"{Seizures} came", "a seizure stayed."},
			[]string{"Seizures", "seizure"},
		},
		{
			"a short form", []string{"{renal failure} (RF) came", "The RF stayed."},
			[]string{"renal failure", "RF", "RF"},
		},
		{
			"a short name in the case that it was found in", []string{"<Lead> harms", "This may lead to Lead there."},
			[]string{"Lead", "Lead"},
		},
		{
			"the longest", []string{"<iron> and <iron oxide>", "Then iron oxide."},
			[]string{"iron", "iron oxide", "iron oxide"},
		},
		{"a single letter is no name", []string{"<K> rose", "Vitamin K fell."}, []string{"K"}},
		{
			"not across sentences", []string{"{renal failure} came", "It was renal", "failure stayed."},
			[]string{"renal failure"},
		},
		{"not within a longer mention", []string{"<iron> and <iron oxide>"}, []string{"iron", "iron oxide"}},
	} {
		text, states := marked(c.sentences...)
		var got []string
		for _, m := range annotated(t, repeating(t, 30), text, states) {
			got = append(got, text.Body[m.Start:m.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// An unlikely mention speaks for nothing, and the lift counts as much as the mention is likely.
func TestRepeatedNamesByScore(t *testing.T) {
	text, states := marked("<Aspirin> helps", "We gave Aspirin again.")
	st := repeating(t, 2)
	scores := make([]float32, 6*len(text.Words))
	for i := range text.Words {
		copy(scores[6*i:], states.Row(i))
	}
	found := []schemas.Mention{{Span: text.Words[0].Span, Type: "Chemical", Score: 0.75}}
	before := slices.Clone(scores)
	if !st.raiseRepeats(text, scores, found, nil) {
		t.Fatal("nothing was lifted")
	}
	for i := range scores {
		want := before[i]
		if i == 6*4+1 { // "Aspirin" of the second sentence begins a chemical
			want += 1.5
		}
		if math.Abs(float64(scores[i]-want)) > 1e-6 {
			t.Errorf("score %d of word %d is %v, want %v", i%6, i/6, scores[i], want)
		}
	}
	found[0].Score = 0.49
	if st.raiseRepeats(text, before, found, nil) {
		t.Error("an unlikely mention spoke for another")
	}
	if New(reader(t).tagger).raiseRepeats(text, before, found, nil) {
		t.Error("a head without Repeat lifted scores")
	}
}

// No mention that is found without Repeat is lost or changes its bounds with it, where scores are
// sure.
func TestRepeatOnlyAdds(t *testing.T) {
	plain, lifting := reader(t), repeating(t, 5)
	word := rapid.SampledFrom(
		[]string{"iron", "oxide", "<iron>", "<iron oxide>", "{renal failure}", "renal", "failure", "(", ")", "K"},
	)
	rapid.Check(t, func(t *rapid.T) {
		var sentences []string
		for range rapid.IntRange(1, 3).Draw(t, "sentences") {
			s := ""
			for _, w := range rapid.SliceOfN(word, 1, 6).Draw(t, "words") {
				s += w + " "
			}
			sentences = append(sentences, s+".")
		}
		text, states := marked(sentences...)
		find := func(st Stage) []schemas.Mention {
			var a schemas.Annotations
			if err := st.Annotate(text, states, &a); err != nil {
				t.Fatal(err)
			}
			return a.Mentions
		}
		all := find(lifting)
		for _, m := range find(plain) {
			if !slices.ContainsFunc(all, func(x schemas.Mention) bool { return x.Span == m.Span && x.Type == m.Type }) {
				t.Fatalf("%q: lost %q", text.Body, text.Body[m.Start:m.End])
			}
		}
	})
}

package ner

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// cut makes a Text: the first sentence is the title, words are runs of letters and digits or single
// characters, and each word has a token.
func cut(sentences ...string) *model.Text {
	t := &model.Text{Sections: []schemas.Section{{Kind: schemas.KindTitle}, {Kind: schemas.KindAbstract}}}
	for i, s := range sentences {
		start := len(t.Body)
		t.Body += s + " "
		t.Sentences = append(
			t.Sentences,
			schemas.Sentence{Section: min(i, 1), Span: schemas.Span{Start: start, End: start + len(s)}},
		)
		glued := false
		for at, r := range s {
			word := unicode.IsLetter(r) || unicode.IsDigit(r)
			span := schemas.Span{Start: start + at, End: start + at + len(string(r))}
			switch {
			case unicode.IsSpace(r):
			case word && glued:
				t.Words[len(t.Words)-1].End = span.End
				t.Tokens[len(t.Tokens)-1].End = span.End
			default:
				t.Words = append(t.Words, model.Word{Span: span, Sentence: i, Token: len(t.Tokens)})
				t.Tokens = append(t.Tokens, model.Token{Span: span})
			}
			glued = word
		}
	}
	return t
}

// marked makes a Text of sentences with marked mentions, and states that encode
// is marked: "<" begins a chemical and "{" a disease, and every word up to the closing mark is
// inside.
func marked(sentences ...string) (*model.Text, model.States) {
	var plain []string
	for _, s := range sentences {
		plain = append(plain, strings.NewReplacer("<", "", ">", "", "{", "", "}", "").Replace(s))
	}
	t := cut(plain...)
	states := model.States{Dim: 6, Data: make([]float32, 6*len(t.Words))}
	// walk both texts side by side
	at := 0
	var open [2]heads.Tag
	for _, r := range strings.Join(sentences, " ") {
		switch r {
		case '<':
			open[0] = heads.Begin
		case '{':
			open[1] = heads.Begin
		case '>':
			open[0] = heads.Outside
		case '}':
			open[1] = heads.Outside
		default:
			for i, w := range t.Words {
				if w.Start != at {
					continue
				}
				for k := range open {
					states.Row(i)[3*k+int(open[k])] = 10
					if open[k] == heads.Begin {
						open[k] = heads.Inside
					}
				}
			}
			at += len(string(r))
		}
	}
	return t, states
}

// reader returns a stage of the types, or of Chemical and Disease, whose head copies the states to
// the scores.
func reader(t testing.TB, types ...string) Stage {
	t.Helper()
	if len(types) == 0 {
		types = []string{chemical, disease}
	}
	n := 3 * len(types)
	dense := make([]float32, n*n)
	for i := range n {
		dense[i*n+i] = 1
	}
	tagger, err := heads.NewTagger(
		types, &heads.Linear{Labels: n, Dim: n, Bias: make([]float32, n), Dense: dense}, heads.NewCRF(len(types)),
	)
	if err != nil {
		t.Fatal(err)
	}
	return New(tagger)
}

func TestAnnotate(t *testing.T) {
	for _, c := range []struct {
		name      string
		sentences []string
		want      []string // "type sentence section text"
	}{
		{"nothing", []string{"Title here", "Nothing is here."}, nil},
		{
			"two types", []string{"<Aspirin> and {renal failure}"},
			[]string{"Chemical 0 0 Aspirin", "Disease 0 0 renal failure"},
		},
		{"side by side", []string{"<aspirin> <ibuprofen>"}, []string{"Chemical 0 0 aspirin", "Chemical 0 0 ibuprofen"}},
		{"nested", []string{"{<cocaine> use disorder}"}, []string{"Disease 0 0 cocaine use disorder"}},
		{
			"sections", []string{"a <b>", "c <d>", "<e> f"},
			[]string{"Chemical 0 0 b", "Chemical 1 1 d", "Chemical 2 1 e"},
		},
		{
			"edges", []string{"saw <aspirin,> and {(renal failure} too"},
			[]string{"Chemical 0 0 aspirin", "Disease 0 0 renal failure"},
		},
		{"brackets", []string{"<(R)-warfarin> <(warfarin)> <iron(III)> <iron)>"},
			[]string{
				"Chemical 0 0 (R)-warfarin", "Chemical 0 0 warfarin", "Chemical 0 0 iron(III)", "Chemical 0 0 iron",
			}},
		{"only marks", []string{"<(-)> and <...>"}, nil},
		{"charge", []string{"free <Ca2+> ions"}, []string{"Chemical 0 0 Ca2+"}},
		{
			"Greek", []string{"the <β-carotene> and {naïveté}"},
			[]string{"Chemical 0 0 β-carotene", "Disease 0 0 naïveté"},
		},
	} {
		text, states := marked(c.sentences...)
		var a schemas.Annotations
		if err := reader(t).Annotate(text, states, &a); err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, m := range a.Mentions {
			if m.ID != i || m.Score < 0.9 || m.Score > 1 {
				t.Errorf("%s: mention %d has id %d and score %v", c.name, i, m.ID, m.Score)
			}
			got = append(
				got,
				m.Type+" "+string('0'+rune(m.Sentence))+" "+string('0'+rune(m.Section))+" "+text.Body[m.Start:m.End],
			)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAnnotateNumbersAllMentions(t *testing.T) {
	text, states := marked("<Aspirin>")
	a := schemas.Annotations{Mentions: []schemas.Mention{{Type: "Gene"}}}
	if err := reader(t).Annotate(text, states, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Mentions) != 2 || a.Mentions[1].ID != 1 {
		t.Errorf("mentions %v", a.Mentions)
	}
}

func TestAnnotateEmptyText(t *testing.T) {
	var a schemas.Annotations
	if err := reader(t).Annotate(&model.Text{}, model.States{Dim: 6}, &a); err != nil || len(a.Mentions) != 0 {
		t.Errorf("%v, %v", a.Mentions, err)
	}
}

func TestStatesOfAnotherModel(t *testing.T) {
	text, _ := marked("<Aspirin>")
	err := reader(t).Annotate(text, model.States{Dim: 2, Data: make([]float32, 2)}, new(schemas.Annotations))
	if err == nil || !strings.Contains(err.Error(), "not of the same model") {
		t.Errorf("error %v", err)
	}
}

package names_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
)

// find returns the mentions of strings given as "Type:text", wherever the text is.
func find(body string, typed ...string) []schemas.Mention {
	var found []schemas.Mention
	for _, n := range typed {
		typ, text, _ := strings.Cut(n, ":")
		for at := 0; ; {
			i := strings.Index(body[at:], text)
			if i < 0 {
				break
			}
			span := schemas.Span{Start: at + i, End: at + i + len(text)}
			at = span.End
			found = append(found, schemas.Mention{ID: len(found), Span: span, Type: typ, Score: 1})
		}
	}
	return found
}

func TestGroupMentions(t *testing.T) {
	body := "Zorvaline and beta-tremor Zorvalines (ZVL), quarx disease (QD) and Beta tremor. ZVL gave QD to QD mice."
	mentions := find(
		body, "Chemical:Zorvaline", "Chemical:ZVL", "Disease:beta-tremor", "Disease:Beta tremor",
		"Disease:quarx disease", "Disease:QD", "Species:mice",
	)
	var got []string
	for _, e := range names.GroupMentions(body, mentions) {
		s := e.Type
		for _, m := range e.Mentions {
			s += "|" + body[m.Start:m.End]
		}
		got = append(got, s)
	}
	want := []string{
		"Chemical|Zorvaline|Zorvaline",
		"Disease|beta-tremor|Beta tremor",
		"Chemical|ZVL|ZVL", // the s of "Zorvalines" is between
		"Disease|quarx disease|QD|QD|QD",
		"Species|mice",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range mentions { // concepts decide where there are any
		mentions[i].Concept = "C1"
	}
	if got := names.GroupMentions(body, mentions); len(got) != 3 {
		t.Errorf("%d entities of one concept and three types", len(got))
	}
}

// Every mention is in one entity, of its type.
func TestGroupMentionsIsTotal(t *testing.T) {
	body := "Zorvaline (ZVL) induced β-tremor. It was bad (QD). ZVL induced QD and β-tremor."
	rapid.Check(t, func(t *rapid.T) {
		var mentions []schemas.Mention
		for i := range rapid.IntRange(0, 8).Draw(t, "mentions") {
			start := rapid.IntRange(0, len(body)-2).Draw(t, "start")
			mentions = append(mentions, schemas.Mention{
				ID: i, Type: rapid.SampledFrom([]string{"Chemical", "Disease", "Gene"}).Draw(t, "type"),
				Span: schemas.Span{Start: start, End: rapid.IntRange(start+1, len(body)).Draw(t, "end")},
			})
		}
		seen := map[int]bool{}
		for _, e := range names.GroupMentions(body, mentions) {
			for _, m := range e.Mentions {
				if m.Type != e.Type || seen[m.ID] {
					t.Fatalf("%+v in %+v", m, e)
				}
				seen[m.ID] = true
			}
		}
		if len(seen) != len(mentions) {
			t.Fatalf("%d of %d mentions", len(seen), len(mentions))
		}
	})
}

func TestKey(t *testing.T) {
	for a, b := range map[string]string{
		"Seizures": "seizure", "beta-catenin": "Beta Catenin", "IL-2": "il2", "arthritis": "Arthritis",
		"β-blockers": "β blocker",
	} {
		if names.Key(a) != names.Key(b) {
			t.Errorf("Key(%q) = %q, Key(%q) = %q", a, names.Key(a), b, names.Key(b))
		}
	}
	for a, b := range map[string]string{"virus": "viru", "gas": "ga", "loss": "los", "+": "-"} {
		if names.Key(a) == names.Key(b) {
			t.Errorf("Key(%q) = Key(%q)", a, b)
		}
	}
}

func TestFold(t *testing.T) {
	if got := names.Fold(" Lung \t cancer\n"); got != "lung cancer" {
		t.Errorf("%q", got)
	}
	if names.FoldCase("ΟΔΟΣ") != names.FoldCase("οδος") || names.FoldCase("a b") == names.FoldCase("a  b") {
		t.Error("FoldCase")
	}
}

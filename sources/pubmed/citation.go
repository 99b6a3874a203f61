package pubmed

import (
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// record gathers what a record says in several places, until finish decides between them.
type record struct {
	doc  *schemas.Document
	cite *schemas.Citation

	title, bookTitle        string
	abstract                []schemas.Section
	pubDate                 dateParts
	isoAbbrev, medlineTA    string
	issnLinking, issn       string
	medlinePgn              string
	startPage, endPage      string
	own                     ids // ELocationID
	listed                  ids // ArticleIdList
	ofBook                  ids // ELocationID of the book that a chapter stands in
	affiliations            []string
	editors, ofBookAuthors  []schemas.Author
	references, printedRefs int
}

// ids are the identifiers of an article beside its PMID.
type ids struct{ doi, pii, pmc string }

// recordFields holds the elements that are a record.
var recordFields = fields[record]{
	"PubmedArticle":     group(fields[record]{"MedlineCitation": medlineCitation, "PubmedData": group(dataFields)}),
	"MedlineCitation":   medlineCitation,
	"PubmedBookArticle": group(fields[record]{"BookDocument": bookDocument, "PubmedBookData": group(dataFields)}),
	"BookDocument":      bookDocument,
}

func medlineCitation(d *decoder, r *record) {
	r.cite.Status = d.attr("Status")
	walk(d, citationFields, r)
}

func pmid(d *decoder, r *record) { d.pmid(r.doc) }

var citationFields = fields[record]{
	"PMID":          pmid,
	"DateCompleted": func(d *decoder, r *record) { r.cite.DateCompleted = d.day() },
	"DateRevised":   func(d *decoder, r *record) { r.cite.DateRevised = d.day() },
	"Article":       group(articleFields),
	"MedlineJournalInfo": group(fields[record]{
		"MedlineTA":   text(func(r *record) *string { return &r.medlineTA }),
		"NlmUniqueID": text(func(r *record) *string { return &r.cite.NLMID }),
		"ISSNLinking": text(func(r *record) *string { return &r.issnLinking }),
	}),
	"ChemicalList":            group(fields[record]{"Chemical": chemical}),
	"SupplMeshList":           group(fields[record]{"SupplMeshName": supplementaryMesh}),
	"CommentsCorrectionsList": group(fields[record]{"CommentsCorrections": correction}),
	"CommentsCorrections":     correction, // until 2009
	"GeneSymbolList": group(fields[record]{
		"GeneSymbol": texts(func(r *record) *[]string { return &r.cite.Genes }),
	}),
	"MeshHeadingList":    group(fields[record]{"MeshHeading": mesh}),
	"NumberOfReferences": func(d *decoder, r *record) { r.printedRefs = number(d.content()) },
	"OtherID":            otherID,
	"OtherAbstract":      otherAbstract,
	"KeywordList":        keywords,
	"CoiStatement":       text(func(r *record) *string { return &r.cite.COI }),
	"InvestigatorList":   people(func(r *record) *[]schemas.Author { return &r.cite.Investigators }),
}

var articleFields = fields[record]{
	"Journal": group(fields[record]{
		"ISSN": text(func(r *record) *string { return &r.issn }),
		"JournalIssue": group(fields[record]{
			"Volume":  text(func(r *record) *string { return &r.cite.Volume }),
			"Issue":   text(func(r *record) *string { return &r.cite.Issue }),
			"PubDate": pubDate,
		}),
		"Title":           text(func(r *record) *string { return &r.cite.Journal }),
		"ISOAbbreviation": text(func(r *record) *string { return &r.isoAbbrev }),
	}),
	"ArticleTitle":        text(func(r *record) *string { return &r.title }),
	"Pagination":          group(paginationFields),
	"ELocationID":         location(func(r *record) *ids { return &r.own }),
	"Abstract":            group(abstractFields),
	"Affiliation":         texts(func(r *record) *[]string { return &r.affiliations }), // until 2013: the first author's
	"AuthorList":          people(func(r *record) *[]schemas.Author { return &r.cite.Authors }),
	"Language":            texts(func(r *record) *[]string { return &r.cite.Language }),
	"DataBankList":        group(fields[record]{"DataBank": dataBank}),
	"GrantList":           group(fields[record]{"Grant": grant}),
	"PublicationTypeList": group(fields[record]{"PublicationType": publicationType}),
	"VernacularTitle":     text(func(r *record) *string { return &r.cite.VernacularTitle }),
}

var abstractFields = fields[record]{
	"AbstractText": func(d *decoder, r *record) {
		s := schemas.Section{Kind: schemas.KindAbstract, Label: d.attr("Label"), Category: d.attr("NlmCategory")}
		if s.Text = d.content(); s.Text != "" {
			r.abstract = append(r.abstract, s)
		}
	},
	"CopyrightInformation": text(func(r *record) *string { return &r.cite.Copyright }),
}

var paginationFields = fields[record]{
	"MedlinePgn": text(func(r *record) *string { return &r.medlinePgn }),
	"StartPage":  text(func(r *record) *string { return &r.startPage }),
	"EndPage":    text(func(r *record) *string { return &r.endPage }),
}

// dataFields is PubmedData and PubmedBookData.
var dataFields = fields[record]{
	"History":           group(fields[record]{"PubMedPubDate": historyDate}),
	"PublicationStatus": text(func(r *record) *string { return &r.cite.PublicationStatus }),
	"ArticleIdList":     articleIDs,
	"ReferenceList":     referenceList,
}

var articleIDs = group(fields[record]{"ArticleId": func(d *decoder, r *record) {
	r.listed.set(d.attr("IdType"), d.content())
}})

// location reads an ELocationID, unless the publisher withdrew it.
func location(at func(*record) *ids) field[record] {
	return func(d *decoder, r *record) {
		kind, valid := d.attr("EIdType"), d.attr("ValidYN") != "N"
		if id := d.content(); valid {
			at(r).set(kind, id)
		}
	}
}

// set keeps the first identifier of a kind.
func (i *ids) set(kind, id string) {
	for _, slot := range [...]struct {
		kind string
		at   *string
	}{{"doi", &i.doi}, {"pii", &i.pii}, {"pmc", &i.pmc}} {
		if slot.kind == kind && *slot.at == "" {
			*slot.at = id
		}
	}
}

// otherID finds the PMCID of records that come without PubmedData: "PMC1234567 [Available on 03/01/15]".
func otherID(d *decoder, r *record) {
	source := d.attr("Source")
	if id, _, _ := strings.Cut(d.content(), " "); source == "NLM" && strings.HasPrefix(id, "PMC") {
		r.own.set("pmc", id)
	}
}

func pubDate(d *decoder, r *record) { walk(d, dateFields, &r.pubDate) }

// finish decides where a record says the same thing in several places, and builds the sections.
func (r *record) finish() {
	c := r.cite
	c.JournalAbbrev = first(r.isoAbbrev, r.medlineTA)
	c.ISSN = first(r.issnLinking, r.issn)
	c.Pages = first(r.medlinePgn, pages(r.startPage, r.endPage))
	c.DOI = first(r.own.doi, r.listed.doi)
	c.PII = first(r.own.pii, r.listed.pii)
	c.PMCID = first(r.listed.pmc, r.own.pmc)
	c.ReferenceCount = int32(r.references)
	if r.references == 0 {
		c.ReferenceCount = int32(min(r.printedRefs, 1<<20))
	}
	if c.IsBook {
		r.finishBook()
	}
	c.Affiliations = distinct(r.affiliations, c.Authors)

	p := parsePubDate(r.pubDate)
	c.PubDateRaw, c.PubYear, c.PubDate, c.PubDatePrecision = r.pubDate.raw(), int16(p.year), p.date, p.precision
	r.doc.Sections = append([]schemas.Section{{Kind: schemas.KindTitle, Text: r.title}}, r.abstract...)
}

func first(choices ...string) string {
	for _, s := range choices {
		if s != "" {
			return s
		}
	}
	return ""
}

func pages(from, to string) string {
	if to == "" || to == from {
		return from
	}
	return from + "-" + to
}

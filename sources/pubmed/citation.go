package pubmed

import (
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// record collects values that a record has in several places, until finish chooses among them.
type record struct {
	doc  *schemas.Document
	cite *schemas.Citation

	title                  string
	abstract               []schemas.Section
	pubDate                dateParts
	isoAbbrev, issnLinking string
	medlinePgn             string
	startPage, endPage     string
	own                    ids // ELocationID
	listed                 ids // ArticleIdList
	ofBook                 ids // ELocationID of the book of a chapter, which is not the chapter's
	affiliations           []string
	printedRefs            int
}

// ids are the identifiers of an article other than its PMID.
type ids struct{ doi, pii, pmc string }

// recordFields are the elements of records.
var recordFields = fields[record]{
	"PubmedArticle":     group(fields[record]{"MedlineCitation": medlineCitation, "PubmedData": group(dataFields)}),
	"MedlineCitation":   medlineCitation,
	"PubmedBookArticle": group(fields[record]{"BookDocument": bookDocument, "PubmedBookData": group(dataFields)}),
	"BookDocument":      bookDocument,
}

func medlineCitation(d *decoder, r *record) {
	c := r.cite
	c.Status, c.Owner, c.IndexingMethod = d.attr("Status"), d.attrOr("Owner", "NLM"), d.attr("IndexingMethod")
	c.VersionID, c.VersionDate = d.attr("VersionID"), d.attr("VersionDate")
	walk(d, citationFields, r)
}

func pmid(d *decoder, r *record) { d.pmid(r.doc) }

var citationFields = fields[record]{
	"PMID":          pmid,
	"DateCompleted": func(d *decoder, r *record) { r.cite.DateCompleted = d.day() },
	"DateRevised":   func(d *decoder, r *record) { r.cite.DateRevised = d.day() },
	"Article": func(d *decoder, r *record) {
		r.cite.PubModel = d.attr("PubModel")
		walk(d, articleFields, r)
	},
	"MedlineJournalInfo": group(fields[record]{
		"Country":     text(func(r *record) *string { return &r.cite.JournalCountry }),
		"MedlineTA":   text(func(r *record) *string { return &r.cite.MedlineTA }),
		"NlmUniqueID": text(func(r *record) *string { return &r.cite.NLMID }),
		"ISSNLinking": text(func(r *record) *string { return &r.issnLinking }),
	}),
	"CitationSubset":          texts(func(r *record) *[]string { return &r.cite.CitationSubsets }),
	"ChemicalList":            group(fields[record]{"Chemical": chemical}),
	"SupplMeshList":           group(fields[record]{"SupplMeshName": supplementaryMesh}),
	"CommentsCorrectionsList": group(fields[record]{"CommentsCorrections": correction}),
	"CommentsCorrections":     correction, // until 2009
	"GeneSymbolList": group(fields[record]{
		"GeneSymbol": texts(func(r *record) *[]string { return &r.cite.Genes }),
	}),
	"MeshHeadingList":    group(fields[record]{"MeshHeading": mesh}),
	"NumberOfReferences": func(d *decoder, r *record) { r.printedRefs = number(d.content()) },
	"PersonalNameSubjectList": group(fields[record]{
		"PersonalNameSubject": each(
			func(r *record) *[]schemas.Author { return &r.cite.NameSubjects }, beginAuthor, authorFields,
		),
	}),
	"OtherID":            otherID,
	"OtherAbstract":      otherAbstract,
	"KeywordList":        keywords,
	"CoiStatement":       text(func(r *record) *string { return &r.cite.COI }),
	"SpaceFlightMission": texts(func(r *record) *[]string { return &r.cite.SpaceFlights }),
	"InvestigatorList":   people(func(r *record) *[]schemas.Author { return &r.cite.Investigators }),
	"GeneralNote":        generalNote,
}

var articleFields = fields[record]{
	"Journal": group(fields[record]{
		"ISSN": func(d *decoder, r *record) {
			kind := d.attr("IssnType")
			if r.cite.JournalISSN = d.content(); r.cite.JournalISSN != "" {
				r.cite.ISSNType = kind
			}
		},
		"JournalIssue": func(d *decoder, r *record) {
			r.cite.CitedMedium = d.attr("CitedMedium")
			walk(d, issueFields, r)
		},
		"Title":           text(func(r *record) *string { return &r.cite.Journal }),
		"ISOAbbreviation": text(func(r *record) *string { return &r.isoAbbrev }),
	}),
	"ArticleTitle": text(func(r *record) *string { return &r.title }),
	"Pagination":   group(paginationFields),
	"ELocationID": location(
		func(r *record) (*ids, *[]schemas.ELocationID) { return &r.own, &r.cite.ELocationIDs },
	),
	"Abstract": group(abstractFields),
	"Affiliation": texts(
		func(r *record) *[]string { return &r.affiliations },
	), // until 2013: the first author's
	"AuthorList": authorsOrEditors(func(r *record) *[]schemas.Author { return &r.cite.Authors }),
	"Language":   texts(func(r *record) *[]string { return &r.cite.Language }),
	"DataBankList": list(
		func(r *record) *bool { return &r.cite.DataBanksIncomplete }, fields[record]{"DataBank": dataBank},
	),
	"GrantList":           grantList,
	"PublicationTypeList": group(fields[record]{"PublicationType": publicationType}),
	"VernacularTitle":     text(func(r *record) *string { return &r.cite.VernacularTitle }),
	"ArticleDate": func(d *decoder, r *record) {
		a := schemas.ArticleDate{Type: d.attrOr("DateType", "Electronic")}
		a.Date = d.day()
		r.cite.ArticleDates = append(r.cite.ArticleDates, a)
	},
}

var issueFields = fields[record]{
	"Volume":  text(func(r *record) *string { return &r.cite.Volume }),
	"Issue":   text(func(r *record) *string { return &r.cite.Issue }),
	"PubDate": pubDate,
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

// dataFields are the children of PubmedData and PubmedBookData.
var dataFields = fields[record]{
	"History":           group(fields[record]{"PubMedPubDate": historyDate}),
	"PublicationStatus": text(func(r *record) *string { return &r.cite.PublicationStatus }),
	"ArticleIdList":     articleIDs,
	"ObjectList":        group(fields[record]{"Object": object}),
	"ReferenceList":     referenceList,
}

var articleIDs = group(fields[record]{"ArticleId": func(d *decoder, r *record) {
	id := schemas.ArticleID{Type: d.attrOr("IdType", "pubmed")}
	if id.ID = d.content(); id.ID != "" {
		r.cite.ArticleIDs = append(r.cite.ArticleIDs, id)
		r.listed.set(id.Type, id.ID)
	}
}})

// location reads an ELocationID. One that is not valid is used neither as DOI nor as PII.
func location(at func(*record) (*ids, *[]schemas.ELocationID)) field[record] {
	return func(d *decoder, r *record) {
		e := schemas.ELocationID{Type: d.attr("EIdType"), Valid: !d.attrIs("ValidYN", "N")}
		if e.ID = d.content(); e.ID == "" {
			return
		}
		chosen, all := at(r)
		*all = append(*all, e)
		if e.Valid {
			chosen.set(e.Type, e.ID)
		}
	}
}

// set sets an identifier that is not set yet.
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

// otherID reads the PMCID of records without PubmedData: "PMC1234567 [Available on 03/01/15]".
func otherID(d *decoder, r *record) {
	other := schemas.Identifier{Source: d.attr("Source")}
	if other.ID = d.content(); other.ID == "" {
		return
	}
	r.cite.OtherIDs = append(r.cite.OtherIDs, other)
	if id, _, _ := strings.Cut(other.ID, " "); other.Source == "NLM" && strings.HasPrefix(id, "PMC") {
		r.own.set("pmc", id)
	}
}

func pubDate(d *decoder, r *record) { walk(d, dateFields, &r.pubDate) }

// finish chooses among values that a record has in several places, and builds the sections.
func (r *record) finish() {
	c := r.cite
	c.JournalAbbrev = first(r.isoAbbrev, c.MedlineTA)
	c.ISSN = first(r.issnLinking, c.JournalISSN)
	c.Pages = first(r.medlinePgn, pages(r.startPage, r.endPage))
	c.DOI = first(r.own.doi, r.listed.doi)
	c.PII = first(r.own.pii, r.listed.pii)
	c.PMCID = first(r.listed.pmc, r.own.pmc)
	c.ReferenceCount = int32(len(c.References))
	if c.ReferenceCount == 0 {
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

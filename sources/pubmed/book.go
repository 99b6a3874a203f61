package pubmed

import "github.com/pubmine/pubmine/schemas"

func bookDocument(d *decoder, r *record) {
	r.cite.IsBook = true
	walk(d, bookDocumentFields, r)
}

var bookDocumentFields = fields[record]{
	"PMID":             pmid,
	"ArticleIdList":    articleIDs,
	"Book":             group(bookFields),
	"ArticleTitle":     text(func(r *record) *string { return &r.title }),
	"VernacularTitle":  text(func(r *record) *string { return &r.cite.VernacularTitle }),
	"Pagination":       group(paginationFields),
	"Language":         texts(func(r *record) *[]string { return &r.cite.Language }),
	"AuthorList":       authorsOrEditors(func(r *record) *[]schemas.Author { return &r.cite.Authors }),
	"InvestigatorList": people(func(r *record) *[]schemas.Author { return &r.cite.Investigators }),
	"PublicationType":  publicationType,
	"Abstract":         group(abstractFields),
	"KeywordList":      keywords,
	"DateRevised":      func(d *decoder, r *record) { r.cite.DateRevised = d.day() },
	"GrantList":        group(fields[record]{"Grant": grant}),
	"ReferenceList":    referenceList,
}

var bookFields = fields[record]{
	"BookTitle":   text(func(r *record) *string { return &r.bookTitle }),
	"PubDate":     pubDate,
	"AuthorList":  authorsOrEditors(func(r *record) *[]schemas.Author { return &r.ofBookAuthors }),
	"Volume":      text(func(r *record) *string { return &r.cite.Volume }),
	"ELocationID": location(func(r *record) *ids { return &r.ofBook }),
}

// authorsOrEditors reads an AuthorList by its Type, which is absent for authors.
func authorsOrEditors(at func(*record) *[]schemas.Author) field[record] {
	authors, editors := people(at), people(func(r *record) *[]schemas.Author { return &r.editors })
	return func(d *decoder, r *record) {
		if d.attr("Type") == "editors" {
			editors(d, r)
		} else {
			authors(d, r)
		}
	}
}

// finishBook tells a chapter, which has a title of its own, from a whole book.
func (r *record) finishBook() {
	c := r.cite
	if r.title == "" {
		r.title = r.bookTitle
		c.DOI, c.PII = first(c.DOI, r.ofBook.doi), first(c.PII, r.ofBook.pii)
	} else {
		c.Journal = r.bookTitle
	}
	for _, people := range [...][]schemas.Author{r.ofBookAuthors, r.editors} {
		if len(c.Authors) == 0 {
			c.Authors = people
		}
	}
}

package pubmed

import "github.com/pubmine/pubmine/schemas"

func bookDocument(d *decoder, r *record) {
	r.cite.IsBook, r.cite.Book = true, new(schemas.Book)
	walk(d, bookDocumentFields, r)
}

var bookDocumentFields = fields[record]{
	"PMID":             pmid,
	"ArticleIdList":    articleIDs,
	"Book":             group(bookFields),
	"LocationLabel":    locationLabel,
	"ArticleTitle":     text(func(r *record) *string { return &r.title }),
	"VernacularTitle":  text(func(r *record) *string { return &r.cite.VernacularTitle }),
	"Pagination":       group(paginationFields),
	"Language":         texts(func(r *record) *[]string { return &r.cite.Language }),
	"AuthorList":       authorsOrEditors(func(r *record) *[]schemas.Author { return &r.cite.Authors }),
	"InvestigatorList": people(func(r *record) *[]schemas.Author { return &r.cite.Investigators }),
	"PublicationType":  publicationType,
	"Abstract":         group(abstractFields),
	"Sections":         group(fields[record]{"Section": contents(0)}),
	"KeywordList":      keywords,
	"ContributionDate": printedDate(func(b *schemas.Book) *string { return &b.ContributionDate }),
	"DateRevised":      func(d *decoder, r *record) { r.cite.DateRevised = d.day() },
	"GrantList":        grantList,
	"ItemList":         items,
	"ReferenceList":    referenceList,
}

var bookFields = fields[record]{
	"Publisher": group(fields[record]{
		"PublisherName":     ofBook(func(b *schemas.Book) *string { return &b.Publisher }),
		"PublisherLocation": ofBook(func(b *schemas.Book) *string { return &b.PublisherLocation }),
	}),
	"BookTitle":        ofBook(func(b *schemas.Book) *string { return &b.Title }),
	"PubDate":          pubDate,
	"BeginningDate":    printedDate(func(b *schemas.Book) *string { return &b.BeginningDate }),
	"EndingDate":       printedDate(func(b *schemas.Book) *string { return &b.EndingDate }),
	"AuthorList":       authorsOrEditors(func(r *record) *[]schemas.Author { return &r.cite.Book.Authors }),
	"InvestigatorList": people(func(r *record) *[]schemas.Author { return &r.cite.Book.Investigators }),
	"Volume":           text(func(r *record) *string { return &r.cite.Volume }),
	"VolumeTitle":      ofBook(func(b *schemas.Book) *string { return &b.VolumeTitle }),
	"Edition":          ofBook(func(b *schemas.Book) *string { return &b.Edition }),
	"CollectionTitle":  ofBook(func(b *schemas.Book) *string { return &b.CollectionTitle }),
	"Isbn":             texts(func(r *record) *[]string { return &r.cite.Book.ISBNs }),
	"ELocationID": location(
		func(r *record) (*ids, *[]schemas.ELocationID) { return &r.ofBook, &r.cite.Book.ELocationIDs },
	),
	"Medium":       ofBook(func(b *schemas.Book) *string { return &b.Medium }),
	"ReportNumber": ofBook(func(b *schemas.Book) *string { return &b.ReportNumber }),
}

// ofBook reads the content into a string of the book.
func ofBook(at func(*schemas.Book) *string) field[record] {
	return text(func(r *record) *string { return at(r.cite.Book) })
}

// printedDate reads a date as printed.
func printedDate(at func(*schemas.Book) *string) field[record] {
	return func(d *decoder, r *record) {
		var p dateParts
		walk(d, dateFields, &p)
		*at(r.cite.Book) = p.raw()
	}
}

var locationLabel = leaf(func(r *record) *[]schemas.Location { return &r.cite.Book.Locations },
	func(d *decoder) schemas.Location { return schemas.Location{Type: d.attr("Type")} },
	func(l *schemas.Location) *string { return &l.Text })

// items reads one of several lists, each with a type.
func items(d *decoder, r *record) {
	kind := d.attr("ListType")
	walk(d, fields[record]{"Item": leaf(func(r *record) *[]schemas.Item { return &r.cite.Book.Items },
		func(*decoder) schemas.Item { return schemas.Item{List: kind} },
		func(i *schemas.Item) *string { return &i.Text })}, r)
}

// contents reads a Section and its subsections into a flat list.
func contents(depth int32) field[record] {
	return func(d *decoder, r *record) {
		at := len(r.cite.Book.Contents)
		r.cite.Book.Contents = append(r.cite.Book.Contents, schemas.Heading{Depth: depth})
		heading := func() *schemas.Heading { return &r.cite.Book.Contents[at] }
		walk(d, fields[record]{
			"LocationLabel": func(d *decoder, _ *record) {
				heading().LabelType = d.attr("Type")
				heading().Label = d.content()
			},
			"SectionTitle": text(func(*record) *string { return &heading().Title }),
			"Section":      contents(depth + 1),
		}, r)
	}
}

// finishBook distinguishes a chapter, which has its own title, from a book.
func (r *record) finishBook() {
	c := r.cite
	if r.title == "" {
		r.title = c.Book.Title
		c.DOI, c.PII = first(c.DOI, r.ofBook.doi), first(c.PII, r.ofBook.pii)
	} else {
		c.Journal = c.Book.Title
	}
	for _, people := range [...][]schemas.Author{c.Book.Authors, c.Editors} {
		if len(c.Authors) == 0 {
			c.Authors = people
		}
	}
}

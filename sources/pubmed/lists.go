package pubmed

import (
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

var authorFields = fields[schemas.Author]{
	"LastName":       text(func(a *schemas.Author) *string { return &a.LastName }),
	"ForeName":       text(func(a *schemas.Author) *string { return &a.ForeName }),
	"FirstName":      text(func(a *schemas.Author) *string { return &a.ForeName }), // until 2003
	"Initials":       text(func(a *schemas.Author) *string { return &a.Initials }),
	"Suffix":         text(func(a *schemas.Author) *string { return &a.Suffix }),
	"CollectiveName": text(func(a *schemas.Author) *string { return &a.CollectiveName }),
	"Affiliation":    texts(func(a *schemas.Author) *[]string { return &a.Affiliations }), // until 2014
	"AffiliationInfo": group(fields[schemas.Author]{
		"Affiliation": texts(func(a *schemas.Author) *[]string { return &a.Affiliations }),
		"Identifier":  func(d *decoder, a *schemas.Author) { identifier(d, a) },
	}),
	"Identifier": func(d *decoder, a *schemas.Author) {
		if id := identifier(d, a); id.Source == "ORCID" && a.ORCID == "" {
			a.ORCID = orcid(id.ID)
		}
	},
}

// identifier reads an identifier of a person or of the affiliation.
func identifier(d *decoder, a *schemas.Author) schemas.Identifier {
	id := schemas.Identifier{Source: d.attr("Source")}
	if id.ID = d.content(); id.ID != "" {
		a.Identifiers = append(a.Identifiers, id)
	}
	return id
}

func beginAuthor(d *decoder) schemas.Author {
	return schemas.Author{Valid: !d.attrIs("ValidYN", "N"), EqualContrib: d.attrIs("EqualContrib", "Y")}
}

// people reads an AuthorList or InvestigatorList.
func people(at func(*record) *[]schemas.Author) field[record] {
	one := each(at, beginAuthor, authorFields)
	return group(fields[record]{"Author": one, "Investigator": one})
}

// authorsOrEditors reads an AuthorList by its Type, which is absent for authors.
func authorsOrEditors(at func(*record) *[]schemas.Author) field[record] {
	authors, editors := people(at), people(func(r *record) *[]schemas.Author { return &r.cite.Editors })
	return func(d *decoder, r *record) {
		incomplete(d, &r.cite.AuthorsIncomplete)
		if d.attrIs("Type", "editors") {
			editors(d, r)
		} else {
			authors(d, r)
		}
	}
}

// incomplete sets a flag if a list declares that it is not complete.
func incomplete(d *decoder, at *bool) {
	if d.attrIs("CompleteYN", "N") {
		*at = true
	}
}

// list reads a list that may declare that it is not complete.
func list[T any](at func(*T) *bool, f fields[T]) field[T] {
	return func(d *decoder, into *T) {
		incomplete(d, at(into))
		walk(d, f, into)
	}
}

// orcid converts the printed forms (a URL, without hyphens) to 0000-0000-0000-000X, and anything
// else to "".
func orcid(printed string) string {
	digits := strings.ReplaceAll(printed[strings.LastIndexByte(printed, '/')+1:], "-", "")
	if len(digits) != 16 {
		return ""
	}
	for i, c := range digits {
		if (c < '0' || c > '9') && (i < 15 || c != 'X' && c != 'x') {
			return ""
		}
	}
	digits = strings.ToUpper(digits)
	return digits[:4] + "-" + digits[4:8] + "-" + digits[8:12] + "-" + digits[12:]
}

var meshFields = fields[schemas.MeshHeading]{
	"DescriptorName": func(d *decoder, m *schemas.MeshHeading) {
		m.UI, m.Type, m.Major, m.Auto = d.attr("UI"), d.attr("Type"), d.attrIs(
			"MajorTopicYN", "Y",
		), d.attrIs("AutoHM", "Y")
		m.Name = d.content()
	},
	"QualifierName": leaf(func(m *schemas.MeshHeading) *[]schemas.MeshQualifier { return &m.Qualifiers },
		func(d *decoder) schemas.MeshQualifier {
			return schemas.MeshQualifier{
				UI: d.attr("UI"), Major: d.attrIs("MajorTopicYN", "Y"), Auto: d.attrIs("AutoHM", "Y"),
			}
		},
		func(q *schemas.MeshQualifier) *string { return &q.Name }),
}

var mesh = each(func(r *record) *[]schemas.MeshHeading { return &r.cite.Mesh },
	func(*decoder) schemas.MeshHeading { return schemas.MeshHeading{} }, meshFields)

var supplementaryMesh = leaf(func(r *record) *[]schemas.SupplementaryMesh { return &r.cite.SupplementaryMesh },
	func(d *decoder) schemas.SupplementaryMesh {
		return schemas.SupplementaryMesh{UI: d.attr("UI"), Type: d.attr("Type")}
	},
	func(s *schemas.SupplementaryMesh) *string { return &s.Name })

var chemical = each(func(r *record) *[]schemas.Chemical { return &r.cite.Chemicals },
	func(*decoder) schemas.Chemical { return schemas.Chemical{} },
	fields[schemas.Chemical]{
		"RegistryNumber": func(d *decoder, c *schemas.Chemical) {
			if number := d.content(); number != "0" {
				c.Registry = number
			}
		},
		"NameOfSubstance": func(d *decoder, c *schemas.Chemical) {
			c.UI = d.attr("UI")
			c.Name = d.content()
		},
	})

// keywords reads one of several lists, each with an owner.
func keywords(d *decoder, r *record) {
	owner := d.attrOr("Owner", "NLM")
	walk(d, fields[record]{"Keyword": leaf(func(r *record) *[]schemas.Keyword { return &r.cite.Keywords },
		func(d *decoder) schemas.Keyword {
			return schemas.Keyword{Owner: owner, Major: d.attrIs("MajorTopicYN", "Y")}
		},
		func(k *schemas.Keyword) *string { return &k.Text })}, r)
}

// retractedUI is MeSH's "Retracted Publication".
const retractedUI = "D016441"

func publicationType(d *decoder, r *record) {
	p := schemas.PublicationType{UI: d.attr("UI")}
	if p.Name = d.content(); p.Name == "" {
		return
	}
	r.cite.PublicationTypes = append(r.cite.PublicationTypes, p)
	if p.UI == retractedUI || p.Name == "Retracted Publication" {
		r.cite.IsRetracted = true
	}
}

var grant = each(func(r *record) *[]schemas.Grant { return &r.cite.Grants },
	func(*decoder) schemas.Grant { return schemas.Grant{} },
	fields[schemas.Grant]{
		"GrantID": text(func(g *schemas.Grant) *string { return &g.ID }),
		"Acronym": text(func(g *schemas.Grant) *string { return &g.Acronym }),
		"Agency":  text(func(g *schemas.Grant) *string { return &g.Agency }),
		"Country": text(func(g *schemas.Grant) *string { return &g.Country }),
	})

var grantList = list(func(r *record) *bool { return &r.cite.GrantsIncomplete }, fields[record]{"Grant": grant})

var dataBank = each(func(r *record) *[]schemas.DataBank { return &r.cite.DataBanks },
	func(*decoder) schemas.DataBank { return schemas.DataBank{} },
	fields[schemas.DataBank]{
		"DataBankName": text(func(b *schemas.DataBank) *string { return &b.Name }),
		"AccessionNumberList": group(fields[schemas.DataBank]{
			"AccessionNumber": texts(func(b *schemas.DataBank) *[]string { return &b.Accessions }),
		}),
	})

var correctionFields = fields[schemas.Correction]{
	"RefSource": text(func(c *schemas.Correction) *string { return &c.Source }),
	"Note":      text(func(c *schemas.Correction) *string { return &c.Note }),
	"PMID": func(d *decoder, c *schemas.Correction) {
		if id, err := strconv.ParseInt(d.content(), 10, 32); err == nil && id > 0 {
			c.PMID = int32(id)
		}
	},
}

// correction reads a CommentsCorrections element. Until 2009 a record had one for all, and the kind
// was the name of a child:
// <CommentsCorrections><CommentIn>…</CommentIn><ErratumIn>…</ErratumIn></CommentsCorrections>.
func correction(d *decoder, r *record) {
	c := schemas.Correction{RefType: d.attr("RefType")}
	if c.RefType != "" {
		walk(d, correctionFields, &c)
		r.correct(c)
		return
	}
	for {
		switch d.next() {
		case start:
			old := schemas.Correction{RefType: string(d.name)}
			walk(d, correctionFields, &old)
			r.correct(old)
		case chars:
		default:
			return
		}
	}
}

func (r *record) correct(c schemas.Correction) {
	r.cite.Corrections = append(r.cite.Corrections, c)
	switch c.RefType {
	case "RetractionIn", "RetractedandRepublishedIn":
		r.cite.IsRetracted = true
	case "ExpressionOfConcernIn":
		r.cite.HasConcern = true
	}
}

func otherAbstract(d *decoder, r *record) {
	other := schemas.OtherAbstract{Type: d.attr("Type"), Language: d.attrOr("Language", "eng")}
	var parts []string
	walk(d, fields[schemas.OtherAbstract]{
		"AbstractText":         texts(func(*schemas.OtherAbstract) *[]string { return &parts }),
		"CopyrightInformation": text(func(o *schemas.OtherAbstract) *string { return &o.Copyright }),
	}, &other)
	if other.Text = strings.Join(parts, " "); other.Text != "" || other.Copyright != "" {
		r.cite.OtherAbstracts = append(r.cite.OtherAbstracts, other)
	}
}

func historyDate(d *decoder, r *record) {
	h := schemas.HistoryDate{Status: d.attr("PubStatus")}
	h.Date = d.day()
	r.cite.History = append(r.cite.History, h)
	if h.Status == "retracted" {
		r.cite.IsRetracted = true
	}
}

// referenceFields are the children of a list of references, which may have sublists.
var referenceFields = fields[record]{
	"Reference": each(func(r *record) *[]schemas.Reference { return &r.cite.References },
		func(*decoder) schemas.Reference { return schemas.Reference{} },
		fields[schemas.Reference]{
			"Citation":      text(func(r *schemas.Reference) *string { return &r.Citation }),
			"ArticleIdList": group(fields[schemas.Reference]{"ArticleId": articleID}),
		}),
}

func referenceList(d *decoder, r *record) {
	for {
		switch d.next() {
		case start:
			if string(d.name) == "ReferenceList" {
				referenceList(d, r)
			} else if read := referenceFields[string(d.name)]; read != nil {
				read(d, r)
			} else {
				d.skip()
			}
		case chars:
		default:
			return
		}
	}
}

var articleID = leaf(func(r *schemas.Reference) *[]schemas.ArticleID { return &r.IDs },
	func(d *decoder) schemas.ArticleID { return schemas.ArticleID{Type: d.attrOr("IdType", "pubmed")} },
	func(a *schemas.ArticleID) *string { return &a.ID })

var generalNote = leaf(func(r *record) *[]schemas.GeneralNote { return &r.cite.GeneralNotes },
	func(d *decoder) schemas.GeneralNote { return schemas.GeneralNote{Owner: d.attrOr("Owner", "NLM")} },
	func(n *schemas.GeneralNote) *string { return &n.Text })

var object = each(func(r *record) *[]schemas.Object { return &r.cite.Objects },
	func(d *decoder) schemas.Object { return schemas.Object{Type: d.attr("Type")} },
	fields[schemas.Object]{"Param": leaf(func(o *schemas.Object) *[]schemas.Param { return &o.Params },
		func(d *decoder) schemas.Param { return schemas.Param{Name: d.attr("Name")} },
		func(p *schemas.Param) *string { return &p.Value })})

// distinct returns the affiliations of the article and of its authors, without repeats.
func distinct(own []string, authors []schemas.Author) []string {
	seen := make(map[string]bool)
	var all []string
	add := func(list []string) {
		for _, a := range list {
			if !seen[a] {
				seen[a] = true
				all = append(all, a)
			}
		}
	}
	add(own)
	for _, a := range authors {
		add(a.Affiliations)
	}
	return all
}

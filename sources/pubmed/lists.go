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
	}),
	"Identifier": func(d *decoder, a *schemas.Author) {
		isORCID := d.attr("Source") == "ORCID"
		if id := d.content(); isORCID && a.ORCID == "" {
			a.ORCID = orcid(id)
		}
	},
}

func beginAuthor(d *decoder) schemas.Author { return schemas.Author{Valid: d.attr("ValidYN") != "N"} }

// people reads an AuthorList or InvestigatorList.
func people(at func(*record) *[]schemas.Author) field[record] {
	one := each(at, beginAuthor, authorFields)
	return group(fields[record]{"Author": one, "Investigator": one})
}

// orcid brings the printed forms (a URL, without hyphens) to 0000-0000-0000-000X, or to "" when it is none.
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
		m.UI, m.Major = d.attr("UI"), d.attr("MajorTopicYN") == "Y"
		m.Name = d.content()
	},
	"QualifierName": leaf(func(m *schemas.MeshHeading) *[]schemas.MeshQualifier { return &m.Qualifiers },
		func(d *decoder) schemas.MeshQualifier {
			return schemas.MeshQualifier{UI: d.attr("UI"), Major: d.attr("MajorTopicYN") == "Y"}
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

// keywords reads one of possibly several lists, each with its owner.
func keywords(d *decoder, r *record) {
	owner := d.attrOr("Owner", "NLM")
	walk(d, fields[record]{"Keyword": leaf(func(r *record) *[]schemas.Keyword { return &r.cite.Keywords },
		func(d *decoder) schemas.Keyword {
			return schemas.Keyword{Owner: owner, Major: d.attr("MajorTopicYN") == "Y"}
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

// correction reads a CommentsCorrections element. Until 2009 there was one for all, and the kind was the name of a child:
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
	if c.RefType == "RetractionIn" || c.RefType == "RetractedandRepublishedIn" {
		r.cite.IsRetracted = true
	}
}

func otherAbstract(d *decoder, r *record) {
	other := schemas.OtherAbstract{Type: d.attr("Type"), Language: d.attrOr("Language", "eng")}
	var parts []string
	walk(d, fields[[]string]{"AbstractText": texts(func(p *[]string) *[]string { return p })}, &parts)
	if other.Text = strings.Join(parts, " "); other.Text != "" {
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

// referenceList counts the references of a list, which may hold further lists.
func referenceList(d *decoder, r *record) {
	for depth := 1; depth > 0; {
		switch d.next() {
		case start:
			if string(d.name) == "Reference" {
				r.references++
			}
			depth++
		case end:
			depth--
		case none:
			return
		}
	}
}

// distinct returns the affiliations of the article itself and of its authors, each once.
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

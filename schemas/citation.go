package schemas

// Citation is what PubMed says about a document beside its text: every bibliographic column of table documents.
// The struct is the single definition of those columns: parquet tags here, the Arrow view derived from them.
// A column tagged optional is null where the record does not say.
type Citation struct {
	Language          []string            `parquet:"language,list"`                // ISO 639-2/B, as printed: "eng"
	Journal           string              `parquet:"journal,optional,dict"`        // Journal/Title
	JournalAbbrev     string              `parquet:"journal_abbrev,optional,dict"` // ISOAbbreviation, else MedlineTA
	ISSN              string              `parquet:"issn,optional,dict"`           // ISSNLinking, else Journal/ISSN
	NLMID             string              `parquet:"nlm_id,optional,dict"`         // NlmUniqueID
	Volume            string              `parquet:"volume,optional"`
	Issue             string              `parquet:"issue,optional"`
	Pages             string              `parquet:"pages,optional"` // MedlinePgn, else StartPage-EndPage
	PubYear           int16               `parquet:"pub_year,optional"`
	PubDateRaw        string              `parquet:"pub_date_raw,optional"`            // as printed: "1998 Dec-1999 Jan"
	PubDate           *Date               `parquet:"pub_date,optional,date"`           // first day of what is known
	PubDatePrecision  string              `parquet:"pub_date_precision,optional,dict"` // day, month, season, year
	DateRevised       *Date               `parquet:"date_revised,optional,date"`
	DateCompleted     *Date               `parquet:"date_completed,optional,date"`
	DOI               string              `parquet:"doi,optional"` // the article's own, never one of its references
	PMCID             string              `parquet:"pmcid,optional"`
	PII               string              `parquet:"pii,optional"`
	Authors           []Author            `parquet:"authors,list"`
	Affiliations      []string            `parquet:"affiliations,list"` // distinct, in order of first appearance
	Mesh              []MeshHeading       `parquet:"mesh,list"`
	SupplementaryMesh []SupplementaryMesh `parquet:"supplementary_mesh,list"`
	Chemicals         []Chemical          `parquet:"chemicals,list"`
	Keywords          []Keyword           `parquet:"keywords,list"`
	PublicationTypes  []PublicationType   `parquet:"publication_types,list"`
	Grants            []Grant             `parquet:"grants,list"`
	DataBanks         []DataBank          `parquet:"data_banks,list"`
	Corrections       []Correction        `parquet:"comments_corrections,list"`
	ReferenceCount    int32               `parquet:"reference_count"`
	OtherAbstracts    []OtherAbstract     `parquet:"other_abstracts,list"` // kept, never mined
	VernacularTitle   string              `parquet:"vernacular_title,optional"`
	Copyright         string              `parquet:"copyright,optional"`
	COI               string              `parquet:"coi,optional"`
	History           []HistoryDate       `parquet:"history,list"`
	Genes             []string            `parquet:"genes,list"` // GeneSymbolList (1991 to 1995)
	Investigators     []Author            `parquet:"investigators,list"`
	Status            string              `parquet:"status,optional,dict"`             // MedlineCitation@Status
	PublicationStatus string              `parquet:"publication_status,optional,dict"` // PubmedData/PublicationStatus
	IsBook            bool                `parquet:"is_book"`
	IsRetracted       bool                `parquet:"is_retracted"` // by publication type or a RetractionIn
}

// Author is a person or a group, of an article or (as investigator) of a study group.
type Author struct {
	LastName       string   `parquet:"last_name,optional"`
	ForeName       string   `parquet:"fore_name,optional"`
	Initials       string   `parquet:"initials,optional"`
	Suffix         string   `parquet:"suffix,optional"`
	CollectiveName string   `parquet:"collective_name,optional"`
	ORCID          string   `parquet:"orcid,optional"` // 0000-0000-0000-0000
	Affiliations   []string `parquet:"affiliations,list"`
	Valid          bool     `parquet:"valid"` // ValidYN
}

// MeshHeading is one MeSH descriptor with its qualifiers.
type MeshHeading struct {
	UI         string          `parquet:"ui,optional"`
	Name       string          `parquet:"name"`
	Major      bool            `parquet:"major"` // MajorTopicYN of the descriptor itself
	Qualifiers []MeshQualifier `parquet:"qualifiers,list"`
}

// MeshQualifier is a MeSH subheading.
type MeshQualifier struct {
	UI    string `parquet:"ui,optional"`
	Name  string `parquet:"name"`
	Major bool   `parquet:"major"`
}

// SupplementaryMesh is a supplementary concept record: a rare disease, a protocol, an organism.
type SupplementaryMesh struct {
	UI   string `parquet:"ui,optional"`
	Name string `parquet:"name"`
	Type string `parquet:"type,optional,dict"`
}

// Chemical is an entry of NLM's own substance list.
type Chemical struct {
	UI       string `parquet:"ui,optional"`
	Name     string `parquet:"name"`
	Registry string `parquet:"registry,optional"` // CAS, UNII or EC number; "0" in the source is null here
}

// Keyword is an author's or an indexer's keyword.
type Keyword struct {
	Text  string `parquet:"text"`
	Owner string `parquet:"owner,optional,dict"` // KeywordList@Owner
	Major bool   `parquet:"major"`
}

// PublicationType is one of NLM's publication types.
type PublicationType struct {
	UI   string `parquet:"ui,optional,dict"`
	Name string `parquet:"name,dict"`
}

// Grant is one funding statement. Repeats in the source are real and kept.
type Grant struct {
	ID      string `parquet:"id,optional"`
	Acronym string `parquet:"acronym,optional"`
	Agency  string `parquet:"agency,optional"`
	Country string `parquet:"country,optional"`
}

// DataBank names a data bank and the accession numbers the article gives there.
type DataBank struct {
	Name       string   `parquet:"name"`
	Accessions []string `parquet:"accessions,list"`
}

// Correction is one CommentsCorrections entry: an erratum, a retraction, a comment.
type Correction struct {
	RefType string `parquet:"ref_type,dict"`
	Source  string `parquet:"source,optional"`
	PMID    int32  `parquet:"pmid,optional"`
	Note    string `parquet:"note,optional"`
}

// OtherAbstract is an abstract in another language or for other readers.
type OtherAbstract struct {
	Type     string `parquet:"type,optional,dict"`
	Language string `parquet:"language,optional,dict"`
	Text     string `parquet:"text"`
}

// HistoryDate is one PubMedPubDate.
type HistoryDate struct {
	Status string `parquet:"status,dict"` // received, accepted, pubmed, medline, entrez, …
	Date   *Date  `parquet:"date,optional,date"`
}

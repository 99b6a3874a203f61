package schemas

// Citation has every bibliographic column of table documents. The struct is the single definition
// of these columns: the Arrow view is derived from the parquet tags. A column tagged optional is
// null if the record does not have it.
type Citation struct {
	Language            []string            `parquet:"language,list"`                // ISO 639-2/B, as printed: "eng"
	Journal             string              `parquet:"journal,optional,dict"`        // Journal/Title
	JournalAbbrev       string              `parquet:"journal_abbrev,optional,dict"` // ISOAbbreviation, else MedlineTA
	ISSN                string              `parquet:"issn,optional,dict"`           // ISSNLinking, else Journal/ISSN
	NLMID               string              `parquet:"nlm_id,optional,dict"`         // NlmUniqueID
	JournalISSN         string              `parquet:"journal_issn,optional,dict"`   // Journal/ISSN
	ISSNType            string              `parquet:"issn_type,optional,dict"`      // Print or Electronic
	MedlineTA           string              `parquet:"medline_ta,optional,dict"`
	JournalCountry      string              `parquet:"journal_country,optional,dict"` // MedlineJournalInfo/Country
	CitedMedium         string              `parquet:"cited_medium,optional,dict"`    // JournalIssue@CitedMedium
	PubModel            string              `parquet:"pub_model,optional,dict"`       // Article@PubModel
	Volume              string              `parquet:"volume,optional"`
	Issue               string              `parquet:"issue,optional"`
	Pages               string              `parquet:"pages,optional"` // MedlinePgn, else StartPage-EndPage
	PubYear             int16               `parquet:"pub_year,optional"`
	PubDateRaw          string              `parquet:"pub_date_raw,optional"`            // as printed
	PubDate             *Date               `parquet:"pub_date,optional,date"`           // first day of what is known
	PubDatePrecision    string              `parquet:"pub_date_precision,optional,dict"` // day, month, season, year
	ArticleDates        []ArticleDate       `parquet:"article_dates,list"`
	DateRevised         *Date               `parquet:"date_revised,optional,date"`
	DateCompleted       *Date               `parquet:"date_completed,optional,date"`
	DOI                 string              `parquet:"doi,optional"` // the article's own, never one of its references
	PMCID               string              `parquet:"pmcid,optional"`
	PII                 string              `parquet:"pii,optional"`
	ArticleIDs          []ArticleID         `parquet:"article_ids,list"`   // ArticleIdList, the record's own
	ELocationIDs        []ELocationID       `parquet:"elocation_ids,list"` // those that are withdrawn among them
	OtherIDs            []Identifier        `parquet:"other_ids,list"`
	Authors             []Author            `parquet:"authors,list"`
	AuthorsIncomplete   bool                `parquet:"authors_incomplete"` // AuthorList@CompleteYN is N
	Editors             []Author            `parquet:"editors,list"`       // AuthorList@Type is editors
	Affiliations        []string            `parquet:"affiliations,list"`  // distinct, in order of first appearance
	Mesh                []MeshHeading       `parquet:"mesh,list"`
	SupplementaryMesh   []SupplementaryMesh `parquet:"supplementary_mesh,list"`
	Chemicals           []Chemical          `parquet:"chemicals,list"`
	Keywords            []Keyword           `parquet:"keywords,list"`
	CitationSubsets     []string            `parquet:"citation_subsets,list"`
	PublicationTypes    []PublicationType   `parquet:"publication_types,list"`
	Grants              []Grant             `parquet:"grants,list"`
	GrantsIncomplete    bool                `parquet:"grants_incomplete"` // GrantList@CompleteYN is N
	DataBanks           []DataBank          `parquet:"data_banks,list"`
	DataBanksIncomplete bool                `parquet:"data_banks_incomplete"` // DataBankList@CompleteYN is N
	Corrections         []Correction        `parquet:"comments_corrections,list"`
	ReferenceCount      int32               `parquet:"reference_count"`
	References          []Reference         `parquet:"references,list"`
	OtherAbstracts      []OtherAbstract     `parquet:"other_abstracts,list"` // kept, never mined
	VernacularTitle     string              `parquet:"vernacular_title,optional"`
	Copyright           string              `parquet:"copyright,optional"`
	COI                 string              `parquet:"coi,optional"`
	History             []HistoryDate       `parquet:"history,list"`
	Genes               []string            `parquet:"genes,list"` // GeneSymbolList (1991 to 1995)
	Investigators       []Author            `parquet:"investigators,list"`
	NameSubjects        []Author            `parquet:"name_subjects,list"` // persons that the article is about
	SpaceFlights        []string            `parquet:"space_flight_missions,list"`
	GeneralNotes        []GeneralNote       `parquet:"general_notes,list"`
	Objects             []Object            `parquet:"objects,list"`                     // PubmedData/ObjectList
	Owner               string              `parquet:"owner,optional,dict"`              // MedlineCitation@Owner
	IndexingMethod      string              `parquet:"indexing_method,optional,dict"`    // Automated, Curated, null
	VersionID           string              `parquet:"version_id,optional"`              // MedlineCitation@VersionID
	VersionDate         string              `parquet:"version_date,optional"`            // @VersionDate, as printed
	Status              string              `parquet:"status,optional,dict"`             // MedlineCitation@Status
	PublicationStatus   string              `parquet:"publication_status,optional,dict"` // PubmedData/PublicationStatus
	IsBook              bool                `parquet:"is_book"`
	Book                *Book               `parquet:"book,optional"`             // of a book or of a chapter
	IsRetracted         bool                `parquet:"is_retracted"`              // publication type or RetractionIn
	HasConcern          bool                `parquet:"has_expression_of_concern"` // by an ExpressionOfConcernIn
}

// Author is a person or a group, of an article or (as investigator) of a study group.
type Author struct {
	LastName       string       `parquet:"last_name,optional"`
	ForeName       string       `parquet:"fore_name,optional"`
	Initials       string       `parquet:"initials,optional"`
	Suffix         string       `parquet:"suffix,optional"`
	CollectiveName string       `parquet:"collective_name,optional"`
	ORCID          string       `parquet:"orcid,optional"` // 0000-0000-0000-0000
	Affiliations   []string     `parquet:"affiliations,list"`
	Identifiers    []Identifier `parquet:"identifiers,list"` // as printed, those of the affiliations among them
	Valid          bool         `parquet:"valid"`            // ValidYN
	EqualContrib   bool         `parquet:"equal_contrib"`
}

// MeshHeading is one MeSH descriptor with its qualifiers.
type MeshHeading struct {
	UI         string          `parquet:"ui,optional"`
	Name       string          `parquet:"name"`
	Type       string          `parquet:"type,optional,dict"` // Geographic
	Major      bool            `parquet:"major"`              // MajorTopicYN of the descriptor itself
	Auto       bool            `parquet:"auto"`               // AutoHM: found by a program alone
	Qualifiers []MeshQualifier `parquet:"qualifiers,list"`
}

// MeshQualifier is a MeSH subheading.
type MeshQualifier struct {
	UI    string `parquet:"ui,optional"`
	Name  string `parquet:"name"`
	Major bool   `parquet:"major"`
	Auto  bool   `parquet:"auto"`
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
	Type      string `parquet:"type,optional,dict"`
	Language  string `parquet:"language,optional,dict"`
	Text      string `parquet:"text"`
	Copyright string `parquet:"copyright,optional"`
}

// HistoryDate is one PubMedPubDate.
type HistoryDate struct {
	Status string `parquet:"status,dict"` // received, accepted, pubmed, medline, entrez, …
	Date   *Date  `parquet:"date,optional,date"`
}

// ArticleDate is when an article came out electronically.
type ArticleDate struct {
	Type string `parquet:"type,optional,dict"` // Electronic
	Date *Date  `parquet:"date,optional,date"`
}

// ArticleID is one ArticleId: of the record itself, or of a reference.
type ArticleID struct {
	Type string `parquet:"type,dict"` // IdType: pubmed, doi, pii, pmc, mid, bookaccession, …
	ID   string `parquet:"id"`
}

// ELocationID is the publisher's identifier of an electronic article.
type ELocationID struct {
	Type  string `parquet:"type,optional,dict"` // doi, pii
	ID    string `parquet:"id"`
	Valid bool   `parquet:"valid"` // ValidYN
}

// Identifier is an identifier in some other system: of a person, an institution, or (OtherID) the
// citation.
type Identifier struct {
	Source string `parquet:"source,optional,dict"` // ORCID, ROR, GRID, ISNI, NASA, …
	ID     string `parquet:"id"`
}

// Reference is one entry of the article's own list of references.
type Reference struct {
	Citation string      `parquet:"citation,optional"`
	IDs      []ArticleID `parquet:"article_ids,list"`
}

// GeneralNote is a remark of an indexer.
type GeneralNote struct {
	Owner string `parquet:"owner,optional,dict"`
	Text  string `parquet:"text"`
}

// Object is a linked object of PubmedData.
type Object struct {
	Type   string  `parquet:"type,optional,dict"`
	Params []Param `parquet:"params,list"`
}

// Param is a name and a value of an Object.
type Param struct {
	Name  string `parquet:"name,optional,dict"`
	Value string `parquet:"value"`
}

package pubmed

// Omission is an element or attribute of the DTD that no column holds.
type Omission struct {
	Path   string // the end of its path from the record: "PubMedPubDate/Hour", "InvestigatorList/@ID"
	Reason string
}

// LeftOut lists all that pubmed_250101.dtd allows in a record and that does not come into the
// Document.
func LeftOut() []Omission {
	const (
		bookshelf = "a key inside NCBI Bookshelf; article_ids has the record's bookaccession"
		clock     = "history is kept by days; PubMed's hours are those of a loader"
		unused    = "declared, but no element may hold it"
		link      = "ties a group to its investigators inside one record; both are columns"
		joined    = "parts of other abstracts are joined: they are kept to be read, and never mined"
	)
	return []Omission{
		{"PubMedPubDate/Hour", clock},
		{"PubMedPubDate/Minute", clock},
		{"PubMedPubDate/Second", clock},
		{"CollectiveName/@Investigators", link},
		{"InvestigatorList/@ID", link},
		{"OtherAbstract/AbstractText/@Label", joined},
		{"OtherAbstract/AbstractText/@NlmCategory", joined},
		{"CommentsCorrections/PMID/@Version", "the link is to the article, whatever its version"},
		{"ReferenceList/Title", "a heading such as \"References\" of a list that is kept flat"},
		{"ArticleTitle/@book", bookshelf},
		{"ArticleTitle/@part", bookshelf},
		{"ArticleTitle/@sec", bookshelf},
		{"BookTitle/@book", bookshelf},
		{"BookTitle/@part", bookshelf},
		{"BookTitle/@sec", bookshelf},
		{"CollectionTitle/@book", bookshelf},
		{"CollectionTitle/@part", bookshelf},
		{"CollectionTitle/@sec", bookshelf},
		{"SectionTitle/@book", bookshelf},
		{"SectionTitle/@part", bookshelf},
		{"SectionTitle/@sec", bookshelf},
		{"URL", unused},
		{"ContractNumber", unused},
	}
}

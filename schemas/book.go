package schemas

// Book describes the book of a record of NCBI Bookshelf, and the place of the chapter in it. Dates
// are as printed.
type Book struct {
	Title             string        `parquet:"title,optional"`
	CollectionTitle   string        `parquet:"collection_title,optional"`
	VolumeTitle       string        `parquet:"volume_title,optional"`
	Edition           string        `parquet:"edition,optional"`
	Authors           []Author      `parquet:"authors,list"` // of the book; the chapter's are documents.authors
	Investigators     []Author      `parquet:"investigators,list"`
	Publisher         string        `parquet:"publisher,optional,dict"`
	PublisherLocation string        `parquet:"publisher_location,optional,dict"`
	BeginningDate     string        `parquet:"beginning_date,optional"`
	EndingDate        string        `parquet:"ending_date,optional"`
	ContributionDate  string        `parquet:"contribution_date,optional"` // of the chapter
	ISBNs             []string      `parquet:"isbns,list"`
	ELocationIDs      []ELocationID `parquet:"elocation_ids,list"`
	Medium            string        `parquet:"medium,optional,dict"`
	ReportNumber      string        `parquet:"report_number,optional"`
	Locations         []Location    `parquet:"locations,list"` // of the chapter in the book
	Contents          []Heading     `parquet:"contents,list"`  // Sections, flat and in order
	Items             []Item        `parquet:"items,list"`
}

// Location is one LocationLabel: a part, a chapter, a table.
type Location struct {
	Type string `parquet:"type,optional,dict"`
	Text string `parquet:"text"`
}

// Heading is one Section of a table of contents.
type Heading struct {
	Depth     int32  `parquet:"depth"` // 0 for the outermost
	Label     string `parquet:"label,optional"`
	LabelType string `parquet:"label_type,optional,dict"`
	Title     string `parquet:"title"`
}

// Item is an element of an ItemList.
type Item struct {
	List string `parquet:"list,optional,dict"` // ItemList@ListType
	Text string `parquet:"text"`
}

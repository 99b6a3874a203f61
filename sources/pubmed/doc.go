// Package pubmed decodes PubMed XML: the yearly baseline and the daily update files, replies of
// efetch, old MEDLINE exports.
//
// # What is read
//
// Roots: PubmedArticleSet, PubmedBookArticleSet, MedlineCitationSet, BookDocumentSet, and a bare
// PubmedArticle, PubmedBookArticle, MedlineCitation or BookDocument. Plain or gzip of any number of
// members; UTF-8 with or without a byte order mark, US-ASCII, ISO-8859-1 and windows-1252 when
// declared. The elements are those of pubmed_250101.dtd, nlmmedlinecitationset_150101.dtd and
// bookdoc_150101.dtd, with the older forms of authors, affiliations and CommentsCorrections.
//
// A DTD is neither fetched nor read: beside character numbers only the five entities that XML
// predefines are known.
//
// # Records and errors
//
// The stream is cut into records by their tags alone and each record is decoded by itself. A record
// that is not well formed, nests elements more than 64 deep, is larger than 16 MiB or has no PMID
// is one *schemas.Reject of stage "decode", as is a run of anything else between the records; the
// next record goes on. Each PMID in a DeleteCitation or DeleteDocument is a Document with Deleted
// set.
//
// Records are decoded by several goroutines, a few batches ahead of the consumer, and yielded in
// the order of the file. Memory does not depend on the size of the input: it holds some batches of
// 128 KiB, or as many of the largest records. When the sequence ends, by itself or because the
// consumer stops, the goroutines have ended and the reader is no longer used.
//
// An input as a whole is bad (*schemas.BadInputError) when it is empty, is something else than
// PubMed XML, is cut off before its root is closed, has anything but comments after it, is broken
// gzip, or expands beyond 4 GiB or 400 times.
//
// # Text
//
// One rule for every text: the character data of the element and of all that it contains is
// concatenated, each run of white space (Unicode's White_Space: so also line ends, no-break and
// thin spaces) becomes one space, and none is left at either end. So b, i, u, sup and sub leave no
// mark: "CO<sub>2</sub>" is "CO2". Of MathML only the content of the token elements mi, mn, mo,
// mtext, ms, ci and cn counts, each without XML white space at its ends; annotations and alttext
// are left out. Nothing else is normalised: no Unicode composition, and title brackets and "[Not
// Available]." stay as printed.
//
// The title is always the first section, empty where the record has none; VernacularTitle is no
// substitute. Abstract sections follow, with Label and NlmCategory as attributes only; empty ones
// are dropped. A book's title is ArticleTitle, else BookTitle; where both stand, the record is a
// chapter, and the book's title is in column journal.
//
// # Choices between elements
//
//   - DOI and PII: the first ELocationID whose ValidYN is not N, else the record's own
//     ArticleIdList; never a Reference's. A chapter does not inherit the ELocationID of its book.
//   - PMCID: ArticleIdList, else OtherID of source NLM.
//   - ISSN: ISSNLinking, else Journal/ISSN, which also has a column of its own. Journal
//     abbreviation: ISOAbbreviation, else MedlineTA. Pages: MedlinePgn, else StartPage-EndPage.
//   - ReferenceCount: the References of all lists, else NumberOfReferences. References are flat:
//     lists in lists follow one another.
//   - IsRetracted: publication type D016441, a RetractionIn or RetractedandRepublishedIn, or a
//     history date "retracted". Neither an expression of concern nor a partial retraction is
//     enough. HasConcern: an ExpressionOfConcernIn.
//   - Authors of a book: the authors of the document, else of the book, else the editors.
//   - ORCID: the first that is printed for the person and has its form; an institution's
//     identifiers are with the rest.
//   - Registry number "0" is none. Defaults are the DTD's: Owner of MedlineCitation, KeywordList
//     and GeneralNote is NLM, OtherAbstract@Language eng, ArticleId@IdType pubmed,
//     ArticleDate@DateType Electronic, lists are complete, and people and ELocationIDs valid.
//
// # What is left out
//
// Every element and attribute that pubmed_250101.dtd allows in a record comes into the Document,
// except those that LeftOut gives, each with its reason. Where two elements say the same
// (MedlinePgn and StartPage), the choices above may leave the second unused.
//
// # Dates
//
// PubDateRaw is what is printed, its parts joined by spaces. PubYear is the first year printed and
// PubDate the first day of what is known. PubDatePrecision is the smallest of day, month, season
// and year that holds all that is printed: "2000 Dec 23-30" is a month, "1998 Dec-1999 Jan" and
// "1999 Jan-Mar" are a season, "1976-1977" is a year. Seasons begin as in PubMed's help on sorting:
// winter in January, spring in April, summer in July, fall in October. Other dates are null where
// the calendar has no such day.
package pubmed

// Version is the version of the decoder. Increase it with every change that can change the
// Documents or Rejects of the same bytes: results of another version are computed again.
const Version = 1

// Package pubmed decodes PubMed XML: the yearly baseline and the daily update files, replies of
// efetch, old MEDLINE exports.
//
// # Formats
//
// Roots: PubmedArticleSet, PubmedBookArticleSet, MedlineCitationSet, BookDocumentSet, and a bare
// PubmedArticle, PubmedBookArticle, MedlineCitation or BookDocument. Plain or gzip of any number
// of members, with or without zeros after the last; UTF-8 with or without a byte order mark,
// US-ASCII, ISO-8859-1 and windows-1252 when declared. The elements are those of
// pubmed_250101.dtd, nlmmedlinecitationset_150101.dtd and bookdoc_150101.dtd, with the older forms
// of authors, affiliations and CommentsCorrections.
//
// A DTD is neither fetched nor read: the only known entities are the five that XML predefines, and
// character numbers.
//
// # Records and errors
//
// The stream is divided into records by their tags, and each record is decoded separately. A record
// that is not well formed, nests elements more than 64 deep, has a tag with more than 256
// attributes, is larger than 16 MiB or has no PMID is one *schemas.Reject of stage "decode", and so
// is any other content between records; decoding continues with the next record. Each PMID in a
// DeleteCitation or DeleteDocument is a Document with Deleted set.
//
// Several goroutines decode records, a few batches ahead of the consumer. Records are yielded in
// the order of the file. Memory does not depend on the size of the input: it has a few batches of
// 128 KiB, or of the largest records. When the sequence ends, by itself or because the consumer
// stops, the goroutines have ended and the reader is no longer used.
//
// An input is rejected as a whole (*schemas.BadInputError) if it is empty, is not PubMed XML, ends
// before its root is closed, has anything but comments after the root, is broken gzip, or expands
// to more than 4 GiB or 400 times its size.
//
// # Text
//
// One rule applies to every text: the character data of the element and of all its descendants is
// concatenated, each run of white space (Unicode's White_Space, which includes line ends, no-break
// and thin spaces) becomes one space, and white space at the ends is dropped. So b, i, u, sup and
// sub have no effect: "CO<sub>2</sub>" is "CO2". MathML has the content of its token elements mi,
// mn, mo, mtext, ms, ci and cn, each without XML white space at its ends, but not its annotations
// and alttext. There is no other normalisation: no Unicode composition, and title brackets and
// "[Not Available]." stay as printed.
//
// The title is always the first section, empty if the record has none; VernacularTitle does not
// replace it. The sections of the abstract follow, with Label and NlmCategory as attributes only;
// empty ones are dropped. A book's title is ArticleTitle, else BookTitle. A record with both is a
// chapter, and the book's title is in column journal.
//
// # Choices between elements
//
//   - DOI and PII: the first ELocationID whose ValidYN is not N, else the record's own
//     ArticleIdList; never a Reference's. A chapter does not inherit the ELocationID of its book.
//   - PMCID: ArticleIdList, else OtherID of source NLM.
//   - ISSN: ISSNLinking, else Journal/ISSN, which is also a separate column. Journal abbreviation:
//     ISOAbbreviation, else MedlineTA. Pages: MedlinePgn, else StartPage-EndPage.
//   - ReferenceCount: the References of all lists, else NumberOfReferences. References are flat:
//     lists in lists follow one another.
//   - IsRetracted: publication type D016441, a RetractionIn or RetractedandRepublishedIn, or a
//     history date "retracted". Neither an expression of concern nor a partial retraction is
//     enough. HasConcern: an ExpressionOfConcernIn.
//   - Authors of a book: the authors of the document, else of the book, else the editors.
//   - ORCID: the first one of the person in the right form; identifiers of institutions are with
//     the other identifiers.
//   - Registry number "0" is null. Defaults are the DTD's: Owner of MedlineCitation, KeywordList
//     and GeneralNote is NLM, OtherAbstract@Language eng, ArticleId@IdType pubmed,
//     ArticleDate@DateType Electronic, lists are complete, and people and ELocationIDs valid.
//
// # What is ignored
//
// Every element and attribute that pubmed_250101.dtd allows in a record is in the Document, except
// for: hours, minutes and seconds of the history, internal keys of NCBI Bookshelf, labels of the
// sections of other abstracts, titles of reference lists, the version of a linked PMID, the links
// between groups and investigators, and elements that the DTD declares but does not use. A test
// decodes every element of the DTD and has this list in full. Of two elements with the same meaning
// (MedlinePgn and StartPage) one may be unused by the choices above.
//
// # Dates
//
// PubDateRaw has the printed parts joined by spaces. PubYear is the first printed year, PubDate the
// first day of the known period. PubDatePrecision is the smallest of day, month, season and year
// that contains the printed date: "2000 Dec 23-30" is a month, "1998 Dec-1999 Jan" and "1999
// Jan-Mar" are a season, "1976-1977" is a year. Seasons begin as in PubMed's help on sorting:
// winter in January, spring in April, summer in July, fall in October. Other dates are null if
// there is no such day.
package pubmed

// Version is the version of the decoder. Increase it with every change that can change the
// Documents or Rejects of the same bytes: results of another version are computed again.
const Version = 2

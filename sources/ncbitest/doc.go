// Package ncbitest is an NCBI on loopback for tests: ESearch, EFetch and a folder of files, with
// the limits and habits of the real one, and with faults on demand.
//
// What it imitates, each seen on the real service (reference/pubmed.md, sections A1 and A2):
//
//   - Three requests in a second, ten with a key; one more is status 429 and a line of JSON that
//     repeats the key.
//   - ESearch lists 9,999 PMIDs at most; a page beyond is cut without a word. A phrase it does not
//     find is left out of the query.
//   - EFetch leaves unknown PMIDs out; a reply without any is an empty PubmedArticleSet. More than
//     200 ids must come by POST.
//   - A key that is wrong or blank is status 400, with the key in the body.
//   - Folders are listed as Apache does, files are served in ranges.
//
// A term is words joined by " AND ", each of which a record must contain. Everything is a function
// of the records and of the requests, so that two servers with the same records answer alike.
package ncbitest

// Package ncbitest simulates NCBI on loopback for tests: ESearch, EFetch and a folder of files,
// with the limits of the real service, and with faults on demand.
//
// It has these properties of the real service:
//
//   - Three requests per second, ten with a key. More get status 429 and a line of JSON that
//     repeats the key.
//   - ESearch lists at most 9,999 PMIDs and silently drops the others. It ignores phrases that it
//     does not find.
//   - EFetch omits unknown PMIDs; a reply without records is an empty PubmedArticleSet. More than
//     200 ids need a POST.
//   - A wrong or empty key gets status 400, with the key in the body.
//   - Folders are listed in the format of Apache, and files are served in ranges.
//
// A term consists of words joined by " AND ", each of which a record must contain. A reply depends
// only on the records and the request, so that two servers with the same records give the same
// replies.
package ncbitest

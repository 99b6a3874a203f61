// Package eutils reads PubMed over NCBI's E-utilities: the records that answer a query, or those of
// a list of PMIDs.
//
// # Source
//
// A [Source] is an Input. ESearch answers a query with PMIDs once; the list is frozen as a [Plan],
// kept as a file, and everything after that depends on the plan alone. A unit is up to 10,000 PMIDs
// of the list, in its order; its digest is a hash of them. Every PMID yields exactly one record, a
// document or a *schemas.Reject, so that a resumed run finds its chunks where they were. Records
// are not kept, and those that a run has in checkpoints at the beginning of a unit are not fetched
// again ([Source.DocumentsFrom]).
//
// # Search
//
// ESearch lists at most 9,999 PMIDs of a query whatever page is asked for, and cuts what lies
// beyond without a word. So a query with more matches is halved by the day on which records entered
// PubMed (EDAT), newest half first, until every part fits. The counts of two halves must add up to
// that of the whole and no PMID may come twice; otherwise the index changed meanwhile and the
// search starts over. A part is listed by date of publication, the newest first. XML is asked for,
// because the JSON form of an error is not always JSON. Words that PubMed did not find and left out
// of the query become [Plan].Warnings: the rest of such a query is answered as if nothing were
// amiss.
//
// # Fetch
//
// EFetch is asked by POST for 200 PMIDs at a time. What is delivered is held against what was
// asked: PMIDs that did not come, or came broken, are asked for once more; those that still do not
// are rejects of stage "fetch", kind "missing". Records that nobody asked for are dropped. Of
// several versions of a record the highest counts.
//
// # Politeness
//
// One [Client] starts at most 2.5 requests in a second, 8 with a key: NCBI allows 3 and 10, counts
// every process under an address or key, and blocks addresses that do not care. Each request names
// the tool and, where it is given, the email address under which NCBI can reach who runs it. The
// time counts from when a request was written, so that a slow handshake does not push two together.
// While the client backs off, it sends nothing.
//
// # What is tried again
//
// The body of a reply is read to its end inside the exchange that is tried again. These are: no
// connection, a connection that breaks at any point, a reply that takes too long, status 408, 425,
// 429 and 5xx, "API rate limit exceeded" under any status, redirects (none is ever followed: a
// request may carry the key), an HTML page or anything else where XML is due, XML that does not end
// with its root, and the error "Search Backend failed", which comes with status 200. Six retries
// wait 1, 2, 4 … seconds, at most 60, each less up to a half at random. Retry-After, in seconds or
// as a date, can make a wait longer, up to 5 minutes; what makes no sense in it (negative, in the
// past, no number) counts for nothing. After the last retry the error is [ErrUnavailable]: the same
// run, started again later, goes on.
//
// Any other refusal (status 400, another error in a reply of status 200, a certificate that does
// not hold) is final.
//
// # The key
//
// An API key goes into the body of a request and nowhere else. Replies may repeat it, so it is
// taken out of every body before anything reads it and out of every error.
//
// Facts about the service: NCBI, "Entrez Programming Utilities Help" (NBK25497, NBK25499);
// reference/pubmed.md, section A1.
package eutils

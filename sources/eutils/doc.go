// Package eutils reads PubMed over NCBI's E-utilities: the records that match a query, or those of
// a list of PMIDs.
//
// # Source
//
// A [Source] is a pipeline.Source. ESearch is asked once for the PMIDs that match a query. The list
// is frozen as a [Plan] and stored in a file; everything else depends on the plan only. A unit has
// up to 10,000 consecutive PMIDs of the list; its digest is a hash of them. Every PMID gives
// exactly one record, a document or a *schemas.Reject, so that a resumed run has the same chunks.
// Records are not stored. Those at the beginning of a unit that a run has in checkpoints are not
// fetched again ([Source.DocumentsFrom]).
//
// # Search
//
// ESearch lists at most 9,999 PMIDs of a query, and silently drops the others. So a query with more
// matches is divided by the day on which records entered PubMed (EDAT), newest half first, until
// every part fits. The counts of two halves must add up to the count of both together, and no PMID
// may occur twice; otherwise the index has changed and the search starts again. A part is listed by
// date of publication, newest first. The requested format is XML, because errors in JSON format are
// not always JSON. Phrases that PubMed does not find, and ignores, become [Plan].Warnings.
//
// # Fetch
//
// EFetch is asked by POST for 200 PMIDs at a time. PMIDs that are missing in the reply, or broken,
// are requested once more; those still missing become rejects of stage "fetch", kind "missing".
// Records that were not requested are dropped. The highest version of a record counts.
//
// # Politeness
//
// One [Client] starts at most 2.5 requests per second, 8 with a key: NCBI allows 3 and 10 for all
// processes of an address or key, and blocks addresses that exceed it. Each request has the name of
// the tool and the email address of its user, if known. The interval begins when a request has been
// written, so that a slow handshake does not bring two requests together. During a backoff the
// client sends nothing.
//
// # Retries
//
// A request is repeated after: a failed connection (unless NCBI never replied before: then there is
// most likely no network), a connection that breaks at any point, a reply that takes too long,
// status 408, 425, 429 and 5xx, "API rate limit exceeded" with any status, a redirect (none is
// followed, because a request may have the key), anything but XML, XML that is cut off, and the
// error "Search Backend failed", which has status 200. Six retries wait 1, 2, 4 … seconds, at most
// 60, each reduced at random by up to a half. Retry-After, in seconds or as a date, can make a wait
// longer, up to 5 minutes; invalid values (negative, in the past, not a number) are ignored. After
// the last retry the error is [ErrUnavailable]: the same run can be continued later.
//
// Any other error (status 400, another error in a reply of status 200, an invalid certificate) is
// final.
//
// # The key
//
// An API key is sent in the bodies of requests only. Replies may repeat it, so it is removed from
// every body before it is read, and from every error.
//
// Source: NCBI, "Entrez Programming Utilities Help" (NBK25497, NBK25499).
package eutils

// Package bulk keeps up with the files in which PubMed is published: the yearly baseline and the
// daily update files.
//
// # What is published
//
// Below a base URL, https://ftp.ncbi.nlm.nih.gov/pubmed/, stand two folders, each with an index in
// HTML:
//
//	baseline/pubmed26n0001.xml.gz …      the baseline of 2026, files 1 to K
//	updatefiles/pubmed26n1335.xml.gz …   what changed since, files K+1, K+2, …, several a day at times
//
// and beside each file NAME.md5 with its MD5, as "MD5(NAME)= digits" or as "digits  NAME". The
// files of a release are to be applied in the order of their numbers, without a gap. Each December
// a new baseline starts a new release. (Source: reference/pubmed.md.)
//
// A mirror is a folder with the same two folders. [OpenRemote] and [OpenMirror] open either as a
// [Site].
//
// # What is refused
//
//   - of an index, every link that is not exactly the name of a file; an index that was cut off;
//   - a listing with a gap, with two releases in baseline, or without a baseline: see [NewPlan];
//   - a file whose MD5 is not that of its sidecar, before a byte of it is parsed.
//
// # Downloads
//
// A file is downloaded to the same place below a folder of ours, first its bytes, then, once they
// have the right MD5, its sidecar. So a file counts as whole when its sidecar stands beside it,
// that folder is itself a mirror, and what a crash or a broken connection left is taken up where it
// ends, by a range request. The sidecar has the time that the index gives for the file: as long as
// the index gives the same time, the server is not asked for the sidecar again.
//
// What passes is sat out ([Patience]): no connection, one that breaks or stalls, status 429 and 5xx
// with whatever Retry-After, a page in place of an index or a sidecar, a file that comes out wrong.
// A redirect to another host is followed by nobody.
//
// [Ahead] fetches the next file while one is being read.
package bulk

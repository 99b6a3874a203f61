// Package bulk reads the files in which PubMed is published: the yearly baseline and the daily
// update files.
//
// # What is published
//
// The base URL, https://ftp.ncbi.nlm.nih.gov/pubmed/, has two folders, each with an index in HTML:
//
//	baseline/pubmed26n0001.xml.gz …      the baseline of 2026, files 1 to K
//	updatefiles/pubmed26n1335.xml.gz …   changes since then, files K+1, K+2, …, some days several
//
// Each file NAME has a sidecar NAME.md5 with its MD5, as "MD5(NAME)= digits" or as "digits  NAME".
// The files of a release must be applied in the order of their numbers, without a gap. Each
// December a new baseline starts a new release.
//
// A mirror is a local folder with the same two folders. [OpenRemote] and [OpenMirror] open either
// as a [Site].
//
// # What is rejected
//
//   - in an index, every link that is not exactly the name of a file; an index that was cut off;
//   - a listing with a gap, with two releases in baseline, or without a baseline: see [NewPlan];
//   - a file whose MD5 is not that of its sidecar, before any of it is parsed.
//
// # Downloads
//
// Files are downloaded with package fetch, to the same relative path in a local folder: first the
// file, then its sidecar. A file counts as complete once it has its sidecar, so the folder is a
// mirror itself. The sidecar gets the modification time that the index gives for the file: as long
// as that time stays the same, the sidecar is not requested again.
//
// Package fetch retries requests. Pages that arrive in place of an index or a sidecar are retried
// too. Redirects to another host are not followed.
//
// [Ahead] downloads the next file while one is being read.
package bulk

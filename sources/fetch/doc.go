// Package fetch downloads files over HTTP. A download can be resumed, and a file gets its name only
// after its checksum was verified.
//
// # Downloads
//
// [Client.Download] writes to NAME.part. Once the file is complete and has the announced checksum,
// its content is made durable and it is renamed to NAME ([Files]), so a file with the final name is
// always complete. After a broken connection or a crash, a range request asks for the missing bytes
// only. Content with the wrong checksum is dropped and downloaded again from the start.
//
// # Retries
//
// A request is repeated, with a growing wait, after a broken connection, status 429 or 5xx; a
// Retry-After header can make the wait longer but never shorter. A reply may stop or slow down to
// less than [Patience].MinRate only for [Patience].Stalled, and so may the reply of an error or a
// redirect; then its connection is closed, which counts as broken. A download is given up after
// maxRetries broken connections in total, after maxIdle in a row without progress, or when its
// content is wrong maxWrong times. All of these errors wrap [ErrNetwork] or [ErrChecksum].
//
// A client that has never had a reply does not retry when no connection can be made ([Offline]):
// the machine most likely has no network, and the error is returned at once.
package fetch

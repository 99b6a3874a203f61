package schemas

// Unit is one input of a run: a file, an update file or a frozen page of a query. It is published
// as a whole or not at all.
type Unit struct {
	Name string // unique in a corpus and safe as a file name: letters, digits, '.', '_', '-'
	Path string // of the input; for messages and for the source itself
	// Stamp changes whenever the input may have changed, and is cheap to get: size, times and inode
	// of a file, or the MD5 that the publisher states. A run skips a committed unit with an
	// unchanged stamp without reading it. An empty stamp is never unchanged. Stamps are not part of
	// the tables.
	Stamp string
}

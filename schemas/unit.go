package schemas

// Unit is one input of a run: a file, later an update file or a frozen page of a query. It is what
// is published, all or nothing.
type Unit struct {
	Name string // unique in a corpus and safe as a file name: letters, digits, '.', '_', '-'
	Path string // where the source reads it; for messages and for the source itself
	// Stamp changes whenever the input may have changed; cheap to get (size and modification time).
	// An unchanged stamp lets a run skip a committed unit without reading it. Never part of what is
	// published.
	Stamp string
}

package pubmed

import "github.com/pubmine/pubmine/schemas"

// Decode decodes one record.
func Decode(raw []byte) (*schemas.Document, error) { return new(decoder).decode(raw) }

package jobs

import (
	"hash/crc32"

	"github.com/pubmine/pubmine/schemas"
)

// textKey tells a document with the same text from others with its pmid.
type textKey struct {
	pmid schemas.PMID
	hash uint32 // of the sections; not 0
}

func textKeyOf(doc *schemas.Document) textKey {
	sum := uint32(0)
	for _, s := range doc.Sections {
		for _, text := range []string{s.Kind, s.Label, s.Text} {
			sum = crc32.Update(sum, crc32.IEEETable, append([]byte(text), 0))
		}
	}
	return textKey{doc.PMID, sum | 1}
}

// textSet has the last text of each document: a hash by pmid, in pages. Those of all of PubMed take
// 160 MB.
type textSet map[schemas.PMID]*[256]uint32

func (t textSet) add(keys []textKey) {
	for _, k := range keys {
		page := t[k.pmid/256]
		if page == nil {
			page = new([256]uint32)
			t[k.pmid/256] = page
		}
		page[k.pmid%256] = k.hash
	}
}

func (t textSet) has(k textKey) bool {
	page := t[k.pmid/256]
	return page != nil && page[k.pmid%256] == k.hash
}

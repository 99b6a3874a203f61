// Package vocabulary holds a vocabulary in memory: the names of concepts of all types at once, and
// facts about the concepts.
//
// # Identifiers
//
// A concept has an identifier in the form of table mentions, which joins with PubTator 3 and BERN2:
//
//	MESH:D001241     MeSH descriptor or supplementary record (MESH:C000002)
//	OMIM:300842      a disease that MeSH lacks; MONDO:…, DOID:…, HP:…, CHEBI:… likewise
//	NCBIGene:672     gene; PubTator 3 writes the number without the prefix
//	NCBITaxon:9606   taxon; PubTator 3 writes the number without the prefix
//	CVCL:0030        cell line: Cellosaurus' CVCL_0030
//
// An identifier of one vocabulary belongs to one concept. Retired and alternative identifiers lead
// to a concept, too (Vocabulary.Lookup).
//
// # Look-ups
//
// Package normalize maps the spellings of a name to a key; the table of keys answers all look-ups:
//
//   - Find returns the concepts of a name, with the manner of the match: same spelling, same but
//     for case, or same key.
//   - A Matcher finds the names in a text: at each word all sequences of words that are a name, of
//     all types at once. It allocates nothing once its buffers have grown.
//
// A Similar returns the names of a type that resemble a name which Find does not know.
//
// # How stages use it
//
// A linker (stages/link) calls Find with the text of a mention and with the long form of an
// abbreviation, keeps the entries of the mention's type, and prefers exact ones, preferred names,
// and genes of the species that the document is about (Species). It reports ConceptID, which is
// never a retired one, and compares concepts with Is ("breast cancer" is a "neoplasm"). Its ranker
// reads all names of a type with Concepts and Names. The tag head asks a Matcher for the longest
// names of a sentence and reads their types, Exact, and the tree numbers of the concepts.
//
// Loading decompresses the names and hashes them, on all processors. Nothing is loaded before Open
// or Decode, so a program that does not link pays only for the size of its file.
//
// # File format, version 1
//
// Integers are little-endian; varints are those of encoding/binary; a string is its length
// (uvarint) and its bytes.
//
//	"pubmine vocabulary 1\n"
//	sha256 of all that follows           32 bytes
//	length of the card                   uint32
//	card                                 JSON, see Card
//	concepts                             section
//	blocks of names                      sections up to the end of the file
//
//	section: number of concepts (uint32; of names, likewise), length when decompressed (uint32),
//	         length (uint32), Zstandard frame
//
// The section concepts has, with all numbers as uvarints:
//
//	classes: their number; each: type, species, prefix (strings), width, base, number of concepts
//	identifiers: for each class those of its concepts, ascending: the difference from the one
//	    before, or, where base is 0, a string
//	parents: for each concept their number and, as varints, their indexes less its own
//	tree numbers: the number of concepts that have any; each: difference of the indexes, number of
//	    tree numbers, strings
//	other identifiers: their number; each, ascending: string, index of the concept
//
// A class is a range of concepts of one type and species whose identifiers differ only in a number
// of the given base (10, 36, or 0 for any string), padded with zeros to the width. A block has the
// names of consecutive concepts, each as its Kind (a byte) and a string; a concept begins with its
// preferred name, which alone has the kind Preferred. The same records give the same bytes.
package vocabulary

// Package triples aggregates the relations of a corpus: subject, relation type and object, each
// once, with the abstracts that state it.
//
// # Rows
//
// A [Row] is a triple. It is a column of a Parquet file, a field of a CSV or TSV file, and a member
// of a JSON object by the same name:
//
//	subject_concept  string   identifier, "MESH:D004317"; null if the mentions have none
//	subject_name     string   name of the concept, or the most frequent spelling
//	subject_type     string   entity type: "Chemical", "Gene", …
//	type             string   relation type: "CID", "Positive_Correlation", …
//	object_concept, object_name, object_type   as those of the subject
//	abstracts        int32    number of abstracts that state the triple
//	negated          int32    those of them that deny the relation; null if the tables were
//	                          written by a version that did not tell
//	speculative      int32    those of them that only consider it; null likewise
//	mean_score       float    mean of the scores of the abstracts
//	best_score       float    the highest of them
//	first_year       int32    year of the earliest publication; null if no year is known
//	last_year        int32    year of the latest one; null if no year is known
//	any_retracted    bool     an abstract is of a retracted article
//	pmids            list of int32, ascending: the abstracts
//
// In CSV and TSV files pmids are separated by semicolons, and null is empty. The rows are in the
// order of falling abstracts, then falling best_score, then by names.
//
// # Abstracts
//
// Only current documents count, as in the view documents_current: of each PMID the highest version
// that is not deleted, and of its revisions the one that corpus.Latest chooses. A document that
// states a triple several times counts once, with its highest score; it counts as negated or
// speculative if the relation with that score is.
//
// # Entities
//
// A mention with a concept stands for the concept, whatever it is called in the text. The mention
// of several concepts ("MESH:D010051|MESH:D001943") stands for each of them. Mentions without a
// concept are one entity if they have the same type and the same normalized name (package
// normalize: case, hyphens, plurals, Greek letters). A concept that mentions of two types have is
// one entity, of the type that is more frequent. A relation of an entity with itself is left out.
//
// # Direction
//
// Heads score a pair of entities once, so the order of two entities of one type is that of the
// text. Relations of heads between the same two entities are one triple in either order. Its
// subject is the one that is the subject in more abstracts if the types differ, and the first by
// name if they do not. Generated relations keep their direction.
//
// # Cost
//
// Files are read by column, in batches of documents. Memory is some 500 bytes for each triple, and
// the names of the entities: a million triples of 100,000 documents take 600 MB and 12 seconds.
package triples

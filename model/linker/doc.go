// Package linker finds the concepts of the entities that a document mentions: identifiers of a
// vocabulary (package vocabulary), such as MESH:D001241 for aspirin.
//
// # Candidates
//
// A Document groups the mentions of one type and name to an Entity. Its candidates are the concepts
// of its type that have one of its names, or a long form that the text explains (package abbrev),
//
//   - in the vocabulary: with the same spelling, but for case, or but for hyphens, plurals, Greek
//     letters and British spelling (vocabulary.Find);
//   - in the training set (Names): annotators choose "psychosis" for what MeSH calls Psychotic
//     Disorders.
//
// Without such a candidate, words that seldom change the concept are removed ("human", "acute",
// "hydrochloride"), a salt is added, the other name in "amrubicin (SM-5887)" is tried, and a
// composite name is split ("ovarian and breast cancer"). Of a disease the concepts with the most
// similar names are candidates, too, and the MeSH concepts above one of MONDO, DOID or OMIM; of a
// gene those of other species with the same symbol.
//
// # Ranking
//
// A forest for each type (package trees) estimates the probability that a candidate is right, from
// the manner of the match, the training set, the similarity of the words, and what else the text
// mentions (features.go). Genes are ranked in two rounds: their species is mostly that of the other
// genes of a document, which the first round tells. Where the text mentions species and none of
// them has such a gene, as bacteria, genes get no concept. Scale and shift make probabilities of
// the scores. An entity gets its best candidate if that is likely enough (Ranker.Threshold).
//
// Variants are not looked up: their concept is a normal form of their name (package variant).
//
// # Storage
//
// A Head is stored as tensors of a safetensors file:
//
//	head.linking.names     U8 [n]  a line for each name: type, spelling, and for each concept its
//	                               identifier, a space, and the number of annotations; by tabs
//	head.linking.T.…               the forest of type T (package trees)
//	head.linking.T.first.…         that of the first round
//
// and in the metadata, as JSON under head.linking, the scale, shift and threshold of each type.
package linker

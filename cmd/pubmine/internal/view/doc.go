// Package view lays out for a terminal, or for a pipe, what pubmine prints: the table at the end of
// a run, the state of a corpus, and an abstract with its mentions. It knows rows and numbers, and
// neither files nor flags.
package view

// Package cpu is the backend cpu: kernels that run BioGPT on a processor without a graph compiler.
// A Trunk computes the hidden states of whole texts; a Decoder (a decoding.Decoder) computes the
// logits of generation and keeps keys and values. Both compute, in float32, the graph in the
// documentation of package biogpt (reference biogpt.md, "Graph"): pre-norm layers, exact gelu,
// attention scaled by width^-0.5, eps 1e-5, position rows from 2 on, and a vocabulary projection
// tied to the token table, which a Decoder applies to the last token of a prompt only.
//
// # Guarantees
//
// States and logits agree with the reference implementation to 1e-4. Those of a token are the same
// to the last bit whatever else is computed with it, whether its text is read at once or token by
// token, and on any number of threads: the order of every sum depends only on the sizes of the
// model and on positions. They differ, by rounding, between processors with AVX2 and FMA and
// others, and between builds with and without GOEXPERIMENT=simd.
//
// # Products
//
// Nearly all time goes into y = x*W^T. W is packed when it is read, and not kept in any other form:
//
//	W [n, k] -> blocks of 256 columns -> panels of 16 rows -> for each column a line of 16 values
//
// so that whatever the number of rows of x, the weights are read from the first byte to the last,
// once for every 144 rows of x. A tile, the innermost loop, multiplies 1 to 6 rows with one panel
// of a block: twelve registers hold 6 x 16 sums. It starts at zero and adds its sums to y, which
// holds the bias and, where there is one, the residual. While it runs it prefetches its share of
// the next panel: with few rows the time is then that of memory or arithmetic, whichever is longer,
// and not the sum of both. The tile is written in assembly for amd64 with AVX2 and FMA (Go's simd
// package has no broadcast from memory, and its compiler spills the sums), and in plain Go for
// everything else. Gelu, softmax and layer norm use package simd/archsimd where there is
// GOEXPERIMENT=simd and AVX2, and plain Go elsewhere.
//
// The queries, keys and values of a layer are one product. The keys and values of a sequence are
// kept in pages of 32 positions, in the layout of panels, so that attention uses tiles too. Copying
// a sequence shares its pages; a page is copied when it is shared and written to. Rows of sequences
// follow each other without padding.
//
// # Memory
//
// The packed weights have the size of the weights, rows rounded up to a multiple of 16; while they
// are read, the largest parameter is held a second time. A position of a sequence takes 8 * layers
// * hidden bytes (base: 196 KiB), in whole pages. A pass reads up to 512 tokens, or one longer
// sequence, and keeps about 4 * (6 * hidden + ffn) bytes for each (base: 40 KiB).
package cpu

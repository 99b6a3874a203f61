// Package cpu runs BioGPT on a processor, without a compiler or a library of graphs: hidden
// states of whole texts (Trunk), and the logits of generation with keys and values kept (Decoder, a
// generate.Decoder). It computes in float32 what package biogpt's doc writes down, from the same
// parameters (reference biogpt.md, "Graph"): pre-norm layers, exact gelu, attention scaled by
// width^-0.5, eps 1e-5, position rows from 2 on, and a vocabulary projection tied to the token
// table, of the last token of a prompt only.
//
// # What is promised
//
// States and logits agree with the reference implementation to 1e-4. Those of a token are the same
// to the last bit whatever else is computed with it, whether its text is read at once or token by
// token, and on any number of threads: every sum has an order of its own, which depends on the
// sizes of the model and on positions alone. They differ, by rounding, between processors with AVX2
// and FMA and others, and between builds with and without GOEXPERIMENT=simd.
//
// # Products
//
// Nearly all time goes into y = x*W^T. W is packed once, when it is read, and not kept in any other
// form:
//
//	W [n, k] -> blocks of 256 columns -> panels of 16 rows -> for each column a line of 16 values
//
// so that whatever the number of rows of x, the weights are read from the first byte to the last,
// once for every 144 rows of x. A tile, the innermost loop, multiplies 1 to 6 rows with one panel
// of a block: twelve registers hold 6 x 16 sums. It starts at zero and adds its sums to y, which
// holds the bias, or the bias and what a layer adds to. While it runs it fetches its share of the
// panel that comes next: with few rows that makes the time that of the memory or that of the
// arithmetic, not of both. The tile is written in assembly for amd64 with AVX2 and FMA (Go's simd
// package has no broadcast from memory, and its compiler spills the sums: a third of the speed),
// and in plain Go for everything else. Gelu, softmax and layer norm use package simd/archsimd where
// there is GOEXPERIMENT=simd and AVX2, and plain Go elsewhere.
//
// The queries, keys and values of a layer are one product. The keys and values of a sequence are
// kept in pages of 32 positions, in the layout of panels, so that attention consists of tiles too.
// Copying a sequence shares its pages; a page is copied when it is shared and written to. Rows of
// sequences stand side by side, without padding.
//
// Measured on 2 cores of an AMD EPYC (Zen 3, AVX2) with the base model's sizes, in float32, while
// other programs ran: a step of one sequence takes 68 ms at best (the weights at 20 GB/s, all that
// the memory gives), of 16 sequences 134 ms; tiles run at 85 to 90 GFLOP/s on a core whose limit is
// 95 to 109.
//
// # Memory
//
// The packed weights have the size of the weights, rows rounded up to a multiple of 16; while they
// are read, the largest parameter is held once more. A position of a sequence takes 8 * layers *
// hidden bytes (base: 196 KiB), in whole pages. A pass reads up to 512 tokens, or one longer
// sequence, and keeps about 4 * (6 * hidden + ffn) bytes for each (base: 40 KiB).
package cpu

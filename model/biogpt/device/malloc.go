//go:build cgo && linux && (amd64 || arm64)

package device

/*
#include <limits.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
// XLA for the CPU allocates its buffers anew with every call. glibc gives large ones back to the
// system each time, which then clears every page again: a sixth of a training step of 6 x 256
// (2,048 tokens, one core), and a quarter of one of 2 x 128. So the memory is kept. That has to be
// said before a second thread asks for memory, which gets a heap of its own, in which it would not
// hold: when the program is loaded. Go's own memory is not concerned, and a program that does not
// open XLA hardly asks the C library for any.
__attribute__((constructor)) static void keep_memory(void) {
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_ARENA_MAX, 1);
}
#endif
*/
import "C"

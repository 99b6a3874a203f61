//go:build cgo && linux && (amd64 || arm64)

package device

/*
#include <limits.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
// XLA for the CPU allocates new buffers with every call. glibc returns large ones to the system
// each time, which then clears every page again; that is a considerable part of the time of a
// training step (README.md of package biogpt). This setting makes glibc keep the memory. It must
// happen before a second thread allocates memory, which gets another heap, to which the setting
// would not apply: when the program is loaded. Go's memory is not affected, and a program that does
// not open XLA allocates little from the C library.
__attribute__((constructor)) static void keep_memory(void) {
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_ARENA_MAX, 1);
}
#endif
*/
import "C"

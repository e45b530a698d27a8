// What glibc's allocator keeps for itself: Swift's view of the C library has no call for it.
#pragma once

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

// Has freed blocks of at least so many bytes go back to the system at once, where that can be asked for, and what is
// free at the end of the heap when it is twice as much.
static inline void return_freed_blocks(int bytes) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, 2 * bytes);
#endif
}

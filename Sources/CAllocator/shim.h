// What glibc's allocator keeps for itself: Swift's view of the C library has no call for it.
#pragma once

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

// Has freed blocks of at least so many bytes go back to the system at once, where that can be asked for, and what is
// free at the end of the heap when it is twice as much.
static inline void return_freed_blocks(int bytes) {
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, 2 * bytes);
#endif
}

// Has the heap grow by so many bytes at once, the first of them in large pages where the system has some.
static inline void widen_heap(int bytes) {
#if defined(__GLIBC__)
  mallopt(M_TOP_PAD, bytes);
  const uintptr_t page = 1 << 21, first = (uintptr_t)sbrk(0);
  // More than is free at its end, so that it grows; volatile, or a compiler sees that nobody uses it.
  void *volatile block = malloc(1 << 20);
  free(block);
  const uintptr_t last = (uintptr_t)sbrk(0), start = (first + page - 1) / page * page;
  if (last > start + page) madvise((void *)start, last - start, MADV_HUGEPAGE);
#endif
}

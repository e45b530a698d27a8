// Exchanging two paths in one step: Swift's view of the C library has no call for it on Linux.
#pragma once

#include <stdio.h>

#if defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// Exchanges what stands at two paths; 0 when done, -1 where the system or the file system cannot.
static inline int exchange_paths(const char *first, const char *second) {
#if defined(__APPLE__)
  return renamex_np(first, second, RENAME_SWAP);
#elif defined(__linux__) && defined(SYS_renameat2)
  return (int)syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, 2U /* RENAME_EXCHANGE */);
#else
  return -1;
#endif
}

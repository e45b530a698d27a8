/* What the machine allows: a register-only stream of fused multiply-adds, and a stream of reads.
   And a count of the allocations of this process. */
#pragma once
#include <stddef.h>

#pragma clang assume_nonnull begin

/* Does `rounds` × 12 vector multiply-adds in registers, with the vectors of the kernel set that is
   named; returns the floating-point operations of one core that this was. */
double ceiling_fma(const char *set, long rounds);

/* Reads n floats, n a multiple of 128, and returns their sum. */
float ceiling_read(const char *set, const float *x, size_t n);

/* How many times memory was asked for since the start; -1 where it is not counted. */
long allocation_count(void);

#pragma clang assume_nonnull end

/* AVX-512: 32 registers of one vector each. */
#include "include/CNMFKernels.h"
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma"))), apply_to = function)
#define SET avx512
#define TILE_HALF 16
#define TILE_1 16
#define TILE_2 12
#define TILE_3 8
#define TILE_4 6
#define WIDEST 8
#define SUM_VECTORS 4
#define HALS_AT_ONCE 3
#define DOT_ROWS 4
#define MOST_DOTS 6
#define ONE_REGISTER(x) __asm__("" : "+v"(x))

#define T float
#define S f32
#define LANES 16
#define MASK int32_t
#include "template.h"
#undef T
#undef S
#undef LANES
#undef MASK

#define T double
#define S f64
#define LANES 8
#define MASK int64_t
#include "template.h"

const nmf_kernels_f32 *nmf_avx512_f32(void) { return &table_f32_avx512; }
const nmf_kernels_f64 *nmf_avx512_f64(void) { return &table_f64_avx512; }
#pragma clang attribute pop
#endif

#include "CCeilings.h"

#include <string.h>

/* One instruction set: its target attribute and the bytes of its vectors. Sums begin with numbers that the
   compiler cannot know: of a constant 1, which stays 1, it leaves the multiply-adds out. */
#define CEILINGS(NAME, TARGET, BYTES)                                                            \
  typedef float NAME##_vector __attribute__((vector_size(BYTES), aligned(4)));                   \
  TARGET static double NAME##_fma(long rounds) {                                                 \
    NAME##_vector sums[12], factor, step;                                                        \
    volatile float first = 0.05f;                                                                \
    for (int i = 0; i < 12; i++) sums[i] = (NAME##_vector){} + (first + 0.1f * (float)i);        \
    factor = (NAME##_vector){} + 0.999f;                                                         \
    step = (NAME##_vector){} + 0.001f;                                                           \
    for (long round = 0; round < rounds; round++) {                                              \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < 12; i++) {                          \
        sums[i] = __builtin_elementwise_fma(sums[i], factor, step);                              \
      }                                                                                          \
      __asm__ volatile("" ::: "memory");                                                         \
    }                                                                                            \
    NAME##_vector all = sums[0];                                                                 \
    for (int i = 1; i < 12; i++) all += sums[i];                                                 \
    volatile float sink = all[0];                                                                \
    (void)sink;                                                                                  \
    return 2.0 * 12 * (BYTES / 4) * (double)rounds;                                              \
  }                                                                                              \
  TARGET static float NAME##_read(const float *x, size_t n) {                                    \
    NAME##_vector sums[8] = {};                                                                  \
    for (size_t i = 0; i < n; i += 8 * (BYTES / 4)) {                                            \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < 8; k++) {                           \
        sums[k] += *(const NAME##_vector *)(x + i + (size_t)k * (BYTES / 4));                    \
      }                                                                                          \
    }                                                                                            \
    float total = 0;                                                                             \
    for (int k = 0; k < 8; k++)                                                                  \
      for (size_t i = 0; i < BYTES / 4; i++) total += sums[k][i];                                \
    return total;                                                                                \
  }

#if defined(__x86_64__)
CEILINGS(avx512, __attribute__((target("avx512f"))), 64)
CEILINGS(avx2, __attribute__((target("avx2,fma"))), 32)
#endif
CEILINGS(plain, , 16)

double ceiling_fma(const char *set, long rounds) {
#if defined(__x86_64__)
  if (strcmp(set, "avx512") == 0) return avx512_fma(rounds);
  if (strcmp(set, "avx2") == 0) return avx2_fma(rounds);
#endif
  return plain_fma(rounds);
}

float ceiling_read(const char *set, const float *x, size_t n) {
#if defined(__x86_64__)
  if (strcmp(set, "avx512") == 0) return avx512_read(x, n);
  if (strcmp(set, "avx2") == 0) return avx2_read(x, n);
#endif
  return plain_read(x, n);
}

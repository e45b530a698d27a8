/* The choice of an instruction set, made once. */
#include <stdlib.h>
#include <string.h>

#include "include/CNMFKernels.h"

const nmf_kernels_f32 *nmf_plain_f32(void);
const nmf_kernels_f64 *nmf_plain_f64(void);
#if defined(__x86_64__)
const nmf_kernels_f32 *nmf_avx512_f32(void), *nmf_avx2_f32(void);
const nmf_kernels_f64 *nmf_avx512_f64(void), *nmf_avx2_f64(void);
#endif

#if defined(__x86_64__)
static int has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

const char *nmf_kernel_set(void) {
#if defined(__x86_64__)
  const char *wanted = getenv("NNMF_KERNELS");
  __builtin_cpu_init();
  if (wanted && strcmp(wanted, "plain") == 0) return "plain";
  if (has_avx512() && !(wanted && strcmp(wanted, "avx2") == 0)) return "avx512";
  return has_avx2() ? "avx2" : "plain";
#elif defined(__aarch64__)
  return "neon";
#else
  return "plain";
#endif
}

#if defined(__x86_64__)
#define CHOOSE(S)                                                                     \
  const nmf_kernels_##S *nmf_kernels_named_##S(const char *set) {                     \
    __builtin_cpu_init();                                                             \
    if (strcmp(set, "avx512") == 0) return has_avx512() ? nmf_avx512_##S() : 0;       \
    if (strcmp(set, "avx2") == 0) return has_avx2() ? nmf_avx2_##S() : 0;             \
    return strcmp(set, "plain") == 0 ? nmf_plain_##S() : 0;                           \
  }
#else
#define CHOOSE(S)                                                                     \
  const nmf_kernels_##S *nmf_kernels_named_##S(const char *set) {                     \
    return strcmp(set, nmf_kernel_set()) == 0 ? nmf_plain_##S() : 0;                  \
  }
#endif
CHOOSE(f32)
CHOOSE(f64)

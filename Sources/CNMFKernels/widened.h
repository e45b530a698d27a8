/* Sums in double of numbers of either precision; template.h includes this. */

#define WIDENED(p) __builtin_convertvector(*(const NAME(u8) *)(p), NAME(d8))

static void NAME(widen)(ptrdiff_t count, const T *x, double *to) {
  ptrdiff_t t = 0;
  for (; t + 8 <= count; t += 8)
    *(NAME(ud8) *)(to + t) = WIDENED(x + t);
  for (; t < count; t++) to[t] = x[t];
}

static void NAME(add_widened)(ptrdiff_t count, const T *x, double *sums) {
  ptrdiff_t t = 0;
  for (; t + 8 <= count; t += 8)
    *(NAME(ud8) *)(sums + t) += WIDENED(x + t);
  for (; t < count; t++) sums[t] += x[t];
}

/* VECTORS times 8 columns of the rows that a row of X points to. */
#define GATHER_WIDENED(VECTORS)                                                                  \
  static inline __attribute__((always_inline)) void CONCAT(gather_widened_##VECTORS, S, SET)(     \
      ptrdiff_t count, const int32_t *index, const T *x, const T *h, ptrdiff_t h_stride,         \
      double *a) {                                                                               \
    NAME(d8) sum[VECTORS];                                                                       \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                         \
        sum[n] = *(const NAME(ud8) *)(a + 8 * n);                                                \
    for (ptrdiff_t t = 0; t < count; t++) {                                                      \
      const T *row = h + index[t] * h_stride;                                                    \
      const NAME(d8) value = (NAME(d8))(double)x[t];                                             \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                       \
          sum[n] = FMA(value, WIDENED(row + 8 * n), sum[n]);                                     \
    }                                                                                            \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                         \
        *(NAME(ud8) *)(a + 8 * n) = sum[n];                                                      \
  }
GATHER_WIDENED(1)
GATHER_WIDENED(2)
GATHER_WIDENED(4)

static void NAME(gather_add_widened)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,
                                     ptrdiff_t h_stride, ptrdiff_t n, double *a) {
  for (ptrdiff_t column = 0; column < n;) {
    const ptrdiff_t left = (n - column) / 8, vectors = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    switch (vectors) {
      case 4: CONCAT(gather_widened_4, S, SET)(count, index, x, h + column, h_stride, a + column); break;
      case 2: CONCAT(gather_widened_2, S, SET)(count, index, x, h + column, h_stride, a + column); break;
      default: CONCAT(gather_widened_1, S, SET)(count, index, x, h + column, h_stride, a + column);
    }
    column += 8 * vectors;
  }
}

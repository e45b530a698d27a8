/* Products of a factor with itself; included by template.h. */

#if SUM_VECTORS == 1
/* Registers hold half a vector: COUNT components by a vector of them, or by half of one where HALF is 1. */
#define GRAM_TILE(COUNT, HALF)                                                                   \
  static void CONCAT(gram_##COUNT##_##HALF, S, SET)(                                             \
      ptrdiff_t rows, const T *left, const T *right, ptrdiff_t stride, T *c, ptrdiff_t cs) {     \
    V sum[COUNT];                                                                                \
    NAME(half) part[COUNT];                                                                      \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                         \
      if (HALF)                                                                                  \
        part[k] = *(const NAME(uhalf) *)(c + k * cs);                                            \
      else                                                                                       \
        sum[k] = LOAD(c + k * cs);                                                               \
    }                                                                                            \
    for (ptrdiff_t i = 0; i < rows; i++) {                                                       \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                       \
        if (HALF)                                                                                \
          part[k] = FMA((NAME(half))left[k], *(const NAME(uhalf) *)right, part[k]);              \
        else                                                                                     \
          sum[k] = FMA(SPLAT(left[k]), LOAD(right), sum[k]);                                     \
      }                                                                                          \
      left += stride;                                                                            \
      right += stride;                                                                           \
    }                                                                                            \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                         \
      if (HALF)                                                                                  \
        *(NAME(uhalf) *)(c + k * cs) = part[k];                                                  \
      else                                                                                       \
        STORE(c + k * cs, sum[k]);                                                               \
    }                                                                                            \
  }
GRAM_TILE(1, 0)
GRAM_TILE(2, 0)
GRAM_TILE(3, 0)
GRAM_TILE(4, 0)
GRAM_TILE(5, 0)
GRAM_TILE(6, 0)
GRAM_TILE(1, 1)
GRAM_TILE(2, 1)
GRAM_TILE(4, 1)
GRAM_TILE(8, 1)

/* Vectors of columns, for each the components down to its diagonal block. */
static void NAME(gram)(ptrdiff_t rows, ptrdiff_t rank, const T *f, ptrdiff_t stride, T *c, ptrdiff_t cs) {
#define TILE(COUNT, HALF) \
  CONCAT(gram_##COUNT##_##HALF, S, SET)(rows, f + k, f + j, stride, c + k * cs + j, cs)
  for (ptrdiff_t j = 0; j < rank; j += LANES) {
    const ptrdiff_t count = rank < j + LANES ? rank : j + LANES;
    ptrdiff_t k = 0;
    if (rank - j <= LANES / 2) {
      for (; k + 8 <= count; k += 8) TILE(8, 1);
      for (; k + 4 <= count; k += 4) TILE(4, 1);
      for (; k + 2 <= count; k += 2) TILE(2, 1);
      if (k < count) TILE(1, 1);
      continue;
    }
    /* Tiles of about equal height, as the last one would wait for each sum. */
    const ptrdiff_t tiles = (count + 5) / 6;
    for (ptrdiff_t n = 0; n < tiles; n++) {
      const ptrdiff_t height = (n + 1) * count / tiles - k;
      switch (height) {
        case 1: TILE(1, 0); break;
        case 2: TILE(2, 0); break;
        case 3: TILE(3, 0); break;
        case 4: TILE(4, 0); break;
        case 5: TILE(5, 0); break;
        default: TILE(6, 0);
      }
      k += height;
    }
  }
#undef TILE
}
#undef GRAM_TILE
#else
/* Blocks of components, by all that do not lie before them. */
#define GRAM_BLOCK 32
static void NAME(gram)(ptrdiff_t rows, ptrdiff_t rank, const T *f, ptrdiff_t stride, T *c, ptrdiff_t cs) {
  for (ptrdiff_t k = 0; k < rank; k += GRAM_BLOCK)
    NAME(multiply_add)(rank - k < GRAM_BLOCK ? rank - k : GRAM_BLOCK, rows, rank - k, f + k, 1, stride,
                       f + k, stride, c + k * cs + k, cs);
}
#undef GRAM_BLOCK
#endif

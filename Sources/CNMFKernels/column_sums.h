/* The product of a transposed factor with a matrix, WᵀX; included by template.h after products.h. */

/* Row `at` from where a tile is: sum[k] += w[k] * x. */
#define SUMS_ROW(WIDTH, VECTORS, at)                                                            \
  do {                                                                                          \
    V right[VECTORS];                                                                           \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                        \
        right[n] = LOAD(x + (at) * xs + n * LANES);                                             \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++) {                        \
      V left = SPLAT(w[(at) * ws + k]);                                                         \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                      \
          sum[k][n] = FMA(left, right[n], sum[k][n]);                                           \
    }                                                                                           \
  } while (0)

/* The most components of a tile. Its lanes are columns of x, so that no component is padding, whatever the rank is. */
#define SUM_WIDTH 6

/* Rows of X that XᵀW goes over at once, and the most of them that are one group. */
#define SUM_ROWS 48
#define MOST_SUM_ROWS 64

/* The last columns of a matrix of `columns`, fewer than a vector of them: packed, 2 * LANES apart, with zeros
   after them. Where the first lies. */
static const T *NAME(last_columns)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t rest, const T *x,
                                   ptrdiff_t xs, T *packed) {
  for (ptrdiff_t i = 0; i < rows; i++) {
    T *place = packed + i * 2 * LANES;
    STORE(place + LANES, SPLAT(0));
    /* A whole vector that ends with the row, or what there is of one. */
    if (columns >= LANES)
      STORE(place, LOAD(x + i * xs + rest - LANES));
    else
      for (ptrdiff_t l = 0; l < rest; l++) place[LANES - rest + l] = x[i * xs + l];
  }
  return packed + LANES - rest;
}

#if SUM_VECTORS > 1
#include "wide_sums.h"
#else
#include "slim_sums.h"
#endif

static void NAME(column_sums)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t rank, const T *x,
                              ptrdiff_t xs, const T *w, ptrdiff_t ws, T *b, ptrdiff_t bs,
                              const T *later) {
  if (rows <= MOST_SUM_ROWS) {
    NAME(column_sums_group)(rows, columns, rank, x, xs, w, ws, b, bs, later);
    return;
  }
  /* The sums of a panel stay in the second-level cache while the rows go by. */
  for (ptrdiff_t l = 0; l < columns; l += PANEL) {
    const ptrdiff_t width = columns - l < PANEL ? columns - l : PANEL;
    for (ptrdiff_t top = 0; top < rows; top += SUM_ROWS) {
      const ptrdiff_t count = rows - top < SUM_ROWS ? rows - top : SUM_ROWS;
      const T *next = later                   ? later + top * xs + l
                      : top + SUM_ROWS < rows ? x + (top + SUM_ROWS) * xs + l
                      : l + PANEL < columns   ? x + l + PANEL
                                              : NULL;
      NAME(column_sums_group)(count, width, rank, x + top * xs + l, xs, w + top * ws, ws, b + l, bs,
                              next);
    }
  }
}

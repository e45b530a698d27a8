/* Tiles of one vector of columns for XᵀW, which fill the registers of AVX2; included by column_sums.h. */

/* b[k, j] += sum over i of w[i, k] * x[i, j]. The first `prepared` rows each fetch a line of next_x, or copy it
   where there is a `copy`, and one of `later`, which no kernel reads soon, to the second-level cache. */
#define COLUMN_SUMS(WIDTH)                                                                      \
  static void CONCAT(sums_##WIDTH, S, SET)(                                                     \
      ptrdiff_t rows, const T *x, ptrdiff_t xs, const T *w, ptrdiff_t ws, T *b, ptrdiff_t bs,   \
      ptrdiff_t prepared, const T *next_x, ptrdiff_t next_xs, T *copy, const T *later) {        \
    V sum[WIDTH][1];                                                                            \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++)                          \
        sum[k][0] = LOAD(b + k * bs);                                                           \
    ptrdiff_t i = 0;                                                                            \
    for (; i < prepared; i++) {                                                                 \
      if (copy)                                                                                 \
        STORE(copy + i * LANES, LOAD(next_x));                                                  \
      else                                                                                      \
        __builtin_prefetch(next_x);                                                             \
      __builtin_prefetch(later + i * LANES, 0, 2);                                              \
      next_x += next_xs;                                                                        \
      SUMS_ROW(WIDTH, 1, 0);                                                                    \
      x += xs;                                                                                  \
      w += ws;                                                                                  \
    }                                                                                           \
    for (; i + 2 <= rows; i += 2) {                                                             \
      SUMS_ROW(WIDTH, 1, 0);                                                                    \
      SUMS_ROW(WIDTH, 1, 1);                                                                    \
      x += 2 * xs;                                                                              \
      w += 2 * ws;                                                                              \
    }                                                                                           \
    if (i < rows) SUMS_ROW(WIDTH, 1, 0);                                                        \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++)                          \
        STORE(b + k * bs, sum[k][0]);                                                           \
  }
COLUMN_SUMS(1)
COLUMN_SUMS(2)
COLUMN_SUMS(3)
COLUMN_SUMS(4)
COLUMN_SUMS(5)
COLUMN_SUMS(6)
#define COLUMN_SUMS_NAME(WIDTH) CONCAT(sums_##WIDTH, S, SET)

/* At most MOST_SUM_ROWS rows. `later`: about as many rows that are read next, as far apart; or NULL. */
static void NAME(column_sums_group)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t rank, const T *x,
                                    ptrdiff_t xs, const T *w, ptrdiff_t ws, T *b, ptrdiff_t bs,
                                    const T *later) {
  typedef void (*tile)(ptrdiff_t, const T *, ptrdiff_t, const T *, ptrdiff_t, T *, ptrdiff_t,
                       ptrdiff_t, const T *, ptrdiff_t, T *, const T *);
  static const tile of_width[] = {COLUMN_SUMS_NAME(1), COLUMN_SUMS_NAME(2), COLUMN_SUMS_NAME(3),
                                  COLUMN_SUMS_NAME(4), COLUMN_SUMS_NAME(5), COLUMN_SUMS_NAME(6)};
  /* Room for the copied rows of a tile and of the next one, or for the last columns and as many zeros. */
  T packed[2][MOST_SUM_ROWS * 2 * LANES] __attribute__((aligned(64)));
  int now = 0;
  /* Tiles of about equal width: 49 components go as 4 x 6 + 5 x 5. */
  const ptrdiff_t tiles = (rank + SUM_WIDTH - 1) / SUM_WIDTH;
  /* Where rows fall into the same lines of the cache, what three tiles read is copied while the columns before
     it are summed. Elsewhere it is fetched, two tiles' columns ahead. */
  const int is_copied = tiles > 2 && xs * (ptrdiff_t)sizeof(T) % 2048 == 0;
  const ptrdiff_t vectors = columns / LANES;
  /* Short rows are foreseen by the processor. Others are fetched along whole rows, which memory is quickest at. */
  if (xs * (ptrdiff_t)sizeof(T) < 1024) later = NULL;
  ptrdiff_t later_row = 0, later_vector = 0;
  for (ptrdiff_t j = 0; j < columns; j += LANES, now = !now) {
    const int is_whole = j + LANES <= columns;
    const T *xj = x + j;
    ptrdiff_t step = xs;
    if (!is_whole) {
      xj = NAME(last_columns)(rows, columns, columns - j, xj, xs, packed[now]);
      step = 2 * LANES;
    } else if (is_copied) {
      for (ptrdiff_t i = 0; j == 0 && i < rows; i++) STORE(packed[now] + i * LANES, LOAD(xj + i * xs));
      xj = packed[now];
      step = LANES;
    }
    const ptrdiff_t ahead = is_copied ? 1 : 2;
    const int has_next = j + (ahead + 1) * LANES <= columns;
    ptrdiff_t k = 0, top = 0;
    for (ptrdiff_t n = 0; n < tiles; n++) {
      const ptrdiff_t width = (n + 1) * rank / tiles - k;
      /* Tiles share the rows that they prepare. */
      const ptrdiff_t count = is_whole && (has_next || later) ? (n + 1) * rows / tiles - top : 0;
      const T *fetched = packed[0];
      if (later && count > 0) {
        fetched = later + later_row * xs + later_vector * LANES;
        for (later_vector += count; later_vector >= vectors; later_vector -= vectors) later_row++;
      }
      of_width[width - 1](rows, xj, step, w + k, ws, b + k * bs + j, bs, count,
                          has_next ? x + j + ahead * LANES + top * xs : packed[0], has_next ? xs : 0,
                          is_copied && has_next ? packed[!now] + top * LANES : NULL, fetched);
      top += count;
      k += width;
    }
  }
}

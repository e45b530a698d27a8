/* Tiles of several vectors of columns for XᵀW, where there are registers for them; included by column_sums.h. */

/* b[k, j] += sum over i of w[i, k] * x[i, j]. Two rows fetch a line of next_x and one of next_b ahead, or
   copy 1, 2 or 4 lines of next_x to `copy`, and fetch one of `later`, which no kernel reads soon, to the
   second-level cache. */
#define COLUMN_SUMS(WIDTH, VECTORS)                                                             \
  static void CONCAT(sums_##WIDTH##_##VECTORS, S, SET)(                                         \
      ptrdiff_t rows, const T *x, ptrdiff_t xs, const T *w, ptrdiff_t ws, T *b, ptrdiff_t bs,   \
      const T *next_x, ptrdiff_t next_xs, ptrdiff_t lines, T *copy, const T *next_b,            \
      const T *later, ptrdiff_t later_step) {                                                   \
    V sum[WIDTH][VECTORS];                                                                      \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++)                          \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                    \
            sum[k][n] = LOAD(b + k * bs + n * LANES);                                           \
    ptrdiff_t i = 0;                                                                            \
    for (; i + 2 <= rows; i += 2) {                                                             \
      if (VECTORS > 1) {                                                                        \
        if (lines) {                                                                            \
          STORE(copy, LOAD(next_x));                                                            \
          if (lines > 1) STORE(copy + LANES, LOAD(next_x + LANES));                             \
          if (lines > 2) {                                                                      \
            STORE(copy + 2 * LANES, LOAD(next_x + 2 * LANES));                                  \
            STORE(copy + 3 * LANES, LOAD(next_x + 3 * LANES));                                  \
          }                                                                                     \
          copy += VECTORS * LANES;                                                              \
        } else {                                                                                \
          __builtin_prefetch(next_x);                                                           \
        }                                                                                       \
        __builtin_prefetch(next_b, 1);                                                          \
        __builtin_prefetch(later, 0, 2);                                                        \
        next_x += next_xs;                                                                      \
        later += later_step;                                                                    \
        next_b += (i / 2 + 1) % VECTORS ? LANES : bs - (VECTORS - 1) * LANES;                   \
      }                                                                                         \
      SUMS_ROW(WIDTH, VECTORS, 0);                                                              \
      SUMS_ROW(WIDTH, VECTORS, 1);                                                              \
      x += 2 * xs;                                                                              \
      w += 2 * ws;                                                                              \
    }                                                                                           \
    if (i < rows) SUMS_ROW(WIDTH, VECTORS, 0);                                                  \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < WIDTH; k++)                          \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < VECTORS; n++)                    \
            STORE(b + k * bs + n * LANES, sum[k][n]);                                           \
  }
#define COLUMN_SUMS_EXPANDED(WIDTH, VECTORS) COLUMN_SUMS(WIDTH, VECTORS)
#define COLUMN_SUMS_NAME_(WIDTH, VECTORS) CONCAT(sums_##WIDTH##_##VECTORS, S, SET)
#define COLUMN_SUMS_NAME(WIDTH, VECTORS) COLUMN_SUMS_NAME_(WIDTH, VECTORS)
#define COLUMN_SUMS_OF(WIDTH)              \
  COLUMN_SUMS_EXPANDED(WIDTH, SUM_VECTORS) \
  COLUMN_SUMS_EXPANDED(WIDTH, 1)
COLUMN_SUMS_OF(1)
COLUMN_SUMS_OF(2)
COLUMN_SUMS_OF(3)
COLUMN_SUMS_OF(4)
COLUMN_SUMS_OF(5)
COLUMN_SUMS_OF(6)

/* At most MOST_SUM_ROWS rows. `later`: about as many rows that are read next, as far apart; or NULL. */
static void NAME(column_sums_group)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t rank, const T *x,
                                    ptrdiff_t xs, const T *w, ptrdiff_t ws, T *b, ptrdiff_t bs,
                                    const T *later) {
  typedef void (*tile)(ptrdiff_t, const T *, ptrdiff_t, const T *, ptrdiff_t, T *, ptrdiff_t,
                       const T *, ptrdiff_t, ptrdiff_t, T *, const T *, const T *, ptrdiff_t);
  static const tile wide[] = {
      COLUMN_SUMS_NAME(1, SUM_VECTORS), COLUMN_SUMS_NAME(2, SUM_VECTORS),
      COLUMN_SUMS_NAME(3, SUM_VECTORS), COLUMN_SUMS_NAME(4, SUM_VECTORS),
      COLUMN_SUMS_NAME(5, SUM_VECTORS), COLUMN_SUMS_NAME(6, SUM_VECTORS)};
  static const tile narrow[] = {COLUMN_SUMS_NAME(1, 1), COLUMN_SUMS_NAME(2, 1),
                                COLUMN_SUMS_NAME(3, 1), COLUMN_SUMS_NAME(4, 1),
                                COLUMN_SUMS_NAME(5, 1), COLUMN_SUMS_NAME(6, 1)};
  enum { across = SUM_VECTORS * LANES };
  /* Room for the copied rows of a tile and of the next one, or for the last columns and as many zeros. */
  T packed[2][MOST_SUM_ROWS * across] __attribute__((aligned(64)));
  int now = 0;
  /* Tiles of about equal width: 49 components go as 4 x 6 + 5 x 5. */
  const ptrdiff_t tiles = (rank + SUM_WIDTH - 1) / SUM_WIDTH;
  /* Where rows fall into the same lines of the cache, what three tiles read is copied; elsewhere what
     four read, if it is near: copying waits for it. */
  const ptrdiff_t apart = xs * (ptrdiff_t)sizeof(T);
  const int is_shared = tiles > 2 && (apart % 2048 == 0 || (tiles > 3 && later));
  const ptrdiff_t vectors = columns / LANES;
  ptrdiff_t fetched = 0;
  for (ptrdiff_t j = 0; j < columns;) {
    const int is_wide = j + across <= columns;
    const T *xj = x + j;
    ptrdiff_t step = xs;
    if (j + LANES > columns) {
      step = 2 * LANES;
      xj = NAME(last_columns)(rows, columns, columns - j, xj, xs, packed[now]);
    } else if (is_wide && is_shared) {
      /* The first columns; wide tiles copy the others while the ones before them are summed. */
      for (ptrdiff_t i = j == 0 ? 0 : rows - rows % 2; i < rows; i++)
        for (ptrdiff_t n = 0; n < SUM_VECTORS; n++)
          STORE(packed[now] + i * across + n * LANES, LOAD(xj + i * xs + n * LANES));
      xj = packed[now];
      step = across;
    }
    const int copies = is_wide && is_shared && j + 2 * across <= columns;
    const ptrdiff_t lines = !copies ? 0 : tiles < 4 ? 4 : tiles < 8 ? 2 : 1;
    for (ptrdiff_t n = 0; n < tiles; n++) {
      ptrdiff_t k = n * rank / tiles, width = (n + 1) * rank / tiles - k;
      /* Eight tiles fetch all that the next columns read, a line of half of the rows each; fewer
         tiles fetch as much less of it, or copy as many lines more at a time. */
      const ptrdiff_t piece = copies || tiles >= 8 ? n : 8 * n / tiles;
      const int fetches = copies ? n < 8 / lines : piece < 8 && tiles > 2;
      const ptrdiff_t half = piece % 2 * (rows / 2);
      const ptrdiff_t line = piece / 2 * (copies ? lines * LANES : LANES);
      const T *next_x = x + j + across + half * xs + line;
      const T *next_b = n + 1 < tiles ? b + (k + width) * bs + j : b + j + across;
      /* As for later rows, but along whole rows, which memory is quickest at: where not all of them
         can be fetched, those that can lie evenly between the others. */
      const T *ahead = packed[0];
      if (is_wide && later) {
        const ptrdiff_t row = fetched / vectors * (tiles < 8 ? 8 : tiles) / tiles;
        if (row < rows) ahead = later + row * xs + fetched % vectors * LANES;
        fetched += rows / 2;
      }
      (is_wide ? wide : narrow)[width - 1](
          rows, xj, step, w + k, ws, b + k * bs + j, bs, fetches ? next_x : packed[0],
          fetches ? xs : 0, fetches ? lines : 0, packed[!now] + half * across + line, next_b, ahead,
          ahead == packed[0] ? 0 : LANES);
    }
    now = !now;
    j += is_wide ? across : LANES;
  }
}

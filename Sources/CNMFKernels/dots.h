/* Products of a matrix with a factor whose lanes are what is summed over; included by template.h.
   However few the components are, none of the lanes is padding. */

/* The products of one vector of each row. Where registers hold half a vector, one half goes after the other: the
   sums are most of them. */
#if MOST_DOTS == 2
#define DOT_STEP(ROWS, COUNT)                                                                    \
  _Pragma("clang loop unroll(full)") for (int upper = 0; upper < 2; upper++) {                   \
    const ptrdiff_t place = l + upper * (LANES / 2);                                             \
    NAME(half) right[COUNT];                                                                     \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                           \
        right[k] = *(const NAME(uhalf) *)(b + k * bs + place);                                   \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                          \
      NAME(half) left = *(const NAME(uhalf) *)(a + i * rs + place);                              \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                       \
        if (upper)                                                                               \
          sum[i][k].hi = FMA(left, right[k], sum[i][k].hi);                                      \
        else                                                                                     \
          sum[i][k].lo = FMA(left, right[k], sum[i][k].lo);                                      \
      }                                                                                          \
    }                                                                                            \
  }
#else
#define DOT_STEP(ROWS, COUNT)                                                                    \
  V left[ROWS];                                                                                  \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                              \
      left[i] = LOAD(a + i * rs + l);                                                            \
  _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                           \
    V right = LOAD(b + k * bs + l);                                                              \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                            \
        sum[i][k] = FMA(left[i], right, sum[i][k]);                                              \
  }
#endif

/* sums[i, k] += a[i, l..] * b[k, l..] for whole vectors. Rows lie rs and bs apart, sums `step`
   vectors. The same stretch of `fetched` rows from `ahead` on, none, ROWS / 2 or ROWS, is fetched to the
   second-level cache. */
#define DOTS(ROWS, COUNT)                                                                        \
  static void CONCAT(dots_##ROWS##_##COUNT, S, SET)(                                             \
      ptrdiff_t vectors, const T *a, ptrdiff_t rs, const T *b, ptrdiff_t bs, V *sums,            \
      ptrdiff_t step, const T *ahead, ptrdiff_t fetched) {                                       \
    V sum[ROWS][COUNT];                                                                          \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                            \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                       \
            sum[i][k] = sums[i * step + k];                                                      \
    for (ptrdiff_t l = 0; l < vectors * LANES; l += LANES) {                                     \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                          \
          if (i < ROWS / 2 ? fetched > 0 : fetched > ROWS / 2)                                   \
            __builtin_prefetch(ahead + i * rs + l, 0, 2);                                        \
      DOT_STEP(ROWS, COUNT)                                                                      \
    }                                                                                            \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                            \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                       \
            sums[i * step + k] = sum[i][k];                                                      \
  }
#define DOTS_EXPANDED(ROWS, COUNT) DOTS(ROWS, COUNT)
#define DOTS_NAME_(ROWS, COUNT) CONCAT(dots_##ROWS##_##COUNT, S, SET)
#define DOTS_NAME(ROWS, COUNT) DOTS_NAME_(ROWS, COUNT)

/* ---- the last one or two columns of a wider product ---- */

/* c[i, k] += sum over l of a[i, l] * b[k, l], where one or two components would fill a small part of a
   vector. Row k of b lies at b + k * PANEL. */
#define LAST_DOTS(COUNT, BIG)                                                                    \
  DOTS_EXPANDED(BIG, COUNT)                                                                      \
  DOTS_EXPANDED(1, COUNT)                                                                        \
  static void NAME(last_dots_##COUNT)(ptrdiff_t rows, ptrdiff_t length, const T *a, ptrdiff_t rs,\
                                      const T *b, T *c, ptrdiff_t stride) {                      \
    const ptrdiff_t vectors = length / LANES;                                                    \
    for (ptrdiff_t i = 0, height; i < rows; i += height) {                                       \
      height = i + BIG <= rows ? BIG : 1;                                                        \
      V sums[BIG * COUNT] = {0};                                                                 \
      (height == BIG ? DOTS_NAME(BIG, COUNT) : DOTS_NAME(1, COUNT))(                             \
          vectors, a + i * rs, rs, b, PANEL, sums, COUNT, a, 0);                                 \
      for (ptrdiff_t n = i; n < i + height; n++)                                                 \
        for (ptrdiff_t k = 0; k < COUNT; k++) {                                                  \
          T total = NAME(total)(sums[(n - i) * COUNT + k]);                                      \
          for (ptrdiff_t l = vectors * LANES; l < length; l++)                                   \
            total += a[n * rs + l] * b[k * PANEL + l];                                           \
          c[n * stride + k] += total;                                                            \
        }                                                                                        \
    }                                                                                            \
  }
#define LAST_DOTS_EXPANDED(COUNT, BIG) LAST_DOTS(COUNT, BIG)
LAST_DOTS_EXPANDED(1, TILE_1)
LAST_DOTS_EXPANDED(2, TILE_2)

/* ---- a narrow product of long rows ---- */

/* Tiles of DOT_ROWS rows, of FEW_DOT_ROWS or of one, by up to MOST_DOTS components; of one row by one or two
   components, and of TILE_2 rows by two, there are already. */
DOTS_EXPANDED(DOT_ROWS, 1)
#if MOST_DOTS == 6
#define FEW_DOT_ROWS 1
DOTS_EXPANDED(DOT_ROWS, 2)
DOTS_EXPANDED(DOT_ROWS, 3)
DOTS_EXPANDED(DOT_ROWS, 4)
DOTS_EXPANDED(DOT_ROWS, 5)
DOTS_EXPANDED(DOT_ROWS, 6)
DOTS(1, 3)
DOTS(1, 4)
DOTS(1, 5)
DOTS(1, 6)
#define DOT_WIDTHS(ROWS)                                                                         \
  {DOTS_NAME(ROWS, 1), DOTS_NAME(ROWS, 2), DOTS_NAME(ROWS, 3), DOTS_NAME(ROWS, 4),               \
   DOTS_NAME(ROWS, 5), DOTS_NAME(ROWS, 6)}
#else
#define FEW_DOT_ROWS 2
DOTS(2, 1)
DOTS(2, 2)
#define DOT_WIDTHS(ROWS) {DOTS_NAME(ROWS, 1), DOTS_NAME(ROWS, 2)}
#endif

/* Rows that go by before the next stretch of b is read, and its length. It stays in a cache that delivers what
   a tile reads: the first for low tiles, the second for others, where it is long, as memory is quickest
   at whole rows. */
#define DOT_BLOCK (16 / DOT_ROWS * DOT_ROWS)
#if MOST_DOTS == 2
#define DOT_PANEL (32 * LANES)
#else
#define DOT_PANEL (320 * LANES)
#endif

/* Halves the vectors of which sums are taken: where bit D of a lane is set, the later vector's are. */
#define ADD_HALVES(D)                                                                  \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < D; i++) row[i] =              \
      __builtin_shufflevector(row[i], row[i + D], LANE_LIST(UPPER_##D)) +              \
      __builtin_shufflevector(row[i], row[i + D], LANE_LIST(LOWER_##D));

/* The sums of the lanes of LANES vectors, each by halves as NAME(total) does. */
static inline __attribute__((always_inline)) V NAME(totals)(const V *sums) {
  V row[LANES];
  _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++) row[i] = sums[i];
#if LANES == 16
  ADD_HALVES(8)
#endif
  ADD_HALVES(4)
  ADD_HALVES(2)
  ADD_HALVES(1)
  return row[0];
}

static void NAME(row_dots)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a, ptrdiff_t rs,
                           const T *b, ptrdiff_t bs, T *c, ptrdiff_t stride) {
  typedef void (*tile)(ptrdiff_t, const T *, ptrdiff_t, const T *, ptrdiff_t, V *, ptrdiff_t,
                       const T *, ptrdiff_t);
  static const tile high[] = DOT_WIDTHS(DOT_ROWS), few[] = DOT_WIDTHS(FEW_DOT_ROWS),
                    one[] = DOT_WIDTHS(1);
  const ptrdiff_t tiles = (n + MOST_DOTS - 1) / MOST_DOTS;
  const ptrdiff_t whole = length / LANES * LANES;
  for (ptrdiff_t top = 0; top < rows; top += DOT_BLOCK) {
    const ptrdiff_t height = rows - top < DOT_BLOCK ? rows - top : DOT_BLOCK;
    V sums[DOT_BLOCK][NMF_MOST_ROW_DOTS];
    __builtin_memset(sums, 0, height * sizeof sums[0]);
    for (ptrdiff_t l = 0; l < whole; l += DOT_PANEL) {
      const ptrdiff_t vectors = (whole - l < DOT_PANEL ? whole - l : DOT_PANEL) / LANES;
      for (ptrdiff_t i = 0, most; i < height; i += most) {
        most = i + DOT_ROWS <= height ? DOT_ROWS : i + FEW_DOT_ROWS <= height ? FEW_DOT_ROWS : 1;
        const T *ai = a + (top + i) * rs + l;
        const T *next = i + most < height       ? ai + most * rs
                        : l + DOT_PANEL < whole ? a + top * rs + l + DOT_PANEL
                                                : a + (top + height) * rs;
        for (ptrdiff_t t = 0; t < tiles; t++) {
          const ptrdiff_t k = t * n / tiles, width = (t + 1) * n / tiles - k;
          /* The rows of the next tile. One of several tiles with the most loads fetches half of them, and where
             tiles are low the first fetches all: prefetching takes loads too. */
          const int is_half = tiles > 1 && width == 6;
          const ptrdiff_t fetched = is_half ? DOT_ROWS / 2 : t == 0 || MOST_DOTS > 2 ? DOT_ROWS : 0;
          const T *ahead = next + (is_half ? t % 2 * (DOT_ROWS / 2) * rs : 0);
          (most == DOT_ROWS ? high : most == 1 ? one : few)[width - 1](
              vectors, ai, rs, b + k * bs + l, bs, &sums[i][k], NMF_MOST_ROW_DOTS, ahead, fetched);
        }
      }
    }
    for (ptrdiff_t i = 0; i < height; i++) {
      if (whole < length) {
        T last[LANES] = {0};
        for (ptrdiff_t l = whole; l < length; l++) last[l - whole] = a[(top + i) * rs + l];
        for (ptrdiff_t k = 0; k < n; k++)
          sums[i][k] = FMA(LOAD(last), LOAD(b + k * bs + whole), sums[i][k]);
      }
      for (ptrdiff_t k = 0; k < n; k += LANES) {
        T *place = c + (top + i) * stride + k;
        const V total = NAME(totals)(&sums[i][k]);
        if (n - k > LANES / 2)
          STORE(place, LOAD(place) + total);
        else
          *(NAME(uhalf) *)place += total.lo;
      }
    }
  }
}
#undef DOT_WIDTHS
#undef DOT_STEP
#undef FEW_DOT_ROWS

/* Products of a matrix with a factor; included by template.h. */

/* Lines that a tile fetches ahead in each column: one of each of its rows by the end of a line. */
#define AHEAD(ROWS) ((ROWS + LANES - 1) / LANES)

/* How far ahead a row of a tile of one vector is fetched, which goes along whole rows. */
#define DISTANCE (4 * LANES)

/* Column `at` from where a tile is: sum[i] += a[i] * b. Row i of a lies at three[i / 3] + i % 3 * rs,
   which asks for few registers and no sums of addresses. */
#define TILE_COLUMN(ROWS, WIDTH, HALF, at)                                                      \
  do {                                                                                          \
    const T *from = b + (at) * bs;                                                              \
    V right[WIDTH + !WIDTH];                                                                    \
    NAME(half) last;                                                                            \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                          \
        right[n] = LOAD(from + n * LANES);                                                      \
    if (HALF) last = *(const NAME(uhalf) *)(from + WIDTH * LANES);                              \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < AHEAD(ROWS) && ROWS > 1; n++) {      \
      __builtin_prefetch(ahead);                                                                \
      ahead += rs;                                                                              \
    }                                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                         \
      V left = SPLAT(three[i / 3][i % 3 * rs + (at) * cs]);                                     \
      if (WIDTH && HALF) ONE_REGISTER(left);                                                    \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                        \
          sum[i][n] = FMA(left, right[n], sum[i][n]);                                           \
      if (HALF) rest[i] = FMA(left.lo, last, rest[i]);                                          \
    }                                                                                           \
  } while (0)

/* Goes on by some columns. Compilers must not know how pointers hang together, or they keep one for
   every row, and not in registers. */
#define TILE_MOVE(ROWS, count)                                                                  \
  do {                                                                                          \
    b += (count) * bs;                                                                          \
    l += (count);                                                                               \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i += 3) {                      \
      three[i / 3] += (count) * cs;                                                             \
      __asm__("" : "+r"(three[i / 3]));                                                         \
    }                                                                                           \
  } while (0)

/* ROWS rows by WIDTH vectors, and by half a vector more where HALF is 1. Four columns at a time
   where there are registers for it. */
#define MULTIPLY_ADD(ROWS, WIDTH, HALF)                                                         \
  static inline __attribute__((always_inline)) void CONCAT(strided_##ROWS##_##WIDTH##_##HALF, S, \
                                                           SET)(                                \
      ptrdiff_t length, const T *a, ptrdiff_t rs, const ptrdiff_t cs, const T *b, ptrdiff_t bs, \
      T *c, ptrdiff_t stride) {                                                                 \
    V sum[ROWS][WIDTH + !WIDTH];                                                                \
    NAME(half) rest[ROWS];                                                                      \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                         \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                        \
          sum[i][n] = LOAD(c + i * stride + n * LANES);                                         \
      if (HALF) rest[i] = *(const NAME(uhalf) *)(c + i * stride + WIDTH * LANES);               \
    }                                                                                           \
    const T *three[(ROWS + 2) / 3];                                                             \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i += 3)                        \
        three[i / 3] = a + i * rs;                                                              \
    ptrdiff_t l = 0;                                                                            \
    while (l + LANES <= length) {                                                               \
      /* The next columns of a tile of one vector, the next rows of others and of short rows:    \
         prefetchers lose stretches as short as a panel. */                                     \
      const int is_long = WIDTH + HALF == 1 && length > 2 * DISTANCE;                           \
      const T *ahead = three[0] + (is_long ? DISTANCE * cs : ROWS * rs);                        \
      const ptrdiff_t end = l + LANES;                                                          \
      if (WIDTH + HALF == 1) {                                                                  \
        while (l < end) {                                                                       \
          TILE_COLUMN(ROWS, WIDTH, HALF, 0);                                                    \
          TILE_COLUMN(ROWS, WIDTH, HALF, 1);                                                    \
          TILE_COLUMN(ROWS, WIDTH, HALF, 2);                                                    \
          TILE_COLUMN(ROWS, WIDTH, HALF, 3);                                                    \
          TILE_MOVE(ROWS, 4);                                                                   \
        }                                                                                       \
      } else {                                                                                  \
        _Pragma("clang loop unroll(disable)") while (l < end) {                                 \
          TILE_COLUMN(ROWS, WIDTH, HALF, 0);                                                    \
          TILE_MOVE(ROWS, 1);                                                                   \
        }                                                                                       \
      }                                                                                         \
    }                                                                                           \
    for (const T *ahead = a; l < length;) {                                                     \
      TILE_COLUMN(ROWS, WIDTH, HALF, 0);                                                        \
      TILE_MOVE(ROWS, 1);                                                                       \
    }                                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                         \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                        \
          STORE(c + i * stride + n * LANES, sum[i][n]);                                         \
      if (HALF) *(NAME(uhalf) *)(c + i * stride + WIDTH * LANES) = rest[i];                     \
    }                                                                                           \
  }                                                                                             \
  static void CONCAT(tile_##ROWS##_##WIDTH##_##HALF, S, SET)(                                   \
      ptrdiff_t length, const T *a, ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c, \
      ptrdiff_t stride) {                                                                       \
    if (cs == 1)                                                                                \
      CONCAT(strided_##ROWS##_##WIDTH##_##HALF, S, SET)(length, a, rs, 1, b, bs, c, stride);    \
    else                                                                                        \
      CONCAT(strided_##ROWS##_##WIDTH##_##HALF, S, SET)(length, a, rs, cs, b, bs, c, stride);   \
  }

/* Few rows are left over from tiles, but one at a time they would wait for each sum. */
#define MULTIPLY_ADD_WIDTH(WIDTH, HALF, BIG)                                                     \
  MULTIPLY_ADD(BIG, WIDTH, HALF)                                                                 \
  MULTIPLY_ADD(4, WIDTH, HALF)                                                                   \
  MULTIPLY_ADD(1, WIDTH, HALF)                                                                   \
  static void CONCAT(columns_##WIDTH##_##HALF, S, SET)(                                          \
      ptrdiff_t rows, ptrdiff_t length, const T *a, ptrdiff_t rs, ptrdiff_t cs, const T *b,      \
      ptrdiff_t bs, T *c, ptrdiff_t stride) {                                                    \
    ptrdiff_t i = 0;                                                                             \
    for (; i + BIG <= rows; i += BIG)                                                            \
      CONCAT(tile_##BIG##_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs,           \
                                                    c + i * stride, stride);                     \
    for (; i + 4 <= rows; i += 4)                                                                \
      CONCAT(tile_4_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride, \
                                              stride);                                           \
    for (; i < rows; i++)                                                                        \
      CONCAT(tile_1_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride, \
                                              stride);                                           \
  }

/* The expansion of TILE must happen before the tokens are pasted. */
#define MULTIPLY_ADD_EXPANDED(WIDTH, HALF, BIG) MULTIPLY_ADD_WIDTH(WIDTH, HALF, BIG)
MULTIPLY_ADD_EXPANDED(0, 1, TILE_1)
MULTIPLY_ADD_EXPANDED(1, 0, TILE_1)
MULTIPLY_ADD_EXPANDED(1, 1, TILE_2)
MULTIPLY_ADD_EXPANDED(2, 0, TILE_2)
MULTIPLY_ADD_EXPANDED(2, 1, TILE_3)
MULTIPLY_ADD_EXPANDED(3, 0, TILE_3)
MULTIPLY_ADD_EXPANDED(3, 1, TILE_4)
MULTIPLY_ADD_EXPANDED(4, 0, TILE_4)

/* A stretch of b this long stays in the second-level cache while the rows go by. */
#define PANEL 512

/* c[i, k] += sum over l of a[i, l] * b[l, k] for the last columns of b, where they would fill a small
   part of a vector: the lanes are l. Column k of b lies at b + k * PANEL. */
#define DOTS(ROWS, COUNT)                                                                    \
  static void CONCAT(dots_##ROWS##_##COUNT, S, SET)(ptrdiff_t length, const T *a, ptrdiff_t rs, \
                                                   const T *b, T *c, ptrdiff_t stride) {     \
    V sum[ROWS][COUNT] = {0};                                                                \
    ptrdiff_t l = 0;                                                                         \
    for (; l + LANES <= length; l += LANES) {                                                \
      V right[COUNT];                                                                        \
      _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                     \
          right[k] = LOAD(b + k * PANEL + l);                                                \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                    \
        V left = LOAD(a + i * rs + l);                                                       \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++)                   \
            sum[i][k] = FMA(left, right[k], sum[i][k]);                                      \
      }                                                                                      \
    }                                                                                        \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                        \
        _Pragma("clang loop unroll(full)") for (int k = 0; k < COUNT; k++) {                 \
      T total = NAME(total)(sum[i][k]);                                                      \
      for (ptrdiff_t m = l; m < length; m++) total += a[i * rs + m] * b[k * PANEL + m];      \
      c[i * stride + k] += total;                                                            \
    }                                                                                        \
  }

#define DOTS_COUNT(COUNT, BIG)                                                                    \
  DOTS(BIG, COUNT)                                                                                \
  DOTS(1, COUNT)                                                                                  \
  static void NAME(dots_##COUNT)(ptrdiff_t rows, ptrdiff_t length, const T *a, ptrdiff_t rs,      \
                                 const T *b, T *c, ptrdiff_t stride) {                            \
    ptrdiff_t i = 0;                                                                              \
    for (; i + BIG <= rows; i += BIG)                                                             \
      CONCAT(dots_##BIG##_##COUNT, S, SET)(length, a + i * rs, rs, b, c + i * stride, stride);    \
    for (; i < rows; i++)                                                                         \
      CONCAT(dots_1_##COUNT, S, SET)(length, a + i * rs, rs, b, c + i * stride, stride);          \
  }

#define DOTS_EXPANDED(COUNT, BIG) DOTS_COUNT(COUNT, BIG)
DOTS_EXPANDED(1, TILE_1)
DOTS_EXPANDED(2, TILE_2)

static void NAME(multiply_add_panel)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,
                                     ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c,
                                     ptrdiff_t stride) {
  ptrdiff_t rest = cs == 1 && n > LANES && n % LANES <= LANES / 4 ? n % LANES : 0;
  for (ptrdiff_t halves = (n - rest + LANES / 2 - 1) / (LANES / 2); halves > 0;) {
    /* Nine and ten halves are cheaper as 6 + 3 or 6 + 4 than as 8 + 1 or 8 + 2. */
    ptrdiff_t width = WIDEST == 8 && (halves == 9 || halves == 10) ? 6
                      : halves < WIDEST                            ? halves
                                                                   : WIDEST;
    switch (width) {
      case 1: NAME(columns_0_1)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 2: NAME(columns_1_0)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 3: NAME(columns_1_1)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 4: NAME(columns_2_0)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 5: NAME(columns_2_1)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 6: NAME(columns_3_0)(rows, length, a, rs, cs, b, bs, c, stride); break;
      case 7: NAME(columns_3_1)(rows, length, a, rs, cs, b, bs, c, stride); break;
      default: NAME(columns_4_0)(rows, length, a, rs, cs, b, bs, c, stride); break;
    }
    b += width * (LANES / 2);
    c += width * (LANES / 2);
    halves -= width;
  }
  while (rest > 0) {
    const ptrdiff_t count = rest > 1 ? 2 : 1;
    T packed[2 * PANEL];
    for (ptrdiff_t l = 0; l < length; l++)
      for (ptrdiff_t k = 0; k < count; k++) packed[k * PANEL + l] = b[l * bs + k];
    (count == 2 ? NAME(dots_2) : NAME(dots_1))(rows, length, a, rs, packed, c, stride);
    b += count;
    c += count;
    rest -= count;
  }
}

static void NAME(multiply_add)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,
                               ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c,
                               ptrdiff_t stride) {
  /* Rows a large power of two apart fall into the same few lines of the cache. Where a tile has
     many rows and few vectors, that decides its speed, and rows are copied apart. */
  const int collides = cs == 1 && rs * sizeof(T) % 2048 == 0 && n <= LANES + LANES / 2;
  enum { most = 48, short_panel = 256, apart = short_panel + LANES };
  /* One vector of b is little to read again, and long rows are what memory is quickest at. */
  const ptrdiff_t panel = collides ? short_panel : n <= LANES && cs == 1 ? length : PANEL;
  for (ptrdiff_t l = 0; l < length; l += panel) {
    ptrdiff_t count = length - l < panel ? length - l : panel;
    const T *left = a + l * cs, *right = b + l * bs;
    if (!collides) {
      NAME(multiply_add_panel)(rows, count, n, left, rs, cs, right, bs, c, stride);
      continue;
    }
    T packed[most * apart];
    for (ptrdiff_t top = 0; top < rows; top += most) {
      ptrdiff_t height = rows - top < most ? rows - top : most;
      for (ptrdiff_t i = 0; i < height; i++)
        __builtin_memcpy(packed + i * apart, left + (top + i) * rs, count * sizeof(T));
      NAME(multiply_add_panel)(height, count, n, packed, apart, 1, right, bs, c + top * stride,
                               stride);
    }
  }
}

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

/* b[k, j] += sum over i of w[i, k] * x[i, j]: the lanes are columns of x, so that no component is
   padding, whatever the rank is. Two rows fetch a line of next_x and one of next_b ahead, or copy 1, 2 or 4
   lines of next_x to `copy`, and fetch one of `later`, which no kernel reads soon, to the
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
#if SUM_VECTORS > 1
#define COLUMN_SUMS_OF(WIDTH)              \
  COLUMN_SUMS_EXPANDED(WIDTH, SUM_VECTORS) \
  COLUMN_SUMS_EXPANDED(WIDTH, 1)
#else
#define COLUMN_SUMS_OF(WIDTH) COLUMN_SUMS_EXPANDED(WIDTH, 1)
#endif
COLUMN_SUMS_OF(1)
COLUMN_SUMS_OF(2)
COLUMN_SUMS_OF(3)
COLUMN_SUMS_OF(4)
COLUMN_SUMS_OF(5)
COLUMN_SUMS_OF(6)
#define SUM_WIDTH 6

/* Rows of X that XᵀW goes over at once, and the most of them that are one group. */
#define SUM_ROWS 48
#define MOST_SUM_ROWS 64

/* At most MOST_SUM_ROWS rows. `later`: rows as many and as far apart, or NULL. */
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
  T packed[2][MOST_SUM_ROWS * (SUM_VECTORS > 2 ? across : 2 * LANES)] __attribute__((aligned(64)));
  int now = 0;
  /* Tiles of about equal width: 49 components go as 4 x 6 + 5 x 5. */
  const ptrdiff_t tiles = (rank + SUM_WIDTH - 1) / SUM_WIDTH;
  /* Where rows fall into the same lines of the cache, what three tiles read is copied; elsewhere what
     four read, if it is near: copying waits for it. Tiles of one vector copy nothing meanwhile, which
     pays if rows lie pages apart. */
  const ptrdiff_t apart = xs * (ptrdiff_t)sizeof(T);
  const int is_near = SUM_VECTORS > 1 ? later != NULL : apart >= 4096;
  const int is_shared = tiles > 2 && (apart % 2048 == 0 || (tiles > 3 && is_near));
  const ptrdiff_t vectors = columns / LANES;
  ptrdiff_t fetched = 0;
  for (ptrdiff_t j = 0; j < columns;) {
    const int is_wide = j + across <= columns;
    const T *xj = x + j;
    ptrdiff_t step = xs;
    if (j + LANES > columns) {
      const ptrdiff_t rest = columns - j;
      step = 2 * LANES;
      for (ptrdiff_t i = 0; i < rows; i++) {
        T *place = packed[now] + i * step;
        STORE(place + LANES, SPLAT(0));
        /* A whole vector that ends with the row, or what there is of one. */
        if (columns >= LANES)
          STORE(place, LOAD(xj + i * xs + rest - LANES));
        else
          for (ptrdiff_t l = 0; l < rest; l++) place[LANES - rest + l] = xj[i * xs + l];
      }
      xj = packed[now] + LANES - rest;
    } else if (is_wide && is_shared) {
      /* The first columns; wide tiles copy the others while the ones before them are summed. */
      for (ptrdiff_t i = j == 0 || SUM_VECTORS == 1 ? 0 : rows - rows % 2; i < rows; i++)
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
      const ptrdiff_t half = piece % 2 * (rows / 2), line = piece / 2 * (copies ? lines * LANES : LANES);
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

static void NAME(gather_add)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,
                             ptrdiff_t h_stride, ptrdiff_t n, T *a) {
  for (ptrdiff_t column = 0; column < n;) {
    ptrdiff_t vectors = (n - column) / LANES;
    if (vectors >= 4) {
      V sum0 = LOAD(a + column), sum1 = LOAD(a + column + LANES);
      V sum2 = LOAD(a + column + 2 * LANES), sum3 = LOAD(a + column + 3 * LANES);
      for (ptrdiff_t t = 0; t < count; t++) {
        const T *row = h + index[t] * h_stride + column;
        V value = SPLAT(x[t]);
        sum0 = FMA(value, LOAD(row), sum0);
        sum1 = FMA(value, LOAD(row + LANES), sum1);
        sum2 = FMA(value, LOAD(row + 2 * LANES), sum2);
        sum3 = FMA(value, LOAD(row + 3 * LANES), sum3);
      }
      STORE(a + column, sum0);
      STORE(a + column + LANES, sum1);
      STORE(a + column + 2 * LANES, sum2);
      STORE(a + column + 3 * LANES, sum3);
      column += 4 * LANES;
    } else if (vectors >= 2) {
      V sum0 = LOAD(a + column), sum1 = LOAD(a + column + LANES);
      for (ptrdiff_t t = 0; t < count; t++) {
        const T *row = h + index[t] * h_stride + column;
        V value = SPLAT(x[t]);
        sum0 = FMA(value, LOAD(row), sum0);
        sum1 = FMA(value, LOAD(row + LANES), sum1);
      }
      STORE(a + column, sum0);
      STORE(a + column + LANES, sum1);
      column += 2 * LANES;
    } else {
      V sum = LOAD(a + column);
      for (ptrdiff_t t = 0; t < count; t++)
        sum = FMA(SPLAT(x[t]), LOAD(h + index[t] * h_stride + column), sum);
      STORE(a + column, sum);
      column += LANES;
    }
  }
}

/* Products of a matrix with a factor; included by template.h. */

/* Lines that a tile fetches ahead in a column: one of each of its rows by the end of a line. Of four columns
   side by side low tiles need only the first ones for that. */
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
    if (ROWS > 1 && (at) * LANES < 4 * ROWS)                                                    \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < AHEAD(ROWS); n++) {                \
        __builtin_prefetch(ahead);                                                              \
        ahead += rs;                                                                            \
      }                                                                                         \
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

/* Tiles of as many rows as `most` allows. Few rows are left over from them, but one at a time they would
   wait for each sum: 32 rows go as 4 x 6 + 2 x 4. */
#define MULTIPLY_ADD_WIDTH(WIDTH, HALF, BIG, FEW)                                                \
  MULTIPLY_ADD(BIG, WIDTH, HALF)                                                                 \
  MULTIPLY_ADD(4, WIDTH, HALF)                                                                   \
  MULTIPLY_ADD(1, WIDTH, HALF)                                                                   \
  static void CONCAT(columns_##WIDTH##_##HALF, S, SET)(                                          \
      ptrdiff_t rows, ptrdiff_t length, const T *a, ptrdiff_t rs, ptrdiff_t cs, const T *b,      \
      ptrdiff_t bs, T *c, ptrdiff_t stride, ptrdiff_t most) {                                    \
    const ptrdiff_t left = BIG == 6 && rows % 6 == 2 && rows > 2 ? 8 : 0;                        \
    ptrdiff_t i = 0;                                                                             \
    for (; BIG <= most && i + BIG <= rows - left; i += BIG)                                      \
      CONCAT(tile_##BIG##_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs,           \
                                                    c + i * stride, stride);                     \
    for (; i + FEW <= rows; i += FEW)                                                            \
      CONCAT(tile_##FEW##_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs,           \
                                                    c + i * stride, stride);                     \
    for (; i + 4 <= rows; i += 4)                                                                \
      CONCAT(tile_4_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride, \
                                              stride);                                           \
    for (; i < rows; i++)                                                                        \
      CONCAT(tile_1_##WIDTH##_##HALF, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride, \
                                              stride);                                           \
  }

/* The expansion of TILE must happen before the tokens are pasted. */
#define MULTIPLY_ADD_EXPANDED(WIDTH, HALF, BIG, FEW) MULTIPLY_ADD_WIDTH(WIDTH, HALF, BIG, FEW)
/* Rows a large power of two apart fall into the same lines of the first-level cache, which holds eight of
   them or twelve: taller tiles would read each of them again for every column. */
#define COLLIDING 8
#if TILE_1 > COLLIDING
#define FEW_ROWS 8
MULTIPLY_ADD(8, 0, 1)
MULTIPLY_ADD(8, 1, 0)
MULTIPLY_ADD(8, 1, 1)
#else
#define FEW_ROWS 4
#endif
MULTIPLY_ADD_EXPANDED(0, 1, TILE_HALF, FEW_ROWS)
MULTIPLY_ADD_EXPANDED(1, 0, TILE_1, FEW_ROWS)
MULTIPLY_ADD_EXPANDED(1, 1, TILE_2, FEW_ROWS)
MULTIPLY_ADD_EXPANDED(2, 0, TILE_2, 4)
MULTIPLY_ADD_EXPANDED(2, 1, TILE_3, 4)
MULTIPLY_ADD_EXPANDED(3, 0, TILE_3, 4)
MULTIPLY_ADD_EXPANDED(3, 1, TILE_4, 4)
MULTIPLY_ADD_EXPANDED(4, 0, TILE_4, 4)
#undef FEW_ROWS

static void NAME(multiply_add_panel)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,
                                     ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c,
                                     ptrdiff_t stride) {
  /* Wider tiles are few rows high, or read what they have to again for fewer columns. */
  const int collides = cs == 1 && rs * sizeof(T) % 2048 == 0 && n <= LANES + LANES / 2;
  const ptrdiff_t most = collides ? COLLIDING : rows;
  ptrdiff_t rest = cs == 1 && n > LANES && n % LANES <= LANES / 4 ? n % LANES : 0;
  for (ptrdiff_t halves = (n - rest + LANES / 2 - 1) / (LANES / 2); halves > 0;) {
    /* Nine and ten halves are cheaper as 6 + 3 or 6 + 4 than as 8 + 1 or 8 + 2. */
    ptrdiff_t width = WIDEST == 8 && (halves == 9 || halves == 10) ? 6
                      : halves < WIDEST                            ? halves
                                                                   : WIDEST;
    switch (width) {
      case 1: NAME(columns_0_1)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 2: NAME(columns_1_0)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 3: NAME(columns_1_1)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 4: NAME(columns_2_0)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 5: NAME(columns_2_1)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 6: NAME(columns_3_0)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      case 7: NAME(columns_3_1)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
      default: NAME(columns_4_0)(rows, length, a, rs, cs, b, bs, c, stride, most); break;
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
    (count == 2 ? NAME(last_dots_2) : NAME(last_dots_1))(rows, length, a, rs, packed, c, stride);
    b += count;
    c += count;
    rest -= count;
  }
}

static void NAME(multiply_add)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,
                               ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c,
                               ptrdiff_t stride) {
  /* One vector of b is little to read again, and long rows are what memory is quickest at. */
  const ptrdiff_t panel = n <= LANES && cs == 1 ? length : PANEL;
  for (ptrdiff_t l = 0; l < length; l += panel) {
    ptrdiff_t count = length - l < panel ? length - l : panel;
    NAME(multiply_add_panel)(rows, count, n, a + l * cs, rs, cs, b + l * bs, bs, c, stride);
  }
}

/* WIDTH vectors, and half a vector more where HALF is 1, of the rows that a row of X points to. */
#define INDEX(t) (narrow ? ((const uint16_t *)index)[t] : ((const int32_t *)index)[t])
#define GATHER(WIDTH, HALF)                                                                      \
  static inline __attribute__((always_inline)) void CONCAT(gather_##WIDTH##_##HALF, S, SET)(     \
      const int narrow, ptrdiff_t count, const void *index, const T *x, const T *h,              \
      ptrdiff_t h_stride, T *a) {                                                                \
    V sum[WIDTH + !WIDTH];                                                                       \
    NAME(half) rest;                                                                             \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                           \
        sum[n] = LOAD(a + n * LANES);                                                            \
    if (HALF) rest = *(const NAME(uhalf) *)(a + WIDTH * LANES);                                  \
    for (ptrdiff_t t = 0; t < count; t++) {                                                      \
      const T *row = h + INDEX(t) * h_stride;                                                    \
      V value = SPLAT(x[t]);                                                                     \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                         \
          sum[n] = FMA(value, LOAD(row + n * LANES), sum[n]);                                    \
      if (HALF) rest = FMA(value.lo, *(const NAME(uhalf) *)(row + WIDTH * LANES), rest);         \
    }                                                                                            \
    _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                           \
        STORE(a + n * LANES, sum[n]);                                                            \
    if (HALF) *(NAME(uhalf) *)(a + WIDTH * LANES) = rest;                                        \
  }
GATHER(0, 1)
GATHER(1, 0)
GATHER(1, 1)
GATHER(2, 0)
GATHER(2, 1)
GATHER(3, 0)
GATHER(3, 1)
GATHER(4, 0)

/* n is a multiple of half a vector. */
static inline __attribute__((always_inline)) void NAME(gather_rows)(
    const int narrow, ptrdiff_t count, const void *index, const T *x, const T *h,
    ptrdiff_t h_stride, ptrdiff_t n, T *a) {
#define GATHERED(WIDTH, HALF) \
  CONCAT(gather_##WIDTH##_##HALF, S, SET)(narrow, count, index, x, h, h_stride, a)
  while (n > 0) {
    const ptrdiff_t halves = n / (LANES / 2) < 8 ? n / (LANES / 2) : 8;
    switch (halves) {
      case 1: GATHERED(0, 1); break;
      case 2: GATHERED(1, 0); break;
      case 3: GATHERED(1, 1); break;
      case 4: GATHERED(2, 0); break;
      case 5: GATHERED(2, 1); break;
      case 6: GATHERED(3, 0); break;
      case 7: GATHERED(3, 1); break;
      default: GATHERED(4, 0);
    }
    h += halves * (LANES / 2);
    a += halves * (LANES / 2);
    n -= halves * (LANES / 2);
  }
#undef GATHERED
}

static void NAME(gather_add)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,
                             ptrdiff_t h_stride, ptrdiff_t n, T *a) {
  NAME(gather_rows)(0, count, index, x, h, h_stride, n, a);
}

static void NAME(gather_add_narrow)(ptrdiff_t count, const uint16_t *index, const T *x, const T *h,
                                    ptrdiff_t h_stride, ptrdiff_t n, T *a) {
  NAME(gather_rows)(1, count, index, x, h, h_stride, n, a);
}

#undef INDEX
#undef GATHER

/* The kernels for one scalar type and one instruction set: the including file defines
     T       float or double
     S       the suffix of its names
     LANES   numbers in 64 bytes
     MASK    the signed integer type of T's size
     SET     the name of the instruction set
     TILE(n) rows of a register tile that is n vectors wide
   Vectors are 64 bytes everywhere and the compiler splits them where registers are shorter: the
   order of additions, and so every bit, is the same on all processors. */

/* Vectors are passed to inlined functions only, so their calling convention does not matter. */
#pragma clang diagnostic ignored "-Wpsabi"

/* Whether a product and a sum are one operation is said by FMA, never left to the compiler: it
   would decide by the instruction set. */
#pragma STDC FP_CONTRACT OFF

#define CONCAT_(a, b, c) a##_##b##_##c
#define CONCAT(a, b, c) CONCAT_(a, b, c)
#define NAME(x) CONCAT(x, S, SET)

typedef T NAME(v) __attribute__((ext_vector_type(LANES)));
typedef T NAME(u) __attribute__((ext_vector_type(LANES), aligned(sizeof(T)), may_alias));
typedef MASK NAME(m) __attribute__((ext_vector_type(LANES)));
#define V NAME(v)
#define LOAD(p) (*(const NAME(u) *)(p))
#define STORE(p, x) (*(NAME(u) *)(p) = (x))
#define FMA(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#define SPLAT(x) ((V)(T)(x))
#define SELECT(mask, a, b) ((mask) ? (a) : (b))

/* The sum of the lanes, by halves. */
static inline __attribute__((always_inline)) T NAME(total)(V x) {
  T part[LANES];
  STORE(part, x);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

/* ---- products ---- */

#define MULTIPLY_ADD(ROWS, WIDTH)                                                               \
  static void CONCAT(tile_##ROWS##_##WIDTH, S, SET)(                                            \
      ptrdiff_t length, const T *a, ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c, \
      ptrdiff_t stride) {                                                                       \
    V sum[ROWS][WIDTH];                                                                         \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                           \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                      \
            sum[i][n] = LOAD(c + i * stride + n * LANES);                                       \
    for (ptrdiff_t l = 0; l < length; l++) {                                                    \
      V right[WIDTH];                                                                           \
      _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                        \
          right[n] = LOAD(b + l * bs + n * LANES);                                              \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++) {                       \
        V left = SPLAT(a[i * rs + l * cs]);                                                     \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                      \
            sum[i][n] = FMA(left, right[n], sum[i][n]);                                         \
      }                                                                                         \
    }                                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < ROWS; i++)                           \
        _Pragma("clang loop unroll(full)") for (int n = 0; n < WIDTH; n++)                      \
            STORE(c + i * stride + n * LANES, sum[i][n]);                                       \
  }

#define MULTIPLY_ADD_WIDTH(WIDTH, BIG)                                                           \
  MULTIPLY_ADD(BIG, WIDTH)                                                                       \
  MULTIPLY_ADD(1, WIDTH)                                                                         \
  static void CONCAT(columns_##WIDTH, S, SET)(                                                   \
      ptrdiff_t rows, ptrdiff_t length, const T *a, ptrdiff_t rs, ptrdiff_t cs, const T *b,      \
      ptrdiff_t bs, T *c, ptrdiff_t stride) {                                                    \
    ptrdiff_t i = 0;                                                                             \
    for (; i + BIG <= rows; i += BIG)                                                            \
      CONCAT(tile_##BIG##_##WIDTH, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride,    \
                                           stride);                                              \
    for (; i < rows; i++)                                                                        \
      CONCAT(tile_1_##WIDTH, S, SET)(length, a + i * rs, rs, cs, b, bs, c + i * stride, stride); \
  }

/* The expansion of TILE must happen before the tokens are pasted. */
#define MULTIPLY_ADD_EXPANDED(WIDTH, BIG) MULTIPLY_ADD_WIDTH(WIDTH, BIG)
MULTIPLY_ADD_EXPANDED(1, TILE_1)
MULTIPLY_ADD_EXPANDED(2, TILE_2)
MULTIPLY_ADD_EXPANDED(3, TILE_3)
MULTIPLY_ADD_EXPANDED(4, TILE_4)

static void NAME(multiply_add)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,
                               ptrdiff_t rs, ptrdiff_t cs, const T *b, ptrdiff_t bs, T *c,
                               ptrdiff_t stride) {
  /* A panel of b this long stays in the second-level cache while the rows go by. */
  const ptrdiff_t panel = 512;
  for (ptrdiff_t l = 0; l < length; l += panel) {
    ptrdiff_t count = length - l < panel ? length - l : panel;
    const T *left = a + l * cs;
    const T *right = b + l * bs;
    ptrdiff_t column = 0;
    for (ptrdiff_t vectors = n / LANES; vectors > 0;) {
      /* Five vectors are cheaper as 3 + 2 than as 4 + 1. */
      ptrdiff_t width = vectors == 5 ? 3 : vectors < 4 ? vectors : 4;
      const T *bc = right + column;
      T *cc = c + column;
      switch (width) {
        case 1: NAME(columns_1)(rows, count, left, rs, cs, bc, bs, cc, stride); break;
        case 2: NAME(columns_2)(rows, count, left, rs, cs, bc, bs, cc, stride); break;
        case 3: NAME(columns_3)(rows, count, left, rs, cs, bc, bs, cc, stride); break;
        default: NAME(columns_4)(rows, count, left, rs, cs, bc, bs, cc, stride); break;
      }
      column += width * LANES;
      vectors -= width;
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

/* ---- transposes of one vector by one vector ---- */

#undef LANE_LIST
#if LANES == 16
#define LANE_LIST(F) F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), \
                     F(12), F(13), F(14), F(15)
#else
#define LANE_LIST(F) F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7)
#endif
#define UPPER_1(l) ((l) & 1 ? LANES + (l) - 1 : (l))
#define LOWER_1(l) ((l) & 1 ? LANES + (l) : (l) + 1)
#define UPPER_2(l) ((l) & 2 ? LANES + (l) - 2 : (l))
#define LOWER_2(l) ((l) & 2 ? LANES + (l) : (l) + 2)
#define UPPER_4(l) ((l) & 4 ? LANES + (l) - 4 : (l))
#define LOWER_4(l) ((l) & 4 ? LANES + (l) : (l) + 4)
#define UPPER_8(l) ((l) & 8 ? LANES + (l) - 8 : (l))
#define LOWER_8(l) ((l) & 8 ? LANES + (l) : (l) + 8)
#define EXCHANGE(D)                                                                    \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++) if (!(i & D)) {   \
    V top = row[i], bottom = row[i + D];                                               \
    row[i] = __builtin_shufflevector(top, bottom, LANE_LIST(UPPER_##D));               \
    row[i + D] = __builtin_shufflevector(top, bottom, LANE_LIST(LOWER_##D));           \
  }

static inline __attribute__((always_inline)) void NAME(transpose)(V row[LANES]) {
  EXCHANGE(1)
  EXCHANGE(2)
  EXCHANGE(4)
#if LANES == 16
  EXCHANGE(8)
#endif
}

/* ---- least squares: coordinate descent on rows ---- */

/* Rows lie in lanes: GROUPS vectors of rows go through the coordinates side by side, so that one
   load of an entry of G serves them all and the additions of one do not wait for another's. */
#define GROUPS 4

static void NAME(hals)(ptrdiff_t rows, ptrdiff_t rank, T *w, ptrdiff_t w_stride, const T *a,
                       ptrdiff_t a_stride, const T *g, ptrdiff_t g_stride, ptrdiff_t sweeps,
                       T *scratch) {
  const ptrdiff_t width = GROUPS * LANES;
  T *wt = scratch, *at = scratch + rank * width;
  for (ptrdiff_t first = 0; first < rows; first += width) {
    ptrdiff_t count = rows - first < width ? rows - first : width;
    for (ptrdiff_t group = 0; group < GROUPS; group++)
      for (ptrdiff_t k = 0; k < rank; k += LANES) {
        V wr[LANES], ar[LANES];
        for (ptrdiff_t i = 0; i < LANES; i++) {
          ptrdiff_t row = group * LANES + i;
          wr[i] = row < count ? LOAD(w + (first + row) * w_stride + k) : SPLAT(0);
          ar[i] = row < count ? LOAD(a + (first + row) * a_stride + k) : SPLAT(0);
        }
        NAME(transpose)(wr);
        NAME(transpose)(ar);
        for (ptrdiff_t i = 0; i < LANES && k + i < rank; i++) {
          STORE(wt + (k + i) * width + group * LANES, wr[i]);
          STORE(at + (k + i) * width + group * LANES, ar[i]);
        }
      }
    for (ptrdiff_t sweep = 0; sweep < sweeps; sweep++)
      for (ptrdiff_t k = 0; k < rank; k++) {
        T curvature = g[k * g_stride + k];
        if (!(curvature > 0)) continue;
        V sum[GROUPS];
        _Pragma("clang loop unroll(full)") for (int n = 0; n < GROUPS; n++)
            sum[n] = LOAD(at + k * width + n * LANES);
        for (ptrdiff_t l = 0; l < rank; l++) {
          V entry = SPLAT(-g[k * g_stride + l]);
          _Pragma("clang loop unroll(full)") for (int n = 0; n < GROUPS; n++)
              sum[n] = FMA(LOAD(wt + l * width + n * LANES), entry, sum[n]);
        }
        V inverse = SPLAT(1 / curvature);
        _Pragma("clang loop unroll(full)") for (int n = 0; n < GROUPS; n++) {
          V moved = FMA(sum[n], inverse, LOAD(wt + k * width + n * LANES));
          NAME(m) positive = moved > SPLAT(0);
          STORE(wt + k * width + n * LANES, SELECT(positive, moved, SPLAT(0)));
        }
      }
    for (ptrdiff_t group = 0; group * LANES < count; group++)
      for (ptrdiff_t k = 0; k < rank; k += LANES) {
        V wr[LANES];
        for (ptrdiff_t i = 0; i < LANES; i++)
          wr[i] = k + i < rank ? LOAD(wt + (k + i) * width + group * LANES) : SPLAT(0);
        NAME(transpose)(wr);
        for (ptrdiff_t i = 0; i < LANES && group * LANES + i < count; i++)
          STORE(w + (first + group * LANES + i) * w_stride + k, wr[i]);
      }
  }
}

/* ---- logarithm ---- */

/* log x for normal x > 0, in double: x = 2^e m with m in [sqrt 1/2, sqrt 2), s = (m - 1)/(m + 1),
   log m = 2 atanh s by its series; within 2 ulp. One formula for every processor: libm's differ. */
typedef double NAME(d8) __attribute__((ext_vector_type(8)));
typedef double NAME(ud8) __attribute__((ext_vector_type(8), aligned(8), may_alias));
typedef int64_t NAME(i8) __attribute__((ext_vector_type(8)));
typedef union {
  NAME(d8) value;
  NAME(i8) bits;
} NAME(words);

static inline __attribute__((always_inline)) NAME(d8) NAME(log)(NAME(d8) x) {
  NAME(i8) bits = ((NAME(words)){.value = x}).bits;
  /* Adding the distance from sqrt 1/2 to 1 makes the exponent change at sqrt 2. */
  NAME(i8) shifted = bits + (0x3FF0000000000000LL - 0x3FE6A09E667F3BCDLL);
  NAME(i8) exponent = (shifted >> 52) - 1023;
  NAME(d8) m = ((NAME(words)){.bits = bits - (exponent << 52)}).value;
  NAME(d8) e = __builtin_convertvector(exponent, NAME(d8));
  NAME(d8) s = (m - 1.0) / (m + 1.0);
  NAME(d8) z = s * s;
  NAME(d8) p = (NAME(d8))(2.0 / 23);
  p = FMA(p, z, (NAME(d8))(2.0 / 21));
  p = FMA(p, z, (NAME(d8))(2.0 / 19));
  p = FMA(p, z, (NAME(d8))(2.0 / 17));
  p = FMA(p, z, (NAME(d8))(2.0 / 15));
  p = FMA(p, z, (NAME(d8))(2.0 / 13));
  p = FMA(p, z, (NAME(d8))(2.0 / 11));
  p = FMA(p, z, (NAME(d8))(2.0 / 9));
  p = FMA(p, z, (NAME(d8))(2.0 / 7));
  p = FMA(p, z, (NAME(d8))(2.0 / 5));
  p = FMA(p, z, (NAME(d8))(2.0 / 3));
  NAME(d8) low = FMA(s * z, p, e * 1.42860682030941723212e-6);
  return FMA(e, (NAME(d8))6.93145751953125e-1, 2.0 * s + low);
}

/* Sum of x log v where x > 0; v is not read elsewhere. */
static double NAME(x_log_v)(ptrdiff_t count, const T *x, const T *v) {
  NAME(d8) sum = {};
  for (ptrdiff_t t = 0; t < count; t += 8) {
    double xs[8], vs[8];
    for (int i = 0; i < 8; i++) {
      int inside = t + i < count && x[t + i] > 0;
      xs[i] = inside ? x[t + i] : 0;
      vs[i] = inside ? v[t + i] : 1;
    }
    sum = FMA(*(NAME(ud8) *)xs, NAME(log)(*(NAME(ud8) *)vs), sum);
  }
  double total = 0;
  for (int i = 0; i < 8; i++) total += sum[i];
  return total;
}

static double NAME(squared_distance)(ptrdiff_t count, const T *x, const T *v) {
  NAME(d8) sum = {};
  for (ptrdiff_t t = 0; t < count; t += 8) {
    double d[8];
    for (int i = 0; i < 8; i++) d[i] = t + i < count ? (double)x[t + i] - (double)v[t + i] : 0;
    NAME(d8) difference = *(NAME(ud8) *)d;
    sum = FMA(difference, difference, sum);
  }
  double total = 0;
  for (int i = 0; i < 8; i++) total += sum[i];
  return total;
}

#include "poisson.h"
#include "contrast.h"

static const CONCAT(nmf, kernels, S) NAME(table) = {
    NAME(multiply_add),  NAME(hals),          NAME(gather_add), NAME(poisson_row),
    NAME(poisson_group), NAME(squared_distance), NAME(x_log_v),
    NAME(contrast),
};

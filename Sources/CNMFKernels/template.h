/* The kernels for one scalar type and one instruction set: the including file defines
     T       float or double
     S       the suffix of its names
     LANES   numbers in 64 bytes
     MASK    the signed integer type of T's size
     SET     the name of the instruction set
     TILE_HALF, TILE_n  rows of a register tile of a product that is half a vector, or n vectors, wide
     WIDEST  the most half vectors of such a tile
     SUM_VECTORS  vectors of a tile of column sums; where it is 1, Gram matrices have tiles too
     HALS_AT_ONCE  vectors of rows, of GROUPS, whose sums coordinate descent forms at once
     DOT_ROWS, MOST_DOTS  rows and most components of a tile of dot products
     ONE_REGISTER(x)  keeps a vector whole where a register holds one: its lower half is then free, and
                  not made by an instruction of its own
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
typedef T NAME(half) __attribute__((ext_vector_type(LANES / 2)));
typedef T NAME(uhalf) __attribute__((ext_vector_type(LANES / 2), aligned(sizeof(T)), may_alias));
#define V NAME(v)
#define LOAD(p) (*(const NAME(u) *)(p))
#define STORE(p, x) (*(NAME(u) *)(p) = (x))
#define FMA(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#define SPLAT(x) ((V)(T)(x))
#define SELECT(mask, a, b) ((mask) ? (a) : (b))

/* The sum of the lanes, by halves. */
static inline __attribute__((always_inline)) T NAME(total)(V x) {
  NAME(half) half = x.lo + x.hi;
  __typeof__(half.lo) pair = half.lo + half.hi;
#if LANES == 16
  __typeof__(pair.lo) last = pair.lo + pair.hi;
#else
  __typeof__(pair) last = pair;
#endif
  return last.x + last.y;
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
  _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++) if (!(i & D)) {   \
    V top = row[i], bottom = row[i + D];                                               \
    row[i] = __builtin_shufflevector(top, bottom, LANE_LIST(UPPER_##D));               \
    row[i + D] = __builtin_shufflevector(top, bottom, LANE_LIST(LOWER_##D));           \
  }

/* Transposes each count x count block that lies side by side in `count` vectors. */
static inline __attribute__((always_inline)) void NAME(transpose_blocks)(V *row, const int count) {
  EXCHANGE(1)
  if (count > 2) { EXCHANGE(2) }
  if (count > 4) { EXCHANGE(4) }
#if LANES == 16
  if (count > 8) { EXCHANGE(8) }
#endif
}

static inline __attribute__((always_inline)) void NAME(transpose)(V row[LANES]) {
  NAME(transpose_blocks)(row, LANES);
}

/* Row j of `to` gets column j of `from`, and zeros from `rows` up to `width`. */
static void NAME(transposed)(ptrdiff_t rows, ptrdiff_t columns, const T *from, ptrdiff_t from_stride,
                             T *to, ptrdiff_t to_stride, ptrdiff_t width) {
  for (ptrdiff_t i = 0; i < width; i += LANES)
    for (ptrdiff_t j = 0; j < columns; j += LANES) {
      V tile[LANES];
      for (ptrdiff_t k = 0; k < LANES; k++)
        tile[k] = i + k < rows ? LOAD(from + (i + k) * from_stride + j) : SPLAT(0);
      NAME(transpose)(tile);
      for (ptrdiff_t k = 0; k < LANES && j + k < columns; k++) {
        T *place = to + (j + k) * to_stride + i;
        if (i + LANES <= width)
          STORE(place, tile[k]);
        else if (i + LANES / 2 == width)
          *(NAME(uhalf) *)place = tile[k].lo;
        else
          for (ptrdiff_t n = 0; n < width - i; n++) place[n] = tile[k][n];
      }
    }
}

/* Columns of a panel: what a product reads again for it stays in the second-level cache. */
#define PANEL 512

#include "dots.h"
#include "products.h"
#include "column_sums.h"
#include "gram.h"

/* ---- least squares: coordinate descent on rows ---- */

/* Rows lie in lanes: up to GROUPS vectors of rows go through the coordinates side by side, and
   BLOCK coordinates at a time, so that a load serves several products. Within a block the later
   coordinates are told what the earlier ones have moved, which is cyclic descent all the same. Each
   waits for that; so all groups do it side by side, also where registers hold the sums of one of them. */
#define GROUPS 3
#define BLOCK 4

static inline __attribute__((always_inline)) void NAME(hals_block)(
    const int groups, const int block, ptrdiff_t k, ptrdiff_t rank, T *wt, const T *at, const T *lt,
    const T *g, ptrdiff_t g_stride) {
  const ptrdiff_t width = GROUPS * LANES;
  V sum[BLOCK][GROUPS];
  _Pragma("clang loop unroll(full)") for (int first = 0; first < groups; first += HALS_AT_ONCE) {
    const int count = groups - first < HALS_AT_ONCE ? groups - first : HALS_AT_ONCE;
    V part[BLOCK][HALS_AT_ONCE];
    _Pragma("clang loop unroll(full)") for (int c = 0; c < block; c++)
        _Pragma("clang loop unroll(full)") for (int n = 0; n < count; n++)
            part[c][n] = LOAD(at + (k + c) * width + (first + n) * LANES);
    for (ptrdiff_t l = 0; l < rank; l++) {
      V now[HALS_AT_ONCE];
      _Pragma("clang loop unroll(full)") for (int n = 0; n < count; n++)
          now[n] = LOAD(wt + l * width + (first + n) * LANES);
      _Pragma("clang loop unroll(full)") for (int c = 0; c < block; c++) {
        V entry = SPLAT(g[(k + c) * g_stride + l]);
        _Pragma("clang loop unroll(full)") for (int n = 0; n < count; n++)
            part[c][n] = FMA(-now[n], entry, part[c][n]);
      }
    }
    _Pragma("clang loop unroll(full)") for (int c = 0; c < block; c++)
        _Pragma("clang loop unroll(full)") for (int n = 0; n < count; n++)
            sum[c][first + n] = part[c][n];
  }
  _Pragma("clang loop unroll(full)") for (int c = 0; c < block; c++) {
    T curvature = g[(k + c) * g_stride + k + c];
    if (!(curvature > 0)) continue;
    V inverse = SPLAT(1 / curvature);
    _Pragma("clang loop unroll(full)") for (int n = 0; n < groups; n++) {
      T *place = wt + (k + c) * width + n * LANES;
      V now = LOAD(place);
      V moved = FMA(sum[c][n], inverse, now);
      V least = lt ? LOAD(lt + (k + c) * width + n * LANES) : SPLAT(0);
      NAME(m) inside = moved > least;
      V next = SELECT(inside, moved, least);
      STORE(place, next);
      V back = now - next;
      _Pragma("clang loop unroll(full)") for (int d = c + 1; d < block; d++)
          sum[d][n] = FMA(back, SPLAT(g[(k + d) * g_stride + k + c]), sum[d][n]);
    }
  }
}

static inline __attribute__((always_inline)) void NAME(hals_sweeps)(
    const int groups, ptrdiff_t rank, T *wt, const T *at, const T *lt, const T *g,
    ptrdiff_t g_stride, ptrdiff_t sweeps) {
  for (ptrdiff_t sweep = 0; sweep < sweeps; sweep++) {
    ptrdiff_t k = 0;
    for (; k + BLOCK <= rank; k += BLOCK)
      NAME(hals_block)(groups, BLOCK, k, rank, wt, at, lt, g, g_stride);
    switch (rank - k) {
      case 3: NAME(hals_block)(groups, 3, k, rank, wt, at, lt, g, g_stride); break;
      case 2: NAME(hals_block)(groups, 2, k, rank, wt, at, lt, g, g_stride); break;
      case 1: NAME(hals_block)(groups, 1, k, rank, wt, at, lt, g, g_stride); break;
      default: break;
    }
  }
}

/* Row j of `to` gets column j of up to one vector of rows. Up to half a vector of columns takes half as
   many exchanges: two rows then share a vector. */
static inline __attribute__((always_inline)) void NAME(into_lanes)(
    ptrdiff_t rows, ptrdiff_t columns, const T *from, ptrdiff_t stride, T *to, ptrdiff_t to_stride) {
  V row[LANES];
  if (columns > LANES / 2) {
    for (ptrdiff_t i = 0; i < LANES; i++) row[i] = i < rows ? LOAD(from + i * stride) : SPLAT(0);
    NAME(transpose)(row);
  } else {
    for (ptrdiff_t i = 0; i < LANES / 2; i++) {
      const ptrdiff_t j = i + LANES / 2;
      row[i].lo = i < rows ? *(const NAME(uhalf) *)(from + i * stride) : (NAME(half))(0);
      row[i].hi = j < rows ? *(const NAME(uhalf) *)(from + j * stride) : (NAME(half))(0);
    }
    NAME(transpose_blocks)(row, LANES / 2);
  }
  for (ptrdiff_t k = 0; k < LANES && k < columns; k++) STORE(to + k * to_stride, row[k]);
}

/* The way back; what lies beyond half a vector of columns stays as it is. */
static inline __attribute__((always_inline)) void NAME(out_of_lanes)(
    ptrdiff_t rows, ptrdiff_t columns, const T *from, ptrdiff_t from_stride, T *to, ptrdiff_t stride) {
  V row[LANES];
  for (ptrdiff_t k = 0; k < LANES; k++) row[k] = k < columns ? LOAD(from + k * from_stride) : SPLAT(0);
  if (columns > LANES / 2) {
    NAME(transpose)(row);
    for (ptrdiff_t i = 0; i < LANES && i < rows; i++) STORE(to + i * stride, row[i]);
  } else {
    NAME(transpose_blocks)(row, LANES / 2);
    for (ptrdiff_t i = 0; i < LANES / 2; i++) {
      const ptrdiff_t j = i + LANES / 2;
      if (i < rows) *(NAME(uhalf) *)(to + i * stride) = row[i].lo;
      if (j < rows) *(NAME(uhalf) *)(to + j * stride) = row[i].hi;
    }
  }
}

static void NAME(hals)(ptrdiff_t rows, ptrdiff_t rank, T *w, ptrdiff_t w_stride, const T *a,
                       ptrdiff_t a_stride, const T *least, const T *g, ptrdiff_t g_stride,
                       ptrdiff_t sweeps, T *scratch) {
  const ptrdiff_t width = GROUPS * LANES;
  T *wt = scratch, *at = scratch + rank * width, *lt = least ? at + rank * width : 0;
  for (ptrdiff_t first = 0; first < rows; first += width) {
    const ptrdiff_t count = rows - first < width ? rows - first : width;
    for (ptrdiff_t top = 0; top < count; top += LANES)
      for (ptrdiff_t k = 0; k < rank; k += LANES) {
        const ptrdiff_t row = first + top, place = k * width + top;
        if (lt)
          NAME(into_lanes)(count - top, rank - k, least + row * w_stride + k, w_stride, lt + place,
                           width);
        NAME(into_lanes)(count - top, rank - k, w + row * w_stride + k, w_stride, wt + place, width);
        NAME(into_lanes)(count - top, rank - k, a + row * a_stride + k, a_stride, at + place, width);
      }
    if (count > 2 * LANES)
      NAME(hals_sweeps)(3, rank, wt, at, lt, g, g_stride, sweeps);
    else if (count > LANES)
      NAME(hals_sweeps)(2, rank, wt, at, lt, g, g_stride, sweeps);
    else
      NAME(hals_sweeps)(1, rank, wt, at, lt, g, g_stride, sweeps);
    for (ptrdiff_t top = 0; top < count; top += LANES)
      for (ptrdiff_t k = 0; k < rank; k += LANES)
        NAME(out_of_lanes)(count - top, rank - k, wt + k * width + top, width,
                           w + (first + top) * w_stride + k, w_stride);
  }
}

#include "logarithm.h"

static double NAME(squared_distance)(ptrdiff_t count, const T *x, const T *v) {
  typedef T row __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
  NAME(d8) sum[2] = {};
  ptrdiff_t t = 0;
  for (; t + 8 <= count; t += 8) {
    NAME(d8) difference = __builtin_convertvector(*(const row *)(x + t), NAME(d8)) -
                          __builtin_convertvector(*(const row *)(v + t), NAME(d8));
    sum[t / 8 % 2] = FMA(difference, difference, sum[t / 8 % 2]);
  }
  double total = 0;
  for (; t < count; t++) {
    double difference = (double)x[t] - (double)v[t];
    total = FMA(difference, difference, total);
  }
  for (int i = 0; i < 8; i++) total += sum[0][i] + sum[1][i];
  return total;
}

static double NAME(dot)(ptrdiff_t count, const T *x, const T *v) {
  typedef T row __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
  NAME(d8) sum[2] = {};
  for (ptrdiff_t t = 0; t < count; t += 8) {
    NAME(d8) left = __builtin_convertvector(*(const row *)(x + t), NAME(d8));
    NAME(d8) right = __builtin_convertvector(*(const row *)(v + t), NAME(d8));
    sum[t / 8 % 2] = FMA(left, right, sum[t / 8 % 2]);
  }
  double total = 0;
  for (int i = 0; i < 8; i++) total += sum[0][i] + sum[1][i];
  return total;
}

/* A = U'U, then x from U'Ux = b, by rows: every entry is updated in the order of the pivots, so
   the length of a vector does not show. Rows are padded; what is left of the diagonal is not read. */
static int NAME(solve_definite)(ptrdiff_t order, double *a, ptrdiff_t stride, double *b) {
  /* Row k becomes that of the factor, with the inverse of its diagonal entry in place of it. */
  for (ptrdiff_t k = 0; k < order; k++) {
    double *row = a + k * stride;
    if (!(row[k] > 0)) return 0;
    const double inverse = 1 / __builtin_sqrt(row[k]);
    for (ptrdiff_t j = k / 8 * 8; j < order; j += 8) *(NAME(ud8) *)(row + j) *= inverse;
    for (ptrdiff_t i = k + 1; i < order; i++) {
      NAME(d8) factor = (NAME(d8))(-row[i]);
      double *target = a + i * stride;
      for (ptrdiff_t j = i / 8 * 8; j < order; j += 8) {
        NAME(ud8) *place = (NAME(ud8) *)(target + j);
        *place = FMA(factor, *(const NAME(ud8) *)(row + j), (NAME(d8))*place);
      }
    }
    row[k] = inverse;
    b[k] *= inverse;
    for (ptrdiff_t j = k + 1; j < order; j++) b[j] = __builtin_fma(-row[j], b[k], b[j]);
  }
  for (ptrdiff_t k = order; k-- > 0;) {
    const double *row = a + k * stride;
    double even = 0, odd = 0;
    ptrdiff_t j = k + 1;
    for (; j + 2 <= order; j += 2) {
      even = __builtin_fma(row[j], b[j], even);
      odd = __builtin_fma(row[j + 1], b[j + 1], odd);
    }
    if (j < order) even = __builtin_fma(row[j], b[j], even);
    b[k] = (b[k] - (even + odd)) * row[k];
  }
  return 1;
}

#include "poisson.h"
#include "newton.h"
#include "nonnegative.h"
#include "contrast.h"
#include "totals.h"
#include "inspection.h"
#include "widened.h"
static const CONCAT(nmf, kernels, S) NAME(table) = {
    NAME(multiply_add),
    NAME(row_dots),
    NAME(column_sums),
    NAME(gram),
    NAME(hals),
    NAME(gather_add),
    NAME(gather_add_narrow),
    NAME(gather_add_widened),
    NAME(poisson_row),
    NAME(poisson_rows),
    NAME(poisson_group),
    NAME(squared_distance),
    NAME(x_log_v),
    NAME(contrast),
    NAME(dot),
    NAME(poisson_newton),
    NAME(transposed),
    NAME(solve_nonnegative),
    NAME(are_ordinary),
    NAME(add_totals),
    NAME(scan_rows),
    NAME(hash_entries),
    NAME(widen),
    NAME(add_widened),
};

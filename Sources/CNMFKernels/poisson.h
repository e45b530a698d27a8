/* The Poisson half-step: rows of w given h, for sum over j of v_j - x_j log v_j, v = w h.

   Coordinate descent. Along one coordinate the derivative is s - phi(w), with
   phi(w) = sum_j x_j b_j / v_j falling and convex. With S1 = phi(w), S2 = -phi'(w), the function
   1 / phi is concave, so the tangent step on it,
       w + (S1 / S2) (S1 / s - 1),
   is exact for a single pole and never lands beyond the root: it climbs further than Newton's step
   w + (S1 - s) / S2 (which is the tangent step on phi) and falls less far. A step to zero is taken
   only when zero is the minimiser; otherwise the coordinate takes the multiplicative step, which
   cannot fail. */

#define TINY SPLAT(sizeof(T) == 4 ? 1e-15 : 1e-100)
#define MAX(a, b) NAME(larger)((a), (b))

/* The larger of two numbers of which one is not below zero; in single precision by their bits, as processors
   compare whole numbers while they multiply and divide. */
static inline __attribute__((always_inline)) V NAME(larger)(V a, V b) {
#if LANES == 16
  return (V)__builtin_elementwise_max((NAME(m))a, (NAME(m))b);
#else
  return a > b ? a : b;
#endif
}

/* The mass that the coordinate step of an entry would move, in counts. */
static inline double NAME(mass_of_step)(T w, T s, T s1, T s2) {
  if (!(s > 0)) return 0;
  double step = s2 > 0 ? (double)s1 / s2 * ((double)s1 / s - 1) : -(double)w;
  if (step < -(double)w) step = -(double)w;
  return s * (step < 0 ? -step : step);
}

typedef T NAME(quarter) __attribute__((ext_vector_type(LANES / 4), aligned(sizeof(T)), may_alias));
#if LANES == 16
#define JOIN_QUARTERS(a, b) __builtin_shufflevector((a), (b), 0, 1, 2, 3, 4, 5, 6, 7)
#define JOIN_HALVES(a, b) \
  __builtin_shufflevector((a), (b), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#else
#define JOIN_QUARTERS(a, b) __builtin_shufflevector((a), (b), 0, 1, 2, 3)
#define JOIN_HALVES(a, b) __builtin_shufflevector((a), (b), 0, 1, 2, 3, 4, 5, 6, 7)
#endif
#define QUARTER(i) (*(const NAME(quarter) *)(rows[i] + k))

/* Entry k of a vector of rows goes to block[k * step], for all k below the rank. Returns the sum over k
   of w_k times these entries, where w has one number for all rows, or LANES; zero where it has none. A
   quarter of a vector of each row at a time: no rank costs much more than its own entries. */
static inline __attribute__((always_inline)) V NAME(gather)(const T *const rows[LANES],
                                                            ptrdiff_t rank, T *block,
                                                            ptrdiff_t step, const T *w,
                                                            const ptrdiff_t numbers) {
  V sum = SPLAT(0);
  for (ptrdiff_t k = 0; k < rank; k += LANES / 4) {
    V tile[LANES / 4];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES / 4; i++)
        tile[i] = JOIN_HALVES(JOIN_QUARTERS(QUARTER(i), QUARTER(i + LANES / 4)),
                              JOIN_QUARTERS(QUARTER(i + LANES / 2), QUARTER(i + LANES * 3 / 4)));
    NAME(transpose_blocks)(tile, LANES / 4);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES / 4; i++) {
      if (k + i >= rank) break;
      STORE(block + (k + i) * step, tile[i]);
      if (numbers)
        sum = FMA(numbers == 1 ? SPLAT(w[k + i]) : LOAD(w + (k + i) * LANES), tile[i], sum);
    }
  }
  return sum;
}

/* v = w B, rows of B one after another; four vectors side by side. */
static inline void NAME(mix)(ptrdiff_t capacity, ptrdiff_t rank, const T *block, const T *w, T *v) {
  ptrdiff_t t = 0;
  for (; t + 4 * LANES <= capacity; t += 4 * LANES) {
    V sum[4] = {SPLAT(0), SPLAT(0), SPLAT(0), SPLAT(0)};
    for (ptrdiff_t k = 0; k < rank; k++) {
      V weight = SPLAT(w[k]);
      _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
          sum[n] = FMA(weight, LOAD(block + k * capacity + t + n * LANES), sum[n]);
    }
    _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
        STORE(v + t + n * LANES, MAX(sum[n], TINY));
  }
  for (; t < capacity; t += LANES) {
    V sum = SPLAT(0);
    for (ptrdiff_t k = 0; k < rank; k++)
      sum = FMA(SPLAT(w[k]), LOAD(block + k * capacity + t), sum);
    STORE(v + t, MAX(sum, TINY));
  }
}

static nmf_poisson_sums NAME(poisson_row)(int mode, ptrdiff_t count, const int32_t *index,
                                          const T *x, const T *h, ptrdiff_t h_stride,
                                          ptrdiff_t rank, const T *s, T *w, ptrdiff_t sweeps,
                                          T tolerance, T *block) {
  nmf_poisson_sums sums = {0, 0};
  ptrdiff_t capacity = (count + LANES - 1) / LANES * LANES;
  T *xs = block + rank * capacity, *v = xs + capacity;
  int step = mode & NMF_POISSON_STEP;
  /* Gather the rows of h that the row needs, transposed: every later loop is unit-stride. */
  V seen = SPLAT(0);
  for (ptrdiff_t t = 0; t < capacity; t += LANES) {
    const T *rows[LANES];
    if (t + LANES <= count) {
      STORE(xs + t, LOAD(x + t));
      for (ptrdiff_t i = 0; i < LANES; i++) rows[i] = h + index[t + i] * h_stride;
    } else {
      for (ptrdiff_t i = 0; i < LANES; i++) {
        xs[t + i] = t + i < count ? x[t + i] : 0;
        rows[i] = h + (t + i < count ? index[t + i] : index[0]) * h_stride;
      }
    }
    seen = seen + LOAD(xs + t);
    STORE(v + t, MAX(NAME(gather)(rows, rank, block + t, capacity, w, 1), TINY));
  }
  const T total = NAME(total)(seen);
  if (step == NMF_POISSON_COORDINATES) {
    T pending = 0;
    const T *before = block;
    for (ptrdiff_t sweep = 0; sweep < sweeps; sweep++) {
      T moved = 0;
      for (ptrdiff_t k = 0; k < rank; k++) {
        if (!(s[k] > 0)) continue;
        const T *b = block + k * capacity;
        V sum1 = SPLAT(0), sum2 = SPLAT(0), change = SPLAT(pending);
        for (ptrdiff_t t = 0; t < capacity; t += LANES) {
          V now = MAX(FMA(change, LOAD(before + t), LOAD(v + t)), TINY);
          STORE(v + t, now);
          V q = LOAD(b + t) / now;
          V xq = LOAD(xs + t) * q;
          sum1 = sum1 + xq;
          sum2 = FMA(xq, q, sum2);
        }
        T s1 = NAME(total)(sum1), s2 = NAME(total)(sum2);
        T next = 0;
        if (s2 > 0) {
          T multiplier = s1 / s[k];
          next = w[k] + s1 / s2 * (multiplier - 1);
          if (!(next > 0)) {
            next = 0;
            if (w[k] > 0) {
              V without = SPLAT(0), old = SPLAT(w[k]);
              for (ptrdiff_t t = 0; t < capacity; t += LANES)
                without = without + LOAD(xs + t) * LOAD(b + t) /
                                        MAX(LOAD(v + t) - old * LOAD(b + t), TINY);
              if (NAME(total)(without) > s[k]) next = w[k] * multiplier;
            }
          }
        }
        pending = next - w[k];
        before = b;
        w[k] = next;
        moved += (pending < 0 ? -pending : pending) * s[k];
      }
      if (moved <= tolerance * total) break;
    }
    for (ptrdiff_t t = 0; t < capacity; t += LANES)
      STORE(v + t, MAX(FMA(SPLAT(pending), LOAD(before + t), LOAD(v + t)), TINY));
  }
  if (step != NMF_POISSON_COORDINATES) {
    if (step == NMF_POISSON_EVALUATE && mode & NMF_POISSON_MEASURE)
      sums.x_log_v = NAME(x_log_v)(count, xs, v);
    /* From here v holds 1 / v. */
    for (ptrdiff_t t = 0; t < capacity; t += LANES) STORE(v + t, SPLAT(1) / LOAD(v + t));
    for (ptrdiff_t k = 0; k < rank; k++) {
      if (!(s[k] > 0)) continue;
      const T *b = block + k * capacity;
      V sum1 = SPLAT(0), sum2 = SPLAT(0);
      for (ptrdiff_t t = 0; t < capacity; t += LANES) {
        V q = LOAD(b + t) * LOAD(v + t);
        V xq = LOAD(xs + t) * q;
        sum1 = sum1 + xq;
        sum2 = FMA(xq, q, sum2);
      }
      T s1 = NAME(total)(sum1), s2 = NAME(total)(sum2);
      if (step == NMF_POISSON_MULTIPLY)
        w[k] *= s1 / s[k];
      else
        sums.moved += NAME(mass_of_step)(w[k], s[k], s1, s2);
    }
    if (step == NMF_POISSON_MULTIPLY && mode & NMF_POISSON_MEASURE)
      NAME(mix)(capacity, rank, block, w, v);
  }
  if (step != NMF_POISSON_EVALUATE && mode & NMF_POISSON_MEASURE)
    sums.x_log_v = NAME(x_log_v)(count, xs, v);
  return sums;
}

#include "poisson_lanes.h"

#undef QUARTER
#undef JOIN_QUARTERS
#undef JOIN_HALVES
#undef TINY
#undef MAX

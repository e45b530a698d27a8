/* The Poisson half-step of a vector of rows side by side.

   Rows of a sparse X have one lane each. Those of a dense X have `fold` lanes next to each other, 1, 2 or 4,
   which go through the terms in turn: few rows of many terms then make more groups, for more threads, and
   leave fewer lanes empty. */

#define FOLD_2(l) ((l) & 1)
#define FOLD_4(l) ((l) & 3)
#define SWAP_1(l) ((l) ^ 1)
#define SWAP_2(l) ((l) ^ 2)

typedef T NAME(two) __attribute__((ext_vector_type(2), aligned(sizeof(T)), may_alias));
typedef T NAME(four) __attribute__((ext_vector_type(4), aligned(sizeof(T)), may_alias));

/* `fold` numbers again and again. */
static inline __attribute__((always_inline)) V NAME(repeat)(const int fold, const T *numbers) {
  if (fold == 4) {
    NAME(four) four = *(const NAME(four) *)numbers;
    return __builtin_shufflevector(four, four, LANE_LIST(FOLD_4));
  }
  if (fold == 2) {
    NAME(two) two = *(const NAME(two) *)numbers;
    return __builtin_shufflevector(two, two, LANE_LIST(FOLD_2));
  }
  return SPLAT(*numbers);
}

/* Every lane gets the sum of its row's lanes: the same bits for all of them. */
static inline __attribute__((always_inline)) V NAME(fold_sum)(const int fold, V x) {
  if (fold > 1) x = x + __builtin_shufflevector(x, x, LANE_LIST(SWAP_1));
  if (fold > 2) x = x + __builtin_shufflevector(x, x, LANE_LIST(SWAP_2));
  return x;
}

/* The largest of them, none below zero. */
static inline __attribute__((always_inline)) V NAME(fold_largest)(const int fold, V x) {
  if (fold > 1) x = MAX(x, __builtin_shufflevector(x, x, LANE_LIST(SWAP_1)));
  if (fold > 2) x = MAX(x, __builtin_shufflevector(x, x, LANE_LIST(SWAP_2)));
  return x;
}

/* What step j sees of component k: a vector of its own for a sparse X (fold 0), or the next terms. */
#define HELD(k, j) \
  (fold ? NAME(repeat)(fold, held + (k) * stride + (j) * fold) \
        : LOAD(held + (k) * stride + (j) * LANES))

/* v = w B for a vector of rows, four terms side by side. */
static inline __attribute__((always_inline)) void NAME(mix_lanes)(
    const int fold, ptrdiff_t terms, ptrdiff_t rank, const T *held, ptrdiff_t stride,
    const T *wt, T *v) {
  ptrdiff_t j = 0;
  for (; j + 4 <= terms; j += 4) {
    V sum[4] = {SPLAT(0), SPLAT(0), SPLAT(0), SPLAT(0)};
    for (ptrdiff_t k = 0; k < rank; k++) {
      V weight = LOAD(wt + k * LANES);
      _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
          sum[n] = FMA(weight, HELD(k, j + n), sum[n]);
    }
    _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
        STORE(v + (j + n) * LANES, MAX(sum[n], TINY));
  }
  for (; j < terms; j++) {
    V sum = SPLAT(0);
    for (ptrdiff_t k = 0; k < rank; k++) sum = FMA(LOAD(wt + k * LANES), HELD(k, j), sum);
    STORE(v + j * LANES, MAX(sum, TINY));
  }
}

/* One half-step of a vector of rows; wt holds them transposed, xs and v = w B have terms vectors. */
static inline __attribute__((always_inline)) nmf_poisson_sums NAME(lanes_step)(
    const int fold, int mode, ptrdiff_t rows, ptrdiff_t terms, const T *held, ptrdiff_t stride,
    ptrdiff_t rank, const T *s, ptrdiff_t sweeps, T tolerance, const T *xs, T *v, T *wt) {
  nmf_poisson_sums sums = {0, 0};
  int step = mode & NMF_POISSON_STEP;
  V total = SPLAT(0);
  for (ptrdiff_t j = 0; j < terms; j++) total = total + LOAD(xs + j * LANES);
  total = NAME(fold_sum)(fold, total);

  if (step == NMF_POISSON_COORDINATES) {
    V pending = SPLAT(0);
    ptrdiff_t before = 0;
    /* A row that is done stays as it is: what it becomes must not depend on its neighbours. */
    NAME(m) active = total >= SPLAT(0);
    for (ptrdiff_t sweep = 0; sweep < sweeps; sweep++) {
      V moved = SPLAT(0);
      for (ptrdiff_t k = 0; k < rank; k++) {
        if (!(s[k] > 0)) continue;
        V sum1 = SPLAT(0), sum2 = SPLAT(0), largest = SPLAT(0);
        for (ptrdiff_t j = 0; j < terms; j++) {
          V now = MAX(FMA(pending, HELD(before, j), LOAD(v + j * LANES)), TINY);
          STORE(v + j * LANES, now);
          V q = HELD(k, j) / now;
          V xq = LOAD(xs + j * LANES) * q;
          sum1 = sum1 + xq;
          sum2 = FMA(xq, q, sum2);
          largest = MAX(largest, q);
        }
        sum1 = NAME(fold_sum)(fold, sum1);
        sum2 = NAME(fold_sum)(fold, sum2);
        largest = NAME(fold_largest)(fold, largest);
        V old = LOAD(wt + k * LANES);
        V multiplier = sum1 / SPLAT(s[k]);
        NAME(m) curved = sum2 > SPLAT(0);
        V next = FMA(sum1 / SELECT(curved, sum2, SPLAT(1)), multiplier - SPLAT(1), old);
        next = SELECT(curved & (next > SPLAT(0)), next, SPLAT(0));
        NAME(m) vanishing = curved & (next == SPLAT(0)) & (old > SPLAT(0));
        /* With q = b / v, phi(0) = sum of x q / (1 - w q) is at most S1 + w S2 / (1 - w max q). */
        V left = FMA(-old, largest, SPLAT(1));
        NAME(m) known = (left > SPLAT(0)) & (FMA(old, sum2 / left, sum1) <= SPLAT(s[k]));
        if (NAME(total)(SELECT(vanishing & ~known, SPLAT(1), SPLAT(0))) > 0) {
          V without = SPLAT(0);
          for (ptrdiff_t j = 0; j < terms; j++) {
            V entry = HELD(k, j);
            without = without + LOAD(xs + j * LANES) * entry /
                                    MAX(LOAD(v + j * LANES) - old * entry, TINY);
          }
          without = NAME(fold_sum)(fold, without);
          next = SELECT(vanishing & (without > SPLAT(s[k])), old * multiplier, next);
        }
        next = SELECT(active, next, old);
        pending = next - old;
        before = k;
        STORE(wt + k * LANES, next);
        moved = FMA(__builtin_elementwise_abs(pending), SPLAT(s[k]), moved);
      }
      active = active & (moved > SPLAT(tolerance) * total);
      if (NAME(total)(SELECT(active, SPLAT(1), SPLAT(0))) == 0) break;
    }
    if (mode & NMF_POISSON_MEASURE)
      for (ptrdiff_t j = 0; j < terms; j++)
        STORE(v + j * LANES, MAX(FMA(pending, HELD(before, j), LOAD(v + j * LANES)), TINY));
  } else {
    if (step == NMF_POISSON_EVALUATE && mode & NMF_POISSON_MEASURE)
      sums.x_log_v = NAME(x_log_v)(terms * LANES, xs, v);
    /* From here v holds 1 / v. */
    for (ptrdiff_t j = 0; j < terms; j++) STORE(v + j * LANES, SPLAT(1) / LOAD(v + j * LANES));
    for (ptrdiff_t k = 0; k < rank; k++) {
      if (!(s[k] > 0)) continue;
      V sum1 = SPLAT(0), sum2 = SPLAT(0);
      for (ptrdiff_t j = 0; j < terms; j++) {
        V q = HELD(k, j) * LOAD(v + j * LANES);
        V xq = LOAD(xs + j * LANES) * q;
        sum1 = sum1 + xq;
        sum2 = FMA(xq, q, sum2);
      }
      sum1 = NAME(fold_sum)(fold, sum1);
      sum2 = NAME(fold_sum)(fold, sum2);
      if (step == NMF_POISSON_MULTIPLY)
        STORE(wt + k * LANES, LOAD(wt + k * LANES) * (sum1 / SPLAT(s[k])));
      else
        for (ptrdiff_t i = 0; i < rows; i++) {
          const ptrdiff_t lane = fold > 1 ? i * fold : i;
          sums.moved += NAME(mass_of_step)(wt[k * LANES + lane], s[k], sum1[lane], sum2[lane]);
        }
    }
    if (step == NMF_POISSON_MULTIPLY && mode & NMF_POISSON_MEASURE)
      NAME(mix_lanes)(fold, terms, rank, held, stride, wt, v);
  }
  if (step != NMF_POISSON_EVALUATE && mode & NMF_POISSON_MEASURE)
    sums.x_log_v = NAME(x_log_v)(terms * LANES, xs, v);
  return sums;
}

static nmf_poisson_sums NAME(poisson_rows)(int mode, ptrdiff_t rows, const int32_t *order,
                                           const ptrdiff_t *offsets, const int32_t *index,
                                           int gathered, const T *x, const T *h,
                                           ptrdiff_t h_stride, ptrdiff_t rank, const T *s, T *w,
                                           ptrdiff_t w_stride, ptrdiff_t sweeps, T tolerance,
                                           T *block) {
  const int32_t *indices[LANES];
  const T *values[LANES];
  ptrdiff_t counts[LANES], terms = 0, least = PTRDIFF_MAX;
  for (ptrdiff_t i = 0; i < LANES; i++) {
    ptrdiff_t row = order[i < rows ? i : 0];
    indices[i] = !gathered ? index + offsets[row] : i < rows ? index : indices[0];
    values[i] = x + offsets[row];
    counts[i] = i < rows ? offsets[row + 1] - offsets[row] : 0;
    if (gathered) index += counts[i];
    if (counts[i] > terms) terms = counts[i];
    if (counts[i] < least) least = counts[i];
  }
  const ptrdiff_t stride = terms * LANES;
  T *xs = block + rank * stride, *v = xs + stride, *wt = v + stride;
  for (ptrdiff_t k = 0; k < rank; k++)
    for (ptrdiff_t i = 0; i < LANES; i++)
      wt[k * LANES + i] = i < rows ? w[order[i] * w_stride + k] : 0;
  ptrdiff_t t = 0;
  for (; t + LANES <= least; t += LANES) {
    V tile[LANES];
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++) tile[i] = LOAD(values[i] + t);
    NAME(transpose_blocks)(tile, LANES);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++)
        STORE(xs + (t + i) * LANES, tile[i]);
  }
  for (; t < terms; t++)
    for (ptrdiff_t i = 0; i < LANES; i++) xs[t * LANES + i] = t < counts[i] ? values[i][t] : 0;
  for (t = 0; t < terms; t++) {
    const T *held[LANES];
    /* A lane that has run out takes a row again that it has had; its x is zero. */
    if (t < least)
      _Pragma("clang loop unroll(full)") for (int i = 0; i < LANES; i++)
          held[i] = h + indices[i][t] * h_stride;
    else
      for (ptrdiff_t i = 0; i < LANES; i++)
        held[i] = h + indices[i][t < counts[i] ? t : 0] * h_stride;
    STORE(v + t * LANES,
          MAX(NAME(gather)(held, rank, block + t * LANES, stride, wt, LANES), TINY));
  }
  nmf_poisson_sums sums = NAME(lanes_step)(0, mode, rows, terms, block, stride, rank, s, sweeps,
                                           tolerance, xs, v, wt);
  if ((mode & NMF_POISSON_STEP) != NMF_POISSON_EVALUATE)
    for (ptrdiff_t i = 0; i < rows; i++)
      for (ptrdiff_t k = 0; k < rank; k++) w[order[i] * w_stride + k] = wt[k * LANES + i];
  return sums;
}

#define PHASES_2(l) (((l) & 1) * (LANES / 2) + ((l) >> 1))
#define PHASES_4(l) (((l) & 3) * (LANES / 4) + ((l) >> 2))

/* The next `fold` terms of a full group whose rows lie side by side, zeros from `terms` on. */
static inline __attribute__((always_inline)) V NAME(next_terms)(const int fold, ptrdiff_t terms,
                                                                const T *x, ptrdiff_t x_step) {
  if (fold == 4) {
    NAME(quarter) part[4];
    _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
        part[n] = n < terms ? *(const NAME(quarter) *)(x + n * x_step) : (NAME(quarter))(0);
    V all = JOIN_HALVES(JOIN_QUARTERS(part[0], part[1]), JOIN_QUARTERS(part[2], part[3]));
    return __builtin_shufflevector(all, all, LANE_LIST(PHASES_4));
  }
  if (fold == 2) {
    V all;
    all.lo = *(const NAME(uhalf) *)x;
    all.hi = terms > 1 ? *(const NAME(uhalf) *)(x + x_step) : (NAME(half))(0);
    return __builtin_shufflevector(all, all, LANE_LIST(PHASES_2));
  }
  return LOAD(x);
}

/* Lane i * fold + n of step j gets entry j * fold + n of row i. */
static inline __attribute__((always_inline)) void NAME(entries_in_lanes)(
    const int fold, ptrdiff_t rows, ptrdiff_t terms, const T *x, ptrdiff_t x_stride,
    ptrdiff_t x_step, T *xs) {
  if (x_stride == 1 && rows == LANES / fold) {
    for (ptrdiff_t t = 0; t < terms; t += fold)
      STORE(xs + t / fold * LANES, NAME(next_terms)(fold, terms - t, x + t * x_step, x_step));
    return;
  }
  if (fold == 1 && x_step == 1 && terms >= LANES) {
    for (ptrdiff_t t = 0; t < terms; t += LANES) {
      /* The last tile takes some terms again. */
      const ptrdiff_t first = t < terms - LANES ? t : terms - LANES;
      NAME(into_lanes)(rows, LANES, x + first, x_stride, xs + first * LANES, LANES);
    }
    return;
  }
  if (fold == 1 && x_step == 1 && x_stride == terms) {
    /* Vectors of short rows reach into the next row; here there is room behind the last one. */
    T copy[LANES * LANES];
    __builtin_memcpy(copy, x, (size_t)(rows * terms) * sizeof(T));
    NAME(into_lanes)(rows, terms, copy, terms, xs, LANES);
    return;
  }
  for (ptrdiff_t t = 0; t < terms; t += fold) {
    T *step = xs + t / fold * LANES;
    STORE(step, SPLAT(0));
    for (ptrdiff_t i = 0; i < rows; i++)
      for (ptrdiff_t n = 0; n < fold && t + n < terms; n++)
        step[i * fold + n] = x[i * x_stride + (t + n) * x_step];
  }
}

static inline __attribute__((always_inline)) nmf_poisson_sums NAME(folded_group)(
    const int fold, int mode, ptrdiff_t rows, ptrdiff_t terms, const T *x, ptrdiff_t x_stride,
    ptrdiff_t x_step, const T *ht, ptrdiff_t ht_stride, ptrdiff_t rank, const T *s, T *w,
    ptrdiff_t w_stride, ptrdiff_t sweeps, T tolerance, T *block) {
  const ptrdiff_t steps = (terms + fold - 1) / fold;
  T *xs = block, *v = xs + steps * LANES, *wt = v + steps * LANES;
  NAME(entries_in_lanes)(fold, rows, terms, x, x_stride, x_step, xs);
  if (fold == 1) {
    for (ptrdiff_t k = 0; k < rank; k += LANES)
      NAME(into_lanes)(rows, rank - k, w + k, w_stride, wt + k * LANES, LANES);
  } else {
    for (ptrdiff_t k = 0; k < rank; k++)
      for (ptrdiff_t l = 0; l < LANES; l++)
        wt[k * LANES + l] = l < rows * fold ? w[l / fold * w_stride + k] : 0;
  }
  NAME(mix_lanes)(fold, steps, rank, ht, ht_stride, wt, v);
  nmf_poisson_sums sums = NAME(lanes_step)(fold, mode, rows, steps, ht, ht_stride, rank, s, sweeps,
                                           tolerance, xs, v, wt);
  if ((mode & NMF_POISSON_STEP) == NMF_POISSON_EVALUATE) return sums;
  if (fold == 1) {
    for (ptrdiff_t k = 0; k < rank; k += LANES)
      NAME(out_of_lanes)(rows, rank - k, wt + k * LANES, LANES, w + k, w_stride);
  } else {
    for (ptrdiff_t k = 0; k < rank; k++)
      for (ptrdiff_t i = 0; i < rows; i++) w[i * w_stride + k] = wt[k * LANES + i * fold];
  }
  return sums;
}

static nmf_poisson_sums NAME(poisson_group)(int mode, ptrdiff_t fold, ptrdiff_t rows,
                                            ptrdiff_t terms, const T *x, ptrdiff_t x_stride,
                                            ptrdiff_t x_step, const T *ht, ptrdiff_t ht_stride,
                                            ptrdiff_t rank, const T *s, T *w, ptrdiff_t w_stride,
                                            ptrdiff_t sweeps, T tolerance, T *block) {
#define FOLDED(n)                                                                             \
  NAME(folded_group)(n, mode, rows, terms, x, x_stride, x_step, ht, ht_stride, rank, s, w, w_stride, \
                     sweeps, tolerance, block)
  return fold == 4 ? FOLDED(4) : fold == 2 ? FOLDED(2) : FOLDED(1);
#undef FOLDED
}

#undef HELD
#undef FOLD_2
#undef FOLD_4
#undef SWAP_1
#undef SWAP_2
#undef PHASES_2
#undef PHASES_4

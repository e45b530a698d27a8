/* The optimal row of w given h: min s w - sum over t of x_t log v_t, v_t = w h_t, w >= 0.

   Newton's method on what may move: entries above zero, and those at zero that want to grow. A step
   goes to where the quadratic model leads within w >= 0 (a primal active set), so that it falls from
   the start. It is kept by its slopes alone, which need no logarithm: where the objective still falls
   at the end of the step it has fallen all the way (convexity), and a step that has passed the
   minimum is kept when it climbs there at most a quarter as steeply as it fell at first. The problem
   is self-concordant, so a few steps reach rounding. Second derivatives are summed in T, everything
   else in double. */

#define WIDE(p) __builtin_convertvector(*(const NAME(u8) *)(p), NAME(d8))
#define LOAD8(p) (*(const NAME(ud8) *)(p))
#define STORE8(p, x) (*(NAME(ud8) *)(p) = (x))
#define ROUND_UP(n, to) (((n) + (to) - 1) / (to) * (to))

typedef T NAME(t8) __attribute__((ext_vector_type(8)));

/* The sum of the lanes, by halves. */
static inline __attribute__((always_inline)) double NAME(total8)(NAME(d8) x) {
  typedef double four __attribute__((ext_vector_type(4)));
  four half = x.lo + x.hi;
  return (half.x + half.z) + (half.y + half.w);
}

/* A row of the problem: `capacity` entries, of which those beyond its own have x = 0. */
typedef struct {
  ptrdiff_t rank, capacity;
  const T *block; /* component k of entry t at k * capacity + t */
  const T *x;
  const double *s;
  double *v, *ratio; /* x / v */
  T *scale;          /* x / v^2 */
} NAME(newton_row);

/* The components that move, side by side. */
typedef struct {
  ptrdiff_t count;
  int32_t *component;
  double *w, *slope;
} NAME(newton_parts);

/* Sets v and what follows from it at w; whether v is positive where x is. */
static int NAME(newton_mix)(const NAME(newton_row) *row, const NAME(newton_parts) *parts,
                            const double *w) {
  for (ptrdiff_t t = 0; t < row->capacity; t += 16) {
    NAME(d8) sum0 = (NAME(d8))(0.0), sum1 = sum0;
    for (ptrdiff_t i = 0; i < parts->count; i++) {
      const T *b = row->block + parts->component[i] * row->capacity + t;
      NAME(d8) weight = (NAME(d8))(w[i]);
      sum0 = FMA(weight, WIDE(b), sum0);
      sum1 = FMA(weight, WIDE(b + 8), sum1);
    }
    STORE8(row->v + t, sum0);
    STORE8(row->v + t + 8, sum1);
  }
  NAME(d8) least = (NAME(d8))(1.0);
  for (ptrdiff_t t = 0; t < row->capacity; t += 8) {
    NAME(d8) x = WIDE(row->x + t), v = LOAD8(row->v + t);
    v = SELECT(x > 0.0, v, (NAME(d8))(1.0));
    least = SELECT(v < least, v, least);
    NAME(d8) inverse = 1.0 / v, ratio = x * inverse;
    STORE8(row->ratio + t, ratio);
    *(NAME(u8) *)(row->scale + t) = __builtin_convertvector(ratio * inverse, NAME(t8));
  }
  int is_positive = 1;
  for (int i = 0; i < 8; i++) is_positive &= least[i] > 0;
  return is_positive;
}

/* The derivative along component k, s_k - sum over t of x b_k / v. */
static double NAME(newton_slope)(const NAME(newton_row) *row, ptrdiff_t k) {
  const T *b = row->block + k * row->capacity;
  NAME(d8) sum0 = (NAME(d8))(0.0), sum1 = sum0;
  for (ptrdiff_t t = 0; t < row->capacity; t += 16) {
    sum0 = FMA(LOAD8(row->ratio + t), WIDE(b + t), sum0);
    sum1 = FMA(LOAD8(row->ratio + t + 8), WIDE(b + t + 8), sum1);
  }
  return row->s[k] - NAME(total8)(sum0 + sum1);
}

/* Takes a component up if it can move; the mass that its coordinate step would move, in counts. */
static double NAME(newton_take)(const NAME(newton_row) *row, ptrdiff_t k, double w, double slope,
                                NAME(newton_parts) *parts) {
  if (!(w > 0 || slope < 0)) return 0;
  const T *b = row->block + k * row->capacity;
  V sum = SPLAT(0);
  for (ptrdiff_t t = 0; t < row->capacity; t += LANES)
    sum = FMA(LOAD(b + t) * LOAD(b + t), LOAD(row->scale + t), sum);
  double curvature = NAME(total)(sum);
  if (!(curvature > 0)) return 0;
  parts->component[parts->count] = k;
  parts->w[parts->count] = w;
  parts->slope[parts->count++] = slope;
  double step = -slope / curvature;
  return row->s[k] * (step < -w ? w : step < 0 ? -step : step);
}

/* Chooses anew what moves, with the slopes of the others computed. */
static double NAME(newton_choose)(const NAME(newton_row) *row, NAME(newton_parts) *parts) {
  unsigned char is_known[row->rank];
  __builtin_memset(is_known, 0, row->rank);
  const ptrdiff_t count = parts->count;
  double mass = 0;
  parts->count = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    is_known[parts->component[i]] = 1;
    mass += NAME(newton_take)(row, parts->component[i], parts->w[i], parts->slope[i], parts);
  }
  for (ptrdiff_t k = 0; k < row->rank; k++)
    if (!is_known[k] && row->s[k] > 0)
      mass += NAME(newton_take)(row, k, 0, NAME(newton_slope)(row, k), parts);
  return mass;
}

/* The upper triangle of sum over t of b_k b_l x / v^2, four columns at a time. */
static void NAME(newton_curvature)(const NAME(newton_row) *row, const NAME(newton_parts) *parts,
                                   double *a, ptrdiff_t stride) {
  for (ptrdiff_t i = 0; i < parts->count; i++) {
    const T *left = row->block + parts->component[i] * row->capacity;
    for (ptrdiff_t j = i; j < parts->count; j += 4) {
      const T *right[4];
      V sum[4];
      for (int n = 0; n < 4; n++) {
        ptrdiff_t column = j + n < parts->count ? j + n : j;
        right[n] = row->block + parts->component[column] * row->capacity;
        sum[n] = SPLAT(0);
      }
      for (ptrdiff_t t = 0; t < row->capacity; t += LANES) {
        V scaled = LOAD(left + t) * LOAD(row->scale + t);
        _Pragma("clang loop unroll(full)") for (int n = 0; n < 4; n++)
            sum[n] = FMA(scaled, LOAD(right[n] + t), sum[n]);
      }
      for (int n = 0; n < 4 && j + n < parts->count; n++)
        a[i * stride + j + n] = NAME(total)(sum[n]);
    }
  }
}

/* A step that lowers the quadratic model and stays at w >= 0: Newton's, as far as the first entry
   that would fall below zero; then Newton's for the others, until it meets no bound.
   work: stride * (stride + 1). */
static void NAME(newton_step)(const NAME(newton_parts) *parts, const double *a, ptrdiff_t stride,
                              double *step, double *work) {
  const ptrdiff_t count = parts->count;
  int32_t moving[count];
  double *block = work, *right = work + stride * stride;
  for (ptrdiff_t i = 0; i < count; i++) {
    moving[i] = i;
    step[i] = 0;
  }
  for (ptrdiff_t size = count; size > 0;) {
    for (ptrdiff_t n = 0; n < size; n++) {
      ptrdiff_t i = moving[n];
      for (ptrdiff_t m = n; m < size; m++) block[n * stride + m] = a[i * stride + moving[m]];
      /* A trace of a ridge lets collinear parts share instead of failing. */
      block[n * stride + n] *= 1 + 1e-11;
      right[n] = -parts->slope[i];
      if (size < count)
        for (ptrdiff_t j = 0; j < count; j++)
          right[n] -= (i < j ? a[i * stride + j] : a[j * stride + i]) * step[j];
    }
    if (!NAME(solve_definite)(size, block, stride, right))
      for (ptrdiff_t n = 0; n < size; n++) right[n] /= a[moving[n] * stride + moving[n]] * size;
    double share = 1;
    for (ptrdiff_t n = 0; n < size; n++) {
      double room = parts->w[moving[n]] + step[moving[n]];
      if (room + share * right[n] < 0) share = -room / right[n];
    }
    ptrdiff_t left = 0;
    for (ptrdiff_t n = 0; n < size; n++) {
      ptrdiff_t i = moving[n];
      double moved = step[i] + share * right[n], w = parts->w[i];
      if (share < 1 && right[n] < 0 && w + moved <= 1e-14 * w) {
        step[i] = -w;
      } else {
        step[i] = moved;
        moving[left++] = i;
      }
    }
    if (left == size) return;
    size = left;
  }
}

/* Goes along a step as far as its slopes allow; whether that was any way at all.
   next, slope: as long as parts. */
static int NAME(newton_move)(const NAME(newton_row) *row, NAME(newton_parts) *parts,
                             const double *step, double rounding, double *next, double *slope) {
  double length = 1;
  for (int attempt = 0; attempt < 40; attempt++) {
    double before = 0, after = 0;
    for (ptrdiff_t i = 0; i < parts->count; i++) {
      next[i] = parts->w[i] + length * step[i];
      if (!(next[i] > 0)) next[i] = 0;
      before += parts->slope[i] * (next[i] - parts->w[i]);
    }
    /* A whole step may end where v = 0; nine tenths of it then do nearly as well. */
    length *= attempt == 0 ? 0.9 : 0.5;
    if (!NAME(newton_mix)(row, parts, next)) continue;
    for (ptrdiff_t i = 0; i < parts->count; i++) {
      slope[i] = NAME(newton_slope)(row, parts->component[i]);
      after += slope[i] * (next[i] - parts->w[i]);
    }
    /* Below the rounding of the slopes, Newton's own quadratic convergence is trusted. */
    const int is_tiny = before <= 0 && -before <= rounding;
    if (!is_tiny && !(before < 0 && after <= -before / 4)) continue;
    for (ptrdiff_t i = 0; i < parts->count; i++) {
      parts->w[i] = next[i];
      parts->slope[i] = slope[i];
    }
    return 1;
  }
  return 0;
}

static void NAME(poisson_newton)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,
                                 ptrdiff_t h_stride, ptrdiff_t rank, const double *s, T *w,
                                 double tolerance, double *work) {
  const ptrdiff_t capacity = ROUND_UP(count, 16), stride = ROUND_UP(rank, 8);
  double *v = work, *ratio = v + capacity, *a = ratio + capacity;
  double *factor = a + stride * stride, *now = factor + stride * (stride + 1);
  double *slope = now + stride, *step = slope + stride, *next = step + stride;
  double *next_slope = next + stride;
  T *scale = (T *)(next_slope + stride), *xs = scale + capacity, *block = xs + capacity;
  int32_t component[rank];
  NAME(d8) sum = (NAME(d8))(0.0);
  for (ptrdiff_t t = 0; t < capacity; t++) xs[t] = t < count ? x[t] : 0;
  for (ptrdiff_t t = 0; t < capacity; t += 8) sum += WIDE(xs + t);
  for (ptrdiff_t t = 0; t < capacity; t += LANES) {
    const T *rows[LANES];
    for (ptrdiff_t i = 0; i < LANES; i++)
      rows[i] = h + (t + i < count ? index[t + i] : index[0]) * h_stride;
    NAME(gather)(rows, rank, block + t, capacity, NULL, 0);
  }
  const NAME(newton_row) row = {rank, capacity, block, xs, s, v, ratio, scale};
  NAME(newton_parts) parts = {0, component, now, slope};
  for (ptrdiff_t k = 0; k < rank; k++) {
    if (!(s[k] > 0 && w[k] > 0)) continue;
    component[parts.count] = k;
    now[parts.count++] = w[k];
  }
  if (!NAME(newton_mix)(&row, &parts, now)) return;
  for (ptrdiff_t i = 0; i < parts.count; i++) slope[i] = NAME(newton_slope)(&row, component[i]);
  const double total = NAME(total8)(sum);
  for (int steps = 0; steps < 40; steps++) {
    if (NAME(newton_choose)(&row, &parts) <= tolerance * total) break;
    NAME(newton_curvature)(&row, &parts, a, stride);
    NAME(newton_step)(&parts, a, stride, step, factor);
    if (!NAME(newton_move)(&row, &parts, step, 1e-12 * total, next, next_slope)) break;
  }
  for (ptrdiff_t k = 0; k < rank; k++)
    if (s[k] > 0) w[k] = 0;
  for (ptrdiff_t i = 0; i < parts.count; i++) w[component[i]] = (T)now[i];
}

#undef WIDE
#undef LOAD8
#undef STORE8
#undef ROUND_UP

/* Rows of min 1/2 w G w' - a w, w >= 0, solved exactly: block principal pivoting (Kim & Park 2011,
   Algorithm 1, with its back-up rule). In double whatever T is.

   Eight rows lie in the lanes, each with a passive set of its own; one that is done makes room for the
   next. What a lane computes does not depend on the others. Passive sets that would not fit into a cache
   eight times over are solved one by one. */

/* The most passive components of rows that are solved side by side. */
#define SIDE_COUNT 64

typedef struct {
  ptrdiff_t rank, stride;
  const double *g;
  NAME(i8) *passive;                     /* for each component, all bits or none */
  NAME(d8) *target, *solution, *dual;    /* a, w, and y = w G - a */
  int32_t (*member)[8];                  /* the passive components of each lane, side by side */
  NAME(i8) count;                        /* how many there are */
  NAME(d8) *matrix;                      /* work space of the solvers */
} NAME(pivot_lanes);

/* Lists the passive components. */
static void NAME(list_members)(NAME(pivot_lanes) *lanes) {
  for (int lane = 0; lane < 8; lane++) {
    int64_t count = 0;
    for (ptrdiff_t k = 0; k < lanes->rank; k++) {
      lanes->member[count][lane] = (int32_t)k;
      count -= lanes->passive[k][lane];
    }
    for (int64_t i = count; i < SIDE_COUNT && i < lanes->rank; i++) lanes->member[i][lane] = 0;
    lanes->count[lane] = count;
  }
}

/* Solves for the passive components of some lanes, the i-th of each beside one another: LDL' by rows.
   Lanes that have fewer go on with rows of the identity. The lanes that are positive definite. */
static NAME(i8) NAME(solve_side_by_side)(NAME(pivot_lanes) *lanes, NAME(i8) busy) {
  const ptrdiff_t most = __builtin_reduce_max(lanes->count & busy);
  NAME(d8) right[SIDE_COUNT], column[SIDE_COUNT];
  for (ptrdiff_t i = 0; i < most; i++) {
    const int32_t *at = lanes->member[i];
    const NAME(i8) is_inside = lanes->count > (NAME(i8))(i);
    NAME(d8) *row = lanes->matrix + i * (i + 1) / 2, value;
    const double *g[8];
    for (int lane = 0; lane < 8; lane++) {
      g[lane] = lanes->g + at[lane] * lanes->stride;
      value[lane] = lanes->target[at[lane]][lane];
    }
    right[i] = SELECT(is_inside, value, (NAME(d8))(0.0));
    for (ptrdiff_t j = 0; j <= i; j++) {
      for (int lane = 0; lane < 8; lane++) value[lane] = g[lane][lanes->member[j][lane]];
      row[j] = SELECT(is_inside, value, (NAME(d8))(j == i ? 1.0 : 0.0));
    }
  }
  for (ptrdiff_t k = 0; k < most; k++) {
    NAME(d8) *pivot = lanes->matrix + k * (k + 1) / 2 + k;
    busy &= *pivot > 0.0;
    *pivot = 1.0 / *pivot;
    for (ptrdiff_t i = k + 1; i < most; i++) {
      NAME(d8) *row = lanes->matrix + i * (i + 1) / 2;
      column[i] = row[k];
      const NAME(d8) factor = row[k] * *pivot;
      row[k] = factor;
      for (ptrdiff_t j = k + 1; j <= i; j++) row[j] = FMA(-factor, column[j], row[j]);
      right[i] = FMA(-factor, right[k], right[i]);
    }
  }
  for (ptrdiff_t k = most; k-- > 0;) {
    NAME(d8) value = right[k] * lanes->matrix[k * (k + 1) / 2 + k];
    for (ptrdiff_t i = k + 1; i < most; i++)
      value = FMA(-lanes->matrix[i * (i + 1) / 2 + k], right[i], value);
    right[k] = value;
    for (int lane = 0; lane < 8; lane++)
      if (busy[lane] & (k < lanes->count[lane]))
        lanes->solution[lanes->member[k][lane]][lane] = value[lane];
  }
  return busy;
}

/* Solves for the passive components of one lane. */
static int NAME(solve_lane)(NAME(pivot_lanes) *lanes, int lane) {
  const ptrdiff_t count = lanes->count[lane], width = (count + 7) / 8 * 8;
  double *right = (double *)lanes->matrix, *block = right + width;
  for (ptrdiff_t i = 0; i < count; i++) {
    const ptrdiff_t k = lanes->member[i][lane];
    right[i] = lanes->target[k][lane];
    /* What reads the block reads whole vectors, from the one with the diagonal on. */
    for (ptrdiff_t j = i / 8 * 8; j < width; j++)
      block[i * width + j] = j < count ? lanes->g[k * lanes->stride + lanes->member[j][lane]] : 0;
  }
  if (!NAME(solve_definite)(count, block, width, right)) return 0;
  for (ptrdiff_t i = 0; i < count; i++) lanes->solution[lanes->member[i][lane]][lane] = right[i];
  return 1;
}

/* Solves for the passive components, and forms the dual. The lanes where that was possible. */
static NAME(i8) NAME(solve_passive)(NAME(pivot_lanes) *lanes, NAME(i8) busy) {
  NAME(list_members)(lanes);
  for (ptrdiff_t k = 0; k < lanes->rank; k++) {
    lanes->solution[k] = (NAME(d8))(0.0);
    lanes->dual[k] = -lanes->target[k];
  }
  const NAME(i8) is_small = busy & (lanes->count <= SIDE_COUNT);
  NAME(i8) solved = (NAME(i8))(0);
  if (__builtin_reduce_or(is_small)) solved = NAME(solve_side_by_side)(lanes, is_small);
  for (int lane = 0; lane < 8; lane++)
    if (busy[lane] & ~is_small[lane]) solved[lane] = -(int64_t)NAME(solve_lane)(lanes, lane);
  for (ptrdiff_t l = 0; l < lanes->rank; l++) {
    if (!__builtin_reduce_or(lanes->passive[l] & busy)) continue;
    const double *g = lanes->g + l * lanes->stride;
    const NAME(d8) value = lanes->solution[l];
    for (ptrdiff_t k = 0; k < lanes->rank; k++)
      lanes->dual[k] = FMA(value, (NAME(d8))(g[k]), lanes->dual[k]);
  }
  return solved;
}

static void NAME(solve_nonnegative)(ptrdiff_t rows, ptrdiff_t rank, double *w, const double *a,
                                    const double *g, ptrdiff_t stride, uint8_t *is_solved,
                                    double *scratch) {
  NAME(pivot_lanes) lanes = {.rank = rank, .stride = stride, .g = g};
  lanes.target = (NAME(d8) *)scratch;
  lanes.solution = lanes.target + rank;
  lanes.dual = lanes.solution + rank;
  lanes.passive = (NAME(i8) *)(lanes.dual + rank);
  lanes.member = (int32_t (*)[8])(lanes.passive + rank);
  lanes.matrix = lanes.dual + 2 * rank + (rank + 2) / 2;
  NAME(i8) busy = (NAME(i8))(0), row = busy, fewest = busy, full_exchanges = busy, rounds = busy;
  NAME(d8) slack = (NAME(d8))(0.0);
  for (ptrdiff_t k = 0; k < rank; k++) {
    lanes.passive[k] = (NAME(i8))(0);
    lanes.target[k] = (NAME(d8))(0.0);
  }
  for (ptrdiff_t next = 0;;) {
    for (int lane = 0; lane < 8 && next < rows; lane++) {
      if (busy[lane]) continue;
      double scale = 0;
      for (ptrdiff_t k = 0; k < rank; k++) {
        const double size = __builtin_fabs(a[next * stride + k]);
        lanes.target[k][lane] = a[next * stride + k];
        lanes.passive[k][lane] = -(int64_t)((w[next * stride + k] > 0) & (g[k * stride + k] > 0));
        scale = size > scale ? size : scale;
      }
      slack[lane] = -1e-12 * scale;
      fewest[lane] = rank + 1;
      full_exchanges[lane] = 3;
      rounds[lane] = 0;
      busy[lane] = -1;
      row[lane] = next++;
    }
    if (!__builtin_reduce_or(busy)) return;
    const NAME(i8) solved = NAME(solve_passive)(&lanes, busy);
    NAME(i8) bad = (NAME(i8))(0), last = bad;
    for (ptrdiff_t k = 0; k < rank; k++) {
      const NAME(i8) is_bad = SELECT(lanes.passive[k], lanes.solution[k] < 0.0, lanes.dual[k] < slack);
      bad -= is_bad;
      last = SELECT(is_bad, (NAME(i8))(k), last);
    }
    const NAME(i8) is_done = busy & solved & (bad == 0);
    rounds += 1;
    const NAME(i8) goes_on = busy & solved & (bad != 0) & (rounds < (NAME(i8))(5 * rank + 20));
    for (int lane = 0; lane < 8; lane++) {
      if (!(busy[lane] & ~goes_on[lane])) continue;
      is_solved[row[lane]] = is_done[lane] & 1;
      for (ptrdiff_t k = 0; is_done[lane] && k < rank; k++)
        w[row[lane] * stride + k] = lanes.solution[k][lane];
    }
    busy = goes_on;
    const NAME(i8) is_fewer = bad < fewest, has_exchange = full_exchanges >= 1;
    full_exchanges = SELECT(is_fewer, (NAME(i8))(3), full_exchanges - (has_exchange & 1));
    fewest = SELECT(is_fewer, bad, fewest);
    for (ptrdiff_t k = 0; k < rank; k++) {
      const NAME(i8) is_bad = SELECT(lanes.passive[k], lanes.solution[k] < 0.0, lanes.dual[k] < slack);
      lanes.passive[k] ^= is_bad & (is_fewer | has_exchange | (last == (NAME(i8))(k)));
    }
  }
}

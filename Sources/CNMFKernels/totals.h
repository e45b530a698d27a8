/* What is looked at in every entry of X before a fit; template.h includes this. */

static int NAME(are_ordinary)(ptrdiff_t count, const T *x, T limit) {
  const V least = SPLAT(0), beyond = SPLAT(limit);
  NAME(m) odd = {};
  ptrdiff_t t = 0;
  for (; t + LANES <= count; t += LANES) {
    const V value = LOAD(x + t);
    odd |= ~((value >= least) & (value < beyond));
  }
  int is_odd = __builtin_reduce_or(odd) != 0;
  for (; t < count; t++) is_odd |= !(x[t] >= 0 && x[t] < limit);
  return !is_odd;
}

/* Adds a row to the sums of the columns; row[0..2] become its sum, that of its squares, and how many
   entries are above zero. */
static void NAME(add_totals)(ptrdiff_t count, const T *x, double *column_sums, double *row) {
  NAME(d8) sum = {}, squares = {};
  NAME(i8) positive = {};
  ptrdiff_t t = 0;
  for (; t + 8 <= count; t += 8) {
    const NAME(d8) value = __builtin_convertvector(*(const NAME(u8) *)(x + t), NAME(d8));
    NAME(ud8) *column = (NAME(ud8) *)(column_sums + t);
    *column += value;
    sum += value;
    squares = FMA(value, value, squares);
    positive -= value > 0.0;
  }
  row[0] = row[1] = row[2] = 0;
  for (int lane = 0; lane < 8; lane++) {
    row[0] += sum[lane];
    row[1] += squares[lane];
    row[2] += (double)positive[lane];
  }
  for (; t < count; t++) {
    const double value = x[t];
    column_sums[t] += value;
    row[0] += value;
    row[1] += value * value;
    row[2] += value > 0;
  }
}

/* The contrast functions of independent component analysis; template.h includes this. */

/* e to the power of x for x <= 0: 2^k e^f with |f| <= log(2) / 2, e^f by its series. */
static inline __attribute__((always_inline)) NAME(d8) NAME(exp_negative)(NAME(d8) x) {
  x = x < -700.0 ? (NAME(d8))(-700.0) : x;
  /* Adding and taking away 1.5 * 2^52 rounds to a whole number. */
  NAME(d8) k = FMA(x, (NAME(d8))1.4426950408889634, (NAME(d8))6755399441055744.0) - 6755399441055744.0;
  NAME(d8) f = FMA(k, (NAME(d8))(-6.93147180369123816490e-1), x);
  f = FMA(k, (NAME(d8))(-1.90821492927058770002e-10), f);
  NAME(d8) p = (NAME(d8))(1.0 / 479001600);
  p = FMA(p, f, (NAME(d8))(1.0 / 39916800));
  p = FMA(p, f, (NAME(d8))(1.0 / 3628800));
  p = FMA(p, f, (NAME(d8))(1.0 / 362880));
  p = FMA(p, f, (NAME(d8))(1.0 / 40320));
  p = FMA(p, f, (NAME(d8))(1.0 / 5040));
  p = FMA(p, f, (NAME(d8))(1.0 / 720));
  p = FMA(p, f, (NAME(d8))(1.0 / 120));
  p = FMA(p, f, (NAME(d8))(1.0 / 24));
  p = FMA(p, f, (NAME(d8))(1.0 / 6));
  p = FMA(p, f, (NAME(d8))(1.0 / 2));
  p = FMA(p, f, (NAME(d8))1.0);
  p = FMA(p, f, (NAME(d8))1.0);
  NAME(i8) exponent = __builtin_convertvector(k, NAME(i8));
  return p * ((NAME(words)){.bits = (exponent + 1023) << 52}).value;
}

static void NAME(contrast)(int kind, ptrdiff_t rows, ptrdiff_t n, T *u, ptrdiff_t stride,
                           double *slopes) {
  typedef T narrow __attribute__((ext_vector_type(8)));
  typedef T stored __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
  for (ptrdiff_t column = 0; column < n; column += 8) {
    NAME(d8) total = {};
    for (ptrdiff_t i = 0; i < rows; i++) {
      stored *place = (stored *)(u + i * stride + column);
      narrow from = *place;
      NAME(d8) x = __builtin_convertvector(from, NAME(d8));
      NAME(d8) value, slope;
      if (kind == 0) {
        NAME(d8) size = x < 0.0 ? -x : x;
        NAME(d8) e = NAME(exp_negative)(-2.0 * size);
        NAME(d8) t = (1.0 - e) / (1.0 + e);
        value = x < 0.0 ? -t : t;
        slope = FMA(-value, value, (NAME(d8))1.0);
      } else if (kind == 1) {
        NAME(d8) square = x * x;
        NAME(d8) e = NAME(exp_negative)(-0.5 * square);
        value = x * e;
        slope = FMA(-square, e, e);
      } else {
        NAME(d8) square = x * x;
        value = square * x;
        slope = 3.0 * square;
      }
      narrow to = __builtin_convertvector(value, narrow);
      *place = to;
      total += slope;
    }
    for (int lane = 0; lane < 8; lane++) slopes[column + lane] += total[lane];
  }
}

/* Sums of logarithms, one formula for every processor: libm's differ. */

typedef double NAME(d8) __attribute__((ext_vector_type(8)));
typedef double NAME(ud8) __attribute__((ext_vector_type(8), aligned(8), may_alias));
typedef T NAME(u8) __attribute__((ext_vector_type(8), aligned(sizeof(T)), may_alias));
typedef int64_t NAME(i8) __attribute__((ext_vector_type(8)));
typedef union {
  NAME(d8) value;
  NAME(i8) bits;
} NAME(words);

/* log x for normal x > 0, in double: x = 2^e m with m in [sqrt 1/2, sqrt 2), s = (m - 1) / (m + 1),
   log m = 2 atanh s = 2 s + s z p(z) with z = s^2 up to 0.0295. p interpolates the series of atanh at the
   Chebyshev points: within 2 ulp, and for numbers that were rounded to single precision within 4e-14. */
static inline __attribute__((always_inline)) NAME(d8) NAME(log)(NAME(d8) x) {
  NAME(i8) bits = ((NAME(words)){.value = x}).bits;
  /* Less the bits of sqrt 1/2, so that the exponent changes at sqrt 2. */
  NAME(i8) exponent = (bits - 0x3FE6A09E667F3BCDLL) >> 52;
  NAME(d8) m = ((NAME(words)){.bits = bits - (exponent << 52)}).value;
  NAME(d8) e = __builtin_convertvector(exponent, NAME(d8));
  NAME(d8) s = (m - 1.0) / (m + 1.0);
  NAME(d8) z = s * s;
#if LANES == 16
  NAME(d8) p = (NAME(d8))0.19362776836747533;
  p = FMA(p, z, (NAME(d8))0.22191394493175057);
  p = FMA(p, z, (NAME(d8))0.2857175463573276);
  p = FMA(p, z, (NAME(d8))0.39999998796848674);
  p = FMA(p, z, (NAME(d8))0.6666666666737545);
#else
  NAME(d8) p = (NAME(d8))0.14616585424888623;
  p = FMA(p, z, (NAME(d8))0.15331710618210773);
  p = FMA(p, z, (NAME(d8))0.18182889455674947);
  p = FMA(p, z, (NAME(d8))0.22222211130259878);
  p = FMA(p, z, (NAME(d8))0.2857142862600327);
  p = FMA(p, z, (NAME(d8))0.39999999999899444);
  p = FMA(p, z, (NAME(d8))0.666666666666667);
#endif
  NAME(d8) low = FMA(s * z, p, e * 1.42860682030941723212e-6);
  return FMA(e, (NAME(d8))6.93145751953125e-1, FMA((NAME(d8))2.0, s, low));
}

/* Sum of x log v, x >= 0; v does not matter where x is zero. */
static double NAME(x_log_v)(ptrdiff_t count, const T *x, const T *v) {
  NAME(d8) sum = {};
  ptrdiff_t t = 0;
  for (; t + 8 <= count; t += 8) {
    NAME(u8) terms = *(const NAME(u8) *)(x + t);
    NAME(u8) means = SELECT(terms > 0, *(const NAME(u8) *)(v + t), (NAME(u8))(1));
    sum = FMA(__builtin_convertvector(terms, NAME(d8)),
              NAME(log)(__builtin_convertvector(means, NAME(d8))), sum);
  }
  if (t < count) {
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

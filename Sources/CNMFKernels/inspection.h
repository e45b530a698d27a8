/* What the inspection of X and its fingerprint look at in every entry; template.h includes this. */

typedef uint64_t NAME(w8) __attribute__((ext_vector_type(8)));
typedef uint64_t NAME(uw8) __attribute__((ext_vector_type(8), aligned(8), may_alias));

/* Up to eight numbers in double, with zeros after them. */
static inline __attribute__((always_inline)) NAME(d8) NAME(widened)(ptrdiff_t count, const T *x) {
  if (count >= 8) return __builtin_convertvector(*(const NAME(u8) *)x, NAME(d8));
  T last[8] = {};
  for (ptrdiff_t t = 0; t < count; t++) last[t] = x[t];
  return __builtin_convertvector(*(const NAME(u8) *)last, NAME(d8));
}

static inline __attribute__((always_inline)) void NAME(scan)(
    const int rows, ptrdiff_t columns, const T *x, const uint64_t *multipliers, double *totals,
    ptrdiff_t stride, nmf_row_scan *scans) {
  NAME(w8) hash[NMF_SCAN_ROWS] = {};
  NAME(i8) nonzeros[NMF_SCAN_ROWS] = {}, fractions[NMF_SCAN_ROWS] = {};
  for (ptrdiff_t j = 0; j < columns; j += 8) {
    const NAME(w8) multiplier = *(const NAME(uw8) *)(multipliers + j);
    double *at = totals + j;
    NAME(d8) count = *(NAME(ud8) *)at, sum = *(NAME(ud8) *)(at + stride),
             squares = *(NAME(ud8) *)(at + 2 * stride), least = *(NAME(ud8) *)(at + 3 * stride),
             most = *(NAME(ud8) *)(at + 4 * stride);
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++) {
      /* Zero is added to lose its sign. */
      const NAME(d8) value = NAME(widened)(columns - j, x + i * columns + j) + 0.0;
      const NAME(w8) bits = (NAME(w8))value;
      const NAME(i8) is_positive = value > 0.0;
      hash[i] += (bits ^ (bits >> 32)) * multiplier;
      nonzeros[i] -= is_positive;
      /* Beyond 2^52 all doubles are whole; below, this sum is rounded to a whole number. */
      fractions[i] -= (value < 0x1p52) & ((value + 0x1p52) - 0x1p52 != value);
      count += SELECT(is_positive, (NAME(d8))(1.0), (NAME(d8))(0.0));
      sum += value;
      squares += value * value;
      least = SELECT(value < least, value, least);
      most = SELECT(value > most, value, most);
    }
    *(NAME(ud8) *)at = count;
    *(NAME(ud8) *)(at + stride) = sum;
    *(NAME(ud8) *)(at + 2 * stride) = squares;
    *(NAME(ud8) *)(at + 3 * stride) = least;
    *(NAME(ud8) *)(at + 4 * stride) = most;
  }
  _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)
      scans[i] = (nmf_row_scan){__builtin_reduce_add(hash[i]), __builtin_reduce_add(nonzeros[i]),
                                __builtin_reduce_add(fractions[i])};
}

static void NAME(scan_rows)(ptrdiff_t rows, ptrdiff_t columns, const T *x,
                            const uint64_t *multipliers, double *totals, ptrdiff_t stride,
                            nmf_row_scan *scans) {
  if (rows == NMF_SCAN_ROWS)
    NAME(scan)(NMF_SCAN_ROWS, columns, x, multipliers, totals, stride, scans);
  else
    for (ptrdiff_t i = 0; i < rows; i++)
      NAME(scan)(1, columns, x + i * columns, multipliers, totals, stride, scans + i);
}

/* The output function of SplitMix64 (Steele, Lea & Flood 2014). */
static inline __attribute__((always_inline)) NAME(w8) NAME(scramble)(NAME(w8) z) {
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static uint64_t NAME(hash_entries)(ptrdiff_t count, const T *x, const int32_t *columns,
                                   uint64_t first) {
  typedef int32_t indices __attribute__((ext_vector_type(8), aligned(4), may_alias));
  NAME(w8) sum = {};
  for (ptrdiff_t t = 0; t < count; t += 8) {
    const NAME(d8) value = NAME(widened)(count - t, x + t);
    NAME(w8) place = (NAME(w8)){0, 1, 2, 3, 4, 5, 6, 7} + (uint64_t)t;
    if (columns) {
      int32_t last[8] = {};
      const int32_t *from = columns + t;
      if (t + 8 > count) from = __builtin_memcpy(last, from, (size_t)(count - t) * sizeof *last);
      place = __builtin_convertvector(*(const indices *)from, NAME(w8));
    }
    const NAME(w8) hash = NAME(scramble)((NAME(w8))value ^ NAME(scramble)(place + first));
    sum += SELECT(value != 0.0, hash, (NAME(w8))(0));
  }
  return __builtin_reduce_add(sum);
}

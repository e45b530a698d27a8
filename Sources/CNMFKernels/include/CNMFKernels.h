/* Micro-kernels of the factorisation, chosen once at run time by the processor.

   Matrices are row-major. A factor has a padded row stride: a multiple of eight numbers, at least the
   rank, with zeros in the padding, which the kernels keep zero, and 64 bytes behind its last row. Every
   kernel adds in an order that depends on its arguments only, so that all instruction sets give the
   same bits. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* What a Poisson half-step does with the rows it is given. */
enum nmf_poisson_mode {
  NMF_POISSON_EVALUATE = 0,     /* leave the factor as it is */
  NMF_POISSON_MULTIPLY = 1,     /* one multiplicative update */
  NMF_POISSON_COORDINATES = 2,  /* sweeps of second-order coordinate descent */
  NMF_POISSON_STEP = 3,         /* the bits of the above */
  NMF_POISSON_MEASURE = 4,      /* compute x_log_v too */
};

/* One row (sparse) or one group of rows (dense) of a Poisson half-step: sums over what was seen. */
typedef struct {
  double x_log_v;        /* sum of x log v at the new factor, over x > 0 */
  double moved;          /* evaluate: the mass that the coordinate steps would move, in counts */
} nmf_poisson_sums;

/* What scan_rows finds in a row of X. */
typedef struct {
  uint64_t hash;      /* sum of (b ^ b >> 32) * multipliers[j] over the bits b of its entries as doubles */
  int64_t nonzeros;   /* how many entries are above zero */
  int64_t fractions;  /* how many are not whole */
} nmf_row_scan;

enum { NMF_SCAN_ROWS = 4, NMF_MOST_ROW_DOTS = 16 };

/* Doubles that solve_nonnegative needs as scratch: for eight rows four vectors and a list of what is
   passive, and their triangles side by side, or one square with its target. */
static inline ptrdiff_t nmf_nonnegative_scratch(ptrdiff_t stride) {
  const ptrdiff_t block = stride < 64 ? stride : 64;
  const ptrdiff_t small = 4 * block * (block + 1), large = stride * (stride + 1);
  return 37 * stride + 16 + (small > large ? small : large);
}

/* Asks for memory that will be read soon, into the second-level cache. */
static inline void nmf_fetch(const void *first, ptrdiff_t bytes) {
  for (ptrdiff_t at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)first + at, 0, 2);
}

#define NMF_DECLARE(T, S)                                                                        \
  typedef struct {                                                                               \
    /* c[i, 0..n) += sum over l of a[i * row_stride + l * column_stride] * b[l, 0..n);           \
       rows of b and c are padded to 32 bytes, and what lies there is read and written. */       \
    void (*multiply_add)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,              \
                         ptrdiff_t row_stride, ptrdiff_t column_stride, const T *b,              \
                         ptrdiff_t b_stride, T *c, ptrdiff_t c_stride);                          \
    /* c[i, k] += sum over l of a[i * row_stride + l] * b[k * b_stride + l], k < n, for n of at most      \
       NMF_MOST_ROW_DOTS; rows of b are filled up to 64 bytes with zeros, those of c padded to 32. */ \
    void (*row_dots)(ptrdiff_t rows, ptrdiff_t length, ptrdiff_t n, const T *a,                \
                     ptrdiff_t row_stride, const T *b, ptrdiff_t b_stride, T *c,                \
                     ptrdiff_t c_stride);                                                       \
    /* b[k, j] += sum over i of w[i * w_stride + k] * x[i * x_stride + j], j < columns, k < rank; \
       a row of b has room for columns rounded up to a 64-byte vector. later: as many rows that   \
       will be read next, and are fetched from memory meanwhile. */                              \
    void (*column_sums)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t rank, const T *x,           \
                        ptrdiff_t x_stride, const T *w, ptrdiff_t w_stride, T *b,                \
                        ptrdiff_t b_stride, const T *_Nullable later);                           \
    /* c[k, l] += sum over i of f[i, k] f[i, l], k < rank, from the 64 bytes of c[k] with the diagonal on: what  \
       lies before is not used. Rows of f and c are those of factors. */                                \
    void (*gram)(ptrdiff_t rows, ptrdiff_t rank, const T *f, ptrdiff_t stride, T *c,             \
                 ptrdiff_t c_stride);                                                            \
    /* Cyclic coordinate descent on rows of min 1/2 w G w' - a w, w >= least, or w >= 0 without;  \
       rows of least lie as far apart as those of w. scratch: 3 * rank * 256 bytes. */           \
    void (*hals)(ptrdiff_t rows, ptrdiff_t rank, T *w, ptrdiff_t w_stride, const T *a,           \
                 ptrdiff_t a_stride, const T *_Nullable least, const T *g, ptrdiff_t g_stride,   \
                 ptrdiff_t sweeps, T *scratch);                                                  \
    /* a[0..n) += sum over t of x[t] * h[index[t], 0..n); n fills whole 32 bytes. */              \
    void (*gather_add)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,            \
                       ptrdiff_t h_stride, ptrdiff_t n, T *a);                                   \
    /* The same with numbers of 16 bits. */                                                      \
    void (*gather_add_narrow)(ptrdiff_t count, const uint16_t *index, const T *x, const T *h,    \
                              ptrdiff_t h_stride, ptrdiff_t n, T *a);                            \
    /* gather_add, summed in double; n is a multiple of 8. */                                    \
    void (*gather_add_widened)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,    \
                               ptrdiff_t h_stride, ptrdiff_t n, double *a);                      \
    /* A row of a sparse Poisson half-step. block: (rank + 2) * capacity, where capacity is      \
       count rounded up to a vector. */                                                          \
    nmf_poisson_sums (*poisson_row)(int mode, ptrdiff_t count,                 \
                                    const int32_t *index, const T *x, const T *h,                \
                                    ptrdiff_t h_stride, ptrdiff_t rank, const T *s, T *w,        \
                                    ptrdiff_t sweeps, T tolerance, T *block);                    \
    /* Up to one vector of rows of a sparse Poisson half-step, side by side: row order[i] has the    \
       entries offsets[order[i]]..<offsets[order[i] + 1]; index numbers all of X, or where gathered is \
       1 those of these rows alone, one after another. block: terms * (rank + 2) + rank vectors,     \
       where terms is the largest number of entries of a row. */                                 \
    nmf_poisson_sums (*poisson_rows)(int mode, ptrdiff_t rows, const int32_t *order,             \
                                     const ptrdiff_t *offsets, const int32_t *index,             \
                                     int gathered, const T *x, const T *h, ptrdiff_t h_stride,   \
                                     ptrdiff_t rank, const T *s, T *w, ptrdiff_t w_stride,       \
                                     ptrdiff_t sweeps, T tolerance, T *block);                   \
    /* A group of rows of a dense Poisson half-step, up to one vector of them, or of a half or a  \
       quarter with fold 2 or 4. x[i * x_stride + j * x_step] is the entry of row i and term j, ht \
       is rank x terms, with zeros up to a multiple of fold. block: (2 * steps + rank) vectors,   \
       where steps is terms / fold, rounded up. */                                               \
    nmf_poisson_sums (*poisson_group)(int mode, ptrdiff_t fold, ptrdiff_t rows,                  \
                                      ptrdiff_t terms, const T *x, ptrdiff_t x_stride,           \
                                      ptrdiff_t x_step, const T *ht, ptrdiff_t ht_stride,        \
                                      ptrdiff_t rank, const T *s, T *w, ptrdiff_t w_stride,      \
                                      ptrdiff_t sweeps, T tolerance, T *block);                  \
    /* sum over t of (x[t] - v[t])^2, in double. */                                              \
    double (*squared_distance)(ptrdiff_t count, const T *x, const T *v);                         \
    /* sum over t of x[t] log v[t] where x[t] > 0, in double. */                                 \
    double (*x_log_v)(ptrdiff_t count, const T *x, const T *v);                                  \
    /* Replaces u by g(u), and adds g'(u) over the rows to slopes[0..n). kind 0: g = tanh u,       \
       1: u exp(-u^2 / 2), 2: u^3. n is a multiple of 8. */                                      \
    void (*contrast)(int kind, ptrdiff_t rows, ptrdiff_t n, T *u, ptrdiff_t stride,              \
                     double *slopes);                                                            \
    /* sum over t of x[t] v[t], in double; count is a multiple of 8. */                          \
    double (*dot)(ptrdiff_t count, const T *x, const T *v);                                      \
    /* Solves a row of a Poisson half-step: moves w, from where it stands and with w h positive at  \
       all entries, until coordinate steps would move less than `tolerance` of the row's counts.     \
       With c = count in whole 16s and q = rank in whole 8s, work has 2 c + q (2 q + 6) doubles and  \
       then (rank + 2) c numbers. */                                                                \
    void (*poisson_newton)(ptrdiff_t count, const int32_t *index, const T *x, const T *h,        \
                           ptrdiff_t h_stride, ptrdiff_t rank, const double *s, T *w,            \
                           double tolerance, double *work);                                      \
    /* Row j of `to` gets column j of `from`, and zeros from `rows` up to `width`; rows of `from`  \
       are padded as those of a factor, and what lies up to 64 bytes behind them is read. */      \
    void (*transpose)(ptrdiff_t rows, ptrdiff_t columns, const T *from, ptrdiff_t from_stride,   \
                      T *to, ptrdiff_t to_stride, ptrdiff_t width);                              \
    /* Solves rows of min 1/2 w G w' - a w, w >= 0; what is above zero in w is where it begins. A  \
       row whose passive block of G is singular stays as it is, and is_solved says 0 of it. Rows   \
       of w, a and g are `stride` apart. scratch: nmf_nonnegative_scratch doubles, from whole 64   \
       bytes. */                                                                                   \
    void (*solve_nonnegative)(ptrdiff_t rows, ptrdiff_t rank, double *w, const double *a,        \
                              const double *g, ptrdiff_t stride, uint8_t *is_solved,             \
                              double *scratch);                                                  \
    /* Whether all x are at least zero and below the limit. */                                   \
    int (*are_ordinary)(ptrdiff_t count, const T *x, T limit);                                   \
    /* Adds x to the sums of the columns, in double; row[0..2] become the sum of x, that of its squares,\
       and how many are above zero. */                                                           \
    void (*add_totals)(ptrdiff_t count, const T *x, double *column_sums, double *row);           \
    /* Adds up to NMF_SCAN_ROWS rows of finite x >= 0, side by side, to the totals of the columns. These  \
       are five rows, `stride` apart: how many x are above zero, their sum, that of their squares,   \
       the smallest and the largest x. Rows of totals and of multipliers are padded to 8. */     \
    void (*scan_rows)(ptrdiff_t rows, ptrdiff_t columns, const T *x, const uint64_t *multipliers, \
                      double *totals, ptrdiff_t stride, nmf_row_scan *scans);                    \
    /* The sum of the hashes of the x other than zero as doubles, each with its place: first + t, or \
       first + columns[t]. */                                                                    \
    uint64_t (*hash_entries)(ptrdiff_t count, const T *x, const int32_t *_Nullable columns,      \
                             uint64_t first);                                                    \
    /* to[0..count) become x, in double. */                                                      \
    void (*widen)(ptrdiff_t count, const T *x, double *to);                                      \
    /* sums[0..count) += x, in double. */                                                        \
    void (*add_widened)(ptrdiff_t count, const T *x, double *sums);                              \
  } nmf_kernels_##S;                                                                             \
  /* The kernels of a set, or NULL if this processor does not have it. */                        \
  const nmf_kernels_##S *_Nullable nmf_kernels_named_##S(const char *set);

NMF_DECLARE(float, f32)
NMF_DECLARE(double, f64)

/* "avx512", "avx2", "neon" or "plain": the set in use. The environment variable NNMF_KERNELS
   names another one, if the processor has it. */
const char *nmf_kernel_set(void);

#pragma clang assume_nonnull end

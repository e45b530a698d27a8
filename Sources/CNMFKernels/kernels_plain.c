/* What the compiler makes for the base processor: NEON on arm64; slow, but right, on old x86-64. */
#include "include/CNMFKernels.h"


#define SET plain
#define TILE_HALF 8
#define TILE_1 6
#define TILE_2 3
#define TILE_3 2
#define TILE_4 2
#define WIDEST 2
#define SUM_VECTORS 1
#define HALS_AT_ONCE 1
#define DOT_ROWS 3
#define MOST_DOTS 2
#define ONE_REGISTER(x)

#define T float
#define S f32
#define LANES 16
#define MASK int32_t
#include "template.h"
#undef T
#undef S
#undef LANES
#undef MASK

#define T double
#define S f64
#define LANES 8
#define MASK int64_t
#include "template.h"

const nmf_kernels_f32 *nmf_plain_f32(void) { return &table_f32_plain; }
const nmf_kernels_f64 *nmf_plain_f64(void) { return &table_f64_plain; }


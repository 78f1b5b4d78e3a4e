// The vector types and operations of the templates. Before a `set-….c` includes the templates, it defines
//   LANES                 the floats in a vector
//   ROWS_1, ROWS_2        the most rows of a register block with one and with two vectors of columns
//   BLOCKS_1, BLOCKS_2    the lists of these blocks
//   SEGMENT_BLOCKS        the blocks of several segments; see `outer-product.h`
//   DOT_ROWS              the most rows of a block of dot products, for each number of columns up to 4 at most
//   DOT_BLOCKS            the list of these blocks
//   NARROW_SET            a kernel table of half as many lanes, if it computes such columns faster
//   LOAD_SOME, STORE_SOME moves of the first `count` < LANES floats of a vector, if it has such instructions
// and sets the compiler's target attribute.

#include <float.h>
#include <math.h>
#include <string.h>

#include "CKernels.h"

// The warning concerns calls that pass wide vectors. All functions here that take vectors are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float vector_in_memory __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(LANES * 4)));
typedef uint8_t bytes __attribute__((vector_size(LANES)));

// The arrays of a register block have this fixed size. With a parameter as the size, the compiler would
// allocate them on the stack again in each iteration of a loop.
enum { most_sums = 32 };

/// The floats of a cache line.
enum { line = 16 };

// The prefetch distance of streams from memory: a page of floats. The processor's own prefetcher stops at the
// end of a page.
enum { stream_ahead = 1024 };

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
// A loop that stays a loop: code that is unrolled over a whole tile spends its time on addresses.
#define ROLL _Pragma("clang loop unroll(disable)")

INLINE vector load(const float *p) { return *(const vector_in_memory *)p; }
INLINE void store(float *p, vector v) { *(vector_in_memory *)p = v; }
INLINE vector broadcast(float x) { return x - (vector){0}; }
/// a·b + c, rounded once.
INLINE vector fused(vector a, vector b, vector c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vector blend(mask m, vector yes, vector no) {
  return (vector)(((mask)yes & m) | ((mask)no & ~m));
}

/// |v|
INLINE vector magnitude(vector v) { return (vector)((mask)v & 0x7FFFFFFF); }

/// Σᵢ coefficients[i]·vⁱ
INLINE vector polynomial(const float *coefficients, int count, vector v) {
  vector sum = broadcast(coefficients[count - 1]);
  UNROLL for (int i = count - 2; i >= 0; i--) sum = fused(sum, v, broadcast(coefficients[i]));
  return sum;
}

/// v, or 0 where v is subnormal; NaN gives NaN. An average that decays without this reaches a subnormal number whose
/// product with its factor rounds to itself, and processors take over a hundred cycles for each such product.
INLINE vector normal_or_zero(vector v) {
  return blend(magnitude(v) < broadcast(FLT_MIN), (vector){0}, v);
}

/// max(0, v), with 0 for −0; NaN gives NaN.
INLINE vector rectified(vector v) { return blend(v <= (vector){0}, (vector){0}, v); }

#ifndef LOAD_SOME
// A set without masked moves copies the floats. `count` is less than LANES in both.
INLINE vector copied_first(const float *p, ptrdiff_t count) {
  vector v = {0};
  if (count > 0) memcpy(&v, p, (size_t)count * sizeof(float));
  return v;
}
#define LOAD_SOME(P, COUNT) copied_first(P, COUNT)
#define STORE_SOME(P, V, COUNT) \
  if ((COUNT) > 0) memcpy(P, &(V), (size_t)(COUNT) * sizeof(float))
#endif

/// The first `count` floats at `p`, followed by zeros.
INLINE vector load_first(const float *p, ptrdiff_t count) {
  return count >= LANES ? load(p) : LOAD_SOME(p, count);
}
INLINE void store_first(float *p, vector v, ptrdiff_t count) {
  if (count >= LANES) {
    store(p, v);
  } else {
    STORE_SOME(p, v, count);
  }
}

/// Prefetches the stream at `p` one page ahead, once for each cache line; `i` is the index of `p`.
INLINE void ask_ahead(const float *p, ptrdiff_t i) {
  if (LANES >= line || i % line == 0) __builtin_prefetch(p + stream_ahead);
}

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

#ifdef NARROW_SET
/// Whether the last of one or two vectors of columns has at most half of its lanes.
INLINE int is_narrow(ptrdiff_t columns) {
  return columns % LANES > 0 && columns % LANES <= LANES / 2;
}
#endif

/// `count` items cut into the fewest nearly equal blocks of at most `most` items: `count` blocks, of which the first
/// `larger` have one item more than `size`.
struct blocks {
  ptrdiff_t count, size, larger;
};
INLINE struct blocks equal_blocks(ptrdiff_t count, ptrdiff_t most) {
  const ptrdiff_t blocks = (count + most - 1) / most;
  if (blocks == 0) return (struct blocks){0, 0, 0};
  return (struct blocks){blocks, count / blocks, count % blocks};
}

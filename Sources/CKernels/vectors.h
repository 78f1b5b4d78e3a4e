// The vector vocabulary of the templates. A set's file defines, before it includes this,
//   LANES             floats in a vector
//   ROWS_1, ROWS_2    rows of the register block for one and for two vectors of columns
// and surrounds the templates with its target attribute.

#include <math.h>
#include <string.h>

#include "CKernels.h"

// Vectors wider than the set's registers never leave inlined functions.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float vector __attribute__((vector_size(LANES * 4)));
typedef float vector_in_memory __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(LANES * 4)));
typedef uint8_t bytes __attribute__((vector_size(LANES)));

// The vectors of a register block are fixed arrays: one whose size is a parameter, though constant once
// inlined, would be taken from the stack anew in each turn of a loop.
enum { most_sums = 32 };

/// The floats of a cache line.
enum { line = 16 };

// How far ahead streams from memory are asked for, in floats: a page. Processors that see a stream
// themselves follow it to the end of its page alone.
enum { stream_ahead = 1024 };

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE vector load(const float *p) { return *(const vector_in_memory *)p; }
INLINE void store(float *p, vector v) { *(vector_in_memory *)p = v; }
INLINE vector broadcast(float x) { return x - (vector){0}; }
/// a·b + c, rounded once.
INLINE vector fused(vector a, vector b, vector c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vector select(mask m, vector yes, vector no) {
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

/// max(0, v), and 0 for −0; a NaN stays.
INLINE vector rectified(vector v) { return select(v <= (vector){0}, (vector){0}, v); }

/// The first `count` floats at `p`, and zeros.
INLINE vector load_first(const float *p, ptrdiff_t count) {
  if (count >= LANES) return load(p);
  vector v = {0};
  if (count > 0) memcpy(&v, p, (size_t)count * sizeof(float));
  return v;
}
INLINE void store_first(float *p, vector v, ptrdiff_t count) {
  if (count >= LANES) {
    store(p, v);
  } else if (count > 0) {
    memcpy(p, &v, (size_t)count * sizeof(float));
  }
}

/// Asks for what a stream will read soon, where `i`, of which `p` is the place, begins a cache line.
INLINE void ask_ahead(const float *p, ptrdiff_t i) {
  if (LANES >= line || i % line == 0) __builtin_prefetch(p + stream_ahead);
}

INLINE ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

/// The size of the next block when `left` items are cut into the fewest blocks of at most `most`,
/// all nearly equal.
INLINE ptrdiff_t next_block(ptrdiff_t left, ptrdiff_t most) {
  ptrdiff_t blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
}

// AVX2 with FMA: 16 registers of 8 floats. Blocks of up to 6 × 2 or 12 × 1 fit into the registers. Larger
// blocks spill to the stack.

#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define ROWS_1 12
#define ROWS_2 6
#define BLOCKS_2(X, V) X(1, V) X(2, V) X(3, V) X(4, V) X(5, V) X(6, V)
#define BLOCKS_1(X, V) \
  BLOCKS_2(X, V) X(7, V) X(8, V) X(9, V) X(10, V) X(11, V) X(12, V)
#define SEGMENT_BLOCKS(X) X(2, 5, 1) X(3, 4, 1) X(3, 3, 1) X(2, 3, 2) X(2, 2, 1) X(2, 2, 2)
#define DOT_ROWS {0, 6, 3, 2}
#define DOT_BLOCKS(X) \
  X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(1, 2) X(2, 2) X(3, 2) X(1, 3) X(2, 3)

// A count of 0 or less moves nothing.
#define SOME(COUNT) \
  _mm256_cmpgt_epi32( \
      _mm256_set1_epi32((int)((COUNT) > 0 ? (COUNT) : 0)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define LOAD_SOME(P, COUNT) (vector)_mm256_maskload_ps(P, SOME(COUNT))
#define STORE_SOME(P, V, COUNT) store_parts(P, (__m256)(V), COUNT)

// AMD's processors take a dozen cycles and more for a masked store. `count` is less than 8.
static inline __attribute__((always_inline)) void store_parts(float *p, __m256 v, ptrdiff_t count) {
  if (count <= 0) return;
  __m128 part = _mm256_castps256_ps128(v);
  if (count & 4) {
    _mm_storeu_ps(p, part);
    part = _mm256_extractf128_ps(v, 1);
    p += 4;
  }
  if (count & 2) {
    _mm_storel_pi((__m64 *)p, part);
    part = _mm_movehl_ps(part, part);
    p += 2;
  }
  if (count & 1) _mm_store_ss(p, part);
}

#include "templates.h"
KERNEL_TABLE(avx2)

#pragma clang attribute pop
#endif

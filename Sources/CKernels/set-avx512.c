// AVX-512: 32 registers of 16 floats. A block of 14 × 2 leaves registers for two vectors of columns and
// one more. A block of one vector has up to 28 rows.

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)

#define LANES 16
#define ROWS_1 28
#define ROWS_2 14
#define BLOCKS_2(X, V) \
  X(1, V) X(2, V) X(3, V) X(4, V) X(5, V) X(6, V) X(7, V) X(8, V) X(9, V) X(10, V) X(11, V) \
  X(12, V) X(13, V) X(14, V)
#define BLOCKS_1(X, V) \
  BLOCKS_2(X, V) X(15, V) X(16, V) X(17, V) X(18, V) X(19, V) X(20, V) X(21, V) X(22, V) \
  X(23, V) X(24, V) X(25, V) X(26, V) X(27, V) X(28, V)
#define SEGMENT_BLOCKS(X) \
  X(5, 5, 1) X(2, 5, 2) X(4, 4, 1) X(3, 4, 2) X(3, 3, 1) X(3, 3, 2) X(2, 2, 1) X(2, 2, 2) \
  X(4, 7, 1) X(2, 7, 2)
#define DOT_ROWS {0, 6, 6, 6, 6}
#define DOT_BLOCKS(X) \
  X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) \
  X(1, 2) X(2, 2) X(3, 2) X(4, 2) X(5, 2) X(6, 2) \
  X(1, 3) X(2, 3) X(3, 3) X(4, 3) X(5, 3) X(6, 3) \
  X(1, 4) X(2, 4) X(3, 4) X(4, 4) X(5, 4) X(6, 4)

// A count of 0 or less moves nothing.
#define SOME(COUNT) ((__mmask16)((COUNT) > 0 ? (1u << (COUNT)) - 1 : 0))
#define LOAD_SOME(P, COUNT) (vector)_mm512_maskz_loadu_ps(SOME(COUNT), P)
#define STORE_SOME(P, V, COUNT) _mm512_mask_storeu_ps(P, SOME(COUNT), (__m512)(V))

// Products of at most 8 columns, or of 17 to 24, leave the last 8 to AVX2: some processors compute two
// vectors of 8 in the time of one of 16.
#define NARROW_SET kernels_avx2
extern const struct kernels kernels_avx2;

#include "templates.h"
KERNEL_TABLE(avx512)

#pragma clang attribute pop
#endif

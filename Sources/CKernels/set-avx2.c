// AVX2 with FMA: 16 registers of 8 floats. Blocks of up to 6 × 2 or 12 × 1 fit into the registers. Larger
// blocks spill to the stack.

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define ROWS_1 12
#define ROWS_2 6
#define BLOCKS_2(X, V) X(1, V) X(2, V) X(3, V) X(4, V) X(5, V) X(6, V)
#define BLOCKS_1(X, V) \
  BLOCKS_2(X, V) X(7, V) X(8, V) X(9, V) X(10, V) X(11, V) X(12, V)
#define SEGMENT_BLOCKS(X) X(2, 5, 1) X(3, 4, 1) X(3, 3, 1) X(2, 3, 2) X(2, 2, 1) X(2, 2, 2)

#include "templates.h"
KERNEL_TABLE(avx2)

#pragma clang attribute pop
#endif

// NEON: 32 registers of 4 floats. A block of 8 × 2 does not spill to the stack.

#if defined(__aarch64__)

#define LANES 4
#define ROWS_1 16
#define ROWS_2 8
#define BLOCKS_2(X, V) X(1, V) X(2, V) X(3, V) X(4, V) X(5, V) X(6, V) X(7, V) X(8, V)
#define BLOCKS_1(X, V) \
  BLOCKS_2(X, V) X(9, V) X(10, V) X(11, V) X(12, V) X(13, V) X(14, V) X(15, V) X(16, V)
#define SEGMENT_BLOCKS(X) X(3, 5, 1) X(4, 4, 1) X(3, 3, 1) X(2, 3, 2) X(2, 2, 1) X(2, 2, 2)
#define DOT_ROWS {0, 6, 3, 2}
#define DOT_BLOCKS(X) \
  X(1, 1) X(2, 1) X(3, 1) X(4, 1) X(5, 1) X(6, 1) X(1, 2) X(2, 2) X(3, 2) X(1, 3) X(2, 3)

#include "templates.h"
KERNEL_TABLE(neon)

#endif

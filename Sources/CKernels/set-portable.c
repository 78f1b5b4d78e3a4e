// Any processor. The compiler maps vectors of 4 floats to the instructions that exist. Without a fused
// multiply-add instruction it calls the C library's fma, which gives the same bits but is slow.

#define LANES 4
#define ROWS_1 4
#define ROWS_2 2
#define BLOCKS_2(X, V) X(1, V) X(2, V)
#define BLOCKS_1(X, V) BLOCKS_2(X, V) X(3, V) X(4, V)
#define SEGMENT_BLOCKS(X) X(2, 2, 1)
#define DOT_ROWS {0, 1, 1}
#define DOT_BLOCKS(X) X(1, 1) X(1, 2)

#include "templates.h"
KERNEL_TABLE(portable)

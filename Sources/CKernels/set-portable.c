// Any processor: the compiler turns vectors of 4 into what there is, and where there is no fused
// multiply-add it calls the C library's, which rounds as exactly and takes its time.

#define LANES 4
#define ROWS_1 4
#define ROWS_2 2
#define BLOCKS_2(X, V) X(1, V) X(2, V)
#define BLOCKS_1(X, V) BLOCKS_2(X, V) X(3, V) X(4, V)
#define SEGMENT_BLOCKS(X) X(2, 2, 1)

#include "templates.h"
KERNEL_TABLE(portable)

#ifndef CHANNEL_KERNELS_H
#define CHANNEL_KERNELS_H

#include <stddef.h>

/// Copies of channels, for the groups and the phases of a convolution.
struct channel_kernels {
  /// to[r·to_row + j] = from[r·from_row + j] for r < rows and j < columns.
  void (*copy_columns)(
      const float *from, ptrdiff_t from_row, ptrdiff_t rows, ptrdiff_t columns, float *to,
      ptrdiff_t to_row);
  /// to[r·to_row + j] += from[r·from_row + j] for r < rows and j < columns.
  void (*add_columns)(
      const float *from, ptrdiff_t from_row, ptrdiff_t rows, ptrdiff_t columns, float *to,
      ptrdiff_t to_row);
  /// y[i·times + r] = x[i] for i < count and r < times.
  void (*repeat_elements)(const float *x, ptrdiff_t count, ptrdiff_t times, float *y);
  /// x[i] = Σ_r y[i·times + r] over r < times, in order, for i < count.
  void (*sum_neighbors)(const float *y, ptrdiff_t count, ptrdiff_t times, float *x);
};

#endif

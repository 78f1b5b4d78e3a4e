#ifndef WINOGRAD_KERNELS_H
#define WINOGRAD_KERNELS_H

// The interface of the kernels for Winograd convolution. `winograd.h` and `winograd-rows.h` implement it.

#include <stddef.h>

/// The transforms of Winograd convolution F(tile_rows×tile_columns, taps×taps), tile by tile.
///
/// A tile has (tile_rows + taps − 1)·(tile_columns + taps − 1) points, `point` floats apart. Blocks of `width`
/// channels, 16 or 32, lie `block` floats apart. Zeros fill the channels of points up to a multiple of 8.
/// Images are [h, w, channels], with a stride of `row` floats between rows and `pixel` floats between pixels.
/// An adjoint is the transpose of a linear map; the backward pass needs it.
struct winograd {
  int tile_rows, tile_columns, taps;
  /// v = Bᵀ x B of the first channels of the tile at x. The left matrix belongs to the tile's rows, the right one to
  /// its columns.
  void (*input)(
      const float *x, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t channels, float *v,
      ptrdiff_t point, ptrdiff_t block, ptrdiff_t width);
  /// x += B v Bᵀ; columns ≤ 32.
  void (*input_adjoint)(
      const float *v, ptrdiff_t point, ptrdiff_t columns, float *x, ptrdiff_t row,
      ptrdiff_t pixel);
  /// y = Aᵀ m A + bias. Writes the first height × width outputs; columns ≤ 32, and bias may be NULL.
  void (*output)(
      const float *m, ptrdiff_t point, ptrdiff_t columns, const float *bias, float *y,
      ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width);
  /// m = A y Aᵀ, with zeros for y beyond height × width.
  void (*output_adjoint)(
      const float *y, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width,
      float *m, ptrdiff_t point, ptrdiff_t block, ptrdiff_t block_width);
  /// u = G w Gᵀ for each input channel of a panel of 16 or 32 columns, from w [taps², inputs, columns] to
  /// u [points, inputs, columns].
  void (*weights)(
      const float *w, ptrdiff_t inputs, ptrdiff_t columns, float *u, ptrdiff_t point);
  /// w += Gᵀ u G
  void (*weights_adjoint)(
      const float *u, ptrdiff_t point, ptrdiff_t inputs, ptrdiff_t columns, float *w);
};

enum { winograd_count = 20 };

/// A convolution of [height, input_width, inputs] to [lines, width, outputs] by Winograd's method along rows
/// alone, F(4, taps). For each point p, output row l and tile t of the row,
///
///     M_p[l, t] = Σ_c Σ_i v_p[l + i, t, c] · u_p[c, i]        c < inputs, i < kernel_rows
///
/// u has the layout [c][i][p][outputs]; `outputs` is a multiple of 16. v has lines + kernel_rows − 1 rows of
/// `v_line` floats. In a row, the pair (t, c) has the place t·inputs + c, and places lie in blocks of 16:
/// [block][p][16].
struct row_winograd {
  ptrdiff_t height, input_width, inputs;
  ptrdiff_t top, left;  // the padding above and to the left of the image
  ptrdiff_t kernel_rows;
  ptrdiff_t lines, width, tiles, outputs;
  ptrdiff_t v_line;
};

/// The transforms of F(4, taps), and the products between them.
struct row_winograd_kernels {
  int taps;
  /// v = Bᵀ x. `memory` holds 4 rows of (tiles + 2)·inputs + 31 floats.
  void (*inputs)(const struct row_winograd *, const float *x, float *memory, float *v);
  /// y = Aᵀ M + bias; bias may be NULL.
  void (*outputs)(
      const struct row_winograd *, const float *v, const float *u, const float *bias, float *y);
  /// du_p[c, i] += Σ_l Σ_t v_p[l + i, t, c] · (A ∂y)_p[l, t]. `memory` holds 4 rows of tiles, each of all
  /// points and 16 columns.
  void (*gradients)(
      const struct row_winograd *, const float *v, const float *dy, float *memory, float *du);
  /// u = G w of one panel of 16 or 32 columns, [kernel_rows, taps, inputs, columns].
  void (*weights)(
      const struct row_winograd *, const float *panel, ptrdiff_t columns, float *u);
  /// Adds Gᵀ du to the gradient of one panel.
  void (*weights_adjoint)(
      const struct row_winograd *, const float *du, ptrdiff_t columns, float *panel);
};

#endif

#ifndef WINOGRAD_KERNELS_H
#define WINOGRAD_KERNELS_H

// What the kernels of Winograd's method are called with; see `winograd.h` and `winograd-rows.h`.

#include <stddef.h>

/// The transforms of Winograd convolution F(tile_rows×tile_columns, taps×taps), tile by tile.
///
/// A tile has (tile_rows + taps − 1)·(tile_columns + taps − 1) points, `point` floats apart; channels, a
/// multiple of 16, lie in blocks of 32, `block` floats apart. Images are [h, w, channels] with `row` floats
/// to a line. An adjoint is the transpose of its linear map, as the backward pass needs it.
struct winograd {
  int tile_rows, tile_columns, taps;
  /// v = Bᵀ x B of the tile at x; the matrices to the left and to the right are of the two axes.
  void (*input)(
      const float *x, ptrdiff_t row, ptrdiff_t channels, float *v, ptrdiff_t point,
      ptrdiff_t block);
  /// x += B v Bᵀ; columns ≤ 32.
  void (*input_adjoint)(
      const float *v, ptrdiff_t point, ptrdiff_t columns, float *x, ptrdiff_t row,
      ptrdiff_t pixel);
  /// y = Aᵀ m A + bias, the first height × width outputs; columns ≤ 32, and bias may be NULL.
  void (*output)(
      const float *m, ptrdiff_t point, ptrdiff_t columns, const float *bias, float *y,
      ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width);
  /// m = A y Aᵀ, with zeros for y beyond height × width.
  void (*output_adjoint)(
      const float *y, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width,
      float *m, ptrdiff_t point, ptrdiff_t block);
  /// u = G w Gᵀ for each of a panel's input channels: w [taps², inputs, 32] to u [points, inputs, 32].
  void (*weights)(
      const float *w, ptrdiff_t inputs, ptrdiff_t columns, float *u, ptrdiff_t point);
  /// w += Gᵀ u G
  void (*weights_adjoint)(
      const float *u, ptrdiff_t point, ptrdiff_t inputs, ptrdiff_t columns, float *w);
};

enum { winograd_count = 9 };

/// A convolution [height, input_width, inputs] to [lines, width, outputs] by Winograd's method along rows,
/// F(4, taps): for each point p and tile t of a row
///
///     M_p[l, t] = Σ_c Σ_i v_p[l + i, t, c] · u_p[c, i]        c < inputs, i < kernel_rows
///
/// with u[c][i][p][outputs], and v of all lines + kernel_rows − 1 rows, each `v_line` floats: the places
/// t·inputs + c in blocks of 16, [block][p][16]. `outputs` is a multiple of 16.
struct row_winograd {
  ptrdiff_t height, input_width, inputs;
  ptrdiff_t top, left;  // zeros above and to the left of the image
  ptrdiff_t kernel_rows;
  ptrdiff_t lines, width, tiles, outputs;
  ptrdiff_t v_line;
};

/// The transforms of F(4, taps), and the products between them.
struct row_winograd_kernels {
  int taps;
  /// v = Bᵀ x, with memory for 4 rows of (tiles + 2)·inputs + 31 numbers.
  void (*inputs)(const struct row_winograd *, const float *x, float *memory, float *v);
  /// y = Aᵀ M + bias, which may be NULL.
  void (*outputs)(
      const struct row_winograd *, const float *v, const float *u, const float *bias, float *y);
  /// du_p[c, i] += Σ_l Σ_t v_p[l + i, t, c] · (A ∂y)_p[l, t], with memory for 4 rows of tiles of 16 columns
  /// at all points.
  void (*gradients)(
      const struct row_winograd *, const float *v, const float *dy, float *memory, float *du);
  /// u = G w of one panel, [kernel_rows, taps, inputs, 32].
  void (*weights)(
      const struct row_winograd *, const float *panel, ptrdiff_t columns, float *u);
  /// The gradient of one panel += Gᵀ du.
  void (*weights_adjoint)(
      const struct row_winograd *, const float *du, ptrdiff_t columns, float *panel);
};

#endif

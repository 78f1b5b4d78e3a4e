#ifndef MATRIX_KERNELS_H
#define MATRIX_KERNELS_H

#include <stddef.h>

// The products of matrices.
//
// Weights are stored in panels of 32 columns, the last one of 16 if it has no more. Element (r, c) of a matrix with R
// rows has the index (c / 32)·R·32 + r·width + c % 32, with the width of its panel. Zeros pad the last panel.

enum { panel_width = 32 };

/// The product of a matrix, whose rows may overlap in memory, with one panel (an implicit GEMM):
///
///     c[l][r][j] = start + Σ_s Σ_k a[l·a_line + r·a_row + s·a_segment + k] · panel[s·length + k][j]
///
/// over s < segments and k < length, for l < lines, r < rows and j < columns ≤ 32. `start` is c[l][r][j]
/// with `accumulate`, else bias[j], else 0. For a convolution over [h, w, cin], a line is an output row, a
/// row is an output column, a segment is a filter row, and `length` is kw·cin. The panel has a row stride of
/// `panel_row`.
struct product {
  ptrdiff_t lines, rows, columns, segments, length;
  const float *a;
  ptrdiff_t a_line, a_row, a_segment;
  const float *panel;
  ptrdiff_t panel_row;
  const float *bias;  // may be NULL
  float *c;
  ptrdiff_t c_line, c_row;
  int accumulate;
};

/// The gradient of one panel, the sum of outer products:
///
///     d[s·length + k][j] += Σ_l Σ_r a[l·a_line + r·a_row + s·a_segment + k] · g[l·g_line + r·g_row + j]
///
/// for s < segments, k < length and j < columns. `d` has a row stride of `d_row`. The kernel reads `g`, and may write
/// `d`, up to the next multiple of 16 columns. If `accumulate` is 0, the sums begin with 0 instead of `d`.
struct outer_product {
  ptrdiff_t lines, rows, columns, segments, length;
  const float *a;
  ptrdiff_t a_line, a_row, a_segment;
  const float *g;
  ptrdiff_t g_line, g_row;
  float *d;
  ptrdiff_t d_row;
  int accumulate;
};

/// The products of a matrix, whose rows may overlap in memory, with the rows of a small matrix:
///
///     c[l][r][j] = Σ_s Σ_k a[l·a_line + r·a_row + s·a_segment + k] · b[j·b_row + s·length + k] + bias[j]
///
/// over s < segments and k < length, for l < lines, r < rows and j < columns. `bias` may be NULL for zeros. The terms
/// of equal k % 16 are summed in order. These 16 sums are added as a balanced binary tree.
struct dots {
  ptrdiff_t lines, rows, columns, segments, length;
  const float *a;
  ptrdiff_t a_line, a_row, a_segment;
  const float *b;
  ptrdiff_t b_row;
  const float *bias;  // may be NULL
  float *c;
  ptrdiff_t c_line, c_row;
};

#endif

// Winograd's transforms of whole tiles: those of `winograd-points.h` applied to the rows of a tile and
// then to its columns. `point` is the stride between the points of a tile, `block` that between 32
// channels.

#include "winograd-points.h"

INLINE void input_tile(
    const int N, const float *x, ptrdiff_t row, ptrdiff_t channels, float *v, ptrdiff_t point,
    ptrdiff_t block) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < channels; c += LANES) {
    vector t[most * most];
    float *to = v + c / panel_width * block + c % panel_width;
    UNROLL for (int j = 0; j < N; j++) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < N; i++) d[i] = load(x + i * row + j * channels + c);
      data_to_points(N, r, d);
      UNROLL for (int i = 0; i < N; i++) t[i * N + j] = r[i];
    }
    UNROLL for (int i = 0; i < N; i++) {
      vector r[most];
      data_to_points(N, r, t + i * N);
      UNROLL for (int j = 0; j < N; j++) store(to + (i * N + j) * point, r[j]);
    }
  }
}

INLINE void input_tile_adjoint(
    const int N, const float *v, ptrdiff_t point, ptrdiff_t block, ptrdiff_t channels, float *x,
    ptrdiff_t row) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < channels; c += LANES) {
    vector t[most * most];
    const float *from = v + c / panel_width * block + c % panel_width;
    UNROLL for (int j = 0; j < N; j++) {
      vector r[most], d[most];
      UNROLL for (int i = 0; i < N; i++) r[i] = load(from + (i * N + j) * point);
      data_from_points(N, d, r);
      UNROLL for (int i = 0; i < N; i++) t[i * N + j] = d[i];
    }
    UNROLL for (int i = 0; i < N; i++) {
      vector d[most];
      data_from_points(N, d, t + i * N);
      UNROLL for (int j = 0; j < N; j++) {
        float *to = x + i * row + j * channels + c;
        store(to, load(to) + d[j]);
      }
    }
  }
}

INLINE void output_tile(
    const int N, const int M, const float *m, ptrdiff_t point, ptrdiff_t columns,
    const float *bias, float *y, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height,
    ptrdiff_t width) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < columns; c += LANES) {
    vector t[most * most];
    const vector start = bias ? load(bias + c) : (vector){0};
    UNROLL for (int j = 0; j < N; j++) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < N; i++) d[i] = load(m + (i * N + j) * point + c);
      outputs_from_points(N, M, r, d);
      UNROLL for (int i = 0; i < M; i++) t[i * N + j] = r[i];
    }
    UNROLL for (int i = 0; i < M; i++) {
      if (i >= height) break;
      vector r[most];
      outputs_from_points(N, M, r, t + i * N);
      UNROLL for (int j = 0; j < M; j++) {
        if (j < width) store(y + i * row + j * pixel + c, r[j] + start);
      }
    }
  }
}

INLINE void output_tile_adjoint(
    const int N, const int M, const float *y, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t height,
    ptrdiff_t width, float *m, ptrdiff_t point, ptrdiff_t block) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < channels; c += LANES) {
    vector t[most * most];
    float *to = m + c / panel_width * block + c % panel_width;
    UNROLL for (int j = 0; j < M; j++) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < M; i++)
        d[i] = i < height && j < width ? load(y + i * row + j * channels + c) : (vector){0};
      outputs_to_points(N, M, r, d);
      UNROLL for (int i = 0; i < N; i++) t[i * M + j] = r[i];
    }
    UNROLL for (int i = 0; i < N; i++) {
      vector r[most];
      outputs_to_points(N, M, r, t + i * M);
      UNROLL for (int j = 0; j < N; j++) store(to + (i * N + j) * point, r[j]);
    }
  }
}

/// u[point][ci][32] from w[tap][ci][32], for each input channel.
INLINE void weight_tiles(
    const int N, const int R, const float *w, ptrdiff_t inputs, ptrdiff_t columns, float *u,
    ptrdiff_t point) {
  enum { most = most_points };
  for (ptrdiff_t ci = 0; ci < inputs; ci++) {
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector t[most * most];
      const float *from = w + ci * panel_width + c;
      float *to = u + ci * panel_width + c;
      UNROLL for (int j = 0; j < R; j++) {
        vector g[most], r[most];
        UNROLL for (int i = 0; i < R; i++)
          g[i] = load(from + (i * R + j) * inputs * panel_width);
        taps_to_points(N, R, r, g);
        UNROLL for (int i = 0; i < N; i++) t[i * R + j] = r[i];
      }
      UNROLL for (int i = 0; i < N; i++) {
        vector r[most];
        taps_to_points(N, R, r, t + i * R);
        UNROLL for (int j = 0; j < N; j++) store(to + (i * N + j) * point, r[j]);
      }
    }
  }
}

/// w[tap][ci][32] += the adjoint of the above.
INLINE void weight_tiles_adjoint(
    const int N, const int R, const float *u, ptrdiff_t point, ptrdiff_t inputs,
    ptrdiff_t columns, float *w) {
  enum { most = most_points };
  for (ptrdiff_t ci = 0; ci < inputs; ci++) {
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector t[most * most];
      const float *from = u + ci * panel_width + c;
      float *to = w + ci * panel_width + c;
      UNROLL for (int j = 0; j < N; j++) {
        vector r[most], g[most];
        UNROLL for (int i = 0; i < N; i++) r[i] = load(from + (i * N + j) * point);
        taps_from_points(N, R, g, r);
        UNROLL for (int i = 0; i < R; i++) t[i * N + j] = g[i];
      }
      UNROLL for (int i = 0; i < R; i++) {
        vector g[most];
        taps_from_points(N, R, g, t + i * N);
        UNROLL for (int j = 0; j < R; j++) {
          float *tap = to + (i * R + j) * inputs * panel_width;
          store(tap, load(tap) + g[j]);
        }
      }
    }
  }
}

// One function for each transform of F(M×M, R×R).
#define NAMED(NAME, M, R) winograd_##M##x##R##_##NAME
#define WINOGRAD_KERNELS(M, R)                                                                 \
  static void NAMED(input, M, R)(                                                              \
      const float *x, ptrdiff_t row, ptrdiff_t channels, float *v, ptrdiff_t point,            \
      ptrdiff_t block) {                                                                       \
    input_tile(M + R - 1, x, row, channels, v, point, block);                                  \
  }                                                                                            \
  static void NAMED(input_adjoint, M, R)(                                                      \
      const float *v, ptrdiff_t point, ptrdiff_t block, ptrdiff_t channels, float *x,          \
      ptrdiff_t row) {                                                                         \
    input_tile_adjoint(M + R - 1, v, point, block, channels, x, row);                          \
  }                                                                                            \
  static void NAMED(output, M, R)(                                                             \
      const float *m, ptrdiff_t point, ptrdiff_t columns, const float *bias, float *y,         \
      ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width) {                     \
    output_tile(M + R - 1, M, m, point, columns, bias, y, row, pixel, height, width);          \
  }                                                                                            \
  static void NAMED(output_adjoint, M, R)(                                                     \
      const float *y, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width,    \
      float *m, ptrdiff_t point, ptrdiff_t block) {                                            \
    output_tile_adjoint(M + R - 1, M, y, row, channels, height, width, m, point, block);       \
  }                                                                                            \
  static void NAMED(weights, M, R)(                                                            \
      const float *w, ptrdiff_t inputs, ptrdiff_t columns, float *u, ptrdiff_t point) {        \
    weight_tiles(M + R - 1, R, w, inputs, columns, u, point);                                  \
  }                                                                                            \
  static void NAMED(weights_adjoint, M, R)(                                                    \
      const float *u, ptrdiff_t point, ptrdiff_t inputs, ptrdiff_t columns, float *w) {        \
    weight_tiles_adjoint(M + R - 1, R, u, point, inputs, columns, w);                          \
  }

#define WINOGRAD_ENTRY(M, R)                                                                   \
  {.outputs = M,                                                                               \
   .taps = R,                                                                                  \
   .input = NAMED(input, M, R),                                                                \
   .input_adjoint = NAMED(input_adjoint, M, R),                                                \
   .output = NAMED(output, M, R),                                                              \
   .output_adjoint = NAMED(output_adjoint, M, R),                                              \
   .weights = NAMED(weights, M, R),                                                            \
   .weights_adjoint = NAMED(weights_adjoint, M, R)},

#define WINOGRAD_VARIANTS(DO)                                                                  \
  DO(2, 3) DO(3, 3) DO(4, 3) DO(5, 3) DO(6, 3) DO(7, 3) DO(4, 5) DO(5, 5)

WINOGRAD_VARIANTS(WINOGRAD_KERNELS)

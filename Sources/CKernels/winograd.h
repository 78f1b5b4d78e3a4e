// Winograd's transforms of whole tiles. Each applies a transform of `winograd-points.h` along the columns of
// a tile and then along its rows. `point` is the stride between the points of a tile, `block` the stride
// between blocks of `width` channels. `struct winograd` defines every function.
//
// Zeros fill the channels of points up to a multiple of 8. Images have no such zeros: their last channels
// are moved by masks.

/// `channels`, or the next multiple of 8.
INLINE ptrdiff_t filled(ptrdiff_t channels) { return (channels + 7) / 8 * 8; }

/// The vector of points that is written after that of the channels from c on: of the next channels, or of the
/// next tile. Points are spread over memory, so the code asks for their cache lines one vector ahead.
INLINE float *next_points(
    float *v, ptrdiff_t c, ptrdiff_t channels, ptrdiff_t block, ptrdiff_t width) {
  c += LANES;
  return c < filled(channels) ? v + c / width * block + c % width : v + width;
}

INLINE void input_tile(
    const int H, const int W, const float *x, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t channels,
    float *v, ptrdiff_t point, ptrdiff_t block, ptrdiff_t width) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < filled(channels); c += LANES) {
    vector t[most * most];
    const float *from = x + c;
    float *to = v + c / width * block + c % width;
    const float *next = next_points(v, c, channels, block, width);
    ROLL for (int j = 0; j < W; j++, from += pixel) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < H; i++) d[i] = load_first(from + i * row, channels - c);
      data_to_points(H, r, d);
      UNROLL for (int i = 0; i < H; i++) t[i * W + j] = r[i];
    }
    ROLL for (int i = 0; i < H; i++, to += W * point, next += W * point) {
      vector r[most];
      data_to_points(W, r, t + i * W);
      UNROLL for (int j = 0; j < W; j++) {
        store(to + j * point, r[j]);
        __builtin_prefetch(next + j * point, 1);
      }
    }
  }
}

INLINE void input_tile_adjoint(
    const int H, const int W, const float *v, ptrdiff_t point, ptrdiff_t columns, float *x,
    ptrdiff_t row, ptrdiff_t pixel) {
  enum { most = most_points };
  for (ptrdiff_t c = 0; c < columns; c += LANES) {
    vector t[most * most];
    const float *from = v + c;
    float *to = x + c;
    ROLL for (int j = 0; j < W; j++, from += point) {
      vector r[most], d[most];
      UNROLL for (int i = 0; i < H; i++) r[i] = load(from + i * W * point);
      data_from_points(H, d, r);
      UNROLL for (int i = 0; i < H; i++) t[i * W + j] = d[i];
    }
    ROLL for (int i = 0; i < H; i++, to += row) {
      vector d[most];
      data_from_points(W, d, t + i * W);
      UNROLL for (int j = 0; j < W; j++) {
        float *place = to + j * pixel;
        store_first(place, load_first(place, columns - c) + d[j], columns - c);
      }
    }
  }
}

INLINE void output_tile(
    const int M, const int K, const int R, const float *m, ptrdiff_t point, ptrdiff_t columns,
    const float *bias, float *y, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height,
    ptrdiff_t width) {
  enum { most = most_points };
  const int H = M + R - 1, W = K + R - 1;
  for (ptrdiff_t c = 0; c < columns; c += LANES) {
    vector t[most * most];
    const vector start = bias ? load_first(bias + c, columns - c) : (vector){0};
    const float *from = m + c;
    float *to = y + c;
    ROLL for (int j = 0; j < W; j++, from += point) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < H; i++) d[i] = load(from + i * W * point);
      outputs_from_points(H, M, r, d);
      UNROLL for (int i = 0; i < M; i++) t[i * W + j] = r[i];
    }
    ROLL for (int i = 0; i < smaller(M, height); i++, to += row) {
      vector r[most];
      outputs_from_points(W, K, r, t + i * W);
      UNROLL for (int j = 0; j < K; j++) {
        float *place = to + j * pixel;
        if (j < width) store_first(place, r[j] + start, columns - c);
        if (c % line == 0) __builtin_prefetch(place + K * pixel, 1);  // the next tile's outputs
      }
    }
  }
}

INLINE void output_tile_adjoint(
    const int M, const int K, const int R, const float *y, ptrdiff_t row, ptrdiff_t channels,
    ptrdiff_t height, ptrdiff_t width, float *m, ptrdiff_t point, ptrdiff_t block,
    ptrdiff_t block_width) {
  enum { most = most_points };
  const int H = M + R - 1, W = K + R - 1;
  for (ptrdiff_t c = 0; c < filled(channels); c += LANES) {
    vector t[most * most];
    const float *from = y + c;
    float *to = m + c / block_width * block + c % block_width;
    const float *next = next_points(m, c, channels, block, block_width);
    ROLL for (int j = 0; j < K; j++, from += channels) {
      vector d[most], r[most];
      UNROLL for (int i = 0; i < M; i++)
        d[i] = i < height && j < width ? load_first(from + i * row, channels - c) : (vector){0};
      outputs_to_points(H, M, r, d);
      UNROLL for (int i = 0; i < H; i++) t[i * K + j] = r[i];
    }
    ROLL for (int i = 0; i < H; i++, to += W * point, next += W * point) {
      vector r[most];
      outputs_to_points(W, K, r, t + i * K);
      UNROLL for (int j = 0; j < W; j++) {
        store(to + j * point, r[j]);
        __builtin_prefetch(next + j * point, 1);
      }
    }
  }
}

/// u[point][ci][columns] = G w Gᵀ from w[tap][ci][columns], for each input channel.
INLINE void weight_tiles(
    const int H, const int W, const int R, const float *w, ptrdiff_t inputs, ptrdiff_t columns,
    float *u, ptrdiff_t point) {
  enum { most = most_points };
  const ptrdiff_t tap = inputs * columns;
  for (ptrdiff_t ci = 0; ci < inputs; ci++) {
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector t[most * most];
      const float *from = w + ci * columns + c;
      float *to = u + ci * columns + c;
      ROLL for (int j = 0; j < R; j++, from += tap) {
        vector g[most], r[most];
        UNROLL for (int i = 0; i < R; i++) g[i] = load(from + i * R * tap);
        taps_to_points(H, R, r, g);
        UNROLL for (int i = 0; i < H; i++) t[i * R + j] = r[i];
      }
      ROLL for (int i = 0; i < H; i++, to += W * point) {
        vector r[most];
        taps_to_points(W, R, r, t + i * R);
        UNROLL for (int j = 0; j < W; j++) store(to + j * point, r[j]);
      }
    }
  }
}

/// w[tap][ci][columns] += Gᵀ u G, the adjoint of `weight_tiles`.
INLINE void weight_tiles_adjoint(
    const int H, const int W, const int R, const float *u, ptrdiff_t point, ptrdiff_t inputs,
    ptrdiff_t columns, float *w) {
  enum { most = most_points };
  const ptrdiff_t tap = inputs * columns;
  for (ptrdiff_t ci = 0; ci < inputs; ci++) {
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector t[most * most];
      const float *from = u + ci * columns + c;
      float *to = w + ci * columns + c;
      ROLL for (int j = 0; j < W; j++, from += point) {
        vector r[most], g[most];
        UNROLL for (int i = 0; i < H; i++) r[i] = load(from + i * W * point);
        taps_from_points(H, R, g, r);
        UNROLL for (int i = 0; i < R; i++) t[i * W + j] = g[i];
      }
      ROLL for (int i = 0; i < R; i++, to += R * tap) {
        vector g[most];
        taps_from_points(W, R, g, t + i * W);
        UNROLL for (int j = 0; j < R; j++) store(to + j * tap, load(to + j * tap) + g[j]);
      }
    }
  }
}

// The transforms of inputs depend on the points alone, those of outputs on points and outputs, those of
// weights on points and taps. So several variants share them.
#define INPUT_KERNELS(H, W)                                                                    \
  static void input_##H##x##W(                                                                 \
      const float *x, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t channels, float *v,            \
      ptrdiff_t point, ptrdiff_t block, ptrdiff_t width) {                                     \
    input_tile(H, W, x, row, pixel, channels, v, point, block, width);                         \
  }                                                                                            \
  static void input_adjoint_##H##x##W(                                                         \
      const float *v, ptrdiff_t point, ptrdiff_t columns, float *x, ptrdiff_t row,             \
      ptrdiff_t pixel) {                                                                       \
    input_tile_adjoint(H, W, v, point, columns, x, row, pixel);                                \
  }

#define POINT_SHAPES(DO) DO(4, 4) DO(5, 5) DO(6, 6) DO(7, 7) DO(8, 8) DO(9, 9) DO(10, 6)
POINT_SHAPES(INPUT_KERNELS)

// The members of `struct winograd` for F(M×K, R×R), with H×W points.
#define NAMED(NAME, M, K, R) winograd_##M##x##K##_##R##_##NAME
#define WINOGRAD_KERNELS(M, K, R, H, W)                                                        \
  _Static_assert(M + R - 1 == H && K + R - 1 == W, "points");                                  \
  static void NAMED(output, M, K, R)(                                                          \
      const float *m, ptrdiff_t point, ptrdiff_t columns, const float *bias, float *y,         \
      ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t height, ptrdiff_t width) {                     \
    output_tile(M, K, R, m, point, columns, bias, y, row, pixel, height, width);               \
  }                                                                                            \
  static void NAMED(output_adjoint, M, K, R)(                                                  \
      const float *y, ptrdiff_t row, ptrdiff_t channels, ptrdiff_t height, ptrdiff_t width,    \
      float *m, ptrdiff_t point, ptrdiff_t block, ptrdiff_t block_width) {                     \
    output_tile_adjoint(                                                                       \
        M, K, R, y, row, channels, height, width, m, point, block, block_width);               \
  }                                                                                            \
  static void NAMED(weights, M, K, R)(                                                         \
      const float *w, ptrdiff_t inputs, ptrdiff_t columns, float *u, ptrdiff_t point) {        \
    weight_tiles(H, W, R, w, inputs, columns, u, point);                                       \
  }                                                                                            \
  static void NAMED(weights_adjoint, M, K, R)(                                                 \
      const float *u, ptrdiff_t point, ptrdiff_t inputs, ptrdiff_t columns, float *w) {        \
    weight_tiles_adjoint(H, W, R, u, point, inputs, columns, w);                               \
  }

#define WINOGRAD_ENTRY(M, K, R, H, W)                                                          \
  {.tile_rows = M,                                                                             \
   .tile_columns = K,                                                                          \
   .taps = R,                                                                                  \
   .input = input_##H##x##W,                                                                   \
   .input_adjoint = input_adjoint_##H##x##W,                                                   \
   .output = NAMED(output, M, K, R),                                                           \
   .output_adjoint = NAMED(output_adjoint, M, K, R),                                           \
   .weights = NAMED(weights, M, K, R),                                                         \
   .weights_adjoint = NAMED(weights_adjoint, M, K, R)},

// `WinogradTiling.Tile.all` has the same list.
#define WINOGRAD_VARIANTS(DO)                                                                  \
  DO(3, 3, 2, 4, 4) DO(4, 4, 2, 5, 5) DO(6, 6, 2, 7, 7)                                        \
  DO(2, 2, 3, 4, 4) DO(3, 3, 3, 5, 5) DO(4, 4, 3, 6, 6) DO(5, 5, 3, 7, 7) DO(6, 6, 3, 8, 8)    \
  DO(7, 7, 3, 9, 9) DO(8, 4, 3, 10, 6)                                                         \
  DO(3, 3, 4, 6, 6) DO(4, 4, 4, 7, 7) DO(5, 5, 4, 8, 8)                                        \
  DO(3, 3, 5, 7, 7) DO(4, 4, 5, 8, 8) DO(5, 5, 5, 9, 9)                                        \
  DO(3, 3, 6, 8, 8) DO(4, 4, 6, 9, 9) DO(2, 2, 7, 8, 8) DO(3, 3, 7, 9, 9)

WINOGRAD_VARIANTS(WINOGRAD_KERNELS)

// Winograd's method along rows alone, F(4, R): the kernels of `struct row_winograd`. With few input channels
// each output transform serves few products, so a block of tiles stays in registers from its products to its
// outputs. All output channels share the input transforms, which take little time.

enum { row_tile = 4, most_row_points = 8, most_row_tiles = 4, row_strip = 4 };

/// The number of points whose sums are in registers at once: all, or half of them where all would leave no
/// room for several tiles.
#define POINT_BLOCK(N) (ROWS_1 >= 3 * most_row_points ? (N) : (N) / 2)
#define TILE_BLOCK(N) \
  (ROWS_1 / POINT_BLOCK(N) > most_row_tiles ? most_row_tiles : ROWS_1 / POINT_BLOCK(N))
/// The same for the weight gradient, by points and filter rows. A block holds up to five filter rows, so that
/// a 5×5 filter reads the points of ∂M once.
#define WEIGHT_POINT_BLOCK(N) ((N) == 8 ? 4 : POINT_BLOCK(N))
#define WEIGHT_ROW_BLOCK(N) (ROWS_1 / WEIGHT_POINT_BLOCK(N) > 5 ? 5 : ROWS_1 / WEIGHT_POINT_BLOCK(N))

/// The index of place i in a row of v, at point 0. The layout is [block of 16 places][point][place].
INLINE ptrdiff_t row_place(const int N, ptrdiff_t i) { return (i & -line) * N + (i & (line - 1)); }

/// Copies pixel 4t + j of a padded row to tile t of plane j, for all t.
INLINE void deal(
    const ptrdiff_t inputs, const struct row_winograd *w, ptrdiff_t j, const float *x, float *to) {
  const ptrdiff_t tile = (w->left - j + row_tile - 1) / row_tile;
  const ptrdiff_t first = tile * row_tile + j - w->left;
  if (first >= w->input_width) return;
  const ptrdiff_t count = (w->input_width - first + row_tile - 1) / row_tile;
  const float *from = x + first * inputs;
  to += tile * inputs;
  for (ptrdiff_t i = 0; i < count - 1; i++, from += row_tile * inputs, to += inputs) {
    // One copy of four floats. With 3 channels the next pixel overwrites the fourth.
    if (inputs == 3 || inputs == 4) {
      memcpy(to, from, 4 * sizeof *to);
    } else {
      for (ptrdiff_t c = 0; c < inputs; c++) to[c] = from[c];
    }
  }
  for (ptrdiff_t c = 0; c < inputs; c++) to[c] = from[c];
}

/// v = Bᵀ x for each padded row of the image. Plane j of `planes` has pixel 4t + j of each tile t. A tile's
/// pixels beyond the fourth are the first ones of the next tile.
INLINE void row_inputs(
    const int R, const ptrdiff_t inputs, const struct row_winograd *w, const float *x, float *planes,
    float *v) {
  const int N = row_tile + R - 1;
  const ptrdiff_t places = w->tiles * inputs;
  const ptrdiff_t plane = places + 2 * inputs + 2 * line - 1;
  memset(planes, 0, (size_t)(row_tile * plane) * sizeof *planes);
  for (ptrdiff_t row = 0; row < w->lines + w->kernel_rows - 1; row++, v += w->v_line) {
    if (row < w->top || row >= w->top + w->height) {
      memset(v, 0, (size_t)w->v_line * sizeof *v);
      continue;
    }
    UNROLL for (int j = 0; j < row_tile; j++) deal(inputs, w, j, x, planes + j * plane);
    for (ptrdiff_t i = 0; i < places; i += LANES) {
      vector d[most_points], r[most_points];
      UNROLL for (int j = 0; j < N; j++)
        d[j] = load(planes + j % row_tile * plane + j / row_tile * inputs + i);
      data_to_points(N, r, d);
      UNROLL for (int p = 0; p < N; p++) store(v + row_place(N, i) + p * line, r[p]);
    }
    x += w->input_width * inputs;
  }
}

/// y of T tiles of one row, at the columns of one vector. `left` is the number of outputs from the first
/// tile's start to the end of the row.
INLINE void row_outputs(
    const int R, const int T, const struct row_winograd *w, const float *v, ptrdiff_t tile,
    const float *u, const float *bias, float *y, ptrdiff_t left) {
  const int N = row_tile + R - 1, B = POINT_BLOCK(N);
  const ptrdiff_t outputs = w->outputs;
  vector m[most_row_tiles * most_row_points];
  UNROLL for (int first = 0; first < N; first += B) {
    vector sum[most_sums];
    UNROLL for (int i = 0; i < T * B; i++) sum[i] = (vector){0};
    const float *weights = u + first * outputs;
    for (ptrdiff_t c = 0; c < w->inputs; c++) {
      const float *x[most_row_tiles];
      UNROLL for (int t = 0; t < T; t++)
        x[t] = v + row_place(N, (tile + t) * w->inputs + c) + first * line;
      for (ptrdiff_t row = 0; row < w->kernel_rows; row++) {
        UNROLL for (int p = 0; p < B; p++) {
          const vector weight = load(weights);
          weights += outputs;
          UNROLL for (int t = 0; t < T; t++)
            sum[t * B + p] = fused(broadcast(x[t][p * line]), weight, sum[t * B + p]);
        }
        UNROLL for (int t = 0; t < T; t++) x[t] += w->v_line;
        weights += (N - B) * outputs;
      }
    }
    UNROLL for (int t = 0; t < T; t++) {
      UNROLL for (int p = 0; p < B; p++) m[t * N + first + p] = sum[t * B + p];
    }
  }
  const vector start = bias ? load(bias) : (vector){0};
  UNROLL for (int t = 0; t < T; t++) {
    vector r[row_tile];
    outputs_from_points(N, row_tile, r, m + t * N);
    UNROLL for (int i = 0; i < row_tile; i++) {
      if (t * row_tile + i < left) store(y + (t * row_tile + i) * outputs, r[i] + start);
    }
  }
}

/// du of one input channel and K filter rows, at B points and the columns of one vector, summed over a strip
/// of rows of the image.
INLINE void row_weight_sums(
    const int N, const int B, const int K, const struct row_winograd *w, const float *v,
    ptrdiff_t input, const float *m, ptrdiff_t lines, float *du) {
  vector sum[most_sums];
  UNROLL for (int k = 0; k < K; k++) {
    UNROLL for (int p = 0; p < B; p++) sum[k * B + p] = load(du + (k * N + p) * w->outputs);
  }
  for (ptrdiff_t l = 0; l < lines; l++, v += w->v_line) {
    for (ptrdiff_t t = 0; t < w->tiles; t++) {
      const float *x = v + row_place(N, t * w->inputs + input);
      UNROLL for (int k = 0; k < K; k++) {
        UNROLL for (int p = 0; p < B; p++)
          sum[k * B + p] = fused(broadcast(x[p * line]), load(m + p * LANES), sum[k * B + p]);
        x += w->v_line;
      }
      m += N * LANES;
    }
  }
  UNROLL for (int k = 0; k < K; k++) {
    UNROLL for (int p = 0; p < B; p++) store(du + (k * N + p) * w->outputs, sum[k * B + p]);
  }
}

/// ∂M = A ∂y of a strip, [lines][tiles][points], at the columns of one vector.
INLINE void row_output_points(
    const int R, const struct row_winograd *w, const float *dy, ptrdiff_t lines, float *m) {
  const int N = row_tile + R - 1;
  for (ptrdiff_t l = 0; l < lines; l++) {
    for (ptrdiff_t t = 0; t < w->tiles; t++) {
      const float *from = dy + (l * w->width + t * row_tile) * w->outputs;
      const ptrdiff_t left = w->width - t * row_tile;
      vector d[row_tile], r[most_points];
      UNROLL for (int i = 0; i < row_tile; i++)
        d[i] = i < left ? load(from + i * w->outputs) : (vector){0};
      outputs_to_points(N, row_tile, r, d);
      UNROLL for (int p = 0; p < N; p++) store(m + p * LANES, r[p]);
      m += N * LANES;
    }
  }
}

/// u[ci][row][point][columns] = G w of one panel, w[row][tap][ci][columns].
INLINE void row_weights(
    const int R, const struct row_winograd *w, const float *panel, ptrdiff_t columns, float *u) {
  const int N = row_tile + R - 1;
  for (ptrdiff_t term = 0; term < w->kernel_rows * w->inputs; term++) {
    const ptrdiff_t row = term % w->kernel_rows, ci = term / w->kernel_rows;
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector g[most_points], r[most_points];
      UNROLL for (int k = 0; k < R; k++)
        g[k] = load(panel + ((row * R + k) * w->inputs + ci) * columns + c);
      taps_to_points(N, R, r, g);
      UNROLL for (int p = 0; p < N; p++) store(u + (term * N + p) * w->outputs + c, r[p]);
    }
  }
}

/// Adds Gᵀ du to the gradient of one panel: the adjoint of `row_weights`.
INLINE void row_weights_adjoint(
    const int R, const struct row_winograd *w, const float *du, ptrdiff_t columns, float *panel) {
  const int N = row_tile + R - 1;
  for (ptrdiff_t term = 0; term < w->kernel_rows * w->inputs; term++) {
    const ptrdiff_t row = term % w->kernel_rows, ci = term / w->kernel_rows;
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector g[most_points], r[most_points];
      UNROLL for (int p = 0; p < N; p++) r[p] = load(du + (term * N + p) * w->outputs + c);
      taps_from_points(N, R, g, r);
      UNROLL for (int k = 0; k < R; k++) {
        float *to = panel + ((row * R + k) * w->inputs + ci) * columns + c;
        store(to, load(to) + g[k]);
      }
    }
  }
}

/// `row_inputs` with the channel count as a constant for gray and color images.
INLINE void all_row_inputs(
    const int R, const struct row_winograd *w, const float *x, float *planes, float *v) {
  switch (w->inputs) {
    case 1: row_inputs(R, 1, w, x, planes, v); break;
    case 3: row_inputs(R, 3, w, x, planes, v); break;
    default: row_inputs(R, w->inputs, w, x, planes, v);
  }
}

/// `row_outputs` of `count` tiles, 1 to 4, as a constant.
INLINE void row_output_block(
    const int R, ptrdiff_t count, const struct row_winograd *w, const float *v, ptrdiff_t tile,
    const float *u, const float *bias, float *y, ptrdiff_t left) {
  switch (count) {
    case 1: row_outputs(R, 1, w, v, tile, u, bias, y, left); break;
    case 2: row_outputs(R, 2, w, v, tile, u, bias, y, left); break;
    case 3: row_outputs(R, 3, w, v, tile, u, bias, y, left); break;
    default: row_outputs(R, 4, w, v, tile, u, bias, y, left);
  }
}

/// y of all rows, in blocks of tiles and vectors of columns.
INLINE void all_row_outputs(
    const int R, const struct row_winograd *w, const float *v, const float *u, const float *bias, float *y) {
  const struct blocks blocks = equal_blocks(w->tiles, TILE_BLOCK(row_tile + R - 1));
  for (ptrdiff_t l = 0; l < w->lines; l++, v += w->v_line) {
    for (ptrdiff_t t = 0, b = 0; b < blocks.count; b++) {
      const ptrdiff_t block = blocks.size + (b < blocks.larger);
      const ptrdiff_t left = w->width - t * row_tile;
      for (ptrdiff_t c = 0; c < w->outputs; c += LANES) {
        float *to = y + (l * w->width + t * row_tile) * w->outputs + c;
        row_output_block(R, block, w, v, t, u + c, bias ? bias + c : NULL, to, left);
      }
      t += block;
    }
  }
}

/// `row_weight_sums` of `count` filter rows, 1 to 5, as a constant.
INLINE void row_weight_block(
    const int N, const int B, ptrdiff_t count, const struct row_winograd *w, const float *v,
    ptrdiff_t input, const float *m, ptrdiff_t lines, float *du) {
  switch (count) {
    case 1: row_weight_sums(N, B, 1, w, v, input, m, lines, du); break;
    case 2: row_weight_sums(N, B, 2, w, v, input, m, lines, du); break;
    case 3: row_weight_sums(N, B, 3, w, v, input, m, lines, du); break;
    case 4: row_weight_sums(N, B, 4, w, v, input, m, lines, du); break;
    default: row_weight_sums(N, B, 5, w, v, input, m, lines, du);
  }
}

/// Adds to du the part of the strip from row l on, for all input channels, filter rows and points, at the
/// columns of one vector from c on. `m` holds the strip's ∂M.
INLINE void strip_gradients(
    const int R, const struct row_winograd *w, const float *v, ptrdiff_t l, ptrdiff_t c, const float *m,
    ptrdiff_t lines, float *du) {
  const int N = row_tile + R - 1, B = WEIGHT_POINT_BLOCK(N);
  const struct blocks blocks = equal_blocks(w->kernel_rows, WEIGHT_ROW_BLOCK(N));
  for (ptrdiff_t input = 0; input < w->inputs; input++) {
    for (ptrdiff_t row = 0, b = 0; b < blocks.count; b++) {
      const ptrdiff_t block = blocks.size + (b < blocks.larger);
      for (int p = 0; p < N; p += B) {
        const float *x = v + (l + row) * w->v_line + p * line;
        float *to = du + ((input * w->kernel_rows + row) * N + p) * w->outputs + c;
        row_weight_block(N, B, block, w, x, input, m + p * LANES, lines, to);
      }
      row += block;
    }
  }
}

/// du of the whole image, in strips whose ∂M stays in the cache.
INLINE void all_row_gradients(
    const int R, const struct row_winograd *w, const float *v, const float *dy, float *m, float *du) {
  for (ptrdiff_t c = 0; c < w->outputs; c += LANES) {
    for (ptrdiff_t l = 0; l < w->lines; l += row_strip) {
      const ptrdiff_t lines = smaller(w->lines - l, row_strip);
      row_output_points(R, w, dy + l * w->width * w->outputs + c, lines, m);
      strip_gradients(R, w, v, l, c, m, lines, du);
    }
  }
}

// The members of `struct row_winograd_kernels` for R taps.
#define ROW_KERNELS(R)                                                                          \
  static void winograd_row_##R##_inputs(                                                        \
      const struct row_winograd *w, const float *x, float *planes, float *v) {                  \
    all_row_inputs(R, w, x, planes, v);                                                         \
  }                                                                                             \
  static void winograd_row_##R##_outputs(                                                       \
      const struct row_winograd *w, const float *v, const float *u, const float *b, float *y) { \
    all_row_outputs(R, w, v, u, b, y);                                                          \
  }                                                                                             \
  static void winograd_row_##R##_gradients(                                                     \
      const struct row_winograd *w, const float *v, const float *dy, float *m, float *du) {     \
    all_row_gradients(R, w, v, dy, m, du);                                                      \
  }                                                                                             \
  static void winograd_row_##R##_weights(                                                       \
      const struct row_winograd *w, const float *panel, ptrdiff_t columns, float *u) {          \
    row_weights(R, w, panel, columns, u);                                                       \
  }                                                                                             \
  static void winograd_row_##R##_weights_adjoint(                                               \
      const struct row_winograd *w, const float *du, ptrdiff_t columns, float *panel) {         \
    row_weights_adjoint(R, w, du, columns, panel);                                              \
  }

#define ROW_ENTRY(R)                                         \
  {.taps = R,                                                \
   .inputs = winograd_row_##R##_inputs,                      \
   .outputs = winograd_row_##R##_outputs,                    \
   .gradients = winograd_row_##R##_gradients,                \
   .weights = winograd_row_##R##_weights,                    \
   .weights_adjoint = winograd_row_##R##_weights_adjoint},

ROW_KERNELS(3)
ROW_KERNELS(5)

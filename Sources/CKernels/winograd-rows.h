// Winograd's method along rows alone, F(4, R): `struct row_winograd`. With few input channels there are
// few products for each transform, so a block of tiles stays in registers from its products to its
// outputs, and the transforms of the inputs, which all output channels share, cost next to nothing.

enum { row_tile = 4, most_row_points = 8, most_row_tiles = 4, row_strip = 4 };

/// Points whose sums are in registers at once: all, or as many as leave room for some tiles.
#define POINT_BLOCK(N) (ROWS_1 >= 3 * most_row_points ? (N) : (N) / 2)
#define TILE_BLOCK(N) \
  (ROWS_1 / POINT_BLOCK(N) > most_row_tiles ? most_row_tiles : ROWS_1 / POINT_BLOCK(N))
/// The same for the gradient of the weights, and rows of the kernel: all five of a 5×5 kernel, if there is
/// room, so that the gradient's points are read once.
#define WEIGHT_POINT_BLOCK(N) ((N) == 8 ? 4 : POINT_BLOCK(N))
#define WEIGHT_ROW_BLOCK(N) \
  (ROWS_1 / WEIGHT_POINT_BLOCK(N) > 5 ? 5 : ROWS_1 / WEIGHT_POINT_BLOCK(N))

/// Where the numbers of place i of a row of v start: [block of 16 places][point][place].
INLINE ptrdiff_t row_place(const int N, ptrdiff_t i) { return (i & -line) * N + (i & (line - 1)); }

/// Deals the pixels j, 4 + j, 8 + j … of a padded row out to the tiles.
INLINE void deal(
    const ptrdiff_t inputs, const struct row_winograd *w, ptrdiff_t j, const float *x, float *to) {
  const ptrdiff_t tile = (w->left - j + row_tile - 1) / row_tile;
  const ptrdiff_t first = tile * row_tile + j - w->left;
  if (first >= w->input_width) return;
  const ptrdiff_t count = (w->input_width - first + row_tile - 1) / row_tile;
  const float *from = x + first * inputs;
  to += tile * inputs;
  for (ptrdiff_t i = 0; i < count - 1; i++, from += row_tile * inputs, to += inputs) {
    // Four numbers at once; the next pixel overwrites those that are too many.
    if (inputs == 3 || inputs == 4) {
      memcpy(to, from, 4 * sizeof *to);
    } else {
      for (ptrdiff_t c = 0; c < inputs; c++) to[c] = from[c];
    }
  }
  for (ptrdiff_t c = 0; c < inputs; c++) to[c] = from[c];
}

/// v = Bᵀ of each row of the image, with its zeros. `planes` has the pixels 4t, 4t + 1, 4t + 2 and 4t + 3 of
/// each tile t; those beyond are the next tile's.
INLINE void row_inputs(
    const int R, const ptrdiff_t inputs, const struct row_winograd *w, const float *x,
    float *planes, float *v) {
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

/// T tiles of one row, at the columns of one vector; `left` outputs from the first on are in the image.
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

/// du of one input and K rows of the kernel, at B points and the columns of one vector, over a strip of
/// rows of the image.
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

/// ∂M of a strip, [lines][tiles][points], at the columns of one vector.
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

/// u[ci][row][point][columns] of one panel, from w[row][tap][ci][32].
INLINE void row_weights(
    const int R, const struct row_winograd *w, const float *panel, ptrdiff_t columns, float *u) {
  const int N = row_tile + R - 1;
  for (ptrdiff_t term = 0; term < w->kernel_rows * w->inputs; term++) {
    const ptrdiff_t row = term % w->kernel_rows, ci = term / w->kernel_rows;
    for (ptrdiff_t c = 0; c < columns; c += LANES) {
      vector g[most_points], r[most_points];
      UNROLL for (int k = 0; k < R; k++)
        g[k] = load(panel + ((row * R + k) * w->inputs + ci) * panel_width + c);
      taps_to_points(N, R, r, g);
      UNROLL for (int p = 0; p < N; p++) store(u + (term * N + p) * w->outputs + c, r[p]);
    }
  }
}

/// The gradient of one panel += the adjoint of the above.
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
        float *to = panel + ((row * R + k) * w->inputs + ci) * panel_width + c;
        store(to, load(to) + g[k]);
      }
    }
  }
}

// The functions of F(4, R).
#define ROW_KERNELS(R)                                                                          \
  static void winograd_row_##R##_inputs(                                                        \
      const struct row_winograd *w, const float *x, float *planes, float *v) {                  \
    switch (w->inputs) {                                                                        \
      case 1: row_inputs(R, 1, w, x, planes, v); break;                                         \
      case 3: row_inputs(R, 3, w, x, planes, v); break;                                         \
      default: row_inputs(R, w->inputs, w, x, planes, v);                                       \
    }                                                                                           \
  }                                                                                             \
  static void winograd_row_##R##_outputs(                                                       \
      const struct row_winograd *w, const float *v, const float *u, const float *bias,          \
      float *y) {                                                                               \
    for (ptrdiff_t l = 0; l < w->lines; l++, v += w->v_line) {                                  \
      for (ptrdiff_t t = 0; t < w->tiles;) {                                                    \
        const ptrdiff_t block = next_block(w->tiles - t, TILE_BLOCK(row_tile + R - 1));         \
        const ptrdiff_t left = w->width - t * row_tile;                                         \
        for (ptrdiff_t c = 0; c < w->outputs; c += LANES) {                                     \
          float *to = y + (l * w->width + t * row_tile) * w->outputs + c;                       \
          const float *b = bias ? bias + c : NULL;                                              \
          switch (block) {                                                                      \
            case 1: row_outputs(R, 1, w, v, t, u + c, b, to, left); break;                      \
            case 2: row_outputs(R, 2, w, v, t, u + c, b, to, left); break;                      \
            case 3: row_outputs(R, 3, w, v, t, u + c, b, to, left); break;                      \
            default: row_outputs(R, 4, w, v, t, u + c, b, to, left);                            \
          }                                                                                     \
        }                                                                                       \
        t += block;                                                                             \
      }                                                                                         \
    }                                                                                           \
  }                                                                                             \
  static void winograd_row_##R##_gradients(                                                     \
      const struct row_winograd *w, const float *v, const float *dy, float *m, float *du) {     \
    enum { N = row_tile + R - 1, B = WEIGHT_POINT_BLOCK(N), most = WEIGHT_ROW_BLOCK(N) };       \
    for (ptrdiff_t c = 0; c < w->outputs; c += LANES) {                                         \
      for (ptrdiff_t l = 0; l < w->lines; l += row_strip) {                                     \
        const ptrdiff_t lines = smaller(w->lines - l, row_strip);                               \
        row_output_points(R, w, dy + l * w->width * w->outputs + c, lines, m);                  \
        for (ptrdiff_t input = 0; input < w->inputs; input++) {                                 \
          for (ptrdiff_t row = 0; row < w->kernel_rows;) {                                      \
            const ptrdiff_t block = next_block(w->kernel_rows - row, most);                     \
            for (int p = 0; p < N; p += B) {                                                    \
              const float *x = v + (l + row) * w->v_line + p * line;                            \
              float *to = du + ((input * w->kernel_rows + row) * N + p) * w->outputs + c;       \
              const float *from = m + p * LANES;                                                \
              switch (block) {                                                                  \
                case 1: row_weight_sums(N, B, 1, w, x, input, from, lines, to); break;          \
                case 2: row_weight_sums(N, B, 2, w, x, input, from, lines, to); break;          \
                case 3: row_weight_sums(N, B, 3, w, x, input, from, lines, to); break;          \
                case 4: row_weight_sums(N, B, 4, w, x, input, from, lines, to); break;          \
                default: row_weight_sums(N, B, 5, w, x, input, from, lines, to);                \
              }                                                                                 \
            }                                                                                   \
            row += block;                                                                       \
          }                                                                                     \
        }                                                                                       \
      }                                                                                         \
    }                                                                                           \
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

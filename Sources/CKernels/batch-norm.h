// Batch normalization of [rows, channels]: the sums of each channel, in double and in the order of the rows,
// and the affine maps of each channel.

typedef double doubles __attribute__((vector_size(LANES * 8)));
typedef double doubles_in_memory
    __attribute__((vector_size(LANES * 8), aligned(8), may_alias));

INLINE doubles widened(vector v) { return __builtin_convertvector(v, doubles); }
INLINE doubles load_doubles(const double *p, ptrdiff_t count) {
  if (count >= LANES) return *(const doubles_in_memory *)p;
  doubles v = {0};
  memcpy(&v, p, (size_t)count * sizeof(double));
  return v;
}
INLINE void store_doubles(double *p, doubles v, ptrdiff_t count) {
  if (count >= LANES) {
    *(doubles_in_memory *)p = v;
  } else {
    memcpy(p, &v, (size_t)count * sizeof(double));
  }
}

// The vectors of channels that one pass sums: whole cache lines, as many as the registers hold.
enum { summed_vectors = LANES == 16 ? 4 : 2 };

INLINE void sum_channels(
    const int V, const float *x, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t left, double *sums) {
  doubles sum[summed_vectors], squares[summed_vectors];
  UNROLL for (int i = 0; i < V; i++) {
    sum[i] = load_doubles(sums + i * LANES, left - i * LANES);
    squares[i] = load_doubles(sums + channels + i * LANES, left - i * LANES);
  }
  for (ptrdiff_t r = 0; r < rows; r++, x += channels) {
    UNROLL for (int i = 0; i < V; i++) {
      const doubles v = widened(load_first(x + i * LANES, left - i * LANES));
      sum[i] += v;
      squares[i] = __builtin_elementwise_fma(v, v, squares[i]);
    }
  }
  UNROLL for (int i = 0; i < V; i++) {
    store_doubles(sums + i * LANES, sum[i], left - i * LANES);
    store_doubles(sums + channels + i * LANES, squares[i], left - i * LANES);
  }
}

static void channel_sums(const float *x, ptrdiff_t rows, ptrdiff_t channels, double *sums) {
  enum { several = summed_vectors * LANES };
  ptrdiff_t c = 0;
  for (; c + several <= channels; c += several)
    sum_channels(summed_vectors, x + c, rows, channels, several, sums + c);
  for (; c < channels; c += LANES)
    sum_channels(1, x + c, rows, channels, channels - c, sums + c);
}

/// The gradient with respect to x·scale + shift, at the columns from c of one row: dy, after the backward
/// pass of ReLU if `rectifies`.
INLINE vector unrectified(
    const int rectifies, const struct batch_norm_gradient *g, vector dy, vector x, ptrdiff_t c,
    ptrdiff_t left) {
  if (!rectifies) return dy;
  const vector y = fused(x, load_first(g->scale + c, left), load_first(g->shift + c, left));
  return blend(y > (vector){0}, dy, (vector){0});
}

/// The gradient sums of the channels c ..< min(c + V·LANES, channels).
INLINE void sum_gradients(
    const int V, const int rectifies, const struct batch_norm_gradient *g, const float *dy,
    const float *x, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t c, double *sums) {
  const ptrdiff_t left = V > 1 ? V * LANES : channels - c;
  vector middle[summed_vectors];
  doubles sum[summed_vectors], products[summed_vectors];
  UNROLL for (int i = 0; i < V; i++) {
    const ptrdiff_t k = c + i * LANES;
    middle[i] = load_first(g->mean + k, left - i * LANES);
    sum[i] = load_doubles(sums + k, left - i * LANES);
    products[i] = load_doubles(sums + channels + k, left - i * LANES);
  }
  for (ptrdiff_t r = 0; r < rows; r++, x += channels, dy += channels) {
    UNROLL for (int i = 0; i < V; i++) {
      const ptrdiff_t k = c + i * LANES, rest = left - i * LANES;
      ask_ahead(x + k, k);
      ask_ahead(dy + k, k);
      const vector value = load_first(x + k, rest);
      const doubles d =
          widened(unrectified(rectifies, g, load_first(dy + k, rest), value, k, rest));
      sum[i] += d;
      products[i] = __builtin_elementwise_fma(d, widened(value - middle[i]), products[i]);
    }
  }
  UNROLL for (int i = 0; i < V; i++) {
    const ptrdiff_t k = c + i * LANES;
    store_doubles(sums + k, sum[i], left - i * LANES);
    store_doubles(sums + channels + k, products[i], left - i * LANES);
  }
}

INLINE void sum_all_gradients(
    const int rectifies, const struct batch_norm_gradient *g, const float *dy, const float *x,
    ptrdiff_t rows, ptrdiff_t channels, double *sums) {
  enum { several = summed_vectors * LANES };
  ptrdiff_t c = 0;
  for (; c + several <= channels; c += several)
    sum_gradients(summed_vectors, rectifies, g, dy, x, rows, channels, c, sums);
  for (; c < channels; c += LANES)
    sum_gradients(1, rectifies, g, dy, x, rows, channels, c, sums);
}

static void channel_gradient_sums(
    const struct batch_norm_gradient *g, const float *dy, const float *x, ptrdiff_t rows,
    ptrdiff_t channels, double *sums) {
  if (g->rectifies) {
    sum_all_gradients(1, g, dy, x, rows, channels, sums);
  } else {
    sum_all_gradients(0, g, dy, x, rows, channels, sums);
  }
}

INLINE void map_channels(
    const int rectifies, const float *x, const float *scale, const float *shift, ptrdiff_t rows,
    ptrdiff_t channels, float *y) {
  for (ptrdiff_t r = 0; r < rows; r++, x += channels, y += channels) {
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      const ptrdiff_t left = channels - c;
      ask_ahead(x + c, c);
      const vector v = fused(
          load_first(x + c, left), load_first(scale + c, left), load_first(shift + c, left));
      store_first(y + c, rectifies ? rectified(v) : v, left);
    }
  }
}

static void channel_map(
    const float *x, const float *scale, const float *shift, int rectifies, ptrdiff_t rows,
    ptrdiff_t channels, float *y) {
  if (rectifies) {
    map_channels(1, x, scale, shift, rows, channels, y);
  } else {
    map_channels(0, x, scale, shift, rows, channels, y);
  }
}

INLINE void map_gradients(
    const int rectifies, const struct batch_norm_gradient *g, const float *dy, const float *x,
    ptrdiff_t rows, ptrdiff_t channels, float *dx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      const ptrdiff_t left = channels - c;
      ask_ahead(x + c, c);
      ask_ahead(dy + c, c);
      const vector value = load_first(x + c, left);
      const vector d = unrectified(rectifies, g, load_first(dy + c, left), value, c, left);
      const vector rest = fused(
          load_first(g->by_input + c, left), value - load_first(g->mean + c, left),
          load_first(g->constant + c, left));
      store_first(dx + c, fused(load_first(g->by_output + c, left), d, rest), left);
    }
  }
}

static void batch_norm_backward(
    const struct batch_norm_gradient *g, const float *dy, const float *x, ptrdiff_t rows,
    ptrdiff_t channels, float *dx) {
  if (g->rectifies) {
    map_gradients(1, g, dy, x, rows, channels, dx);
  } else {
    map_gradients(0, g, dy, x, rows, channels, dx);
  }
}

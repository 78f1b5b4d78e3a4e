// Batch normalisation's sums over pixels, in double and in the order of the pixels, and its maps of
// each channel, of [rows, channels].

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

static void channel_sums(const float *x, ptrdiff_t rows, ptrdiff_t channels, double *sums) {
  for (ptrdiff_t c = 0; c < channels; c += LANES) {
    const ptrdiff_t left = channels - c;
    doubles sum = load_doubles(sums + c, left);
    doubles squares = load_doubles(sums + channels + c, left);
    for (ptrdiff_t r = 0; r < rows; r++) {
      const doubles v = widened(load_first(x + r * channels + c, left));
      sum += v;
      squares = __builtin_elementwise_fma(v, v, squares);
    }
    store_doubles(sums + c, sum, left);
    store_doubles(sums + channels + c, squares, left);
  }
}

static void channel_gradient_sums(
    const float *dy, const float *x, const float *mean, ptrdiff_t rows, ptrdiff_t channels,
    double *sums) {
  for (ptrdiff_t c = 0; c < channels; c += LANES) {
    const ptrdiff_t left = channels - c;
    const vector middle = load_first(mean + c, left);
    doubles sum = load_doubles(sums + c, left);
    doubles products = load_doubles(sums + channels + c, left);
    for (ptrdiff_t r = 0; r < rows; r++) {
      const doubles g = widened(load_first(dy + r * channels + c, left));
      const doubles v = widened(load_first(x + r * channels + c, left) - middle);
      sum += g;
      products = __builtin_elementwise_fma(g, v, products);
    }
    store_doubles(sums + c, sum, left);
    store_doubles(sums + channels + c, products, left);
  }
}

static void channel_map(
    const float *x, const float *scale, const float *shift, ptrdiff_t rows, ptrdiff_t channels,
    float *y) {
  for (ptrdiff_t r = 0; r < rows; r++, x += channels, y += channels) {
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      const ptrdiff_t left = channels - c;
      store_first(
          y + c,
          fused(load_first(x + c, left), load_first(scale + c, left), load_first(shift + c, left)),
          left);
    }
  }
}

static void batch_norm_backward(
    const struct batch_norm_gradient *g, const float *dy, const float *x, ptrdiff_t rows,
    ptrdiff_t channels, float *dx) {
  for (ptrdiff_t r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      const ptrdiff_t left = channels - c;
      const vector centred = load_first(x + c, left) - load_first(g->mean + c, left);
      const vector rest =
          fused(load_first(g->by_input + c, left), centred, load_first(g->constant + c, left));
      store_first(
          dx + c, fused(load_first(g->by_output + c, left), load_first(dy + c, left), rest), left);
    }
  }
}

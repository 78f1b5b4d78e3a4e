// Upsampling of [h, w, channels] by whole factors, vectorized over channels.

static void upsample_nearest(const struct upsampling *u, const float *x, float *y) {
  const ptrdiff_t c = u->channels, row = u->w * u->factor_w * c;
  for (ptrdiff_t r = 0; r < u->h; r++) {
    float *first = y + r * u->factor_h * row;
    for (ptrdiff_t q = 0; q < u->w; q++) {
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        const vector v = load_first(x + (r * u->w + q) * c + k, c - k);
        for (ptrdiff_t b = 0; b < u->factor_w; b++)
          store_first(first + (q * u->factor_w + b) * c + k, v, c - k);
      }
    }
    for (ptrdiff_t a = 1; a < u->factor_h; a++)
      memcpy(first + a * row, first, (size_t)row * sizeof(float));
  }
}

static void upsample_nearest_backward(const struct upsampling *u, const float *dy, float *dx) {
  const ptrdiff_t c = u->channels, row = u->w * u->factor_w * c;
  for (ptrdiff_t r = 0; r < u->h; r++) {
    for (ptrdiff_t q = 0; q < u->w; q++) {
      const float *copies = dy + r * u->factor_h * row + q * u->factor_w * c;
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        vector sum = {0};
        for (ptrdiff_t a = 0; a < u->factor_h; a++)
          for (ptrdiff_t b = 0; b < u->factor_w; b++)
            sum += load_first(copies + a * row + b * c + k, c - k);
        store_first(dx + (r * u->w + q) * c + k, sum, c - k);
      }
    }
  }
}

/// The interpolation of output factor·m + a along one axis: near·x[m] + far·x[neighbor]. Where the output lies
/// at input m, or beyond the first or the last input, near = 1 and far = 0.
struct interpolation {
  ptrdiff_t neighbor;
  float near, far;
};

INLINE struct interpolation interpolate(
    const float *weights, ptrdiff_t factor, ptrdiff_t extent, ptrdiff_t m, ptrdiff_t a) {
  const ptrdiff_t side = 2 * a + 1 < factor ? -1 : 2 * a + 1 > factor ? 1 : 0;
  const ptrdiff_t neighbor = m + side;
  if (side == 0 || neighbor < 0 || neighbor >= extent)
    return (struct interpolation){.neighbor = m, .near = 1, .far = 0};
  const ptrdiff_t far = side < 0 ? a + factor + factor / 2 : a - (factor + 1) / 2;
  return (struct interpolation){neighbor, weights[a + factor / 2], weights[far]};
}

static void upsample_bilinear(const struct upsampling *u, const float *x, float *y) {
  const ptrdiff_t c = u->channels;
  for (ptrdiff_t r = 0; r < u->h; r++) {
    for (ptrdiff_t a = 0; a < u->factor_h; a++) {
      const struct interpolation rows = interpolate(u->weights_h, u->factor_h, u->h, r, a);
      const float *near = x + r * u->w * c, *far = x + rows.neighbor * u->w * c;
      const vector near_h = broadcast(rows.near), far_h = broadcast(rows.far);
      for (ptrdiff_t q = 0; q < u->w; q++) {
        for (ptrdiff_t b = 0; b < u->factor_w; b++) {
          const struct interpolation columns =
              interpolate(u->weights_w, u->factor_w, u->w, q, b);
          const vector near_w = broadcast(columns.near), far_w = broadcast(columns.far);
          const ptrdiff_t at = q * c, beside = columns.neighbor * c;
          for (ptrdiff_t k = 0; k < c; k += LANES) {
            const ptrdiff_t left = c - k;
            const vector above = fused(
                far_w, load_first(near + beside + k, left),
                near_w * load_first(near + at + k, left));
            const vector below = fused(
                far_w, load_first(far + beside + k, left), near_w * load_first(far + at + k, left));
            store_first(y + k, fused(far_h, below, near_h * above), left);
          }
          y += c;
        }
      }
    }
  }
}

/// The outputs first ..< end that read input m along one axis. The weight of m in output i is
/// weights[i − start], or 1 for i < inner and i ≥ outer, which lie beyond the first or the last input.
struct readers {
  ptrdiff_t start, first, inner, outer, end;
};

INLINE struct readers readers_of(ptrdiff_t factor, ptrdiff_t extent, ptrdiff_t m) {
  const ptrdiff_t start = factor * (m - 1) + (factor + 1) / 2;
  const ptrdiff_t stop = factor * (m + 1) + factor / 2;
  struct readers readers = {start, start, start, stop, stop};
  if (m == 0) {
    readers.first = 0;
    readers.inner = factor / 2;
  }
  if (m == extent - 1) {
    readers.outer = factor * m + (factor + 1) / 2;
    readers.end = factor * extent;
  }
  return readers;
}

INLINE float weight_of(const struct readers *readers, const float *weights, ptrdiff_t i) {
  return i < readers->inner || i >= readers->outer ? 1 : weights[i - readers->start];
}

static void upsample_bilinear_backward(const struct upsampling *u, const float *dy, float *dx) {
  const ptrdiff_t c = u->channels, row = u->w * u->factor_w * c;
  for (ptrdiff_t r = 0; r < u->h; r++) {
    const struct readers rows = readers_of(u->factor_h, u->h, r);
    for (ptrdiff_t q = 0; q < u->w; q++) {
      const struct readers columns = readers_of(u->factor_w, u->w, q);
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        vector sum = {0};
        for (ptrdiff_t i = rows.first; i < rows.end; i++) {
          vector line = {0};
          for (ptrdiff_t j = columns.first; j < columns.end; j++) {
            line = fused(
                broadcast(weight_of(&columns, u->weights_w, j)),
                load_first(dy + i * row + j * c + k, c - k), line);
          }
          sum = fused(broadcast(weight_of(&rows, u->weights_h, i)), line, sum);
        }
        store_first(dx + (r * u->w + q) * c + k, sum, c - k);
      }
    }
  }
}

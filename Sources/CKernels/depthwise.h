// Depthwise convolution of [h, w, channels], vectorized over channels. The kernel's taps of a channel are
// added in reading order, each rounded once, whatever the vectors' width.

/// Whole vectors, or the first `left` floats and zeros.
INLINE vector load_channels(const int whole, const float *p, ptrdiff_t left) {
  return whole ? load(p) : load_first(p, left);
}
INLINE void store_channels(const int whole, float *p, vector v, ptrdiff_t left) {
  if (whole) {
    store(p, v);
  } else {
    store_first(p, v, left);
  }
}

/// The stride between the taps of channel `k`: the width of its panel.
INLINE ptrdiff_t tap_stride(const struct depthwise *d, ptrdiff_t k) {
  const ptrdiff_t left = d->channels - k / panel_width * panel_width;
  return left > line ? panel_width : line;
}

/// The weights of the first tap from channel `k` on; those of the next taps follow at `tap_stride`.
INLINE ptrdiff_t first_tap(const struct depthwise *d, ptrdiff_t k) {
  return k / panel_width * d->kernel_h * d->kernel_w * panel_width + k % panel_width;
}

/// The outputs lo ..< hi of an axis by which the taps `first` to `last` all read the image.
INLINE void reading_outputs(
    ptrdiff_t first, ptrdiff_t last, ptrdiff_t stride, ptrdiff_t before, ptrdiff_t extent,
    ptrdiff_t outputs, ptrdiff_t *lo, ptrdiff_t *hi) {
  *lo = first < before ? (before - first + stride - 1) / stride : 0;
  const ptrdiff_t room = extent - 1 + before - last;
  *hi = room < 0 ? 0 : smaller(outputs, room / stride + 1);
  if (*hi < *lo) *hi = *lo = smaller(*lo, outputs);
}

/// The outputs beside each other that are computed at once; the last ones may be computed twice.
enum { most_beside = 8 };

/// J outputs, `step` floats apart in x, over the taps u0 ..< u1 by v0 ..< v1. `x` is where tap (0, 0) of the
/// first one would read, and tap v reads at v·tap from there.
INLINE void sum_taps(
    const int J, const int whole, ptrdiff_t left, const float *x, ptrdiff_t row, ptrdiff_t step,
    ptrdiff_t tap, const float *weight, ptrdiff_t w_tap, ptrdiff_t width, vector start, ptrdiff_t u0,
    ptrdiff_t u1, ptrdiff_t v0, ptrdiff_t v1, float *y, ptrdiff_t y_step) {
  vector sum[most_beside];
  UNROLL for (int j = 0; j < J; j++) sum[j] = start;
  for (ptrdiff_t u = u0; u < u1; u++) {
    for (ptrdiff_t v = v0; v < v1; v++) {
      const vector w = load(weight + (u * width + v) * w_tap);
      const float *place = x + u * row + v * tap;
      UNROLL for (int j = 0; j < J; j++)
        sum[j] = fused(load_channels(whole, place + j * step, left), w, sum[j]);
    }
  }
  UNROLL for (int j = 0; j < J; j++) store_channels(whole, y + j * y_step, sum[j], left);
}

/// The same for a kernel of three columns and outputs as far apart as taps: each input is loaded once
/// for the three outputs that read it.
INLINE void sum_three_taps(
    const int J, const int whole, ptrdiff_t left, const float *x, ptrdiff_t row, ptrdiff_t step,
    const float *weight, ptrdiff_t w_tap, vector start, ptrdiff_t u0, ptrdiff_t u1, float *y) {
  vector sum[most_beside];
  UNROLL for (int j = 0; j < J; j++) sum[j] = start;
  for (ptrdiff_t u = u0; u < u1; u++) {
    const float *w = weight + 3 * u * w_tap;
    const vector w0 = load(w), w1 = load(w + w_tap), w2 = load(w + 2 * w_tap);
    UNROLL for (int q = 0; q < J + 2; q++) {
      const vector v = load_channels(whole, x + u * row + q * step, left);
      if (q >= 2) sum[q - 2] = fused(v, w2, sum[q - 2]);
      if (q >= 1 && q <= J) sum[q - 1] = fused(v, w1, sum[q - 1]);
      if (q < J) sum[q] = fused(v, w0, sum[q]);
    }
  }
  UNROLL for (int j = 0; j < J; j++) store_channels(whole, y + j * step, sum[j], left);
}

/// Where some outputs beside each other read and how they are computed, for all channels.
struct taps {
  const struct depthwise *d;
  const float *weight, *bias;
  ptrdiff_t row, step, tap, u0, u1, v0, v1, y_step;
};

INLINE void sum_block_channels(
    const int J, const int whole, const struct taps *t, const float *x, ptrdiff_t k, float *y) {
  const struct depthwise *d = t->d;
  const ptrdiff_t left = d->channels - k;
  const vector start = t->bias ? load_channels(whole, t->bias + k, left) : (vector){0};
  const float *w = t->weight + first_tap(d, k);
  const ptrdiff_t w_tap = tap_stride(d, k);
  if (J > 1 && d->kernel_w == 3 && t->step == t->tap && t->step == t->y_step) {
    sum_three_taps(J, whole, left, x + k, t->row, t->step, w, w_tap, start, t->u0, t->u1, y + k);
  } else {
    sum_taps(
        J, whole, left, x + k, t->row, t->step, t->tap, w, w_tap, d->kernel_w, start, t->u0, t->u1,
        t->v0, t->v1, y + k, t->y_step);
  }
}

/// J outputs of all channels.
INLINE void sum_block(const int J, const struct taps *t, const float *x, float *y) {
  ptrdiff_t k = 0;
  for (; k + LANES <= t->d->channels; k += LANES) sum_block_channels(J, 1, t, x, k, y);
  if (k < t->d->channels) sum_block_channels(J, 0, t, x, k, y);
}

/// `count` outputs beside each other that read all columns of the kernel.
static void sum_inner(const struct taps *t, const float *x, ptrdiff_t count, float *y) {
  if (count >= most_beside) {
    for (ptrdiff_t j = 0; j < count; j += most_beside) {
      const ptrdiff_t first = smaller(j, count - most_beside);
      sum_block(most_beside, t, x + first * t->step, y + first * t->y_step);
    }
  } else if (count >= 4) {
    sum_block(4, t, x, y);
    sum_block(4, t, x + (count - 4) * t->step, y + (count - 4) * t->y_step);
  } else {
    for (ptrdiff_t j = 0; j < count; j++) sum_block(1, t, x + j * t->step, y + j * t->y_step);
  }
}

static void depthwise(
    const struct depthwise *d, const float *x, const float *weight, const float *bias, float *y) {
  const ptrdiff_t c = d->channels, row = d->w * c, step = d->stride_w * c;
  ptrdiff_t lo, hi;
  reading_outputs(0, d->kernel_w - 1, d->stride_w, d->left, d->w, d->out_w, &lo, &hi);
  for (ptrdiff_t i = 0; i < d->out_h; i++, y += d->out_w * c) {
    const ptrdiff_t above = i * d->stride_h - d->top;
    struct taps t = {
        d, weight, bias, row, step, c, above < 0 ? -above : 0, smaller(d->kernel_h, d->h - above),
        0, d->kernel_w, c};
    const float *start = x + above * row - d->left * c;
    if (lo < hi) sum_inner(&t, start + lo * step, hi - lo, y + lo * c);
    for (ptrdiff_t j = 0; j < d->out_w; j++) {
      if (j == lo && lo < hi) {
        j = hi - 1;
        continue;
      }
      const ptrdiff_t beside = j * d->stride_w - d->left;
      t.v0 = beside < 0 ? -beside : 0;
      t.v1 = smaller(d->kernel_w, d->w - beside);
      sum_block(1, &t, start + j * step, y + j * c);
    }
  }
}

/// The input (r, s) over the taps by which some output reads it: every stride-th one.
INLINE void gather_taps(
    const int whole, const struct depthwise *d, ptrdiff_t left, const float *dy,
    const float *weight, ptrdiff_t w_tap, ptrdiff_t r, ptrdiff_t s, float *dx) {
  const ptrdiff_t c = d->channels, sh = d->stride_h, sw = d->stride_w;
  vector sum = {0};
  for (ptrdiff_t u = (r + d->top) % sh; u < d->kernel_h && u <= r + d->top; u += sh) {
    const ptrdiff_t i = (r + d->top - u) / sh;
    if (i >= d->out_h) continue;
    for (ptrdiff_t v = (s + d->left) % sw; v < d->kernel_w && v <= s + d->left; v += sw) {
      const ptrdiff_t j = (s + d->left - v) / sw;
      if (j >= d->out_w) continue;
      const vector g = load_channels(whole, dy + (i * d->out_w + j) * c, left);
      sum = fused(g, load(weight + (u * d->kernel_w + v) * w_tap), sum);
    }
  }
  store_channels(whole, dx, sum, left);
}

static void gather_channels(
    const struct depthwise *d, const float *dy, const float *weight, ptrdiff_t r, ptrdiff_t s,
    float *dx) {
  ptrdiff_t k = 0;
  for (; k + LANES <= d->channels; k += LANES)
    gather_taps(1, d, LANES, dy + k, weight + first_tap(d, k), tap_stride(d, k), r, s, dx + k);
  if (k < d->channels)
    gather_taps(
        0, d, d->channels - k, dy + k, weight + first_tap(d, k), tap_stride(d, k), r, s, dx + k);
}

static void depthwise_backward_data(
    const struct depthwise *d, const float *dy, const float *weight, float *dx) {
  const ptrdiff_t c = d->channels, row = d->out_w * c;
  // With a stride of 1, the inputs lo ..< hi are read through every column of the kernel, each by an
  // output further left; they are taken from the last to the first.
  ptrdiff_t lo = d->w, hi = d->w;
  if (d->stride_h == 1 && d->stride_w == 1) {
    lo = smaller(d->w, d->kernel_w - 1 > d->left ? d->kernel_w - 1 - d->left : 0);
    hi = smaller(d->w, d->out_w - d->left);
    if (hi < lo) hi = lo;
  }
  for (ptrdiff_t r = 0; r < d->h; r++, dx += d->w * c) {
    const ptrdiff_t below = r + d->top;
    const struct taps t = {
        d, weight, NULL, -row, -c, -c, below >= d->out_h ? below - d->out_h + 1 : 0,
        smaller(d->kernel_h, below + 1), 0, d->kernel_w, -c};
    if (lo < hi)
      sum_inner(&t, dy + below * row + (hi - 1 + d->left) * c, hi - lo, dx + (hi - 1) * c);
    for (ptrdiff_t s = 0; s < d->w; s++) {
      if (s == lo && lo < hi) {
        s = hi - 1;
        continue;
      }
      gather_channels(d, dy, weight, r, s, dx + s * c);
    }
  }
}

/// Adds the products of one row of outputs to the sums of U × V taps, of which u0 ..< u1 read the
/// image: the columns first where all V do, then the others of each tap.
INLINE void add_products(
    const int U, const int V, const int whole, const struct depthwise *d, ptrdiff_t left,
    const float *x, const float *dy, ptrdiff_t v0, ptrdiff_t u0, ptrdiff_t u1, vector *sums) {
  const ptrdiff_t c = d->channels, row = d->w * c, step = d->stride_w * c;
  ptrdiff_t lo, hi;
  reading_outputs(v0, v0 + V - 1, d->stride_w, d->left, d->w, d->out_w, &lo, &hi);
  if (u0 == 0 && u1 == U) {
    for (ptrdiff_t j = lo; j < hi; j++) {
      const vector g = load_channels(whole, dy + j * c, left);
      const float *place = x + j * step;
      UNROLL for (int u = 0; u < U; u++)
        UNROLL for (int v = 0; v < V; v++)
          sums[u * V + v] =
              fused(load_channels(whole, place + u * row + v * c, left), g, sums[u * V + v]);
    }
  } else {
    hi = lo;
  }
  UNROLL for (int u = 0; u < U; u++) {
    if (u < u0 || u >= u1) continue;
    UNROLL for (int v = 0; v < V; v++) {
      ptrdiff_t from, to;
      reading_outputs(v0 + v, v0 + v, d->stride_w, d->left, d->w, d->out_w, &from, &to);
      for (ptrdiff_t j = from; j < to; j++) {
        if (j == lo && hi > lo) {
          j = hi - 1;
          continue;
        }
        const vector g = load_channels(whole, dy + j * c, left);
        sums[u * V + v] =
            fused(load_channels(whole, x + u * row + v * c + j * step, left), g, sums[u * V + v]);
      }
    }
  }
}

/// The products of a row of outputs, for the U × V taps from (u, v) on, added to their gradients.
INLINE void sum_products(
    const int U, const int V, const int whole, const struct depthwise *d, ptrdiff_t left,
    const float *x, const float *dy, ptrdiff_t i, ptrdiff_t u, ptrdiff_t v, float *dweight,
    ptrdiff_t w_tap) {
  vector sums[9];
  UNROLL for (int n = 0; n < U * V; n++) sums[n] = (vector){0};
  const ptrdiff_t above = i * d->stride_h - d->top + u;
  add_products(
      U, V, whole, d, left, x + (above * d->w + v - d->left) * d->channels, dy, v,
      above < 0 ? -above : 0, smaller(U, d->h - above), sums);
  UNROLL for (int n = 0; n < U * V; n++) {
    float *place = dweight + ((u + n / V) * d->kernel_w + v + n % V) * w_tap;
    store(place, load(place) + sums[n]);
  }
}

INLINE void sum_all_products(
    const int whole, const struct depthwise *d, ptrdiff_t left, const float *x, const float *dy,
    ptrdiff_t i, float *dweight, ptrdiff_t w_tap) {
  if (d->kernel_h == 3 && d->kernel_w == 3) {
    sum_products(3, 3, whole, d, left, x, dy, i, 0, 0, dweight, w_tap);
    return;
  }
  for (ptrdiff_t u = 0; u < d->kernel_h; u++) {
    ptrdiff_t v = 0;
    for (; v + 5 <= d->kernel_w; v += 5)
      sum_products(1, 5, whole, d, left, x, dy, i, u, v, dweight, w_tap);
    for (; v < d->kernel_w; v++)
      sum_products(1, 1, whole, d, left, x, dy, i, u, v, dweight, w_tap);
  }
}

static void depthwise_backward_weights(
    const struct depthwise *d, const float *x, const float *dy, float *dweight) {
  for (ptrdiff_t i = 0; i < d->out_h; i++, dy += d->out_w * d->channels) {
    ptrdiff_t k = 0;
    for (; k + LANES <= d->channels; k += LANES)
      sum_all_products(
          1, d, LANES, x + k, dy + k, i, dweight + first_tap(d, k), tap_stride(d, k));
    if (k < d->channels)
      sum_all_products(
          0, d, d->channels - k, x + k, dy + k, i, dweight + first_tap(d, k), tap_stride(d, k));
  }
}

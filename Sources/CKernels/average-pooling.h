// Average pooling of [h, w, channels], vectorized over channels. `pooling.h` defines the windows.

/// The number of elements in the mean of the window at (top, left), whose rows r0 ..< r1 and columns
/// c0 ..< c1 lie in the image.
INLINE float averaged_count(
    const struct pooling *p, int counts_padding, ptrdiff_t top, ptrdiff_t r0, ptrdiff_t r1,
    ptrdiff_t left, ptrdiff_t c0, ptrdiff_t c1) {
  if (!counts_padding) return (float)((r1 - r0) * (c1 - c0));
  return (float)(smaller(p->window_h, p->h + p->padding_h - top) *
                 smaller(p->window_w, p->w + p->padding_w - left));
}

static void average_pool(
    const struct pooling *p, int counts_padding, const float *x, float *y) {
  const ptrdiff_t c = p->channels, row = p->w * c;
  for (ptrdiff_t i = 0; i < p->out_h; i++) {
    ptrdiff_t top, r0, r1;
    window_range(i, p->stride_h, p->padding_h, p->window_h, p->h, &top, &r0, &r1);
    for (ptrdiff_t j = 0; j < p->out_w; j++) {
      ptrdiff_t left, c0, c1;
      window_range(j, p->stride_w, p->padding_w, p->window_w, p->w, &left, &c0, &c1);
      const float *window = x + top * row + left * c;
      const vector count =
          broadcast(averaged_count(p, counts_padding, top, r0, r1, left, c0, c1));
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        vector sum = {0};
        for (ptrdiff_t r = r0; r < r1; r++)
          for (ptrdiff_t q = c0; q < c1; q++)
            sum += load_first(window + r * row + q * c + k, c - k);
        store_first(y + (i * p->out_w + j) * c + k, sum / count, c - k);
      }
    }
  }
}

static void average_pool_backward(
    const struct pooling *p, int counts_padding, const float *dy, float *dx) {
  const ptrdiff_t c = p->channels, row = p->w * c;
  const int tiles = windows_tile(p);
  if (!tiles) memset(dx, 0, (size_t)(p->h * row) * sizeof(float));
  for (ptrdiff_t i = 0; i < p->out_h; i++) {
    ptrdiff_t top, r0, r1;
    window_range(i, p->stride_h, p->padding_h, p->window_h, p->h, &top, &r0, &r1);
    for (ptrdiff_t j = 0; j < p->out_w; j++) {
      ptrdiff_t left, c0, c1;
      window_range(j, p->stride_w, p->padding_w, p->window_w, p->w, &left, &c0, &c1);
      float *window = dx + top * row + left * c;
      const vector count =
          broadcast(averaged_count(p, counts_padding, top, r0, r1, left, c0, c1));
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        const vector share = load_first(dy + (i * p->out_w + j) * c + k, c - k) / count;
        for (ptrdiff_t r = r0; r < r1; r++) {
          for (ptrdiff_t q = c0; q < c1; q++) {
            float *target = window + r * row + q * c + k;
            store_first(target, tiles ? share : load_first(target, c - k) + share, c - k);
          }
        }
      }
    }
  }
}

// Max pooling of [h, w, channels], vectorized over channels.

/// The start of output i's window along one axis, and the window's rows or columns lo ..< hi that lie inside
/// the image.
INLINE void window_range(
    ptrdiff_t i, ptrdiff_t stride, ptrdiff_t padding, ptrdiff_t window, ptrdiff_t extent,
    ptrdiff_t *start, ptrdiff_t *lo, ptrdiff_t *hi) {
  *start = i * stride - padding;
  *lo = *start < 0 ? -*start : 0;
  *hi = smaller(window, extent - *start);
}

/// True if the windows tile the image, so that each of its elements lies in exactly one window.
INLINE int windows_tile(const struct pooling *p) {
  return p->stride_h == p->window_h && p->stride_w == p->window_w && p->padding_h == 0 &&
         p->padding_w == 0 && p->out_h * p->window_h >= p->h && p->out_w * p->window_w >= p->w;
}

/// Applies ReLU to `best`, and sets `place` to `no_tap` where ReLU stops the gradient.
INLINE void rectify(vector *best, mask *place) {
  *place |= ~(*best > (vector){0}) & no_tap;
  *best = rectified(*best);
}

/// Replaces `best` by v, and `place` by `at`, where v is greater. The first of equal values stays, and NaN
/// counts as greater than all numbers.
INLINE void take_greater(vector *best, mask *place, vector v, mask at) {
  const mask wins = ~(v <= *best) & (*best == *best);
  *best = blend(wins, v, *best);
  *place = (at & wins) | (*place & ~wins);
}

// The rows of the largest window with a specialized function.
enum { most_rows = 3 };

/// The first `count` outputs of a row, whose H × W windows lie in the image, `step` floats apart. `channels`
/// is a multiple of LANES.
INLINE void max_of_windows(
    const int H, const int W, const int rectifies, ptrdiff_t count, const float *window,
    ptrdiff_t row, ptrdiff_t step, ptrdiff_t channels, float *y, uint8_t *taps) {
  for (ptrdiff_t j = 0; j < count; j++, window += step, y += channels) {
    for (ptrdiff_t k = 0; k < channels; k += LANES) {
      // The maxima of the rows are independent, which hides the latency of the comparisons.
      vector best[most_rows], v;
      mask place[most_rows];
      UNROLL for (int r = 0; r < H; r++) {
        best[r] = load(window + r * row + k);
        place[r] = (mask){0} + r * W;
        UNROLL for (int q = 1; q < W; q++) {
          v = load(window + r * row + q * channels + k);
          take_greater(&best[r], &place[r], v, (mask){0} + (r * W + q));
        }
      }
      UNROLL for (int r = 1; r < H; r++) take_greater(&best[0], &place[0], best[r], place[r]);
      if (rectifies) rectify(&best[0], &place[0]);
      store(y + k, best[0]);
      if (taps) {
        bytes b = __builtin_convertvector(place[0], bytes);
        memcpy(taps + k, &b, LANES);
      }
    }
    if (taps) taps += channels;
  }
}

/// The backward pass of `max_of_windows` for windows that do not overlap.
INLINE void send_to_windows(
    const int H, const int W, ptrdiff_t count, const float *dy, const uint8_t *taps, float *window,
    ptrdiff_t row, ptrdiff_t step, ptrdiff_t channels) {
  for (ptrdiff_t j = 0; j < count; j++, window += step, dy += channels, taps += channels) {
    for (ptrdiff_t k = 0; k < channels; k += LANES) {
      ask_ahead(dy + k, k);
      if (k % 64 == 0) __builtin_prefetch(taps + k + stream_ahead);
      const vector g = load(dy + k);
      bytes b;
      memcpy(&b, taps + k, LANES);
      const mask place = __builtin_convertvector(b, mask);
      UNROLL for (int r = 0; r < H; r++) {
        UNROLL for (int q = 0; q < W; q++) {
          mask taken = place == (mask){0} + (r * W + q);
          store(window + r * row + q * channels + k, blend(taken, g, (vector){0}));
        }
      }
    }
  }
}

/// The number of outputs at the start of a row whose windows have all columns in the image; 0 with padding.
INLINE ptrdiff_t whole_windows(const struct pooling *p) {
  if (p->padding_w > 0 || p->w < p->window_w) return 0;
  return smaller(p->out_w, (p->w - p->window_w) / p->stride_w + 1);
}

/// Computes the outputs at the start of a row that have a specialized function, and returns their number.
static ptrdiff_t max_of_row(
    const struct pooling *p, const float *window, float *y, uint8_t *taps) {
  const ptrdiff_t c = p->channels, row = p->w * c, step = p->stride_w * c;
  const ptrdiff_t count = whole_windows(p);
  if (c % LANES != 0 || p->window_h != p->window_w) return 0;
  if (p->window_h == 2 && p->rectifies) {
    max_of_windows(2, 2, 1, count, window, row, step, c, y, taps);
  } else if (p->window_h == 2) {
    max_of_windows(2, 2, 0, count, window, row, step, c, y, taps);
  } else if (p->window_h == 3 && p->rectifies) {
    max_of_windows(3, 3, 1, count, window, row, step, c, y, taps);
  } else if (p->window_h == 3) {
    max_of_windows(3, 3, 0, count, window, row, step, c, y, taps);
  } else {
    return 0;
  }
  return count;
}

static void max_pool(const struct pooling *p, const float *x, float *y, uint8_t *taps) {
  const ptrdiff_t c = p->channels, row = p->w * c;
  for (ptrdiff_t i = 0; i < p->out_h; i++) {
    ptrdiff_t top, r0, r1;
    window_range(i, p->stride_h, p->padding_h, p->window_h, p->h, &top, &r0, &r1);
    const ptrdiff_t start = i * p->out_w * c;
    ptrdiff_t j = 0;
    if (r1 - r0 == p->window_h)
      j = max_of_row(p, x + top * row, y + start, taps ? taps + start : NULL);
    for (; j < p->out_w; j++) {
      ptrdiff_t left, c0, c1;
      window_range(j, p->stride_w, p->padding_w, p->window_w, p->w, &left, &c0, &c1);
      const float *window = x + top * row + left * c;
      const ptrdiff_t out = start + j * c;
      for (ptrdiff_t k = 0; k < c; k += LANES) {
        const ptrdiff_t columns = c - k;
        vector best = load_first(window + r0 * row + c0 * c + k, columns);
        mask place = (mask){0} + (int32_t)(r0 * p->window_w + c0);
        for (ptrdiff_t r = r0; r < r1; r++) {
          for (ptrdiff_t q = c0; q < c1; q++) {
            vector v = load_first(window + r * row + q * c + k, columns);
            take_greater(&best, &place, v, (mask){0} + (int32_t)(r * p->window_w + q));
          }
        }
        if (p->rectifies) rectify(&best, &place);
        store_first(y + out + k, best, columns);
        if (taps) {
          bytes b = __builtin_convertvector(place, bytes);
          memcpy(taps + out + k, &b, (size_t)smaller(columns, LANES));
        }
      }
    }
  }
}

/// The places of the maxima of some channels. A copy of a constant number of bytes needs no call.
INLINE mask places(const uint8_t *taps, ptrdiff_t channels) {
  bytes b = {0};
  if (channels >= LANES) {
    memcpy(&b, taps, LANES);
  } else {
    memcpy(&b, taps, (size_t)channels);
  }
  return __builtin_convertvector(b, mask);
}

/// Adds the gradients of a window's last channels, fewer than a vector, to the elements of its maxima. A vector that is
/// not full would be loaded from memory that partly overlaps the stores of the window before, and wait for them.
///
/// `inside` is the place of an element in the image, which gets the 0 of a maximum that ReLU stops.
INLINE void add_to_maxima(
    const struct pooling *p, const float *dy, const uint8_t *taps, ptrdiff_t count,
    const ptrdiff_t *offsets, uint8_t inside, float *window) {
  for (ptrdiff_t k = 0; k < count; k++) {
    const int none = p->rectifies && taps[k] == no_tap;
    window[offsets[none ? inside : taps[k]] + k] += none ? 0 : dy[k];
  }
}

static void max_pool_backward(
    const struct pooling *p, const float *dy, const uint8_t *taps, float *dx) {
  const ptrdiff_t c = p->channels, row = p->w * c, whole = c - c % LANES;
  // Windows that tile the image set each element of dx once. Other windows add to zeros.
  const int tiles = windows_tile(p);
  ptrdiff_t offsets[256];
  if (!tiles) {
    memset(dx, 0, (size_t)(p->h * row) * sizeof(float));
    for (ptrdiff_t t = 0; t < p->window_h * p->window_w; t++)
      offsets[t] = t / p->window_w * row + t % p->window_w * c;
  }
  for (ptrdiff_t i = 0; i < p->out_h; i++) {
    ptrdiff_t top, r0, r1;
    window_range(i, p->stride_h, p->padding_h, p->window_h, p->h, &top, &r0, &r1);
    const ptrdiff_t start = i * p->out_w * c;
    ptrdiff_t j = 0;
    if (tiles && c == whole && r1 == 2 && p->window_h == 2 && p->window_w == 2) {
      j = whole_windows(p);
      send_to_windows(2, 2, j, dy + start, taps + start, dx + top * row, row, 2 * c, c);
    }
    for (; j < p->out_w; j++) {
      ptrdiff_t left, c0, c1;
      window_range(j, p->stride_w, p->padding_w, p->window_w, p->w, &left, &c0, &c1);
      float *window = dx + top * row + left * c;
      const ptrdiff_t out = start + j * c;
      for (ptrdiff_t k = 0; k < (tiles ? c : whole); k += LANES) {
        const ptrdiff_t columns = c - k;
        const vector g = load_first(dy + out + k, columns);
        const mask place = places(taps + out + k, columns);
        for (ptrdiff_t r = r0; r < r1; r++) {
          for (ptrdiff_t q = c0; q < c1; q++) {
            float *target = window + r * row + q * c + k;
            const mask taken = place == (mask){0} + (int32_t)(r * p->window_w + q);
            vector share = blend(taken, g, (vector){0});
            if (!tiles) share = load(target) + share;
            store_first(target, share, columns);
          }
        }
      }
      if (!tiles) {
        add_to_maxima(
            p, dy + out + whole, taps + out + whole, c - whole, offsets,
            (uint8_t)(r0 * p->window_w + c0), window + whole);
      }
    }
  }
}

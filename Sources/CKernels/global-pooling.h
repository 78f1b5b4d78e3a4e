// Pooling over all pixels of an example [pixels, channels], vectorized over channels.

static void global_max(
    const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y, int32_t *places) {
  for (ptrdiff_t k = 0; k < channels; k += LANES) {
    const ptrdiff_t left = channels - k;
    vector best = load_first(x + k, left);
    mask place = {0};
    for (ptrdiff_t p = 1; p < pixels; p++) {
      vector v = load_first(x + p * channels + k, left);
      mask wins = (v > best) | ((v != v) & (best == best));
      best = blend(wins, v, best);
      place = (place & ~wins) | (((mask){0} + (int32_t)p) & wins);
    }
    store_first(y + k, best, left);
    if (places) memcpy(places + k, &place, (size_t)smaller(left, LANES) * sizeof(int32_t));
  }
}

static void global_max_backward(
    const float *dy, const int32_t *places, ptrdiff_t pixels, ptrdiff_t channels, float *dx) {
  memset(dx, 0, (size_t)(pixels * channels) * sizeof(float));
  for (ptrdiff_t k = 0; k < channels; k++) dx[places[k] * channels + k] = dy[k];
}

static void global_average(const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y) {
  for (ptrdiff_t k = 0; k < channels; k += LANES) {
    const ptrdiff_t left = channels - k;
    vector sum = load_first(x + k, left);
    for (ptrdiff_t p = 1; p < pixels; p++) sum += load_first(x + p * channels + k, left);
    store_first(y + k, sum / broadcast((float)pixels), left);
  }
}

static void global_average_backward(
    const float *dy, ptrdiff_t pixels, ptrdiff_t channels, float *dx) {
  for (ptrdiff_t k = 0; k < channels; k += LANES) {
    const ptrdiff_t left = channels - k;
    const vector share = load_first(dy + k, left) / broadcast((float)pixels);
    for (ptrdiff_t p = 0; p < pixels; p++) store_first(dx + p * channels + k, share, left);
  }
}

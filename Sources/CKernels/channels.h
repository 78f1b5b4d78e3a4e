// Channels of images [pixels, channels], moved between images: for the groups and the phases of a convolution.

static void copy_columns(
    const float *from, ptrdiff_t from_row, ptrdiff_t rows, ptrdiff_t columns, float *to,
    ptrdiff_t to_row) {
  for (ptrdiff_t r = 0; r < rows; r++, from += from_row, to += to_row) {
    if (columns < LANES) {
      for (ptrdiff_t j = 0; j < columns; j++) to[j] = from[j];
      continue;
    }
    // The last vector may overlap the one before it.
    for (ptrdiff_t j = 0; j < columns; j += LANES) {
      const ptrdiff_t first = smaller(j, columns - LANES);
      store(to + first, load(from + first));
    }
  }
}

static void add_columns(
    const float *from, ptrdiff_t from_row, ptrdiff_t rows, ptrdiff_t columns, float *to,
    ptrdiff_t to_row) {
  for (ptrdiff_t r = 0; r < rows; r++, from += from_row, to += to_row) {
    for (ptrdiff_t j = 0; j < columns; j += LANES) {
      const ptrdiff_t left = columns - j;
      store_first(to + j, load_first(to + j, left) + load_first(from + j, left), left);
    }
  }
}

static void repeat_elements(const float *x, ptrdiff_t count, ptrdiff_t times, float *y) {
  for (ptrdiff_t i = 0; i < count; i++)
    for (ptrdiff_t r = 0; r < times; r++) *y++ = x[i];
}

static void sum_neighbors(const float *y, ptrdiff_t count, ptrdiff_t times, float *x) {
  for (ptrdiff_t i = 0; i < count; i++, y += times) {
    float sum = y[0];
    for (ptrdiff_t r = 1; r < times; r++) sum += y[r];
    x[i] = sum;
  }
}

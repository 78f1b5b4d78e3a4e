// Kernels that process each element or each column independently, and matrix transposition.

static void add_rows(
    const float *x, ptrdiff_t rows, ptrdiff_t row, ptrdiff_t columns, float *sums) {
  for (ptrdiff_t j = 0; j < columns; j += LANES) {
    const ptrdiff_t left = columns - j;
    vector sum = load_first(sums + j, left);
    if (left >= LANES) {
      for (ptrdiff_t r = 0; r < rows; r++) sum += load(x + r * row + j);
    } else {
      for (ptrdiff_t r = 0; r < rows; r++) sum += load_first(x + r * row + j, left);
    }
    store_first(sums + j, sum, left);
  }
}

typedef float four __attribute__((vector_size(16)));
typedef float four_in_memory __attribute__((vector_size(16), aligned(4), may_alias));

/// Sets 4 rows of the result, or adds to them.
INLINE void transpose_4x4(
    const float *from, ptrdiff_t from_row, float *to, ptrdiff_t to_row, int adds) {
  four a = *(const four_in_memory *)from, b = *(const four_in_memory *)(from + from_row);
  four c = *(const four_in_memory *)(from + 2 * from_row);
  four d = *(const four_in_memory *)(from + 3 * from_row);
  four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  four rows[4];
  rows[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  rows[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  ab = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  rows[2] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  rows[3] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  for (int r = 0; r < 4; r++) {
    four_in_memory *target = (four_in_memory *)(to + r * to_row);
    *target = adds ? *target + rows[r] : rows[r];
  }
}

// Sixteen rows at a time fill a whole cache line of the result. Cache lines in the same column of long rows
// compete for few cache sets, so a partly written line could be evicted.
INLINE void transpose_blocks(
    const float *from, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from_row, float *to,
    ptrdiff_t to_row, int adds) {
  for (ptrdiff_t first = 0; first < rows; first += line) {
    const ptrdiff_t end = smaller(first + line, rows);
    for (ptrdiff_t c = 0; c < columns; c += 4) {
      for (ptrdiff_t r = first; r < end; r += 4) {
        const float *source = from + r * from_row + c;
        float *target = to + c * to_row + r;
        if (r + 4 <= rows && c + 4 <= columns) {
          transpose_4x4(source, from_row, target, to_row, adds);
        } else {
          for (ptrdiff_t i = 0; i < smaller(4, rows - r); i++)
            for (ptrdiff_t j = 0; j < smaller(4, columns - c); j++) {
              const float value = source[i * from_row + j];
              target[j * to_row + i] = adds ? target[j * to_row + i] + value : value;
            }
        }
      }
    }
  }
}

static void transpose(
    const float *from, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from_row, float *to,
    ptrdiff_t to_row) {
  transpose_blocks(from, rows, columns, from_row, to, to_row, 0);
}

static void add_transposed(
    const float *from, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from_row, float *to,
    ptrdiff_t to_row) {
  transpose_blocks(from, rows, columns, from_row, to, to_row, 1);
}

static void relu(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    store_first(y + i, rectified(load_first(x + i, count - i)), count - i);
  }
}

static void relu_backward(const float *y, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    mask positive = load_first(y + i, count - i) > (vector){0};
    store_first(dx + i, blend(positive, load_first(dy + i, count - i), (vector){0}), count - i);
  }
}

static void scale(float factor, const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES)
    store_first(y + i, broadcast(factor) * load_first(x + i, count - i), count - i);
}

static void weighted_sum(
    float a, const float *x, float b, const float *y, float *z, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    const vector second = broadcast(b) * load_first(y + i, left);
    const vector sum = fused(broadcast(a), load_first(x + i, left), second);
    store_first(z + i, normal_or_zero(sum), left);
  }
}

static void clamp(float limit, float *x, ptrdiff_t count) {
  const vector most = broadcast(limit), least = broadcast(-limit);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const vector v = load_first(x + i, count - i);
    store_first(x + i, blend(v > most, most, blend(v < least, least, v)), count - i);
  }
}

static void add(const float *x, const float *z, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES)
    store_first(y + i, load_first(x + i, count - i) + load_first(z + i, count - i), count - i);
}

static void add_bias(const float *bias, ptrdiff_t rows, ptrdiff_t columns, float *y) {
  if (columns >= LANES) {
    for (ptrdiff_t r = 0; r < rows; r++, y += columns)
      for (ptrdiff_t j = 0; j < columns; j += LANES)
        store_first(
            y + j, load_first(y + j, columns - j) + load_first(bias + j, columns - j), columns - j);
    return;
  }
  // A vector spans several narrow rows. The pattern of biases repeats after `columns` vectors.
  float period[LANES * LANES];
  for (ptrdiff_t i = 0; i < columns * LANES; i++) period[i] = bias[i % columns];
  const ptrdiff_t count = rows * columns;
  for (ptrdiff_t i = 0, place = 0; i < count; i += LANES) {
    store_first(y + i, load_first(y + i, count - i) + load(period + place), count - i);
    place = place + LANES < columns * LANES ? place + LANES : 0;
  }
}

static void add_lanes(
    const float *lanes, ptrdiff_t lane_stride, ptrdiff_t lane_count, uint64_t occupied, float *sum,
    ptrdiff_t count) {
  enum { most_lanes = 64 };
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    vector level[most_lanes];
    for (ptrdiff_t l = 0; l < lane_count; l++)
      level[l] = occupied >> l & 1 ? load_first(lanes + l * lane_stride + i, count - i) : (vector){0};
    for (ptrdiff_t width = lane_count / 2; width > 0; width /= 2)
      for (ptrdiff_t l = 0; l < width; l++) level[l] = level[2 * l] + level[2 * l + 1];
    store_first(sum + i, load_first(sum + i, count - i) + level[0], count - i);
  }
}

static double sum_of_squares(const float *x, ptrdiff_t count) {
  enum { chains = 16 };
  double sum[chains] = {0};
  ptrdiff_t i = 0;
  for (; i + chains <= count; i += chains) {
    ask_ahead(x + i, i);
    for (int c = 0; c < chains; c++) sum[c] += (double)x[i + c] * (double)x[i + c];
  }
  for (int c = 0; i < count; i++, c++) sum[c] += (double)x[i] * (double)x[i];
  for (int width = chains / 2; width > 0; width /= 2)
    for (int c = 0; c < width; c++) sum[c] += sum[c + width];
  return sum[0];
}

// The kernels of `struct dots`. A block of R rows × J columns stays in registers while all terms are read. A sum
// has 16 partial sums, in one or several vectors. Each group of 16 terms costs one load for each row and one for
// each column.

enum { dot_lanes = 16, dot_parts = dot_lanes / LANES };

/// The 16 partial sums as one vector: (0) for 16 lanes, (i) + (i + 8) for 8, and so on.
INLINE vector dot_folded(const vector *sum) {
#if LANES == 16
  return sum[0];
#elif LANES == 8
  return sum[0] + sum[1];
#else
  return (sum[0] + sum[2]) + (sum[1] + sum[3]);
#endif
}

/// The sums of four vectors, each as a balanced tree: lanes i + 8, i + 4, i + 2, i + 1.
INLINE void dot_totals(const vector *v, float *totals) {
#if LANES == 16
  vector ab = __builtin_shufflevector(
                  v[0], v[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
              __builtin_shufflevector(
                  v[0], v[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  vector cd = __builtin_shufflevector(
                  v[2], v[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
              __builtin_shufflevector(
                  v[2], v[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  vector t = __builtin_shufflevector(
                 ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
             __builtin_shufflevector(
                 ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  t += __builtin_shufflevector(t, t, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  t += __builtin_shufflevector(t, t, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  UNROLL for (int i = 0; i < 4; i++) totals[i] = t[4 * i];
#elif LANES == 8
  UNROLL for (int i = 0; i < 4; i += 2) {
    vector t = __builtin_shufflevector(v[i], v[i + 1], 0, 1, 2, 3, 8, 9, 10, 11) +
               __builtin_shufflevector(v[i], v[i + 1], 4, 5, 6, 7, 12, 13, 14, 15);
    t += __builtin_shufflevector(t, t, 2, 3, 0, 1, 6, 7, 4, 5);
    t += __builtin_shufflevector(t, t, 1, 0, 3, 2, 5, 4, 7, 6);
    totals[i] = t[0];
    totals[i + 1] = t[4];
  }
#else
  UNROLL for (int i = 0; i < 4; i++) {
    vector t = v[i] + __builtin_shufflevector(v[i], v[i], 2, 3, 0, 1);
    totals[i] = t[0] + t[1];
  }
#endif
}

/// Adds the products of the next 16 terms, or of the `left` last ones.
INLINE void add_dot_terms(
    const int R, const int J, const struct dots *p, const float *x, const float *w, ptrdiff_t left,
    vector *sum) {
  UNROLL for (int part = 0; part < dot_parts; part++) {
    const ptrdiff_t first = part * LANES;
    vector u[4];
    UNROLL for (int j = 0; j < J; j++) u[j] = load_first(w + j * p->b_row + first, left - first);
    UNROLL for (int r = 0; r < R; r++) {
      vector v = load_first(x + r * p->a_row + first, left - first);
      if (part == 0) __builtin_prefetch(x + (r + R) * p->a_row);  // the next rows
      UNROLL for (int j = 0; j < J; j++) {
        vector *to = &sum[(r * J + j) * dot_parts + part];
        *to = fused(v, u[j], *to);
      }
    }
  }
}

INLINE void dots_block(
    const int R, const int J, const struct dots *p, const float *a, const float *b,
    const float *bias, float *c) {
  vector sum[most_sums];
  UNROLL for (int i = 0; i < R * J * dot_parts; i++) sum[i] = (vector){0};
  const ptrdiff_t length = p->length;
  for (ptrdiff_t s = 0; s < p->segments; s++) {
    const float *x = a + s * p->a_segment, *w = b + s * length;
    ptrdiff_t k = 0;
    for (; k + dot_lanes <= length; k += dot_lanes)
      add_dot_terms(R, J, p, x + k, w + k, dot_lanes, sum);
    if (k < length) add_dot_terms(R, J, p, x + k, w + k, length - k, sum);
  }
  UNROLL for (int r = 0; r < R; r++) {
    vector folded[4];
    float totals[4];
    UNROLL for (int j = 0; j < 4; j++)
      folded[j] = j < J ? dot_folded(&sum[(r * J + j) * dot_parts]) : (vector){0};
    dot_totals(folded, totals);
    UNROLL for (int j = 0; j < J; j++) c[r * p->c_row + j] = bias ? totals[j] + bias[j] : totals[j];
  }
}

typedef void dots_kernel(
    const struct dots *, const float *a, const float *b, const float *bias, float *c);

#define DOTS_KERNEL(R, J)                                                                    \
  static __attribute__((noinline)) void dots_##R##x##J(                                      \
      const struct dots *p, const float *a, const float *b, const float *bias, float *c) {   \
    dots_block(R, J, p, a, b, bias, c);                                                      \
  }
#define DOTS_ENTRY(R, J) [J][R] = dots_##R##x##J,

DOT_BLOCKS(DOTS_KERNEL)
static const ptrdiff_t most_dot_rows[] = DOT_ROWS;
enum { most_dot_columns = sizeof most_dot_rows / sizeof *most_dot_rows - 1 };
static dots_kernel *const dots_kernels[][7] = {DOT_BLOCKS(DOTS_ENTRY)};

static void multiply_dots(const struct dots *p) {
  const struct blocks by_column = equal_blocks(p->columns, most_dot_columns);
  const struct blocks by_row =
      equal_blocks(p->rows, most_dot_rows[by_column.size + (by_column.larger > 0)]);
  for (ptrdiff_t l = 0; l < p->lines; l++) {
    const float *a = p->a + l * p->a_line;
    float *c = p->c + l * p->c_line;
    for (ptrdiff_t row_block = 0; row_block < by_row.count; row_block++) {
      const ptrdiff_t rows = by_row.size + (row_block < by_row.larger);
      ptrdiff_t j = 0;
      for (ptrdiff_t block = 0; block < by_column.count; block++) {
        const ptrdiff_t columns = by_column.size + (block < by_column.larger);
        dots_kernels[columns][rows](
            p, a, p->b + j * p->b_row, p->bias ? p->bias + j : NULL, c + j);
        j += columns;
      }
      a += rows * p->a_row;
      c += rows * p->c_row;
    }
  }
}

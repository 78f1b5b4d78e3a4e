// The kernels of `struct product`. A block of R rows × one or two vectors of columns stays in registers while
// all terms are read. Each term costs one load for each vector of columns and one broadcast for each row.
// A panel often lies in the third-level cache, so the code prefetches it some terms ahead.

enum { floats_ahead = 24 * panel_width };

INLINE void product_block(
    const int R, const int V, const struct product *p, const float *a, const float *panel,
    const float *bias, float *c, ptrdiff_t columns) {
  vector sum[most_sums], start[2] = {{0}, {0}};
  if (!p->accumulate) {
    if (bias) {
      UNROLL for (int v = 0; v < V; v++) start[v] = load_first(bias + v * LANES, columns - v * LANES);
    }
    UNROLL for (int i = 0; i < R * V; i++) sum[i] = start[i % V];
  } else if (columns >= V * LANES) {
    UNROLL for (int i = 0; i < R * V; i++) sum[i] = load(c + i / V * p->c_row + i % V * LANES);
  } else {
    UNROLL for (int i = 0; i < R * V; i++)
      sum[i] = load_first(c + i / V * p->c_row + i % V * LANES, columns - i % V * LANES);
  }
  const ptrdiff_t a_row = p->a_row, panel_row = p->panel_row, length = p->length;
  // Behind the last of several segments lies what the next product reads. A single row has nothing behind it.
  const ptrdiff_t ahead = p->a_segment ? line : 0;
  for (ptrdiff_t s = 0; s < p->segments; s++) {
    const float *x = a + s * p->a_segment;
    const float *next = x + p->a_segment;
    for (ptrdiff_t k = 0; k < length; k++) {
      vector w[2];
      __builtin_prefetch(next);
      next += ahead;
      UNROLL for (int v = 0; v < V; v++) {
        w[v] = load(panel + v * LANES);
        if (v * LANES % line == 0)
          __builtin_prefetch(panel + floats_ahead + v * LANES);
      }
      UNROLL for (int r = 0; r < R; r++) {
        vector b = broadcast(x[r * a_row + k]);
        UNROLL for (int v = 0; v < V; v++) sum[r * V + v] = fused(b, w[v], sum[r * V + v]);
      }
      panel += panel_row;
    }
  }
  if (columns >= V * LANES) {
    UNROLL for (int r = 0; r < R; r++) {
      UNROLL for (int v = 0; v < V; v++) store(c + r * p->c_row + v * LANES, sum[r * V + v]);
    }
  } else {
    UNROLL for (int r = 0; r < R; r++) {
      UNROLL for (int v = 0; v < V; v++)
        store_first(c + r * p->c_row + v * LANES, sum[r * V + v], columns - v * LANES);
    }
  }
}

typedef void product_kernel(
    const struct product *, const float *a, const float *panel, const float *bias, float *c,
    ptrdiff_t columns);

#define PRODUCT_KERNEL(R, V)                                                                \
  static __attribute__((noinline)) void product_##R##x##V(                                  \
      const struct product *p, const float *a, const float *panel, const float *bias, float *c, \
      ptrdiff_t columns) {                                                                  \
    product_block(R, V, p, a, panel, bias, c, columns);                                     \
  }
#define PRODUCT_ENTRY_1(R, V) [R] = product_##R##x1,
#define PRODUCT_ENTRY_2(R, V) [R] = product_##R##x2,

BLOCKS_1(PRODUCT_KERNEL, 1)
BLOCKS_2(PRODUCT_KERNEL, 2)
static product_kernel *const product_kernels_1[] = {BLOCKS_1(PRODUCT_ENTRY_1, 1)};
static product_kernel *const product_kernels_2[] = {BLOCKS_2(PRODUCT_ENTRY_2, 2)};

/// The columns from `j` on: at most two vectors.
INLINE void multiply_panel(const struct product *p, ptrdiff_t j, ptrdiff_t columns) {
  const int wide = columns > LANES;
  product_kernel *const *kernels = wide ? product_kernels_2 : product_kernels_1;
  const ptrdiff_t most = wide ? ROWS_2 : ROWS_1;
  const float *bias = p->bias ? p->bias + j : NULL;
  ptrdiff_t lines = p->lines, rows = p->rows;
  if (p->a_line == rows * p->a_row && p->c_line == rows * p->c_row) {
    // The lines follow one another: one long line has fewer small blocks.
    rows *= lines;
    lines = 1;
  }
  const struct blocks blocks = equal_blocks(rows, most);
  for (ptrdiff_t l = 0; l < lines; l++) {
    const float *a = p->a + l * p->a_line;
    float *c = p->c + l * p->c_line + j;
    for (ptrdiff_t b = 0; b < blocks.count; b++) {
      const ptrdiff_t block = blocks.size + (b < blocks.larger);
      kernels[block](p, a, p->panel + j, bias, c, columns);
      a += block * p->a_row;
      c += block * p->c_row;
    }
  }
}

#ifdef NARROW_SET
/// The last columns, from `j` on: whole vectors, and the rest by the set of half as many lanes.
INLINE void multiply_narrow(const struct product *p, ptrdiff_t j, ptrdiff_t columns) {
  if (columns > LANES) multiply_panel(p, j, LANES);
  struct product rest = *p;
  j += columns / LANES * LANES;
  rest.columns = columns % LANES;
  rest.panel += j;
  rest.c += j;
  if (p->bias) rest.bias += j;
  NARROW_SET.multiply(&rest);
}
#endif

static void multiply(const struct product *p) {
  for (ptrdiff_t j = 0; j < p->columns; j += 2 * LANES) {
    const ptrdiff_t columns = smaller(p->columns - j, 2 * LANES);
#ifdef NARROW_SET
    if (is_narrow(columns)) {
      multiply_narrow(p, j, columns);
      return;
    }
#endif
    multiply_panel(p, j, columns);
  }
}

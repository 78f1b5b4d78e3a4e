// The kernels of `struct outer_product`. A block of S segments × K terms × one or two vectors of columns
// stays in registers while all lines and rows are read. Short segments (one input channel) share a block, so
// that it has enough independent sums.

enum { rows_ahead = 16 };

INLINE void outer_block(
    const int S, const int K, const int V, const struct outer_product *p, const float *a,
    const float *g, float *d) {
  vector sum[most_sums];
  const ptrdiff_t length = p->length, a_segment = p->a_segment, d_row = p->d_row;
  UNROLL for (int s = 0; s < S; s++) {
    UNROLL for (int k = 0; k < K; k++) {
      UNROLL for (int v = 0; v < V; v++) {
        const float *from = d + (s * length + k) * d_row + v * LANES;
        sum[(s * K + k) * V + v] = p->accumulate ? load(from) : (vector){0};
        if (v * LANES % line == 0)  // the next block's sums
          __builtin_prefetch(d + (s * length + k + K) * d_row + v * LANES, 1);
      }
    }
  }
  for (ptrdiff_t l = 0; l < p->lines; l++) {
    const float *x = a + l * p->a_line, *y = g + l * p->g_line;
    for (ptrdiff_t r = 0; r < p->rows; r++) {
      vector w[2];
      __builtin_prefetch(x + rows_ahead * p->a_row);
      UNROLL for (int v = 0; v < V; v++) {
        w[v] = load(y + v * LANES);
        if (v * LANES % line == 0) __builtin_prefetch(y + rows_ahead * p->g_row + v * LANES);
      }
      UNROLL for (int s = 0; s < S; s++) {
        UNROLL for (int k = 0; k < K; k++) {
          vector b = broadcast(x[s * a_segment + k]);
          UNROLL for (int v = 0; v < V; v++)
            sum[(s * K + k) * V + v] = fused(b, w[v], sum[(s * K + k) * V + v]);
        }
      }
      x += p->a_row;
      y += p->g_row;
    }
  }
  UNROLL for (int s = 0; s < S; s++) {
    UNROLL for (int k = 0; k < K; k++) {
      UNROLL for (int v = 0; v < V; v++)
        store(d + (s * length + k) * d_row + v * LANES, sum[(s * K + k) * V + v]);
    }
  }
}

typedef void outer_kernel(
    const struct outer_product *, const float *a, const float *g, float *d);

#define OUTER_KERNEL(S, K, V)                                                                \
  static __attribute__((noinline)) void outer_##S##x##K##x##V(                               \
      const struct outer_product *p, const float *a, const float *g, float *d) {             \
    outer_block(S, K, V, p, a, g, d);                                                        \
  }
#define OUTER_KERNEL_OF_ONE(K, V) OUTER_KERNEL(1, K, V)
#define OUTER_ENTRY_1(K, V) [K] = outer_1x##K##x1,
#define OUTER_ENTRY_2(K, V) [K] = outer_1x##K##x2,

BLOCKS_1(OUTER_KERNEL_OF_ONE, 1)
BLOCKS_2(OUTER_KERNEL_OF_ONE, 2)
static outer_kernel *const outer_kernels_1[] = {BLOCKS_1(OUTER_ENTRY_1, 1)};
static outer_kernel *const outer_kernels_2[] = {BLOCKS_2(OUTER_ENTRY_2, 2)};

// A kernel over `segments` whole segments of `length` terms, with `vectors` vectors of columns.
struct segment_kernel {
  int segments, length, vectors;
  outer_kernel *kernel;
};
#define SEGMENT_ENTRY(S, K, V) {S, K, V, outer_##S##x##K##x##V},
SEGMENT_BLOCKS(OUTER_KERNEL)
static const struct segment_kernel segment_kernels[] = {SEGMENT_BLOCKS(SEGMENT_ENTRY)};

/// The kernel that processes the most whole segments at once, or NULL if there is none for this length.
static const struct segment_kernel *find_segment_kernel(
    ptrdiff_t segments, ptrdiff_t length, int vectors) {
  const struct segment_kernel *best = NULL;
  for (size_t i = 0; i < sizeof segment_kernels / sizeof *segment_kernels; i++) {
    const struct segment_kernel *k = &segment_kernels[i];
    if (k->length == length && k->vectors == vectors && k->segments <= segments &&
        (!best || k->segments > best->segments))
      best = k;
  }
  return best;
}

/// The columns from `j` on: one vector or, if `wide`, two.
INLINE void accumulate_outer_panel(const struct outer_product *p, ptrdiff_t j, int wide) {
  outer_kernel *const *kernels = wide ? outer_kernels_2 : outer_kernels_1;
  const struct blocks blocks = equal_blocks(p->length, wide ? ROWS_2 : ROWS_1);
  for (ptrdiff_t s = 0; s < p->segments;) {
    const float *a = p->a + s * p->a_segment;
    float *d = p->d + s * p->length * p->d_row + j;
    const struct segment_kernel *several =
        find_segment_kernel(p->segments - s, p->length, wide ? 2 : 1);
    if (several) {
      several->kernel(p, a, p->g + j, d);
      s += several->segments;
      continue;
    }
    for (ptrdiff_t b = 0; b < blocks.count; b++) {
      const ptrdiff_t block = blocks.size + (b < blocks.larger);
      kernels[block](p, a, p->g + j, d);
      a += block;
      d += block * p->d_row;
    }
    s += 1;
  }
}

#ifdef NARROW_SET
/// The last columns, from `j` on: whole vectors, and the rest by the set of half as many lanes.
INLINE void accumulate_outer_narrow(const struct outer_product *p, ptrdiff_t j, ptrdiff_t columns) {
  if (columns > LANES) accumulate_outer_panel(p, j, 0);
  struct outer_product rest = *p;
  j += columns / LANES * LANES;
  rest.columns = columns % LANES;
  rest.g += j;
  rest.d += j;
  NARROW_SET.accumulate_outer(&rest);
}
#endif

static void accumulate_outer(const struct outer_product *p) {
  for (ptrdiff_t j = 0; j < p->columns; j += 2 * LANES) {
    const ptrdiff_t columns = smaller(p->columns - j, 2 * LANES);
#ifdef NARROW_SET
    if (is_narrow(columns)) {
      accumulate_outer_narrow(p, j, columns);
      return;
    }
#endif
    accumulate_outer_panel(p, j, columns > LANES);
  }
}

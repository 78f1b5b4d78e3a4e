// Dropout with the random words of Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as
// easy as 1, 2, 3"), vectorized over counters.

typedef uint32_t words __attribute__((vector_size(LANES * 4)));
typedef uint64_t double_words __attribute__((vector_size(LANES * 8)));

/// The high word of each product a·b; `low` receives the low word.
INLINE words multiply_words(words a, uint32_t b, words *low) {
  const double_words product = __builtin_convertvector(a, double_words) * (uint64_t)b;
  *low = __builtin_convertvector(product, words);
  return __builtin_convertvector(product >> 32, words);
}

/// The words of LANES consecutive counters, starting at `block`, in the stream's order.
INLINE void random_words(const struct random_stream *s, uint32_t block, uint32_t *drawn) {
  words c[4];
  for (int l = 0; l < LANES; l++) {
    c[0][l] = block + (uint32_t)l;
    c[1][l] = s->index;
    c[2][l] = s->epoch;
    c[3][l] = s->domain;
  }
  uint32_t key0 = s->key[0], key1 = s->key[1];
  UNROLL for (int round = 0; round < 10; round++) {
    words low0, low1;
    const words high0 = multiply_words(c[0], 0xD2511F53u, &low0);
    const words high1 = multiply_words(c[2], 0xCD9E8D57u, &low1);
    c[0] = high1 ^ c[1] ^ key0;
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ key1;
    c[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  uint32_t word[4][LANES];
  memcpy(word, c, sizeof word);
  for (int l = 0; l < LANES; l++)
    for (int w = 0; w < 4; w++) drawn[4 * l + w] = word[w][l];
}

static void dropout(
    const struct dropout *d, uint32_t block, const float *x, float *y, uint8_t *kept,
    ptrdiff_t count) {
  for (ptrdiff_t start = 0; start < count; start += 4 * LANES) {
    uint32_t drawn[4 * LANES];
    random_words(&d->stream, block + (uint32_t)(start / 4), drawn);
    for (int v = 0; v < 4 && start + v * LANES < count; v++) {
      const ptrdiff_t i = start + v * LANES, left = count - i;
      words word;
      memcpy(&word, drawn + v * LANES, sizeof word);
      const mask stays = (mask)(word >= d->threshold);
      const vector factor = blend(stays, broadcast(d->scale), (vector){0});
      store_first(y + i, load_first(x + i, left) * factor, left);
      const bytes b = __builtin_convertvector(stays & 1, bytes);
      memcpy(kept + i, &b, (size_t)smaller(left, LANES));
    }
  }
}

static void dropout_backward(
    float scale, const uint8_t *kept, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    bytes b = {0};
    memcpy(&b, kept + i, (size_t)smaller(left, LANES));
    const mask stays = __builtin_convertvector(b, mask) != 0;
    const vector factor = blend(stays, broadcast(scale), (vector){0});
    store_first(dx + i, load_first(dy + i, left) * factor, left);
  }
}

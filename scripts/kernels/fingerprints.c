// Prints a fingerprint of the results of each kernel of each set on this processor, for shapes that are
// not multiples of the vector length. All sets must agree in every line. `scripts/check-neon` compares
// processors with it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { room = 1 << 18 };

static uint64_t state;

static float next_number(void) {  // U(−1, 1), by xorshift
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (float)(state >> 40) * 0x1p-23f - 1;
}

static float *numbers(uint64_t seed) {
  float *x = aligned_alloc(64, room * sizeof *x);
  state = seed * 0x9E3779B97F4A7C15u + 1;
  for (int i = 0; i < room; i++) x[i] = next_number();
  return x;
}

static uint64_t hash;

static void add(const void *bytes, size_t count) {  // FNV-1a
  const unsigned char *b = bytes;
  for (size_t i = 0; i < count; i++) hash = (hash ^ b[i]) * 0x100000001B3u;
}

static void tell(const char *set, const char *kernel) {
  printf("%-24s %016llx %s\n", kernel, (unsigned long long)hash, set);
  hash = 0xCBF29CE484222325u;
}

static void check(const struct kernels *k) {
  float *a = numbers(1), *b = numbers(2), *c = numbers(3), *d = numbers(4);
  uint8_t *taps = calloc(room, 1);
  hash = 0xCBF29CE484222325u;

  for (int columns = 1; columns <= 32; columns += 3)
    for (int rows = 1; rows <= 30; rows += 4)
      for (int length = 1; length <= 20; length += 6) {
        const int panel_row = columns > 16 ? 32 : 16;
        struct product p = {
            .lines = 2, .rows = rows, .columns = columns, .segments = 3, .length = length, .a = a,
            .a_line = 640, .a_row = 20, .a_segment = 700, .panel = b, .panel_row = panel_row,
            .bias = rows % 2 ? a : NULL,
            .c = c, .c_line = 32 * rows, .c_row = columns, .accumulate = rows % 3 == 0};
        k->multiply(&p);
        add(c, (size_t)(2 * 32 * rows) * sizeof *c);
        // Sets differ in the columns after the last one, which are not used. Other numbers than zero tell whether sums
        // begin with them.
        memset(d, 0x3f, 64 * 32 * sizeof *d);
        struct outer_product o = {
            .lines = 2, .rows = rows, .columns = columns, .segments = 3, .length = length, .a = a,
            .a_line = 640, .a_row = 20, .a_segment = 7, .g = b, .g_line = 960, .g_row = 32, .d = d,
            .d_row = panel_row, .accumulate = rows % 2};
        k->accumulate_outer(&o);
        for (int r = 0; r < 3 * length; r++) add(d + panel_row * r, (size_t)columns * sizeof *c);
      }
  memset(d, 0, 64 * 32 * sizeof *d);
  tell(k->name, "multiply, outer");

  for (int columns = 1; columns <= 13; columns += 3)
    for (int rows = 1; rows <= 14; rows++)
      for (int length = 1; length <= 40; length += 13) {
        struct dots p = {
            .lines = 2, .rows = rows, .columns = columns, .segments = 3, .length = length, .a = a,
            .a_line = 640, .a_row = 20, .a_segment = 700, .b = b, .b_row = 3 * length,
            .bias = rows % 2 ? a : NULL, .c = c, .c_line = columns * rows, .c_row = columns};
        k->multiply_dots(&p);
        add(c, (size_t)(2 * columns * rows) * sizeof *c);
      }
  tell(k->name, "multiply_dots");

  for (int v = 0; v < winograd_count; v++) {
    const struct winograd *w = &k->winograd[v];
    // Blocks of 32 channels and of 16, whose last channels are moved by masks. Each set fills 43 channels up to 48.
    for (int channels = 43; channels <= 48; channels += 5) {
      const int width = channels == 48 ? 32 : 16, row = 40 * channels;
      w->input(a, row, channels, channels, c, 500, 150, width);
      w->output_adjoint(a, row, channels, 2, w->tile_columns, c + 60000, 500, 150, width);
      w->output(c, 500, channels - 32 + 5, b, d, row, channels, w->tile_rows, 1);
      w->input_adjoint(c, 500, channels - 32 + 5, d + 20000, row, channels);
      add(c, 140000 * sizeof *c);
      add(d, 80000 * sizeof *d);
    }
    w->weights(b, 5, 32, c + 120000, 160);
    w->weights_adjoint(c + 120000, 160, 5, 32, d + 60000);
    add(c, 140000 * sizeof *c);
    add(d, 80000 * sizeof *d);
    char name[32];
    snprintf(name, sizeof name, "winograd %dx%d %d", w->tile_rows, w->tile_columns, w->taps);
    tell(k->name, name);
  }

  for (int v = 0; v < 2; v++)
    for (int inputs = 1; inputs < 6; inputs++) {
      const struct row_winograd_kernels *w = &k->row_winograd[v];
      // 9×18 pixels with zeros around for 9×18 outputs; the last tile is partial.
      const int points = 3 + w->taps, columns = 32, terms = w->taps * inputs;
      const struct row_winograd p = {
          .height = 9, .input_width = 18, .inputs = inputs, .top = w->taps / 2,
          .left = w->taps / 2, .kernel_rows = w->taps, .lines = 9, .width = 18, .tiles = 5,
          .outputs = columns, .v_line = (5 * inputs + 15) / 16 * 16 * points};
      float *u = c + 60000, *du = c + 80000;
      memset(du, 0, (size_t)(terms * points * columns) * sizeof *du);
      w->inputs(&p, a, d, c);
      w->weights(&p, b, columns, u);
      w->outputs(&p, c, u, b, d);
      add(d, (size_t)(9 * 18 * columns) * sizeof *d);
      w->gradients(&p, c, b, d, du);
      memset(d, 0, (size_t)(w->taps * terms * 32) * sizeof *d);
      w->weights_adjoint(&p, du, columns, d);
      add(d, (size_t)(w->taps * terms * 32) * sizeof *d);
    }
  tell(k->name, "winograd along rows");

  for (int variant = 0; variant < 4; variant++)
    for (int channels = 1; channels < 40; channels += 3) {
      const int window = 2 + variant % 2;
      struct pooling p = {
          .h = 9, .w = 8, .channels = channels, .out_h = 5, .out_w = 4, .window_h = window,
          .window_w = window, .stride_h = 2, .stride_w = 2, .rectifies = variant / 2};
      k->max_pool(&p, a, c, taps);
      k->max_pool_backward(&p, b, taps, d);
      add(c, (size_t)(20 * channels) * sizeof *c);
      add(taps, (size_t)(20 * channels));
      add(d, (size_t)(72 * channels) * sizeof *d);
    }
  tell(k->name, "pooling");

  for (int counts = 0; counts < 2; counts++)
    for (int channels = 1; channels < 40; channels += 3) {
      struct pooling p = {
          .h = 9, .w = 8, .channels = channels, .out_h = 5, .out_w = 5, .window_h = 3,
          .window_w = 2, .stride_h = 2, .stride_w = 2, .padding_h = 1, .padding_w = 1};
      k->average_pool(&p, counts, a, c);
      k->average_pool_backward(&p, counts, b, d);
      add(c, (size_t)(25 * channels) * sizeof *c);
      add(d, (size_t)(72 * channels) * sizeof *d);
    }
  tell(k->name, "average pooling");

  for (int channels = 1; channels < 40; channels += 3) {
    static const float two[] = {0.25f, 0.75f, 0.75f, 0.25f};
    static const float three[] = {1 / 3.0f, 2 / 3.0f, 1, 2 / 3.0f, 1 / 3.0f};
    struct upsampling u = {
        .h = 4, .w = 5, .channels = channels, .factor_h = 2, .factor_w = 3, .weights_h = two,
        .weights_w = three};
    k->upsample_nearest(&u, a, c);
    k->upsample_bilinear(&u, a, c + 5000);
    k->upsample_nearest_backward(&u, b, d);
    k->upsample_bilinear_backward(&u, b, d + 1000);
    for (int part = 0; part < 2; part++) {
      add(c + 5000 * part, (size_t)(120 * channels) * sizeof *c);
      add(d + 1000 * part, (size_t)(20 * channels) * sizeof *d);
    }
  }
  tell(k->name, "upsampling");

  for (int count = 1; count < 100; count += 7) {
    struct dropout s = {
        .stream = {.key = {1, 2}, .index = 3, .epoch = (uint32_t)count, .domain = 4},
        .threshold = 1u << 31, .scale = 2};
    k->dropout(&s, 4294967290u, a, c, taps, count);
    k->dropout_backward(2, taps, b, c + 200, count);
    for (int part = 0; part < 2; part++) add(c + 200 * part, (size_t)count * sizeof *c);
    add(taps, (size_t)count);
  }
  tell(k->name, "dropout");

  for (int channels = 1; channels < 40; channels += 3) {
    int32_t places[40];
    k->global_max(a, 49, channels, c, places);
    k->global_max_backward(b, places, 49, channels, d);
    k->global_average(a, 49, channels, c + 40);
    k->global_average_backward(b, 49, channels, d + 2000);
    add(c, (size_t)channels * sizeof *c);
    add(c + 40, (size_t)channels * sizeof *c);
    add(places, (size_t)channels * sizeof *places);
    add(d, (size_t)(49 * channels) * sizeof *d);
    add(d + 2000, (size_t)(49 * channels) * sizeof *d);
  }
  tell(k->name, "global pooling");

  k->scale(7, a, c, room);  // past both ends of what the polynomials cover
  for (int count = 1; count < 100; count += 7) {
    k->gelu(c + 1000 * count, d, count);
    k->gelu_backward(c + 1000 * count, b, d + 200, count);
    k->scale(1.0f / 9, a, d + 400, count);
    for (int part = 0; part < 3; part++) add(d + 200 * part, (size_t)count * sizeof *d);
  }
  k->gelu(c, d, room);
  add(d, room * sizeof *d);
  k->gelu_backward(c, b, d, room);
  add(d, room * sizeof *d);
  tell(k->name, "gelu, scale");

  for (int factor = 1; factor <= 100; factor *= 10) {  // to where nothing changes any more
    for (int count = 1; count < 100; count += 7) {
      k->scale((float)factor, a + count, c, count);
      k->sigmoid(c, d, count);
      k->sigmoid_backward(d, b, d + 200, count);
      k->hyperbolic_tangent(c, d + 400, count);
      k->hyperbolic_tangent_backward(d + 400, b, d + 600, count);
      for (int part = 0; part < 4; part++) add(d + 200 * part, (size_t)count * sizeof *d);
    }
    k->scale((float)factor, a, c, room);
    k->sigmoid(c, d, room);
    add(d, room * sizeof *d);
    k->hyperbolic_tangent(c, d, room);
    add(d, room * sizeof *d);
  }
  tell(k->name, "sigmoid, tanh");

  for (int count = 1; count < 100; count += 7) {
    double losses[8];
    int32_t labels[8] = {0};
    struct sgd s = {.rate = 0.1f, .momentum = 0.9f, .weight_decay = 1e-3f, .nesterov = count % 2,
                    .keep = count % 3 ? 1 : 0.99f};
    struct adam adam = {.rate = 0.1f, .keep = 0.99f, .mean_share = 0.1f, .square_decay = 0.999f,
                        .square_share = 1e-3f, .correction = 2, .epsilon = 1e-8f};
    struct rmsprop rms = {.rate = 0.1f, .weight_decay = 1e-3f, .momentum = 0.9f, .square_decay = 0.99f,
                          .square_share = 0.01f, .epsilon = 1e-8f};
    struct lion lion = {.rate = 0.1f, .keep = 0.99f, .sign_decay = 0.9f, .sign_share = 0.1f,
                        .mean_decay = 0.99f, .mean_share = 0.01f};
    k->add_rows(a, 5, count + 3, count, c);
    k->transpose(a, count, 13, 17, c + 200, count);
    k->add_transposed(b, 13, count, count, c + 200, 17);
    memcpy(c + 3000, b, 9 * 100 * sizeof *c);
    k->add_bias(a, 9, count, c + 3000);
    k->relu(a, c + 4000, count);
    k->relu_backward(c + 4000, b, c + 5000, count);
    k->add(a, b, c + 5500, count);
    k->add_lanes(a, 200, 16, 0xB7FD, c + 6000, count);
    k->optimizer.sgd_step(&s, c + 7000, a, c + 8000, count);
    memset(c + 8200, 0, 200 * sizeof *c);  // squares are not negative
    k->optimizer.adam_step(&adam, c + 7100, a, c + 8100, c + 8200, count);
    k->optimizer.rmsprop_step(&rms, c + 7200, a, c + 8300, c + 8400, count);
    k->optimizer.lion_step(&lion, c + 7300, a, c + 8500, count);
    k->optimizer.weighted_sum(0.3f, a, 0.7f, b, c + 7400, count);
    memcpy(c + 7500, a, count * sizeof *c);
    k->optimizer.clamp(0.5f, c + 7500, count);
    const struct class_targets plain = {.labels = labels};
    k->softmax_cross_entropy(b, &plain, NULL, 8, count, 0.125f, losses, c + 9000);
    double squares = k->sum_of_squares(a, count);
    double sums[400] = {0};
    struct batch_norm_gradient g = {a + 9000, b + 9000, a + 9100, b + 9100,
                                    a + 9200, b + 9200, count % 2};
    k->channel_sums(a, 9, count, sums);
    k->channel_gradient_sums(&g, a, b, 9, count, sums + 200);
    k->channel_map(a, b, c, count % 2, 9, count, c + 10000);
    k->batch_norm_backward(&g, a, b, 9, count, c + 11000);
    add(sums, sizeof sums);
    add(c, 12000 * sizeof *c);
    add(losses, sizeof losses);
    add(&squares, sizeof squares);
  }
  tell(k->name, "pointwise, batch norm");

  k->scale(9, a, c, room);
  for (int count = 1; count < 100; count += 7) {
    double losses[8];
    int32_t labels[8], others[8];
    float shares[8];
    for (int i = 0; i < 8; i++) {
      labels[i] = i % count;
      others[i] = 3 * i % count;
      shares[i] = (float)i / 8;
    }
    const struct class_targets targets = {labels, others, shares, 0.125};
    k->target_rows(&targets, 8, count, d);
    add(d, (size_t)(8 * count) * sizeof *d);
    for (int kind = 0; kind < 4; kind++) {
      if (kind == 0) k->softmax_cross_entropy(c, &targets, b, 8, count, 0.125f, losses, d);
      if (kind == 1) k->multiclass_hinge(c, &targets, 8, count, 0.125f, losses, d);
      if (kind == 2) k->squared_error(c, b, 8, count, 0.125f, losses, d);
      if (kind == 3) k->binary_cross_entropy(c, b, 8, count, 0.125f, losses, d);
      add(losses, sizeof losses);
      add(d, (size_t)(8 * count) * sizeof *d);
    }
  }
  // Beyond the range of the exponential.
  double losses[64];
  k->scale(200, a, c, room);
  k->binary_cross_entropy(c, b, 64, room / 64, 1, losses, d);
  add(losses, sizeof losses);
  add(d, room * sizeof *d);
  tell(k->name, "losses");

  for (int n = 1; n < 40; n++) {
    k->channels.copy_columns(a, 41, 9, n, c, 41);
    k->channels.add_columns(b, 43, 9, n, c, 41);
    k->channels.repeat_elements(a, 50, n, c + 400);
    k->channels.sum_neighbors(a, 50, n, c + 2400);
    add(c, 2450 * sizeof *c);
  }
  tell(k->name, "channels");

  for (int rounds = 0; rounds < 30; rounds++) {
    float result;
    k->run_chains(rounds, &result);
    add(&result, sizeof result);
  }
  tell(k->name, "chains");
  free(a), free(b), free(c), free(d), free(taps);
}

int main(void) {
  for (int set = kernel_set_portable; set <= kernel_set_avx512; set++) {
    const struct kernels *k = kernels_of((enum kernel_set)set);
    if (k) check(k);
  }
  return 0;
}

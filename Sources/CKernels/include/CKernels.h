#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "averages.h"
#include "channel-kernels.h"
#include "matrix-kernels.h"
#include "optimizer-kernels.h"
#include "winograd-kernels.h"

// Micro-kernels over float elements, one table for each instruction set.
//
// Every kernel computes an output element by a fixed sequence of operations. The sequence does not
// depend on the vector width, so all tables give the same bits.

/// Pooling of one example [h, w, channels] with a window [window_h, window_w]. With `rectifies`, max pooling
/// applies ReLU to each maximum; ReLU before the pooling would give the same.
struct pooling {
  ptrdiff_t h, w, channels;
  ptrdiff_t out_h, out_w;
  ptrdiff_t window_h, window_w, stride_h, stride_w, padding_h, padding_w;
  int rectifies;
};

/// Depthwise convolution of one example [h, w, channels], to [out_h, out_w, channels], with `top` rows and
/// `left` columns of zeros before the image. Weights [kernel_h, kernel_w, channels] lie in panels.
struct depthwise {
  ptrdiff_t h, w, channels, out_h, out_w;
  ptrdiff_t kernel_h, kernel_w, stride_h, stride_w, top, left;
};

/// The saved index of a maximum that is not positive, so that ReLU stops its gradient.
enum { no_tap = 255 };

/// The target distributions of n labeled examples, rows [n, classes]:
///
///     t_i = (1 − ε)·(share_i·onehot(label_i) + (1 − share_i)·onehot(other_i)) + ε/classes
///
/// Labels must lie in 0 ..< classes; the kernels do not check them.
struct class_targets {
  const int32_t *labels;
  const int32_t *others;  // NULL if every example has one label
  const float *shares;    // the weight of each `label`, 0…1; read only with `others`
  double smoothing;       // ε, 0…1
};

/// Upsampling of one example [h, w, channels] by whole factors. Along an axis with factor s, output i lies at
/// the input coordinate (i + ½)/s − ½.
struct upsampling {
  ptrdiff_t h, w, channels, factor_h, factor_w;
  /// The weight of an input in linear interpolation, 1 − |distance|, at each output between its two
  /// neighbors, in order: 2·s − 1 weights for an odd factor, 2·s for an even one. For input r the first
  /// weight belongs to output s·(r − 1) + (s + 1)/2.
  const float *weights_h, *weights_w;
};

/// A stream of random words by Philox4x32-10 with `key`. The counters (0, index, epoch, domain),
/// (1, index, epoch, domain), … give four words each.
struct random_stream {
  uint32_t key[2], index, epoch, domain;
};

/// Elements whose random word is below `threshold` are dropped. The others are multiplied by `scale`.
struct dropout {
  struct random_stream stream;
  uint32_t threshold;
  float scale;
};

/// The backward pass of batch normalization for each channel:
///
///     dx = by_output·dy + by_input·(x − mean) + constant
///
/// With `rectifies`, a ReLU follows the normalization: dy counts as 0 where x·scale + shift ≤ 0.
struct batch_norm_gradient {
  const float *mean, *by_output, *by_input, *constant;
  const float *scale, *shift;
  int rectifies;
};

enum kernel_set { kernel_set_portable, kernel_set_neon, kernel_set_avx2, kernel_set_avx512 };

struct kernels {
  enum kernel_set set;
  const char *name;

  void (*multiply)(const struct product *);
  void (*accumulate_outer)(const struct outer_product *);
  void (*multiply_dots)(const struct dots *);

  /// In the order of `WINOGRAD_VARIANTS` in `winograd.h`.
  struct winograd winograd[winograd_count];
  /// F(4, 3) and F(4, 5).
  struct row_winograd_kernels row_winograd[2];

  /// sums[j] += Σ_r x[r·row + j] in the order of r, for j < columns.
  void (*add_rows)(const float *x, ptrdiff_t rows, ptrdiff_t row, ptrdiff_t columns, float *sums);
  /// to[c·to_row + r] = from[r·from_row + c]
  void (*transpose)(
      const float *from, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from_row, float *to,
      ptrdiff_t to_row);
  /// to[c·to_row + r] += from[r·from_row + c]
  void (*add_transposed)(
      const float *from, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t from_row, float *to,
      ptrdiff_t to_row);

  /// y = max(0, x); NaN gives NaN.
  void (*relu)(const float *x, float *y, ptrdiff_t count);
  /// dx = dy where y > 0, else 0.
  void (*relu_backward)(const float *y, const float *dy, float *dx, ptrdiff_t count);

  /// y is the maximum of each window. `taps`, which may be NULL, receives the row-major index of each maximum
  /// within its window. The first of equal values counts as the maximum, and NaN counts as the greatest.
  void (*max_pool)(const struct pooling *, const float *x, float *y, uint8_t *taps);
  void (*max_pool_backward)(
      const struct pooling *, const float *dy, const uint8_t *taps, float *dx);

  /// rows[i][c] = t_i[c], the target distributions.
  void (*target_rows)(const struct class_targets *, ptrdiff_t n, ptrdiff_t classes, float *rows);
  /// For each of n rows, with v_c = weight_c·t_c, or t_c where `weights` is NULL:
  /// losses[i] = Σ_c v_c·(logΣexp(z) − z_c) and dz = (Σv·softmax(z) − v)·scale. In all losses the gradient
  /// pointer may be NULL.
  void (*softmax_cross_entropy)(
      const float *z, const struct class_targets *, const float *weights, ptrdiff_t n,
      ptrdiff_t classes, float scale, double *losses, float *dz);
  /// losses[i] = (1/classes)·Σ_{c≠y} max(0, 1 − z_y + z_c), and dz = its gradient times `scale`. A row with
  /// two labels y has the mean of the two losses, weighted by `share`. The smoothing is ignored.
  void (*multiclass_hinge)(
      const float *z, const struct class_targets *, ptrdiff_t n, ptrdiff_t classes, float scale,
      double *losses, float *dz);
  /// losses[i] = (1/outputs)·Σ (q − y)² and dq = (2/outputs)·(q − y)·scale, for rows of q and y.
  void (*squared_error)(
      const float *q, const float *y, ptrdiff_t n, ptrdiff_t outputs, float scale, double *losses,
      float *dq);
  /// losses[i] = (1/outputs)·Σ (max(0, s) − s·y + ln(1 + e^−|s|)) and ds = (σ(s) − y)·scale/outputs.
  void (*binary_cross_entropy)(
      const float *s, const float *y, ptrdiff_t n, ptrdiff_t outputs, float scale, double *losses,
      float *ds);

  /// y = x + z; y may be x or z.
  void (*add)(const float *x, const float *z, float *y, ptrdiff_t count);
  /// y[r·columns + j] += bias[j]
  void (*add_bias)(const float *bias, ptrdiff_t rows, ptrdiff_t columns, float *y);

  /// sum[i] += Σ_l lanes[l·lane_stride + i], added as a balanced binary tree; lane_count is a power of 2. Lanes
  /// without a bit in `occupied`, where bit l belongs to lane l, count as zeros and are not read.
  void (*add_lanes)(
      const float *lanes, ptrdiff_t lane_stride, ptrdiff_t lane_count, uint64_t occupied, float *sum,
      ptrdiff_t count);
  /// Σ x², in double: 16 interleaved partial sums, added as a balanced binary tree.
  double (*sum_of_squares)(const float *x, ptrdiff_t count);
  struct optimizer_kernels optimizer;

  /// Over the rows of [rows, channels], in their order: sums[c] += Σ x and sums[channels + c] += Σ x².
  void (*channel_sums)(const float *x, ptrdiff_t rows, ptrdiff_t channels, double *sums);
  /// sums[c] += Σ dy and sums[channels + c] += Σ dy·(x − mean), in the order of the rows; `rectifies` changes
  /// dy as above.
  void (*channel_gradient_sums)(
      const struct batch_norm_gradient *, const float *dy, const float *x, ptrdiff_t rows,
      ptrdiff_t channels, double *sums);
  /// y = x·scale + shift for each channel, followed by ReLU if `rectifies`; y may be x.
  void (*channel_map)(
      const float *x, const float *scale, const float *shift, int rectifies, ptrdiff_t rows,
      ptrdiff_t channels, float *y);
  /// dx as `struct batch_norm_gradient` defines it; dx may be dy.
  void (*batch_norm_backward)(
      const struct batch_norm_gradient *, const float *dy, const float *x, ptrdiff_t rows,
      ptrdiff_t channels, float *dx);
  /// y = x·Φ(x), with an error below 1.5·10⁻⁷·max(1, |x|); NaN gives NaN.
  void (*gelu)(const float *x, float *y, ptrdiff_t count);
  /// dx = dy·(Φ(x) + x·φ(x)); the error of the factor of dy is below 5·10⁻⁷.
  void (*gelu_backward)(const float *x, const float *dy, float *dx, ptrdiff_t count);

  /// y = 1/(1 + e⁻ˣ), with an error of at most 2 units in the last place; NaN gives NaN.
  void (*sigmoid)(const float *x, float *y, ptrdiff_t count);
  /// dx = dy·(1 − y)·y
  void (*sigmoid_backward)(const float *y, const float *dy, float *dx, ptrdiff_t count);
  /// y = tanh x, with an error of at most 2 units in the last place; NaN gives NaN.
  void (*hyperbolic_tangent)(const float *x, float *y, ptrdiff_t count);
  /// dx = dy·(1 − y²)
  void (*hyperbolic_tangent_backward)(
      const float *y, const float *dy, float *dx, ptrdiff_t count);

  /// y = x/(1 + e⁻ˣ) to within 2 units in the last place; a NaN stays.
  void (*silu)(const float *x, float *y, ptrdiff_t count);
  /// dx = dy·σ(x)·(1 + x·(1 − σ(x))), the slope to within 3·10⁻⁷.
  void (*silu_backward)(const float *x, const float *dy, float *dx, ptrdiff_t count);

  /// y[i, j, c] = bias[c] + Σ_uv x[i·stride + u − top, j·stride + v − left, c]·weight[u, v, c] over the taps
  /// that lie in the image, in reading order. `bias` may be NULL for zeros.
  void (*depthwise)(
      const struct depthwise *, const float *x, const float *weight, const float *bias, float *y);
  /// dx[r, s, c] = Σ dy[i, j, c]·weight[u, v, c] over the taps (u, v), in reading order, by which an output
  /// (i, j) reads the input (r, s).
  void (*depthwise_backward_data)(
      const struct depthwise *, const float *dy, const float *weight, float *dx);
  /// dweight[u, v, c] += Σ_ij dy[i, j, c]·x[i·stride + u − top, j·stride + v − left, c].
  void (*depthwise_backward_weights)(
      const struct depthwise *, const float *x, const float *dy, float *dweight);
  struct channel_kernels channels;

  /// y is the mean of each window, summed in row-major order. With `counts_padding` the padding under the
  /// window counts as zeros; without, the mean is over the image's elements alone.
  void (*average_pool)(const struct pooling *, int counts_padding, const float *x, float *y);
  void (*average_pool_backward)(
      const struct pooling *, int counts_padding, const float *dy, float *dx);

  /// y[c] is the maximum of channel c over an example [pixels, channels]. `places`, which may be NULL,
  /// receives the pixel of each maximum. The first of equal values counts as the maximum, and NaN counts as
  /// the greatest.
  void (*global_max)(
      const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y, int32_t *places);
  /// dx = dy at the pixel of each channel's maximum, else 0.
  void (*global_max_backward)(
      const float *dy, const int32_t *places, ptrdiff_t pixels, ptrdiff_t channels, float *dx);
  /// y[c] is the mean of channel c over all pixels, summed in the order of the pixels.
  void (*global_average)(const float *x, ptrdiff_t pixels, ptrdiff_t channels, float *y);
  /// dx = dy / pixels at every pixel.
  void (*global_average_backward)(
      const float *dy, ptrdiff_t pixels, ptrdiff_t channels, float *dx);

  /// y repeats each element of x in a block of factor_h × factor_w. dx is the sum of dy over the block, in
  /// row-major order.
  void (*upsample_nearest)(const struct upsampling *, const float *x, float *y);
  void (*upsample_nearest_backward)(const struct upsampling *, const float *dy, float *dx);
  /// Linear interpolation along rows and columns. Outputs before the first and after the last input of an
  /// axis have that input's value.
  void (*upsample_bilinear)(const struct upsampling *, const float *x, float *y);
  void (*upsample_bilinear_backward)(const struct upsampling *, const float *dy, float *dx);

  /// y = x·scale and kept = 1, or y = x·0 and kept = 0 where the element is dropped; NaN gives NaN.
  /// Element i uses word i of the stream that starts at counter `block`.
  void (*dropout)(
      const struct dropout *, uint32_t block, const float *x, float *y, uint8_t *kept,
      ptrdiff_t count);
  /// dx = dy·scale where kept, else dy·0.
  void (*dropout_backward)(
      float scale, const uint8_t *kept, const float *dy, float *dx, ptrdiff_t count);

  /// y = factor·x
  void (*scale)(float factor, const float *x, float *y, ptrdiff_t count);

  /// Measures peak speed: computes x = fma(x, 1/2, 1) from x = 1, `rounds` times, on many independent vectors
  /// in registers. Sets `result` to the greatest x. Returns the number of operations, two for each
  /// multiply-add of an element.
  ptrdiff_t (*run_chains)(ptrdiff_t rounds, float *result);
};

/// The table of a set, or NULL if this processor or this build lacks the set.
const struct kernels *kernels_of(enum kernel_set set);
/// The fastest table that this processor can run.
const struct kernels *kernels_best(void);

/// Tells the processor that this thread is in a spin loop.
void spin_pause(void);

/// 1 if these kernels were compiled with optimization, else 0.
int kernels_are_optimized(void);

/// eˣ and ln x in float, with an error of at most 0.51 units in the last place. All processors give the same
/// bits.
float exact_exp(float x);
float exact_log(float x);

#endif

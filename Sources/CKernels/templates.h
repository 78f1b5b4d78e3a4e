// All templates, and the macro that defines an instruction set's table. Each `set-….c` includes this file.

#include "vectors.h"

#include "adaptive.h"
#include "batch-norm.h"
#include "channels.h"
#include "depthwise.h"
#include "dots.h"
#include "dropout.h"
#include "gelu.h"
#include "global-pooling.h"
#include "outer-product.h"
#include "peak.h"
#include "pointwise.h"
#include "pooling.h"
#include "average-pooling.h"
#include "product.h"
#include "sgd.h"
#include "sigmoid.h"
#include "silu.h"
#include "losses.h"
#include "softmax.h"
#include "upsampling.h"
#include "winograd-points.h"  // before the two that use it
#include "winograd-rows.h"
#include "winograd.h"

#define KERNEL_TABLE(SET)                                                         \
  const struct kernels kernels_##SET = {                                          \
      .set = kernel_set_##SET,                                                    \
      .name = #SET,                                                               \
      .multiply = multiply,                                                       \
      .accumulate_outer = accumulate_outer,                                       \
      .multiply_dots = multiply_dots,                                             \
      .winograd = {WINOGRAD_VARIANTS(WINOGRAD_ENTRY)},                           \
      .row_winograd = {ROW_ENTRY(3) ROW_ENTRY(5)},                               \
      .add_rows = add_rows,                                                       \
      .transpose = transpose,                                                     \
      .add_transposed = add_transposed,                                           \
      .relu = relu,                                                               \
      .relu_backward = relu_backward,                                             \
      .max_pool = max_pool,                                                       \
      .max_pool_backward = max_pool_backward,                                     \
      .target_rows = target_rows,                                                 \
      .softmax_cross_entropy = softmax_cross_entropy,                             \
      .add = add,                                                                 \
      .add_bias = add_bias,                                                       \
      .multiclass_hinge = multiclass_hinge,                                       \
      .squared_error = squared_error,                                             \
      .binary_cross_entropy = binary_cross_entropy,                               \
      .add_lanes = add_lanes,                                                     \
      .sum_of_squares = sum_of_squares,                                           \
      .optimizer = {.sgd_step = sgd_step,                                         \
                    .adam_step = adam_step,                                       \
                    .rmsprop_step = rmsprop_step,                                 \
                    .lion_step = lion_step,                                       \
                    .weighted_sum = weighted_sum,                                 \
                    .clamp = clamp},                                              \
      .channel_sums = channel_sums,                                               \
      .channel_gradient_sums = channel_gradient_sums,                             \
      .channel_map = channel_map,                                                 \
      .batch_norm_backward = batch_norm_backward,                                 \
      .gelu = gelu,                                                               \
      .gelu_backward = gelu_backward,                                             \
      .sigmoid = sigmoid,                                                         \
      .sigmoid_backward = sigmoid_backward,                                       \
      .hyperbolic_tangent = hyperbolic_tangent,                                   \
      .hyperbolic_tangent_backward = hyperbolic_tangent_backward,                 \
      .average_pool = average_pool,                                               \
      .average_pool_backward = average_pool_backward,                             \
      .global_max = global_max,                                                   \
      .global_max_backward = global_max_backward,                                 \
      .global_average = global_average,                                           \
      .global_average_backward = global_average_backward,                         \
      .upsample_nearest = upsample_nearest,                                       \
      .upsample_nearest_backward = upsample_nearest_backward,                     \
      .upsample_bilinear = upsample_bilinear,                                     \
      .upsample_bilinear_backward = upsample_bilinear_backward,                   \
      .dropout = dropout,                                                         \
      .dropout_backward = dropout_backward,                                       \
      .scale = scale,                                                             \
      .silu = silu,                                                               \
      .silu_backward = silu_backward,                                             \
      .depthwise = depthwise,                                                     \
      .depthwise_backward_data = depthwise_backward_data,                         \
      .depthwise_backward_weights = depthwise_backward_weights,                   \
      .channels = {.copy_columns = copy_columns,                                  \
                   .add_columns = add_columns,                                    \
                   .repeat_elements = repeat_elements,                            \
                   .sum_neighbors = sum_neighbors},                               \
      .run_chains = run_chains,                                                   \
  };

#ifndef OPTIMIZER_KERNELS_H
#define OPTIMIZER_KERNELS_H

#include <stddef.h>

// The updates of the optimizers. `w` is the parameter, `g` its gradient, and the other arrays are the
// optimizer's state; all have `count` elements. With decoupled weight decay `keep` is 1 − rate·λ and
// `weight_decay` is 0; otherwise `keep` is 1 and `weight_decay` is λ. Zeros stay zeros. Subnormal state becomes 0:
// processors are slow with subnormal numbers, and under a zero gradient v = µ·v would never leave them.

/// One update of SGD as torch.optim.SGD defines it. `rate` is the learning rate.
struct sgd {
  float rate, momentum, weight_decay;
  int nesterov;
  float keep;
};

/// One update of Adam as torch.optim.Adam and AdamW define it. `rate` is the learning rate divided by
/// 1 − β₁ᵗ, `mean_share` is 1 − β₁, `square_decay` is β₂, `square_share` is 1 − β₂, and `correction` is
/// 1/√(1 − β₂ᵗ). `epsilon` must be above 0.
struct adam {
  float rate, keep, weight_decay;
  float mean_share, square_decay, square_share, correction, epsilon;
};

/// One update of RMSprop as torch.optim.RMSprop defines it. `square_decay` is α and `square_share` is 1 − α.
/// `epsilon` must be above 0.
struct rmsprop {
  float rate, weight_decay, momentum, square_decay, square_share, epsilon;
};

/// One update of Lion. `sign_decay` is β₁ and `sign_share` is 1 − β₁; `mean_decay` is β₂ and `mean_share` is
/// 1 − β₂.
struct lion {
  float rate, keep, sign_decay, sign_share, mean_decay, mean_share;
};

struct optimizer_kernels {
  /// g += λ·w; v = µ·v + g; w = keep·w − rate·v, or keep·w − rate·(g + µ·v) with `nesterov`. `v` may be NULL
  /// if µ = 0.
  void (*sgd_step)(const struct sgd *, float *w, const float *g, float *v, ptrdiff_t count);
  /// g += λ·w; m += (1 − β₁)·(g − m); v = β₂·v + (1 − β₂)·g²; w = keep·w − rate·m/(√v·correction + ε).
  void (*adam_step)(
      const struct adam *, float *w, const float *g, float *m, float *v, ptrdiff_t count);
  /// g += λ·w; s = α·s + (1 − α)·g²; d = g/(√s + ε); v = µ·v + d; w −= rate·v. `v` may be NULL if µ = 0.
  void (*rmsprop_step)(
      const struct rmsprop *, float *w, const float *g, float *s, float *v, ptrdiff_t count);
  /// w = keep·w − rate·sign(β₁·m + (1 − β₁)·g), then m = β₂·m + (1 − β₂)·g; the sign of 0 is 0.
  void (*lion_step)(const struct lion *, float *w, const float *g, float *m, ptrdiff_t count);

  /// z = a·x + b·y, or 0 where that is subnormal; z may be x or y.
  void (*weighted_sum)(
      float a, const float *x, float b, const float *y, float *z, ptrdiff_t count);
  /// x = max(−limit, min(x, limit)); NaN gives NaN.
  void (*clamp)(float limit, float *x, ptrdiff_t count);
};

#endif

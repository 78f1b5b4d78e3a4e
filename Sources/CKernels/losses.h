// The losses other than the softmax cross-entropy, row by row. A sum has 16 partial sums in double, added as
// a balanced tree, whatever the vector width.

enum { loss_chains = 16 };

INLINE double sum_of_chains(double *sum) {
  for (int width = loss_chains / 2; width > 0; width /= 2)
    for (int c = 0; c < width; c++) sum[c] += sum[c + width];
  return sum[0];
}

/// The target t_i of class c; see `struct class_targets`.
INLINE double target_of(const struct class_targets *t, ptrdiff_t i, ptrdiff_t c, ptrdiff_t classes) {
  const double rest = 1 - t->smoothing;
  const double share = t->others ? (double)t->shares[i] : 1;
  double target = t->smoothing / (double)classes;
  if (c == t->labels[i]) target += rest * share;
  if (t->others && c == t->others[i]) target += rest * (1 - share);
  return target;
}

static void target_rows(
    const struct class_targets *targets, ptrdiff_t n, ptrdiff_t classes, float *rows) {
  for (ptrdiff_t i = 0; i < n; i++, rows += classes)
    for (ptrdiff_t c = 0; c < classes; c++) rows[c] = (float)target_of(targets, i, c, classes);
}

static void multiclass_hinge(
    const float *z, const struct class_targets *targets, ptrdiff_t n, ptrdiff_t classes, float scale,
    double *losses, float *dz) {
  const double part = 1 / (double)classes;
  for (ptrdiff_t i = 0; i < n; i++, z += classes) {
    losses[i] = 0;
    if (dz) memset(dz, 0, (size_t)classes * sizeof(float));
    for (int which = 0; which < (targets->others ? 2 : 1); which++) {
      const ptrdiff_t label = which ? targets->others[i] : targets->labels[i];
      const double first = targets->others ? (double)targets->shares[i] : 1;
      const double share = which ? 1 - first : first;
      // Skipping a label of weight 0 keeps its infinite or NaN loss out of the sum.
      if (share == 0) continue;
      double sum = 0;
      ptrdiff_t count = 0;
      for (ptrdiff_t c = 0; c < classes; c++) {
        const double excess = 1 + ((double)z[c] - (double)z[label]);
        // The comparison is false for NaN, so a NaN score makes the loss NaN.
        if (c == label || excess <= 0) continue;
        sum += excess;
        count += 1;
        if (dz) dz[c] += (float)(share * part) * scale;
      }
      losses[i] += share * part * sum;
      if (dz) dz[label] -= (float)((double)count * share * part) * scale;
    }
    if (dz) dz += classes;
  }
}

static void squared_error(
    const float *q, const float *y, ptrdiff_t n, ptrdiff_t outputs, float scale, double *losses,
    float *dq) {
  const vector factor = broadcast(2 * scale / (float)outputs);
  for (ptrdiff_t i = 0; i < n; i++, q += outputs, y += outputs) {
    double sum[loss_chains] = {0};
    for (ptrdiff_t j = 0; j < outputs; j += loss_chains) {
      float difference[loss_chains];
      for (ptrdiff_t k = 0; k < loss_chains; k += LANES) {
        const ptrdiff_t left = outputs - j - k;
        const vector d = load_first(q + j + k, left) - load_first(y + j + k, left);
        store(difference + k, d);
        if (dq) store_first(dq + j + k, factor * d, left);
      }
      // After the last output the differences are 0.
      for (int c = 0; c < loss_chains; c++)
        sum[c] += (double)difference[c] * (double)difference[c];
    }
    losses[i] = sum_of_chains(sum) / (double)outputs;
    if (dq) dq += outputs;
  }
}

/// ln(1 + u) = 2·artanh s for 0 ≤ u ≤ 1, with s = u/(2 + u) ≤ ⅓. The series s + s³/3 + … ends at s¹⁵; the
/// remainder is below 3·10⁻¹⁰.
INLINE vector logarithm_of_one_plus(vector u) {
  const vector s = u / (2 + u), square = s * s;
  vector sum = broadcast(1.0f / 15);
  UNROLL for (int odd = 13; odd > 0; odd -= 2)
    sum = fused(sum, square, broadcast(1 / (float)odd));
  return 2 * s * sum;
}

static void binary_cross_entropy(
    const float *s, const float *y, ptrdiff_t n, ptrdiff_t outputs, float scale, double *losses,
    float *ds) {
  const vector factor = broadcast(scale / (float)outputs);
  for (ptrdiff_t i = 0; i < n; i++, s += outputs, y += outputs) {
    double sum[loss_chains] = {0};
    for (ptrdiff_t j = 0; j < outputs; j += loss_chains) {
      float linear[loss_chains], logarithm[loss_chains];
      for (ptrdiff_t k = 0; k < loss_chains; k += LANES) {
        const ptrdiff_t left = outputs - j - k;
        const vector score = load_first(s + j + k, left), target = load_first(y + j + k, left);
        const vector e = exponential_of_minus_magnitude(score);
        const vector positive = blend(score < (vector){0}, (vector){0}, score);
        store(linear + k, fused(-score, target, positive));
        store(logarithm + k, logarithm_of_one_plus(e));
        if (!ds) continue;
        store_first(ds + j + k, factor * (sigmoid_from(score, e) - target), left);
      }
      for (ptrdiff_t c = 0; c < smaller(loss_chains, outputs - j); c++)
        sum[c] += (double)linear[c] + (double)logarithm[c];
    }
    losses[i] = sum_of_chains(sum) / (double)outputs;
    if (ds) ds += outputs;
  }
}

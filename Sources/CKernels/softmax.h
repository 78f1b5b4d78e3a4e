// Softmax cross-entropy in the log-sum-exp form. Scalar code suffices for a batch's few logits.

static void softmax_cross_entropy(
    const float *z, const struct class_targets *targets, const float *weights, ptrdiff_t n,
    ptrdiff_t classes, float scale, double *losses, float *dz) {
  for (ptrdiff_t i = 0; i < n; i++, z += classes) {
    float most = z[0];
    for (ptrdiff_t c = 1; c < classes; c++) {
      if (z[c] > most || z[c] != z[c]) most = z[c];
    }
    double sum = 0;
    for (ptrdiff_t c = 0; c < classes; c++) sum += (double)exact_exp(z[c] - most);
    const double log_sum = (double)exact_log((float)sum);
    double loss = 0, total = 0;
    for (ptrdiff_t c = 0; c < classes; c++) {
      const double t = (weights ? (double)weights[c] : 1) * target_of(targets, i, c, classes);
      total += t;
      // Skipping classes of target 0 keeps 0·∞ out of the loss where a logit is −∞.
      if (t != 0) loss += t * (log_sum - ((double)z[c] - (double)most));
    }
    losses[i] = loss;
    if (!dz) continue;
    const double inverse = 1 / sum;
    for (ptrdiff_t c = 0; c < classes; c++) {
      const double p = (double)exact_exp(z[c] - most) * inverse;
      const double t = (weights ? (double)weights[c] : 1) * target_of(targets, i, c, classes);
      dz[c] = (float)(total * p - t) * scale;
    }
    dz += classes;
  }
}

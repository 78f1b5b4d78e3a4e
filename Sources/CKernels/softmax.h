// Softmax cross-entropy in the log-sum-exp form. Scalar code: it runs over a batch's logits once.

static void softmax_cross_entropy(
    const float *z, const int32_t *labels, ptrdiff_t n, ptrdiff_t classes, float scale,
    double *losses, float *dz) {
  for (ptrdiff_t i = 0; i < n; i++, z += classes) {
    float most = z[0];
    for (ptrdiff_t c = 1; c < classes; c++) {
      if (z[c] > most || z[c] != z[c]) most = z[c];
    }
    double sum = 0;
    for (ptrdiff_t c = 0; c < classes; c++) sum += (double)exact_exp(z[c] - most);
    const double target = (double)z[labels[i]] - (double)most;
    losses[i] = (double)exact_log((float)sum) - target;
    if (!dz) continue;
    const double inverse = 1 / sum;
    for (ptrdiff_t c = 0; c < classes; c++) {
      double p = (double)exact_exp(z[c] - most) * inverse;
      if (c == labels[i]) p -= 1;
      dz[c] = (float)p * scale;
    }
    dz += classes;
  }
}

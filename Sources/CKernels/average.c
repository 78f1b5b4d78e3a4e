#include "CKernels.h"

// Averages of parameters. Compilers vectorize these loops, and each element is computed by the same rounded
// operations in every vector width.

void average_blend(float weight, const float *values, float *average, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) average[i] += weight * (values[i] - average[i]);
}

void exchange_values(float *restrict a, float *restrict b, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float value = a[i];
    a[i] = b[i];
    b[i] = value;
  }
}

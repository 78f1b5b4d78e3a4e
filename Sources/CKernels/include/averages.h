#ifndef AVERAGES_H
#define AVERAGES_H

// Averages of parameters; `average.c` implements them. They are limited by memory, so no instruction set has
// its own.

#include <stddef.h>

/// average[i] += weight·(values[i] − average[i]), with three roundings. The average of equal values does not
/// change, and a weight of 0 changes nothing.
void average_blend(float weight, const float *values, float *average, ptrdiff_t count);

/// Exchanges a[i] and b[i].
void exchange_values(float *a, float *b, ptrdiff_t count);

#endif

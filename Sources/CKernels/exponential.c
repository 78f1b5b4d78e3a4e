#include <math.h>
#include <string.h>

#include "CKernels.h"

// eˣ and ln x by arithmetic in double. IEEE 754 fixes the rounding of sums, products and quotients on every
// processor; the results of the C library's functions differ between systems.

/// 2ⁿ for −1022 ≤ n ≤ 1023.
static double two_to(int n) {
  uint64_t bits = (uint64_t)(n + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/// eˣ = 2ⁿ·eʳ with n = round(x/ln 2) and |r| ≤ ln 2 / 2. eʳ is its Taylor series up to r¹⁰/10!; the
/// remainder is below 3·10⁻¹³.
float exact_exp(float x) {
  if (x != x) return x;
  if (x > 89) return INFINITY;
  if (x < -104) return 0;
  const double n = rint((double)x * 1.4426950408889634);
  const double r = (double)x - n * 0.6931471805599453;
  static const double inverse_factorial[] = {
      1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320,
      1.0 / 362880, 1.0 / 3628800};
  double sum = 0;
  for (int k = 10; k >= 0; k--) sum = sum * r + inverse_factorial[k];
  return (float)(sum * two_to((int)n));
}

/// ln x = k·ln 2 + ln m with √½ ≤ m < √2, and ln m = 2·artanh s with s = (m − 1)/(m + 1). The series
/// artanh s = s + s³/3 + s⁵/5 + … ends at s¹⁷; the remainder is below 10⁻¹⁵.
float exact_log(float x) {
  if (x != x || x < 0) return NAN;
  if (x == 0) return -INFINITY;
  if (x == INFINITY) return x;
  int k;
  double m = frexp((double)x, &k);
  if (m < 0.7071067811865476) {
    m *= 2;
    k -= 1;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double sum = 0;
  for (int odd = 17; odd > 0; odd -= 2) sum = sum * square + 1.0 / odd;
  return (float)(k * 0.6931471805599453 + 2 * s * sum);
}

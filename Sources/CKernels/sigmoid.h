// The logistic function σ(x) = 1/(1 + e⁻ˣ) and the hyperbolic tangent, with an error of at most 2 units in
// the last place, also for subnormal results. Both use
//
//     e⁻ᵗ = 2ⁿ·eʳ = 2ⁿ·(1 + q)        n = round(−t/ln 2), |r| ≤ ln 2 / 2
//
// for t = |x|. The code computes q = eʳ − 1 rather than eʳ, since adding the 1 would round away digits of q.
// The Taylor series of q ends at r⁷/7!; the remainder is below 6·10⁻⁹.

/// q and n of eˣ = 2ⁿ·(1 + q), for −150·ln 2 ≤ x ≤ 0.
INLINE vector exponential(vector x, mask *n) {
  // Near 1.5·2²³ all floats are whole numbers. Adding that constant rounds x/ln 2, and n stands in the low
  // bits of the sum.
  const vector magic = broadcast(0x1.8p23f);
  const vector shifted = fused(x, broadcast(1.44269504f), magic);
  *n = (mask)shifted - (mask)magic;
  // ln 2 is split into two parts. The first has so few bits that its product with n is exact.
  const vector whole = magic - shifted;
  const vector r = fused(whole, broadcast(1.42860677e-6f), fused(whole, broadcast(0x1.62e4p-1f), x));
  static const float series[6] = {1.0f / 2, 1.0f / 6, 1.0f / 24, 1.0f / 120, 1.0f / 720, 1.0f / 5040};
  return fused(r * r, polynomial(series, 6, r), r);
}

/// 2ⁿ for −126 ≤ n ≤ 127.
INLINE vector power_of_two(mask n) { return (vector)((n + 127) << 23); }

/// e^−|x|; NaN gives NaN.
INLINE vector exponential_of_minus_magnitude(vector x) {
  const vector t = magnitude(x);
  // e⁻¹⁰⁴ rounds to 0.
  mask n;
  const vector q = exponential(-blend(t > broadcast(104), broadcast(104), t), &n);
  const vector power = power_of_two(n >> 1);
  return fused(power, q, power) * power_of_two(n - (n >> 1));
}

/// σ(x), given e^−|x|.
INLINE vector sigmoid_from(vector x, vector e) {
  const vector one = broadcast(1);
  // The quotient e/(1 + e) or 1/(1 + e), corrected by the rounding errors of the sum and of the quotient.
  const vector sum = one + e, lost = e - (sum - one), inverse = one / sum;
  const vector dividend = blend(x < (vector){0}, e, one);
  const vector y = dividend * inverse;
  return blend(x != x, x, fused(fused(-y, lost, fused(-y, sum, dividend)), inverse, y));
}

INLINE vector sigmoid_at(vector x) {
  return sigmoid_from(x, exponential_of_minus_magnitude(x));
}

/// tanh t = (1 − e⁻²ᵗ)/(1 + e⁻²ᵗ) = −p/(2 + p) with p = e⁻²ᵗ − 1 = 2ⁿ·q + (2ⁿ − 1).
INLINE vector tanh_at(vector x) {
  const vector t = magnitude(x), two = broadcast(2);
  mask n;
  // tanh t rounds to 1 for t ≥ 9.02.
  const vector q = exponential(-2 * blend(t > broadcast(10), broadcast(10), t), &n);
  const vector power = power_of_two(n);
  const vector p = fused(power, q, power - 1);
  const vector sum = two + p, lost = p - (sum - two), inverse = broadcast(1) / sum;
  const vector y = -p * inverse;
  const vector exact = fused(fused(-y, lost, fused(-y, sum, -p)), inverse, y);
  return blend(x != x, x, blend((mask){0} + INT32_MIN, x, exact));
}

static void sigmoid(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES)
    store_first(y + i, sigmoid_at(load_first(x + i, count - i)), count - i);
}

static void sigmoid_backward(const float *y, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const vector v = load_first(y + i, count - i);
    store_first(dx + i, load_first(dy + i, count - i) * ((1 - v) * v), count - i);
  }
}

static void hyperbolic_tangent(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES)
    store_first(y + i, tanh_at(load_first(x + i, count - i)), count - i);
}

static void hyperbolic_tangent_backward(
    const float *y, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const vector v = load_first(y + i, count - i);
    store_first(dx + i, load_first(dy + i, count - i) * fused(-v, v, broadcast(1)), count - i);
  }
}

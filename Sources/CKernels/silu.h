// The sigmoid linear unit, y = x·σ(x) = x/(1 + e⁻ˣ), and its slope σ(x)·(1 + x·(1 − σ(x))). For x < 0
// the quotient is (x·eˣ)/(1 + eˣ), with eˣ = 2ⁿ·(1 + q) as in sigmoid.h, whose power of two is multiplied
// last: so y is exact to 2 units in the last place, subnormal results included.

INLINE vector silu_at(vector x) {
  // Below −110 the result rounds to −0, and above 30 to x.
  const vector near = blend(x < broadcast(-110), broadcast(-110), x);
  const vector t = magnitude(near);
  mask n;
  const vector q = exponential(-blend(t > broadcast(110), broadcast(110), t), &n);
  const vector low = power_of_two(n >> 1), high = power_of_two(n - (n >> 1));
  const vector one = broadcast(1), e = fused(low, q, low) * high;
  // The quotient, then corrected by what the sum and the quotient have lost.
  const vector sum = one + e, lost = e - (sum - one), inverse = one / sum;
  const vector dividend = blend(near < (vector){0}, fused(near, q, near), near);
  const vector first = dividend * inverse;
  const vector exact = fused(fused(-first, lost, fused(-first, sum, dividend)), inverse, first);
  const vector y = blend(near < (vector){0}, exact * low * high, exact);
  return blend((x > broadcast(30)) | (x != x), x, y);
}

INLINE vector silu_slope_at(vector x) {
  // Beyond ±110 the slope has its limit, 0 or 1.
  const vector below = blend(x > broadcast(110), broadcast(110), x);
  const vector near = blend(below < broadcast(-110), broadcast(-110), below);
  const vector e = exponential_of_minus_magnitude(near);
  return sigmoid_from(near, e) * fused(near, sigmoid_from(-near, e), broadcast(1));
}

static void silu(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES)
    store_first(y + i, silu_at(load_first(x + i, count - i)), count - i);
}

static void silu_backward(const float *x, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const vector slope = silu_slope_at(load_first(x + i, count - i));
    store_first(dx + i, load_first(dy + i, count - i) * slope, count - i);
  }
}

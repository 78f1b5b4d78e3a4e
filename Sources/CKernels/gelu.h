// The Gaussian error linear unit, y = x·Φ(x), with the standard normal distribution Φ (Hendrycks and
// Gimpel 2016, "Gaussian error linear units").
//
// With t = |x| and the upper tail Q(t) = 1 − Φ(t), which falls from ½ to 0,
//
//     y = max(0, x) − t·Q(t)
//     y′ = Φ(x) + x·φ(x) = S(t) for x < 0, 1 − S(t) for x ≥ 0, with S(t) = Q(t) − t·φ(t)
//
// The code approximates Q and S by polynomials of u = 2t/T − 1 that interpolate them at the Chebyshev nodes
// of 0 ≤ t ≤ T, and by 0 for t > T. It needs no exponential, no quotient and no table. Rounding included,
// the error of y is below 1.5·10⁻⁷·max(1, |x|), and that of y′ below 5·10⁻⁷.

enum { gelu_tail_count = 17, gelu_slope_count = 19 };
static const float gelu_tail_end = 5.5f, gelu_slope_end = 5.625f;

/// The coefficients of Q(T/2·(u + 1)), lowest power of u first.
static const float gelu_tail[gelu_tail_count] = {
    0.00297976332f, -0.0250079706f, 0.094559297f, -0.206815094f, 0.271865547f, -0.177042067f,
    -0.0512662306f, 0.217581838f, -0.163216412f, -0.0320909247f, 0.132542476f, -0.0538967475f,
    -0.0412624553f, 0.0341732614f, 0.00287287519f, -0.0069023231f, 0.00092518382f};

/// The coefficients of S(T/2·(u + 1)), lowest power of u first.
static const float gelu_slope[gelu_slope_count] = {
    -0.0190369282f, 0.127038658f, -0.332416177f, 0.317317098f, 0.36090982f, -1.35259354f,
    1.35936737f, 0.164716065f, -1.71916187f, 1.4202261f, 0.40664047f, -1.47502828f,
    0.570923746f, 0.703739285f, -0.566157639f, -0.172832921f, 0.225871906f, 0.017417362f,
    -0.0369408838f};

/// y for each x.
INLINE vector gelu_at(vector x) {
  const vector t = magnitude(x);
  // For t > T a t of 0 removes the term t·Q(t). The comparison is false for NaN, so NaN stays.
  const vector near = blend(t > broadcast(gelu_tail_end), (vector){0}, t);
  const vector u = fused(near, broadcast(2 / gelu_tail_end), broadcast(-1));
  const vector rectified = blend(x < (vector){0}, (vector){0}, x);
  return fused(-near, polynomial(gelu_tail, gelu_tail_count, u), rectified);
}

/// y′ for each x.
INLINE vector slope_at(vector x) {
  const vector t = magnitude(x);
  const vector u = fused(t, broadcast(2 / gelu_slope_end), broadcast(-1));
  const vector found = polynomial(gelu_slope, gelu_slope_count, u);
  const vector s = blend(t > broadcast(gelu_slope_end), (vector){0}, found);
  return blend(x < (vector){0}, s, 1 - s);
}

static void gelu(const float *x, float *y, ptrdiff_t count) {
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES) store(y + i, gelu_at(load(x + i)));
  if (i < count) store_first(y + i, gelu_at(load_first(x + i, count - i)), count - i);
}

static void gelu_backward(const float *x, const float *dy, float *dx, ptrdiff_t count) {
  ptrdiff_t i = 0;
  for (; i + LANES <= count; i += LANES)
    store(dx + i, load(dy + i) * slope_at(load(x + i)));
  if (i < count) {
    const vector slope = slope_at(load_first(x + i, count - i));
    store_first(dx + i, load_first(dy + i, count - i) * slope, count - i);
  }
}

// The transforms of Winograd convolution F(m, r) along one axis (lecture row L22; Lavin and Gray 2015)
// with N = m + r − 1 points: 0, ±p for each of P pairs, and ∞ if N is even.
//
// Toom and Cook's method computes a convolution as a product of polynomials, by their values at points. With
// S(x) = Π (x² − p²) over all pairs and Q(x) = S(x) / (x² − p²) = Σ c_j x²ʲ for one of them,
//
//   Bᵀ d  at ±p   Σ_j c_j d[2j+2] ± p Σ_j c_j d[2j+1]           Lagrange's numerator x·(x ± p)·Q
//         at 0    Σ_j S_j d[2j],    at ∞   Σ_j S_j d[2j+1]
//   Aᵀ m          y_i = Σ_points pointⁱ m_point + ⟦i = m − 1⟧ m_∞
//   G g   at ±p   Σ_t (±p)ᵗ g_t / (2p²·Q(p)),  at 0  g_0 / S_0,  at ∞  g_{r−1}
//
// Points of opposite sign share their even and their odd halves. The code is vectorized over channels, whose
// number is a multiple of 8.
//
// A rounding error of M_p grows with the rows of Bᵀ and G, and reaches the outputs times a column of Aᵀ. The
// points are short binary fractions that nearly minimize Σ_p |column of Aᵀ|²·|row of G|²·|row of Bᵀ|². All
// coefficients of S and Q are exact in single precision.

enum { most_pairs = 4, fewest_points = 4, most_points = 2 * most_pairs + 2 };

struct winograd_points {
  float p[most_pairs];
  float q[most_pairs][most_pairs];  // the coefficients of Q for each pair; the last one is 1
  float s[most_pairs + 1];          // the coefficients of S; the last one is 1
};

static const struct winograd_points winograd_points[most_points - fewest_points + 1] = {
    // 4 to 10 points
    {{1},
     {{1}},
     {-1, 1}},
    {{2.5f, 0.75f},
     {{-0.5625f, 1},
      {-6.25f, 1}},
     {3.515625f, -6.8125f, 1}},
    {{1.5f, 0.625f},
     {{-0.390625f, 1},
      {-2.25f, 1}},
     {0.87890625f, -2.640625f, 1}},
    {{3.5f, 1.125f, 0.5625f},
     {{0.40045166015625f, -1.58203125f, 1},
      {3.8759765625f, -12.56640625f, 1},
      {15.50390625f, -13.515625f, 1}},
     {-4.9055328369140625f, 19.78033447265625f, -13.83203125f, 1}},
    {{1, 2, 0.5f},
     {{1, -4.25f, 1},
      {0.25f, -1.25f, 1},
      {4, -5, 1}},
     {-1, 5.25f, -5.25f, 1}},
    {{4, 1.5f, 0.875f, 0.4375f},
     {{-0.3297271728515625f, 2.29986572265625f, -3.20703125f, 1},
      {-2.3447265625f, 15.45904541015625f, -16.95703125f, 1},
      {-6.890625f, 39.4931640625f, -18.44140625f, 1},
      {-27.5625f, 49.97265625f, -19.015625f, 1}},
     {5.275634765625f, -37.12757873535156f, 53.61236572265625f, -19.20703125f, 1}},
    {{0.375f, 0.75f, 1.25f, 2.5f},
     {{-5.4931640625f, 14.16015625f, -8.375f, 1},
      {-1.373291015625f, 10.8642578125f, -7.953125f, 1},
      {-0.494384765625f, 4.4736328125f, -6.953125f, 1},
      {-0.12359619140625f, 1.177734375f, -2.265625f, 1}},
     {0.7724761962890625f, -7.48443603515625f, 15.337890625f, -8.515625f, 1}},
};

#define POINTS(N) (&winograd_points[(N) - fewest_points])
#define PAIRS(N) (((N) - 1) / 2)
#define HAS_INFINITY(N) ((N) % 2 == 0)

/// pᵉ; a constant after loop unrolling.
INLINE float power(float p, int e) {
  float result = 1;
  UNROLL for (int i = 0; i < e; i++) result *= p;
  return result;
}

/// r = Bᵀ d
INLINE void data_to_points(const int N, vector *r, const vector *d) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  UNROLL for (int k = 0; k < P; k++) {
    vector even = d[2 * P], odd = d[2 * P - 1];
    UNROLL for (int j = P - 2; j >= 0; j--) {
      even = fused(broadcast(w->q[k][j]), d[2 * j + 2], even);
      odd = fused(broadcast(w->q[k][j]), d[2 * j + 1], odd);
    }
    r[2 * k + 1] = fused(broadcast(w->p[k]), odd, even);
    r[2 * k + 2] = fused(broadcast(-w->p[k]), odd, even);
  }
  vector zero = d[2 * P];
  UNROLL for (int j = P - 1; j >= 0; j--) zero = fused(broadcast(w->s[j]), d[2 * j], zero);
  r[0] = zero;
  if (!HAS_INFINITY(N)) return;
  vector infinity = d[2 * P + 1];
  UNROLL for (int j = P - 1; j >= 0; j--)
    infinity = fused(broadcast(w->s[j]), d[2 * j + 1], infinity);
  r[2 * P + 1] = infinity;
}

/// d = B r
INLINE void data_from_points(const int N, vector *d, const vector *r) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  UNROLL for (int j = 0; j <= P; j++) {
    d[2 * j] = broadcast(w->s[j]) * r[0];
    if (HAS_INFINITY(N)) {
      d[2 * j + 1] = broadcast(w->s[j]) * r[2 * P + 1];
    } else if (j < P) {
      d[2 * j + 1] = (vector){0};
    }
  }
  UNROLL for (int k = 0; k < P; k++) {
    vector even = r[2 * k + 1] + r[2 * k + 2];
    vector odd = broadcast(w->p[k]) * (r[2 * k + 1] - r[2 * k + 2]);
    UNROLL for (int j = 0; j < P; j++) {
      d[2 * j + 2] = fused(broadcast(w->q[k][j]), even, d[2 * j + 2]);
      d[2 * j + 1] = fused(broadcast(w->q[k][j]), odd, d[2 * j + 1]);
    }
  }
}

/// y = Aᵀ m, with M outputs
INLINE void outputs_from_points(const int N, const int M, vector *y, const vector *m) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  vector half[2][most_pairs];
  UNROLL for (int k = 0; k < P; k++) {
    half[0][k] = m[2 * k + 1] + m[2 * k + 2];
    half[1][k] = m[2 * k + 1] - m[2 * k + 2];
  }
  UNROLL for (int i = 0; i < M; i++) {
    vector sum = i == 0 ? m[0] : i == M - 1 && HAS_INFINITY(N) ? m[2 * P + 1] : (vector){0};
    UNROLL for (int k = 0; k < P; k++)
      sum = fused(broadcast(power(w->p[k], i)), half[i % 2][k], sum);
    y[i] = sum;
  }
}

/// m = A y
INLINE void outputs_to_points(const int N, const int M, vector *m, const vector *y) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  UNROLL for (int k = 0; k < P; k++) {
    vector even = y[0], odd = (vector){0};
    UNROLL for (int i = 1; i < M; i++) {
      if (i % 2 == 0) {
        even = fused(broadcast(power(w->p[k], i)), y[i], even);
      } else {
        odd = fused(broadcast(power(w->p[k], i)), y[i], odd);
      }
    }
    m[2 * k + 1] = even + odd;
    m[2 * k + 2] = even - odd;
  }
  m[0] = y[0];
  if (HAS_INFINITY(N)) m[2 * P + 1] = y[M - 1];
}

/// The factor of G at the pair k: 1 / (2p²·Q(p)), or 1 / S_0 at the point 0, which is k = −1.
INLINE float point_weight(const int N, int k) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  if (k < 0) return 1 / w->s[0];
  float q = 0;
  for (int j = P - 1; j >= 0; j--) q = q * w->p[k] * w->p[k] + w->q[k][j];
  return 1 / (2 * w->p[k] * w->p[k] * q);
}

/// u = G g, with R taps
INLINE void taps_to_points(const int N, const int R, vector *u, const vector *g) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  UNROLL for (int k = 0; k < P; k++) {
    vector even = g[0], odd = (vector){0};
    UNROLL for (int t = 1; t < R; t++) {
      if (t % 2 == 0) {
        even = fused(broadcast(power(w->p[k], t)), g[t], even);
      } else {
        odd = fused(broadcast(power(w->p[k], t)), g[t], odd);
      }
    }
    const vector weight = broadcast(point_weight(N, k));
    u[2 * k + 1] = weight * (even + odd);
    u[2 * k + 2] = weight * (even - odd);
  }
  u[0] = broadcast(point_weight(N, -1)) * g[0];
  if (HAS_INFINITY(N)) u[2 * P + 1] = g[R - 1];
}

/// g = Gᵀ u
INLINE void taps_from_points(const int N, const int R, vector *g, const vector *u) {
  const int P = PAIRS(N);
  const struct winograd_points *w = POINTS(N);
  vector half[2][most_pairs];
  UNROLL for (int k = 0; k < P; k++) {
    const vector weight = broadcast(point_weight(N, k));
    half[0][k] = weight * (u[2 * k + 1] + u[2 * k + 2]);
    half[1][k] = weight * (u[2 * k + 1] - u[2 * k + 2]);
  }
  UNROLL for (int t = 0; t < R; t++) {
    vector sum = t == 0                             ? broadcast(point_weight(N, -1)) * u[0]
                 : t == R - 1 && HAS_INFINITY(N) ? u[2 * P + 1]
                                                    : (vector){0};
    UNROLL for (int k = 0; k < P; k++)
      sum = fused(broadcast(power(w->p[k], t)), half[t % 2][k], sum);
    g[t] = sum;
  }
}

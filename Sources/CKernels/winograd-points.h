// The transforms of Winograd convolution F(m×m, r×r) (lecture row L22; Lavin and Gray 2015) with
// tiles of 2·P + 2 points: 0, ±p for each of P pairs, and ∞.
//
// Convolution by Toom and Cook's method multiplies polynomials at points. With
// S(x) = Π (x² − p²) over all pairs and Q(x) = S(x) / (x² − p²) = Σ c_j x²ʲ for one of them,
//
//   Bᵀ d  at ±p   Σ_j c_j d[2j+2] ± p Σ_j c_j d[2j+1]           Lagrange's numerator x·(x ± p)·Q
//         at 0    Σ_j S_j d[2j],    at ∞   Σ_j S_j d[2j+1]
//   Aᵀ m          y_i = Σ_points pointⁱ m_point + ⟦i = m − 1⟧ m_∞
//   G g   at ±p   Σ_t (±p)ᵗ g_t / (2p²·Q(p)),  at 0  g_0 / S_0,  at ∞  g_{r−1}
//
// so that points of opposite sign share their even and their odd halves. Channels, vectorised over, are
// a multiple of 16.

enum { most_pairs = 3, most_points = 2 * most_pairs + 2 };

struct winograd_points {
  float p[most_pairs];
  float q[most_pairs][most_pairs];  // the coefficients of Q for each pair; the last one is 1
  float s[most_pairs + 1];          // the coefficients of S; the last one is 1
};

static const struct winograd_points winograd_points_1 = {{1}, {{1}}, {-1, 1}};
static const struct winograd_points winograd_points_2 = {{1, 2}, {{-4, 1}, {-1, 1}}, {4, -5, 1}};
static const struct winograd_points winograd_points_3 = {
    {1, 2, 0.5f}, {{1, -4.25f, 1}, {0.25f, -1.25f, 1}, {4, -5, 1}}, {-1, 5.25f, -5.25f, 1}};

#define POINTS(P) ((P) == 1 ? &winograd_points_1 : (P) == 2 ? &winograd_points_2 : &winograd_points_3)
#define EXTENT(P) (2 * (P) + 2)

/// pᵉ, a constant once the loops are unrolled.
INLINE float power(float p, int e) {
  float result = 1;
  UNROLL for (int i = 0; i < e; i++) result *= p;
  return result;
}

/// r = Bᵀ d
INLINE void data_to_points(const int P, vector *r, const vector *d) {
  const struct winograd_points *w = POINTS(P);
  UNROLL for (int k = 0; k < P; k++) {
    vector even = d[2 * P], odd = d[2 * P - 1];
    UNROLL for (int j = P - 2; j >= 0; j--) {
      even = fused(broadcast(w->q[k][j]), d[2 * j + 2], even);
      odd = fused(broadcast(w->q[k][j]), d[2 * j + 1], odd);
    }
    r[2 * k + 1] = fused(broadcast(w->p[k]), odd, even);
    r[2 * k + 2] = fused(broadcast(-w->p[k]), odd, even);
  }
  vector zero = d[2 * P], infinity = d[2 * P + 1];
  UNROLL for (int j = P - 1; j >= 0; j--) {
    zero = fused(broadcast(w->s[j]), d[2 * j], zero);
    infinity = fused(broadcast(w->s[j]), d[2 * j + 1], infinity);
  }
  r[0] = zero;
  r[2 * P + 1] = infinity;
}

/// d = B r
INLINE void data_from_points(const int P, vector *d, const vector *r) {
  const struct winograd_points *w = POINTS(P);
  UNROLL for (int j = 0; j <= P; j++) {
    d[2 * j] = broadcast(w->s[j]) * r[0];
    d[2 * j + 1] = broadcast(w->s[j]) * r[2 * P + 1];
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

/// y = Aᵀ m, of M outputs
INLINE void outputs_from_points(const int P, const int M, vector *y, const vector *m) {
  const struct winograd_points *w = POINTS(P);
  vector half[2][most_pairs];
  UNROLL for (int k = 0; k < P; k++) {
    half[0][k] = m[2 * k + 1] + m[2 * k + 2];
    half[1][k] = m[2 * k + 1] - m[2 * k + 2];
  }
  UNROLL for (int i = 0; i < M; i++) {
    vector sum = i == 0 ? m[0] : i == M - 1 ? m[2 * P + 1] : (vector){0};
    if (i == 0 && i == M - 1) sum += m[2 * P + 1];
    UNROLL for (int k = 0; k < P; k++)
      sum = fused(broadcast(power(w->p[k], i)), half[i % 2][k], sum);
    y[i] = sum;
  }
}

/// m = A y
INLINE void outputs_to_points(const int P, const int M, vector *m, const vector *y) {
  const struct winograd_points *w = POINTS(P);
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
  m[2 * P + 1] = y[M - 1];
}

/// 1 / (2p²·Q(p)), or 1 / S_0 for the point 0
INLINE float point_weight(const int P, int k) {
  const struct winograd_points *w = POINTS(P);
  if (k < 0) return 1 / w->s[0];
  float q = 0;
  for (int j = P - 1; j >= 0; j--) q = q * w->p[k] * w->p[k] + w->q[k][j];
  return 1 / (2 * w->p[k] * w->p[k] * q);
}

/// u = G g, of R taps
INLINE void taps_to_points(const int P, const int R, vector *u, const vector *g) {
  const struct winograd_points *w = POINTS(P);
  UNROLL for (int k = 0; k < P; k++) {
    vector even = g[0], odd = (vector){0};
    UNROLL for (int t = 1; t < R; t++) {
      if (t % 2 == 0) {
        even = fused(broadcast(power(w->p[k], t)), g[t], even);
      } else {
        odd = fused(broadcast(power(w->p[k], t)), g[t], odd);
      }
    }
    const vector weight = broadcast(point_weight(P, k));
    u[2 * k + 1] = weight * (even + odd);
    u[2 * k + 2] = weight * (even - odd);
  }
  u[0] = broadcast(point_weight(P, -1)) * g[0];
  u[2 * P + 1] = g[R - 1];
}

/// g = Gᵀ u
INLINE void taps_from_points(const int P, const int R, vector *g, const vector *u) {
  const struct winograd_points *w = POINTS(P);
  vector half[2][most_pairs];
  UNROLL for (int k = 0; k < P; k++) {
    const vector weight = broadcast(point_weight(P, k));
    half[0][k] = weight * (u[2 * k + 1] + u[2 * k + 2]);
    half[1][k] = weight * (u[2 * k + 1] - u[2 * k + 2]);
  }
  UNROLL for (int t = 0; t < R; t++) {
    vector sum = t == 0       ? broadcast(point_weight(P, -1)) * u[0]
                 : t == R - 1 ? u[2 * P + 1]
                              : (vector){0};
    UNROLL for (int k = 0; k < P; k++)
      sum = fused(broadcast(power(w->p[k], t)), half[t % 2][k], sum);
    g[t] = sum;
  }
}

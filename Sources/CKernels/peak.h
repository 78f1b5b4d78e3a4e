// The processor's peak speed, by fused multiply-adds on registers alone. ROWS_1 chains hide the latency of
// the instruction and leave registers for the operands.

static ptrdiff_t run_chains(ptrdiff_t rounds, float *result) {
  // Volatile reads keep the compiler from merging the chains, which start with equal values.
  static const volatile float first = 1, factor = 0.5f, summand = 1;
  vector x[ROWS_1];
  UNROLL for (int i = 0; i < ROWS_1; i++) x[i] = broadcast(first);
  const vector a = broadcast(factor), b = broadcast(summand);
  for (ptrdiff_t r = 0; r < rounds; r++) {
    UNROLL for (int i = 0; i < ROWS_1; i++) x[i] = fused(x[i], a, b);
  }
  vector most = x[0];
  UNROLL for (int i = 1; i < ROWS_1; i++) most = blend(x[i] > most, x[i], most);
  *result = most[0];
  for (int lane = 1; lane < LANES; lane++) {
    if (most[lane] > *result) *result = most[lane];
  }
  return 2 * ROWS_1 * LANES * rounds;
}

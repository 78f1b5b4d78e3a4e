// Fused multiply-adds that never leave the registers: what the processor can do at most. ROWS_1 chains
// are more than it has under way at once, and leave registers for the operands.

static ptrdiff_t run_chains(ptrdiff_t rounds, float *result) {
  // Read anew for each chain, lest the compiler compute one in place of all.
  static const volatile float first = 1, factor = 0.5f, summand = 1;
  vector x[ROWS_1];
  UNROLL for (int i = 0; i < ROWS_1; i++) x[i] = broadcast(first);
  const vector a = broadcast(factor), b = broadcast(summand);
  for (ptrdiff_t r = 0; r < rounds; r++) {
    UNROLL for (int i = 0; i < ROWS_1; i++) x[i] = fused(x[i], a, b);
  }
  vector most = x[0];
  UNROLL for (int i = 1; i < ROWS_1; i++) most = select(x[i] > most, x[i], most);
  *result = most[0];
  for (int lane = 1; lane < LANES; lane++) {
    if (most[lane] > *result) *result = most[lane];
  }
  return 2 * ROWS_1 * LANES * rounds;
}

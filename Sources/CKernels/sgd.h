// The update of stochastic gradient descent, with momentum and weight decay.

static void sgd_step(const struct sgd *s, float *w, const float *g, float *v, ptrdiff_t count) {
  const vector decay = broadcast(s->weight_decay), momentum = broadcast(s->momentum);
  const vector rate = broadcast(-s->rate), keep = broadcast(s->keep);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    ask_ahead(w + i, i);
    ask_ahead(g + i, i);
    vector value = load_first(w + i, left);
    vector step = fused(decay, value, load_first(g + i, left));
    if (v) {
      ask_ahead(v + i, i);
      const vector velocity = normal_or_zero(fused(momentum, load_first(v + i, left), step));
      store_first(v + i, velocity, left);
      step = s->nesterov ? fused(momentum, velocity, step) : velocity;
    }
    store_first(w + i, fused(rate, step, keep * value), left);
  }
}

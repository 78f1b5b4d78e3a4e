// The updates of the optimizers that scale each element by its own history: Adam, RMSprop and Lion.

/// √v, rounded once.
INLINE vector root(vector v) { return __builtin_elementwise_sqrt(v); }

static void adam_step(
    const struct adam *s, float *w, const float *g, float *m, float *v, ptrdiff_t count) {
  const vector decay = broadcast(s->weight_decay), keep = broadcast(s->keep);
  const vector mean_share = broadcast(s->mean_share);
  const vector square_decay = broadcast(s->square_decay), square_share = broadcast(s->square_share);
  const vector correction = broadcast(s->correction), epsilon = broadcast(s->epsilon);
  const vector rate = broadcast(-s->rate);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    ask_ahead(w + i, i);
    ask_ahead(g + i, i);
    ask_ahead(m + i, i);
    ask_ahead(v + i, i);
    const vector value = load_first(w + i, left);
    const vector gradient = fused(decay, value, load_first(g + i, left));
    vector mean = load_first(m + i, left);
    mean = normal_or_zero(fused(mean_share, gradient - mean, mean));
    const vector square = normal_or_zero(
        fused(square_decay, load_first(v + i, left), square_share * gradient * gradient));
    store_first(m + i, mean, left);
    store_first(v + i, square, left);
    const vector step = mean / fused(root(square), correction, epsilon);
    store_first(w + i, fused(rate, step, keep * value), left);
  }
}

static void rmsprop_step(
    const struct rmsprop *p, float *w, const float *g, float *s, float *v, ptrdiff_t count) {
  const vector decay = broadcast(p->weight_decay), momentum = broadcast(p->momentum);
  const vector square_decay = broadcast(p->square_decay), square_share = broadcast(p->square_share);
  const vector epsilon = broadcast(p->epsilon), rate = broadcast(-p->rate);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    ask_ahead(w + i, i);
    ask_ahead(g + i, i);
    ask_ahead(s + i, i);
    const vector value = load_first(w + i, left);
    const vector gradient = fused(decay, value, load_first(g + i, left));
    const vector square = normal_or_zero(
        fused(square_decay, load_first(s + i, left), square_share * gradient * gradient));
    store_first(s + i, square, left);
    vector step = gradient / (root(square) + epsilon);
    if (v) {
      ask_ahead(v + i, i);
      step = normal_or_zero(fused(momentum, load_first(v + i, left), step));
      store_first(v + i, step, left);
    }
    store_first(w + i, fused(rate, step, value), left);
  }
}

static void lion_step(const struct lion *s, float *w, const float *g, float *m, ptrdiff_t count) {
  const vector keep = broadcast(s->keep), rate = broadcast(-s->rate);
  const vector sign_decay = broadcast(s->sign_decay), sign_share = broadcast(s->sign_share);
  const vector mean_decay = broadcast(s->mean_decay), mean_share = broadcast(s->mean_share);
  const vector zero = {0}, one = broadcast(1);
  for (ptrdiff_t i = 0; i < count; i += LANES) {
    const ptrdiff_t left = count - i;
    ask_ahead(w + i, i);
    ask_ahead(g + i, i);
    ask_ahead(m + i, i);
    const vector gradient = load_first(g + i, left), mean = load_first(m + i, left);
    const vector sum = fused(sign_decay, mean, sign_share * gradient);
    const vector sign = blend(sum > zero, one, blend(sum < zero, -one, zero));
    const vector next = normal_or_zero(fused(mean_decay, mean, mean_share * gradient));
    store_first(m + i, next, left);
    store_first(w + i, fused(rate, sign, keep * load_first(w + i, left)), left);
  }
}

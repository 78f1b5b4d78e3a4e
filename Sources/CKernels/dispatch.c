#include "CKernels.h"

extern const struct kernels kernels_portable;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2, kernels_avx512;
#elif defined(__aarch64__)
extern const struct kernels kernels_neon;
#endif

const struct kernels *kernels_of(enum kernel_set set) {
  switch (set) {
    case kernel_set_portable: return &kernels_portable;
#if defined(__x86_64__)
    case kernel_set_avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels_avx2 : 0;
    case kernel_set_avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                 ? &kernels_avx512
                 : 0;
#elif defined(__aarch64__)
    case kernel_set_neon: return &kernels_neon;
#endif
    default: return 0;
  }
}

const struct kernels *kernels_best(void) {
  static const enum kernel_set by_speed[] = {kernel_set_avx512, kernel_set_avx2, kernel_set_neon};
  for (int i = 0; i < 3; i++) {
    const struct kernels *found = kernels_of(by_speed[i]);
    if (found) return found;
  }
  return &kernels_portable;
}

void spin_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int kernels_are_optimized(void) {
#if defined(__OPTIMIZE__)
  return 1;
#else
  return 0;
#endif
}

// One step of an optimizer over flat arrays, in one pass: the formulas of Keras 3, which name the state as here.
//   w weights, g gradient, m momentum, v mean of squares, all of n elements
//
// Averages that decay towards zero would become denormal: they are flushed to zero.
#include "kernels/cpu/denormal.h"
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class T>
PYNN_FN T square(T x) {
  return x * x;
}

// A feature that is on or off, as a type, so that each loop is compiled without a test inside.
struct Yes {
  static constexpr bool value = true;
};
struct No {
  static constexpr bool value = false;
};

// What all steps share, in the type of the arrays. Products of options are taken in double, once.
template <class T>
struct Shared {
  T learning_rate, decay, scale, clip;
};
template <class T>
PYNN_FN Shared<T> shared(const StepOptions& o) {
  return {static_cast<T>(o.learning_rate), static_cast<T>(o.weight_decay * o.learning_rate), static_cast<T>(o.scale),
          static_cast<T>(o.clip_value)};
}

// The gradient that a step uses. NaN passes.
template <class T>
PYNN_FN T used(T g, const Shared<T>& o) {
  const T s = g * o.scale;
  return s < -o.clip ? -o.clip : (s > o.clip ? o.clip : s);
}
// Weights after decoupled weight decay (Loshchilov and Hutter 2019, "Decoupled weight decay regularization").
template <class T>
PYNN_FN T decayed(T w, const Shared<T>& o) {
  return w - w * o.decay;
}

// Stochastic gradient descent, with the momentum of Polyak (1964) or that of Nesterov in the form of Sutskever et al.
// (2013), "On the importance of initialization and momentum in deep learning".
template <class T, bool HasMomentum, bool Nesterov>
void sgd_range(const SgdOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* m) {
  const Shared<T> o = shared<T>(options);
  const T momentum = static_cast<T>(options.momentum);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T d = o.learning_rate * used(g[i], o);
    T step = -d;
    if constexpr (HasMomentum) {
      m[i] = momentum * m[i] - d;
      step = Nesterov ? momentum * m[i] - d : m[i];
    }
    w[i] = decayed(w[i], o) + step;
  }
}

// RMSprop (Tieleman and Hinton 2012, Coursera lecture 6e); centered as in Graves (2013), "Generating sequences with
// recurrent neural networks".
template <class T, bool HasMomentum, bool Centered>
void rmsprop_range(const RmspropOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* v, T* m,
                   T* average) {
  const Shared<T> o = shared<T>(options);
  const T rho = static_cast<T>(options.rho), rest = static_cast<T>(1 - options.rho);
  const T epsilon = static_cast<T>(options.epsilon), momentum = static_cast<T>(options.momentum);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    v[i] = rho * v[i] + rest * square(gi);
    T variance = v[i];
    if constexpr (Centered) {
      average[i] = rho * average[i] + rest * gi;
      variance -= square(average[i]);
    }
    T step = o.learning_rate * gi / math::sqrt(variance + epsilon);
    if constexpr (HasMomentum) step = m[i] = momentum * m[i] + step;
    w[i] = decayed(w[i], o) - step;
  }
}

// Adagrad (Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic
// optimization").
template <class T>
void adagrad_range(const AdagradOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* v) {
  const Shared<T> o = shared<T>(options);
  const T epsilon = static_cast<T>(options.epsilon);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    v[i] = v[i] + square(gi);
    w[i] = decayed(w[i], o) - o.learning_rate * gi / math::sqrt(v[i] + epsilon);
  }
}

// Adam (Kingma and Ba 2015, "Adam: a method for stochastic optimization", the form before section 2.1: both bias
// corrections are in the step size); v_max is AMSGrad (Reddi, Kale and Kumar 2018, "On the convergence of Adam and
// beyond").
template <class T, bool Amsgrad>
void adam_range(const AdamOptions& options, T alpha, int64_t begin, int64_t end, T* w, const T* g, T* m, T* v,
                T* v_max) {
  const Shared<T> o = shared<T>(options);
  const T rest_1 = static_cast<T>(1 - options.beta_1), rest_2 = static_cast<T>(1 - options.beta_2);
  const T epsilon = static_cast<T>(options.epsilon);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    const T mi = m[i] + (gi - m[i]) * rest_1;
    const T vi = v[i] + (square(gi) - v[i]) * rest_2;
    T variance = vi;
    if constexpr (Amsgrad) variance = v_max[i] = v_max[i] < vi ? vi : v_max[i];
    w[i] = decayed(w[i], o) - mi * (alpha / (math::sqrt(variance) + epsilon));
    m[i] = mi;
    v[i] = vi;
  }
}

// Adadelta (Zeiler 2012, "ADADELTA: an adaptive learning rate method"); v and d are means of squares, of gradients and
// of steps.
template <class T>
void adadelta_range(const AdadeltaOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* v, T* d) {
  const Shared<T> o = shared<T>(options);
  const T rho = static_cast<T>(options.rho), rest = static_cast<T>(1 - options.rho);
  const T epsilon = static_cast<T>(options.epsilon);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    v[i] = rho * v[i] + rest * square(gi);
    const T step = gi * math::sqrt(d[i] + epsilon) / math::sqrt(v[i] + epsilon);
    d[i] = rho * d[i] + rest * square(step);
    w[i] = decayed(w[i], o) - o.learning_rate * step;
  }
}

// Adamax (Kingma and Ba 2015, section 7.1); u is the largest size of a gradient, forgotten at the rate beta_2.
template <class T>
void adamax_range(const AdamaxOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* m, T* u) {
  const Shared<T> o = shared<T>(options);
  const T rest = static_cast<T>(1 - options.beta_1);
  const T beta_2 = static_cast<T>(options.beta_2), epsilon = static_cast<T>(options.epsilon);
  const double correction = 1 - math::power(options.beta_1, static_cast<double>(options.step));
  const T alpha = static_cast<T>(options.learning_rate / correction);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o), size = gi < 0 ? -gi : gi, before = beta_2 * u[i];
    m[i] = m[i] + (gi - m[i]) * rest;
    u[i] = before < size ? size : before;
    w[i] = decayed(w[i], o) - alpha * m[i] / (u[i] + epsilon);
  }
}

// Nadam (Dozat 2016, "Incorporating Nesterov momentum into Adam"), whose momentum changes from step to step.
template <class T>
void nadam_range(const NadamOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* m, T* v) {
  const Shared<T> o = shared<T>(options);
  const T rest_1 = static_cast<T>(1 - options.beta_1), rest_2 = static_cast<T>(1 - options.beta_2);
  const T epsilon = static_cast<T>(options.epsilon);
  const T of_m = static_cast<T>(options.next_momentum / (1 - options.product * options.next_momentum));
  const T of_g = static_cast<T>((1 - options.momentum) / (1 - options.product));
  const T of_v = static_cast<T>(1 / (1 - math::power(options.beta_2, static_cast<double>(options.step))));
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    m[i] = m[i] + (gi - m[i]) * rest_1;
    v[i] = v[i] + (square(gi) - v[i]) * rest_2;
    const T step = (of_m * m[i] + of_g * gi) / (math::sqrt(of_v * v[i]) + epsilon);
    w[i] = decayed(w[i], o) - o.learning_rate * step;
  }
}

// Follow the regularized leader (McMahan et al. 2013, "Ad click prediction: a view from the trenches"); v sums squares,
// z is the linear term. Root: power is -1/2, as usual.
template <class T, bool Root>
void ftrl_range(const FtrlOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* v, T* z) {
  const Shared<T> o = shared<T>(options);
  const T exponent = static_cast<T>(-options.power), shrinkage = static_cast<T>(2 * options.l2_shrinkage);
  const T l1 = static_cast<T>(options.l1), l2 = static_cast<T>(2 * options.l2);
  const auto raised = [=](T x) { return Root ? math::sqrt(x) : math::power(x, exponent); };
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o), wi = decayed(w[i], o), before = raised(v[i]);
    v[i] = v[i] + square(gi);
    const T after = raised(v[i]);
    z[i] = z[i] + gi + shrinkage * wi - (after - before) / o.learning_rate * wi;
    const T clipped = z[i] < -l1 ? -l1 : (z[i] > l1 ? l1 : z[i]);
    w[i] = (clipped - z[i]) / (after / o.learning_rate + l2);
  }
}

// Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): every weight moves by the learning rate.
template <class T>
void lion_range(const LionOptions& options, int64_t begin, int64_t end, T* w, const T* g, T* m) {
  const Shared<T> o = shared<T>(options);
  const T beta_1 = static_cast<T>(options.beta_1), rest_1 = static_cast<T>(1 - options.beta_1);
  const T beta_2 = static_cast<T>(options.beta_2), rest_2 = static_cast<T>(1 - options.beta_2);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o), mix = beta_1 * m[i] + rest_1 * gi;
    const T sign = static_cast<T>(mix > 0) - static_cast<T>(mix < 0);
    m[i] = beta_2 * m[i] + rest_2 * gi;
    w[i] = decayed(w[i], o) - o.learning_rate * select(mix != mix, mix, sign);
  }
}

// Runs body(begin, end) for ranges that cover n elements.
template <class Body>
PYNN_FN void passes(int64_t n, Body body) {
  ranges(n, kGrain, [&](int64_t begin, int64_t end) {
    const FlushDenormals flush;
    body(begin, end);
  });
}

// The same, with pointers of their type.
template <class T, class Options>
PYNN_FN void in_ranges(void (*range)(const Options&, int64_t, int64_t, T*, const T*, T*), const Options& options,
                       int64_t n, void* w, const void* g, void* const* s) {
  passes(n, [&](int64_t begin, int64_t end) {
    range(options, begin, end, static_cast<T*>(w), static_cast<const T*>(g), static_cast<T*>(s[0]));
  });
}
template <class T, class Options>
PYNN_FN void in_ranges(void (*range)(const Options&, int64_t, int64_t, T*, const T*, T*, T*), const Options& options,
                       int64_t n, void* w, const void* g, void* const* s) {
  passes(n, [&](int64_t begin, int64_t end) {
    range(options, begin, end, static_cast<T*>(w), static_cast<const T*>(g), static_cast<T*>(s[0]),
          static_cast<T*>(s[1]));
  });
}

// States: momentum or null.
template <class T>
void step(const SgdOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  const bool nesterov = s[0] && options.nesterov;
  in_ranges(nesterov ? sgd_range<T, true, true>
            : s[0]   ? sgd_range<T, true, false>
                     : sgd_range<T, false, false>,
            options, n, w, g, s);
}

// States: mean of squares; momentum or null; mean or null.
template <class T>
void step(const RmspropOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  auto run = [&](auto has_momentum, auto centered) {
    passes(n, [&](int64_t begin, int64_t end) {
      rmsprop_range<T, has_momentum.value, centered.value>(options, begin, end, static_cast<T*>(w),
                                                           static_cast<const T*>(g), static_cast<T*>(s[0]),
                                                           static_cast<T*>(s[1]), static_cast<T*>(s[2]));
    });
  };
  if (s[1])
    s[2] ? run(Yes{}, Yes{}) : run(Yes{}, No{});
  else
    s[2] ? run(No{}, Yes{}) : run(No{}, No{});
}

// States: momentum; mean of squares; its largest value so far, or null.
template <class T>
void step(const AdamOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  // In double for either type: in float32, as Keras has it, 1 - beta_2**t is wrong by 1e-5 at the first steps.
  const double t = static_cast<double>(options.step);
  const double correction_1 = 1 - math::power(options.beta_1, t), correction_2 = 1 - math::power(options.beta_2, t);
  const T alpha = static_cast<T>(options.learning_rate * math::sqrt(correction_2) / correction_1);
  auto run = [&](auto amsgrad) {
    passes(n, [&](int64_t begin, int64_t end) {
      adam_range<T, amsgrad.value>(options, alpha, begin, end, static_cast<T*>(w), static_cast<const T*>(g),
                                   static_cast<T*>(s[0]), static_cast<T*>(s[1]), static_cast<T*>(s[2]));
    });
  };
  s[2] ? run(Yes{}) : run(No{});
}

// For the others all states are there, in the order of their ranges.
template <class T>
void step(const AdagradOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(adagrad_range<T>, options, n, w, g, s);
}
template <class T>
void step(const AdadeltaOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(adadelta_range<T>, options, n, w, g, s);
}
template <class T>
void step(const AdamaxOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(adamax_range<T>, options, n, w, g, s);
}
template <class T>
void step(const NadamOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(nadam_range<T>, options, n, w, g, s);
}
template <class T>
void step(const FtrlOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(options.power == -0.5 ? ftrl_range<T, true> : ftrl_range<T, false>, options, n, w, g, s);
}
template <class T>
void step(const LionOptions& options, int64_t n, void* w, const void* g, void* const* s) {
  in_ranges(lion_range<T>, options, n, w, g, s);
}

template <class... Options>
PYNN_FN void fill(StepTable<Options...>& table) {
  ((table.OptimizerStep<Options>::by_type[dtype_index<float>] = step<float>), ...);
  ((table.OptimizerStep<Options>::by_type[dtype_index<double>] = step<double>), ...);
}

}  // namespace

void fill_optimize(Kernels& k) { fill(k.steps); }

}  // namespace pynn::PYNN_ISA

// One step of an optimizer over flat arrays, in one pass: the formulas of Keras 3, which name the state as here.
//   w weights, g gradient, m momentum, v mean of squares, all of n elements
//
// Averages that decay towards zero would become denormal, and an operation on a denormal costs up to a hundred times
// one on a normal number. Such state is flushed to zero in plain arithmetic: the caller's floating-point mode stays.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// The smallest normal number, and its square root: both are powers of two.
template <class T>
constexpr T kTiny = T(2.2250738585072014e-308);  // 2**-1022
template <>
constexpr float kTiny<float> = 1.17549435e-38f;  // 2**-126
template <class T>
constexpr T kTinyRoot = T(1.4916681462400413e-154);  // 2**-511
template <>
constexpr float kTinyRoot<float> = 1.08420217e-19f;  // 2**-63

template <class T>
PYNN_FN bool within(T x, T limit) {
  return (x < limit) & (x > -limit);  // & and not &&: no branch
}
// x, or 0 where x is denormal or below another limit. NaN passes. Not select(..., T(0), x): GCC would follow the
// constant through the formula as a path of its own, and there would not be one loop any more to vectorise.
template <class T>
PYNN_FN T flush(T x, T limit = kTiny<T>) {
  return x - select(within(x, limit), x, T(0));
}
// x * x, or 0 where that would be denormal.
template <class T>
PYNN_FN T square(T x) {
  const T s = flush(x, kTinyRoot<T>);
  return s * s;
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
  return flush(s < -o.clip ? -o.clip : (s > o.clip ? o.clip : s));
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
      m[i] = flush(momentum * m[i] - d);
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
    v[i] = flush(rho * v[i] + rest * square(gi));
    T variance = v[i];
    if constexpr (Centered) {
      average[i] = flush(rho * average[i] + rest * gi);
      variance -= square(average[i]);
    }
    T step = o.learning_rate * gi / math::sqrt(variance + epsilon);
    if constexpr (HasMomentum) step = m[i] = flush(momentum * m[i] + step);
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
    v[i] = flush(v[i] + square(gi));
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
  const T tiny_1 = kTiny<T> / rest_1, tiny_2 = kTiny<T> / rest_2;  // below these the products by rest are denormal
  const T epsilon = static_cast<T>(options.epsilon);
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    const T gi = used(g[i], o);
    const T mi = flush(m[i] + (gi - m[i]) * rest_1, tiny_1);
    const T vi = flush(v[i] + (square(gi) - v[i]) * rest_2, tiny_2);
    T variance = vi;
    if constexpr (Amsgrad) variance = v_max[i] = v_max[i] < vi ? vi : v_max[i];
    w[i] = decayed(w[i], o) - mi * (alpha / (math::sqrt(variance) + epsilon));
    m[i] = mi;
    v[i] = vi;
  }
}

template <class T>
void sgd(const SgdOptions& options, int64_t n, void* w, const void* g, void* m) {
  auto run = [&](auto has_momentum, auto nesterov) {
    ranges(n, kGrain, [&](int64_t begin, int64_t end) {
      sgd_range<T, has_momentum.value, nesterov.value>(options, begin, end, static_cast<T*>(w),
                                                       static_cast<const T*>(g), static_cast<T*>(m));
    });
  };
  if (!m) return run(No{}, No{});
  options.nesterov ? run(Yes{}, Yes{}) : run(Yes{}, No{});
}

template <class T>
void rmsprop(const RmspropOptions& options, int64_t n, void* w, const void* g, void* v, void* m, void* average) {
  auto run = [&](auto has_momentum, auto centered) {
    ranges(n, kGrain, [&](int64_t begin, int64_t end) {
      rmsprop_range<T, has_momentum.value, centered.value>(options, begin, end, static_cast<T*>(w),
                                                           static_cast<const T*>(g), static_cast<T*>(v),
                                                           static_cast<T*>(m), static_cast<T*>(average));
    });
  };
  if (m)
    average ? run(Yes{}, Yes{}) : run(Yes{}, No{});
  else
    average ? run(No{}, Yes{}) : run(No{}, No{});
}

template <class T>
void adagrad(const AdagradOptions& options, int64_t n, void* w, const void* g, void* v) {
  ranges(n, kGrain, [&](int64_t begin, int64_t end) {
    adagrad_range(options, begin, end, static_cast<T*>(w), static_cast<const T*>(g), static_cast<T*>(v));
  });
}

template <class T>
void adam(const AdamOptions& options, int64_t n, void* w, const void* g, void* m, void* v, void* v_max) {
  // In double for either type: in float32, as Keras has it, 1 - beta_2**t is wrong by 1e-5 at the first steps.
  const double t = static_cast<double>(options.step);
  const double correction_1 = 1 - math::power(options.beta_1, t), correction_2 = 1 - math::power(options.beta_2, t);
  const T alpha = static_cast<T>(options.learning_rate * math::sqrt(correction_2) / correction_1);
  auto run = [&](auto amsgrad) {
    ranges(n, kGrain, [&](int64_t begin, int64_t end) {
      adam_range<T, amsgrad.value>(options, alpha, begin, end, static_cast<T*>(w), static_cast<const T*>(g),
                                   static_cast<T*>(m), static_cast<T*>(v), static_cast<T*>(v_max));
    });
  };
  v_max ? run(Yes{}) : run(No{});
}

template <class T>
PYNN_FN void fill_type(Kernels& k) {
  k.sgd[dtype_index<T>] = sgd<T>;
  k.rmsprop[dtype_index<T>] = rmsprop<T>;
  k.adagrad[dtype_index<T>] = adagrad<T>;
  k.adam[dtype_index<T>] = adam<T>;
}

}  // namespace

void fill_optimize(Kernels& k) {
  fill_type<float>(k);
  fill_type<double>(k);
}

}  // namespace pynn::PYNN_ISA

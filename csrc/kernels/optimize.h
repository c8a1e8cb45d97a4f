// One step of an optimizer for one weight: the formulas of Keras 3, which name the state as here, for every backend.
//   w weights, g gradient, m momentum, v mean of squares
// An optimizer is a struct that holds its options in the type of the arrays (what can be computed once is computed on
// the host, in double) and changes element i of the arrays in at(i, w, g, states...). A feature that is off is a
// parameter of the template, so that loops are compiled without a test inside.
#pragma once
#include "kernels/kernels.h"
#include "kernels/math.h"

namespace pynn::PYNN_ISA {
namespace optimizers {

template <class T>
PYNN_FN T square(T x) {
  return x * x;
}

// What all steps share.
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
struct Sgd {
  Shared<T> o;
  T momentum;
  PYNN_FN Sgd of(const SgdOptions& p) { return {shared<T>(p), static_cast<T>(p.momentum)}; }

  PYNN_FN void step(const Sgd& s, int64_t i, T* w, const T* g, T* m) {
    const T d = s.o.learning_rate * used(g[i], s.o);
    T step = -d;
    if constexpr (HasMomentum) {
      m[i] = s.momentum * m[i] - d;
      step = Nesterov ? s.momentum * m[i] - d : m[i];
    }
    w[i] = decayed(w[i], s.o) + step;
  }
};

// RMSprop (Tieleman and Hinton 2012, Coursera lecture 6e); centered as in Graves (2013), "Generating sequences with
// recurrent neural networks".
template <class T, bool HasMomentum, bool Centered>
struct Rmsprop {
  Shared<T> o;
  T rho, rest, epsilon, momentum;
  PYNN_FN Rmsprop of(const RmspropOptions& p) {
    return {shared<T>(p), static_cast<T>(p.rho), static_cast<T>(1 - p.rho), static_cast<T>(p.epsilon),
            static_cast<T>(p.momentum)};
  }

  PYNN_FN void step(const Rmsprop& s, int64_t i, T* w, const T* g, T* v, T* m, T* average) {
    const T gi = used(g[i], s.o);
    v[i] = s.rho * v[i] + s.rest * square(gi);
    T variance = v[i];
    if constexpr (Centered) {
      average[i] = s.rho * average[i] + s.rest * gi;
      variance -= square(average[i]);
    }
    T step = s.o.learning_rate * gi / math::sqrt(variance + s.epsilon);
    if constexpr (HasMomentum) step = m[i] = s.momentum * m[i] + step;
    w[i] = decayed(w[i], s.o) - step;
  }
};

// Adagrad (Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic
// optimization").
template <class T>
struct Adagrad {
  Shared<T> o;
  T epsilon;
  PYNN_FN Adagrad of(const AdagradOptions& p) { return {shared<T>(p), static_cast<T>(p.epsilon)}; }

  PYNN_FN void step(const Adagrad& s, int64_t i, T* w, const T* g, T* v) {
    const T gi = used(g[i], s.o);
    v[i] = v[i] + square(gi);
    w[i] = decayed(w[i], s.o) - s.o.learning_rate * gi / math::sqrt(v[i] + s.epsilon);
  }
};

// Adam (Kingma and Ba 2015, "Adam: a method for stochastic optimization", the form before section 2.1: both bias
// corrections are in the step size); v_max is AMSGrad (Reddi, Kale and Kumar 2018, "On the convergence of Adam and
// beyond").
template <class T, bool Amsgrad>
struct Adam {
  Shared<T> o;
  T alpha, rest_1, rest_2, epsilon;
  PYNN_FN Adam of(const AdamOptions& p) {
    // In double for either type: in float32, as Keras has it, 1 - beta_2**t is wrong by 1e-5 at the first steps.
    const double t = static_cast<double>(p.step);
    const double correction_1 = 1 - math::power(p.beta_1, t), correction_2 = 1 - math::power(p.beta_2, t);
    return {shared<T>(p), static_cast<T>(p.learning_rate * math::sqrt(correction_2) / correction_1),
            static_cast<T>(1 - p.beta_1), static_cast<T>(1 - p.beta_2), static_cast<T>(p.epsilon)};
  }

  PYNN_FN void step(const Adam& s, int64_t i, T* w, const T* g, T* m, T* v, T* v_max) {
    const T gi = used(g[i], s.o);
    const T mi = m[i] + (gi - m[i]) * s.rest_1;
    const T vi = v[i] + (square(gi) - v[i]) * s.rest_2;
    T variance = vi;
    if constexpr (Amsgrad) variance = v_max[i] = v_max[i] < vi ? vi : v_max[i];
    w[i] = decayed(w[i], s.o) - mi * (s.alpha / (math::sqrt(variance) + s.epsilon));
    m[i] = mi;
    v[i] = vi;
  }
};

// Adadelta (Zeiler 2012, "ADADELTA: an adaptive learning rate method"); v and d are means of squares, of gradients and
// of steps.
template <class T>
struct Adadelta {
  Shared<T> o;
  T rho, rest, epsilon;
  PYNN_FN Adadelta of(const AdadeltaOptions& p) {
    return {shared<T>(p), static_cast<T>(p.rho), static_cast<T>(1 - p.rho), static_cast<T>(p.epsilon)};
  }

  PYNN_FN void step(const Adadelta& s, int64_t i, T* w, const T* g, T* v, T* d) {
    const T gi = used(g[i], s.o);
    v[i] = s.rho * v[i] + s.rest * square(gi);
    const T step = gi * math::sqrt(d[i] + s.epsilon) / math::sqrt(v[i] + s.epsilon);
    d[i] = s.rho * d[i] + s.rest * square(step);
    w[i] = decayed(w[i], s.o) - s.o.learning_rate * step;
  }
};

// Adamax (Kingma and Ba 2015, section 7.1); u is the largest size of a gradient, forgotten at the rate beta_2.
template <class T>
struct Adamax {
  Shared<T> o;
  T alpha, rest, beta_2, epsilon;
  PYNN_FN Adamax of(const AdamaxOptions& p) {
    const double correction = 1 - math::power(p.beta_1, static_cast<double>(p.step));
    return {shared<T>(p), static_cast<T>(p.learning_rate / correction), static_cast<T>(1 - p.beta_1),
            static_cast<T>(p.beta_2), static_cast<T>(p.epsilon)};
  }

  PYNN_FN void step(const Adamax& s, int64_t i, T* w, const T* g, T* m, T* u) {
    const T gi = used(g[i], s.o), size = gi < 0 ? -gi : gi, before = s.beta_2 * u[i];
    m[i] = m[i] + (gi - m[i]) * s.rest;
    u[i] = before < size ? size : before;
    w[i] = decayed(w[i], s.o) - s.alpha * m[i] / (u[i] + s.epsilon);
  }
};

// Nadam (Dozat 2016, "Incorporating Nesterov momentum into Adam"), whose momentum changes from step to step.
template <class T>
struct Nadam {
  Shared<T> o;
  T rest_1, rest_2, epsilon, of_m, of_g, of_v;
  PYNN_FN Nadam of(const NadamOptions& p) {
    return {shared<T>(p),
            static_cast<T>(1 - p.beta_1),
            static_cast<T>(1 - p.beta_2),
            static_cast<T>(p.epsilon),
            static_cast<T>(p.next_momentum / (1 - p.product * p.next_momentum)),
            static_cast<T>((1 - p.momentum) / (1 - p.product)),
            static_cast<T>(1 / (1 - math::power(p.beta_2, static_cast<double>(p.step))))};
  }

  PYNN_FN void step(const Nadam& s, int64_t i, T* w, const T* g, T* m, T* v) {
    const T gi = used(g[i], s.o);
    m[i] = m[i] + (gi - m[i]) * s.rest_1;
    v[i] = v[i] + (square(gi) - v[i]) * s.rest_2;
    const T step = (s.of_m * m[i] + s.of_g * gi) / (math::sqrt(s.of_v * v[i]) + s.epsilon);
    w[i] = decayed(w[i], s.o) - s.o.learning_rate * step;
  }
};

// Follow the regularized leader (McMahan et al. 2013, "Ad click prediction: a view from the trenches"); v sums squares,
// z is the linear term. Root: power is -1/2, as usual.
template <class T, bool Root>
struct Ftrl {
  Shared<T> o;
  T exponent, shrinkage, l1, l2;
  PYNN_FN Ftrl of(const FtrlOptions& p) {
    return {shared<T>(p), static_cast<T>(-p.power), static_cast<T>(2 * p.l2_shrinkage), static_cast<T>(p.l1),
            static_cast<T>(2 * p.l2)};
  }
  PYNN_FN T raised(const Ftrl& s, T x) {
    if constexpr (Root)
      return math::sqrt(x);
    else
      return math::power(x, s.exponent);
  }

  PYNN_FN void step(const Ftrl& s, int64_t i, T* w, const T* g, T* v, T* z) {
    const T gi = used(g[i], s.o), wi = decayed(w[i], s.o), before = raised(s, v[i]);
    v[i] = v[i] + square(gi);
    const T after = raised(s, v[i]);
    z[i] = z[i] + gi + s.shrinkage * wi - (after - before) / s.o.learning_rate * wi;
    const T clipped = z[i] < -s.l1 ? -s.l1 : (z[i] > s.l1 ? s.l1 : z[i]);
    w[i] = (clipped - z[i]) / (after / s.o.learning_rate + s.l2);
  }
};

// Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): every weight moves by the learning rate.
template <class T>
struct Lion {
  Shared<T> o;
  T beta_1, rest_1, beta_2, rest_2;
  PYNN_FN Lion of(const LionOptions& p) {
    return {shared<T>(p), static_cast<T>(p.beta_1), static_cast<T>(1 - p.beta_1), static_cast<T>(p.beta_2),
            static_cast<T>(1 - p.beta_2)};
  }

  PYNN_FN void step(const Lion& s, int64_t i, T* w, const T* g, T* m) {
    const T gi = used(g[i], s.o), mix = s.beta_1 * m[i] + s.rest_1 * gi;
    const T sign = static_cast<T>(mix > 0) - static_cast<T>(mix < 0);
    m[i] = s.beta_2 * m[i] + s.rest_2 * gi;
    w[i] = decayed(w[i], s.o) - s.o.learning_rate * select(mix != mix, mix, sign);
  }
};

// ---- From options and states to an optimizer ------------------------------------------------------------------------
//
// Calls run(optimizer, states...) with the optimizer that the options and the null states ask for. States are in the
// order of its step(); a null one switches its feature off.

template <class T>
PYNN_FN T* state(void* const* s, int i) {
  return static_cast<T*>(s[i]);
}

template <class T, class Run>
PYNN_FN void choose(const SgdOptions& p, void* const* s, Run run) {
  if (!s[0])
    run(Sgd<T, false, false>::of(p), state<T>(s, 0));
  else if (p.nesterov)
    run(Sgd<T, true, true>::of(p), state<T>(s, 0));
  else
    run(Sgd<T, true, false>::of(p), state<T>(s, 0));
}
// Mean of squares; momentum or null; mean or null.
template <class T, class Run>
PYNN_FN void choose(const RmspropOptions& p, void* const* s, Run run) {
  const auto with = [&](auto optimizer) { run(optimizer, state<T>(s, 0), state<T>(s, 1), state<T>(s, 2)); };
  if (s[1])
    s[2] ? with(Rmsprop<T, true, true>::of(p)) : with(Rmsprop<T, true, false>::of(p));
  else
    s[2] ? with(Rmsprop<T, false, true>::of(p)) : with(Rmsprop<T, false, false>::of(p));
}
template <class T, class Run>
PYNN_FN void choose(const AdagradOptions& p, void* const* s, Run run) {
  run(Adagrad<T>::of(p), state<T>(s, 0));
}
// Momentum; mean of squares; its largest value so far, or null.
template <class T, class Run>
PYNN_FN void choose(const AdamOptions& p, void* const* s, Run run) {
  if (s[2])
    run(Adam<T, true>::of(p), state<T>(s, 0), state<T>(s, 1), state<T>(s, 2));
  else
    run(Adam<T, false>::of(p), state<T>(s, 0), state<T>(s, 1), state<T>(s, 2));
}
template <class T, class Run>
PYNN_FN void choose(const AdadeltaOptions& p, void* const* s, Run run) {
  run(Adadelta<T>::of(p), state<T>(s, 0), state<T>(s, 1));
}
template <class T, class Run>
PYNN_FN void choose(const AdamaxOptions& p, void* const* s, Run run) {
  run(Adamax<T>::of(p), state<T>(s, 0), state<T>(s, 1));
}
template <class T, class Run>
PYNN_FN void choose(const NadamOptions& p, void* const* s, Run run) {
  run(Nadam<T>::of(p), state<T>(s, 0), state<T>(s, 1));
}
template <class T, class Run>
PYNN_FN void choose(const FtrlOptions& p, void* const* s, Run run) {
  if (p.power == -0.5)
    run(Ftrl<T, true>::of(p), state<T>(s, 0), state<T>(s, 1));
  else
    run(Ftrl<T, false>::of(p), state<T>(s, 0), state<T>(s, 1));
}
template <class T, class Run>
PYNN_FN void choose(const LionOptions& p, void* const* s, Run run) {
  run(Lion<T>::of(p), state<T>(s, 0));
}

}  // namespace optimizers
}  // namespace pynn::PYNN_ISA

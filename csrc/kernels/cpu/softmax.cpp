// softmax and log_softmax of rows, their gradients, and the cross entropies that are built on them.
//
// A row is shifted by its maximum, so exp cannot overflow. It is visited a few times, but while it is in the cache:
// what a pass makes and only the next one needs is made in blocks. A row that holds +inf or NaN becomes NaN, as
// inf - inf is; -inf beside finite numbers gives a probability of 0.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/totals.h"

namespace pynn::PYNN_ISA {
namespace {

// Runs body(row) for each row, in groups of about kGrain elements.
template <class Body>
PYNN_FN void each_row(int64_t rows, int64_t n, Body body) {
  const int64_t group = n < kGrain ? kGrain / (n < 1 ? 1 : n) : 1;
  if (rows == 0) return;
  blocks((rows + group - 1) / group, [&](int64_t i) {
    const int64_t end = (i + 1) * group < rows ? (i + 1) * group : rows;
    for (int64_t row = i * group; row < end; ++row) body(row);
  });
}

// The sum of a row of terms, which terms(i, m, block) writes in blocks [i, i + m): to y, or, if y is null, to where
// they are forgotten.
template <class T, class Terms>
PYNN_FN T sum_of(int64_t n, T* y, Terms terms) {
  T scratch[kFoldBlock<T>];
  SumTotal<T> total;
  total.start();
  for (int64_t i = 0; i < n; i += kFoldBlock<T>) {
    const int64_t m = n - i < kFoldBlock<T> ? n - i : kFoldBlock<T>;
    T* const block = y ? y + i : scratch;
    terms(i, m, block);
    total.add(fold_row<Sum<T>>(block, m), i);
  }
  return total.result(nullptr, {});
}

template <class T>
T sum(const T* x, int64_t n) {
  SumTotal<T> total;
  total.start();
  for (int64_t i = 0; i < n; i += kFoldBlock<T>)
    total.add(fold_row<Sum<T>>(x + i, n - i < kFoldBlock<T> ? n - i : kFoldBlock<T>), i);
  return total.result(nullptr, {});
}

// sum(exp(x - max)). The terms are kept in y, unless it is null.
template <class T>
T sum_of_exp(const T* x, T max, T* y, int64_t n) {
  return sum_of<T>(n, y, [&](int64_t from, int64_t m, T* block) {
    const T* in = x + from;
#pragma omp simd
    for (int64_t i = 0; i < m; ++i) block[i] = math::exp(in[i] - max);
  });
}

// sum(a * (b - shift)).
template <class T>
T dot(const T* a, const T* b, T shift, int64_t n) {
  return sum_of<T>(n, nullptr, [&](int64_t from, int64_t m, T* block) {
    const T *p = a + from, *q = b + from;
#pragma omp simd
    for (int64_t i = 0; i < m; ++i) block[i] = p[i] * (q[i] - shift);
  });
}

template <class T>
void softmax(int64_t rows, int64_t n, const void* x, void* y) {
  each_row(rows, n, [&](int64_t row) {
    const T* in = static_cast<const T*>(x) + row * n;
    T* out = static_cast<T*>(y) + row * n;
    const T scale = T(1) / sum_of_exp(in, fold_row<Max<T>>(in, n), out, n);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] *= scale;
  });
}

template <class T>
void log_softmax(int64_t rows, int64_t n, const void* x, void* y) {
  each_row(rows, n, [&](int64_t row) {
    const T* in = static_cast<const T*>(x) + row * n;
    T* out = static_cast<T*>(y) + row * n;
    const T max = fold_row<Max<T>>(in, n), log_sum = math::log(sum_of_exp<T>(in, max, nullptr, n));
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = (in[i] - max) - log_sum;
  });
}

template <class T>
void softmax_grad(int64_t rows, int64_t n, const void* g, const void* y, void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T *from = static_cast<const T*>(g) + row * n, *kept = static_cast<const T*>(y) + row * n;
    T* out = static_cast<T*>(d) + row * n;
    const T mean = dot(kept, from, T(0), n);  // of g, weighted by y
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = kept[i] * (from[i] - mean);
  });
}

template <class T>
void log_softmax_grad(int64_t rows, int64_t n, const void* g, const void* y, void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T *from = static_cast<const T*>(g) + row * n, *kept = static_cast<const T*>(y) + row * n;
    T* out = static_cast<T*>(d) + row * n;
    const T total = sum(from, n);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = from[i] - math::exp(kept[i]) * total;
  });
}

// logsumexp(x) - x[label] = log(sum(exp(x - max))) - (x[label] - max).
template <class T>
void sparse_cross_entropy(int64_t rows, int64_t n, const void* x, const int64_t* label, void* loss, void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T* in = static_cast<const T*>(x) + row * n;
    T* out = d ? static_cast<T*>(d) + row * n : nullptr;
    const T max = fold_row<Max<T>>(in, n), exps = sum_of_exp(in, max, out, n);
    static_cast<T*>(loss)[row] = math::log(exps) - (in[label[row]] - max);
    if (!out) return;
    const T scale = T(1) / exps;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] *= scale;
    out[label[row]] -= T(1);
  });
}

// sum(t) * logsumexp(x) - t . x = sum(t) * log(sum(exp(x - max))) - t . (x - max).
template <class T>
void dense_cross_entropy(int64_t rows, int64_t n, const void* x, const void* t, void* loss, void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T *in = static_cast<const T*>(x) + row * n, *target = static_cast<const T*>(t) + row * n;
    T* out = d ? static_cast<T*>(d) + row * n : nullptr;
    const T max = fold_row<Max<T>>(in, n), exps = sum_of_exp(in, max, out, n), weight = sum(target, n);
    static_cast<T*>(loss)[row] = n == 0 ? T(0) : weight * math::log(exps) - dot(target, in, max, n);
    if (!out) return;
    const T scale = weight / exps;
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = out[i] * scale - target[i];
  });
}

// Keras's fuzz factor: probabilities are clipped to [kFuzz, 1 - kFuzz] before the logarithm, and one that is clipped
// has no gradient. NaN stays NaN.
template <class T>
constexpr T kFuzz = T(1e-7);
template <class T>
PYNN_FN bool is_inside(T q) {
  return q >= kFuzz<T> && q <= T(1) - kFuzz<T>;
}
template <class T>
PYNN_FN T clipped_log(T q) {
  return math::log(q < kFuzz<T> ? kFuzz<T> : q > T(1) - kFuzz<T> ? T(1) - kFuzz<T> : q);
}

// -log(clip(x[label] / sum(x))).
template <class T>
void sparse_probability_cross_entropy(int64_t rows, int64_t n, const void* x, const int64_t* label, void* loss,
                                      void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T* in = static_cast<const T*>(x) + row * n;
    const T total = sum(in, n), chosen = in[label[row]], q = chosen / total;
    static_cast<T*>(loss)[row] = -clipped_log(q);
    if (!d) return;
    T* out = static_cast<T*>(d) + row * n;
    const bool inside = is_inside(q);
    const T slope = inside ? T(1) / total : T(0);
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = slope;
    if (inside) out[label[row]] -= T(1) / chosen;
  });
}

// -sum(t * log(clip(x / sum(x)))).
template <class T>
void dense_probability_cross_entropy(int64_t rows, int64_t n, const void* x, const void* t, void* loss, void* d) {
  each_row(rows, n, [&](int64_t row) {
    const T *in = static_cast<const T*>(x) + row * n, *target = static_cast<const T*>(t) + row * n;
    const T total = sum(in, n);
    static_cast<T*>(loss)[row] = -sum_of<T>(n, nullptr, [&](int64_t from, int64_t m, T* block) {
#pragma omp simd
      for (int64_t i = 0; i < m; ++i) block[i] = target[from + i] * clipped_log(in[from + i] / total);
    });
    if (!d) return;
    T* out = static_cast<T*>(d) + row * n;
    const T slope = sum_of<T>(n, nullptr, [&](int64_t from, int64_t m, T* block) {
#pragma omp simd
      for (int64_t i = 0; i < m; ++i) block[i] = is_inside(in[from + i] / total) ? target[from + i] : T(0);
    });
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) out[i] = slope / total - (is_inside(in[i] / total) ? target[i] / in[i] : T(0));
  });
}

template <class T>
void fill_type(Kernels& k) {
  constexpr int t = dtype_index<T>;
  k.softmax[t] = softmax<T>, k.log_softmax[t] = log_softmax<T>;
  k.softmax_grad[t] = softmax_grad<T>, k.log_softmax_grad[t] = log_softmax_grad<T>;
  k.sparse_cross_entropy[t] = sparse_cross_entropy<T>, k.dense_cross_entropy[t] = dense_cross_entropy<T>;
  k.sparse_probability_cross_entropy[t] = sparse_probability_cross_entropy<T>;
  k.dense_probability_cross_entropy[t] = dense_probability_cross_entropy<T>;
}

}  // namespace

void fill_softmax(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::PYNN_ISA

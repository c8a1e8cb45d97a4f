// softmax and log_softmax of rows, their gradients, and the cross entropies that are built on them: a warp for each
// row, or a block where rows are long. A row is shifted by its maximum, so exp cannot overflow. A row that holds +inf
// or NaN becomes NaN; -inf beside finite numbers gives a probability of 0.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/fold.h"

namespace pynn::cuda {
namespace {

constexpr int64_t kLongRow = 1024;

// A kernel's body over one row: n elements, of which this thread visits begin, begin + Threads, ...
template <class T, int Threads>
struct Row {
  int64_t n;
  int lane;

  template <class F>
  __device__ __forceinline__ void each(F f) const {
    for (int64_t i = lane; i < n; i += Threads) f(i);
  }
  template <class F>
  __device__ __forceinline__ T sum(F f) const {
    Sum<T> total;
    total.start();
    each([&](int64_t i) { total.add(f(i), i); });
    group_fold(total, Threads > 32);
    return total.result();
  }
  __device__ __forceinline__ T max(const T* x) const {
    Extreme<true, T> total;
    total.start();
    each([&](int64_t i) { total.add(x[i], i); });
    group_fold(total, Threads > 32);
    return total.result();
  }
  __device__ __forceinline__ T sum_of_exp(const T* x, T max) const {
    return sum([&](int64_t i) { return math::exp(x[i] - max); });
  }
};

// Pointers to whole arrays; what an operation does not have is null.
struct Arrays {
  const void *x, *t;  // x: what comes in (g of a gradient); t: what stands beside it (y, targets)
  const int64_t* label;
  void *y, *loss;
};

template <class Op, class T, int Threads>
__global__ void __launch_bounds__(kThreads, kResident) each_row(int64_t rows, int64_t n, Arrays a) {
  constexpr int groups = kThreads / Threads;
  const Row<T, Threads> row{n, static_cast<int>(threadIdx.x % Threads)};
  for (int64_t r = int64_t{blockIdx.x} * groups + threadIdx.x / Threads; r < rows; r += int64_t{gridDim.x} * groups) {
    const T *x = static_cast<const T*>(a.x) + r * n, *t = a.t ? static_cast<const T*>(a.t) + r * n : nullptr;
    T *y = a.y ? static_cast<T*>(a.y) + r * n : nullptr, *loss = a.loss ? static_cast<T*>(a.loss) + r : nullptr;
    Op::run(row, x, t, a.label ? a.label[r] : 0, y, loss);
  }
}

struct Softmax {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T*, int64_t, T* y, T*) {
    const T max = row.max(x), scale = T(1) / row.sum_of_exp(x, max);
    row.each([&](int64_t i) { y[i] = math::exp(x[i] - max) * scale; });
  }
};

struct LogSoftmax {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T*, int64_t, T* y, T*) {
    const T max = row.max(x), log_sum = math::log(row.sum_of_exp(x, max));
    row.each([&](int64_t i) { y[i] = (x[i] - max) - log_sum; });
  }
};

struct SoftmaxGrad {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* g, const T* y, int64_t, T* d, T*) {
    const T mean = row.sum([&](int64_t i) { return y[i] * g[i]; });  // of g, weighted by y
    row.each([&](int64_t i) { d[i] = y[i] * (g[i] - mean); });
  }
};

struct LogSoftmaxGrad {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* g, const T* y, int64_t, T* d, T*) {
    const T total = row.sum([&](int64_t i) { return g[i]; });
    row.each([&](int64_t i) { d[i] = g[i] - math::exp(y[i]) * total; });
  }
};

// logsumexp(x) - x[label] = log(sum(exp(x - max))) - (x[label] - max).
struct SparseCrossEntropy {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T*, int64_t label, T* d, T* loss) {
    const T max = row.max(x), exps = row.sum_of_exp(x, max);
    if (row.lane == 0) *loss = math::log(exps) - (x[label] - max);
    if (!d) return;
    const T scale = T(1) / exps;
    row.each([&](int64_t i) { d[i] = math::exp(x[i] - max) * scale - (i == label ? T(1) : T(0)); });
  }
};

// sum(t) * logsumexp(x) - t . x = sum(t) * log(sum(exp(x - max))) - t . (x - max).
struct DenseCrossEntropy {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T* t, int64_t, T* d, T* loss) {
    const T max = row.max(x), exps = row.sum_of_exp(x, max), weight = row.sum([&](int64_t i) { return t[i]; });
    const T product = row.sum([&](int64_t i) { return t[i] * (x[i] - max); });
    if (row.lane == 0) *loss = row.n == 0 ? T(0) : weight * math::log(exps) - product;
    if (!d) return;
    const T scale = weight / exps;
    row.each([&](int64_t i) { d[i] = math::exp(x[i] - max) * scale - t[i]; });
  }
};

// Keras's fuzz factor: probabilities are clipped to [kFuzz, 1 - kFuzz] before the logarithm, and one that is clipped
// has no gradient. NaN stays NaN.
constexpr double kFuzz = 1e-7;
template <class T>
PYNN_FN bool is_inside(T q) {
  return q >= T(kFuzz) && q <= T(1) - T(kFuzz);
}
template <class T>
PYNN_FN T clipped_log(T q) {
  return math::log(q < T(kFuzz) ? T(kFuzz) : q > T(1) - T(kFuzz) ? T(1) - T(kFuzz) : q);
}

// -log(clip(x[label] / sum(x))).
struct SparseProbability {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T*, int64_t label, T* d, T* loss) {
    const T total = row.sum([&](int64_t i) { return x[i]; }), chosen = x[label], q = chosen / total;
    if (row.lane == 0) *loss = -clipped_log(q);
    if (!d) return;
    const bool inside = is_inside(q);
    const T slope = inside ? T(1) / total : T(0);
    row.each([&](int64_t i) { d[i] = slope - (inside && i == label ? T(1) / chosen : T(0)); });
  }
};

// -sum(t * log(clip(x / sum(x)))).
struct DenseProbability {
  template <class T, int Threads>
  __device__ static void run(const Row<T, Threads>& row, const T* x, const T* t, int64_t, T* d, T* loss) {
    const T total = row.sum([&](int64_t i) { return x[i]; });
    const T sum = row.sum([&](int64_t i) { return t[i] * clipped_log(x[i] / total); });
    if (row.lane == 0) *loss = -sum;
    if (!d) return;
    const T slope = row.sum([&](int64_t i) { return is_inside(x[i] / total) ? t[i] : T(0); });
    row.each([&](int64_t i) { d[i] = slope / total - (is_inside(x[i] / total) ? t[i] / x[i] : T(0)); });
  }
};

template <class Op, class T>
void run(int64_t rows, int64_t n, const Arrays& a) {
  if (rows == 0) return;
  if (n < kLongRow)
    launch(blocks_for(rows * 32), kThreads, each_row<Op, T, 32>, rows, n, a);
  else
    launch(blocks_for(rows, 1), kThreads, each_row<Op, T, kThreads>, rows, n, a);
}

template <class Op, class T>
void map_rows(int64_t rows, int64_t n, const void* x, void* y) {
  run<Op, T>(rows, n, {x, nullptr, nullptr, y, nullptr});
}
template <class Op, class T>
void map_rows_grad(int64_t rows, int64_t n, const void* g, const void* y, void* d) {
  run<Op, T>(rows, n, {g, y, nullptr, d, nullptr});
}
template <class Op, class T>
void sparse(int64_t rows, int64_t n, const void* x, const int64_t* label, void* loss, void* d) {
  run<Op, T>(rows, n, {x, nullptr, label, d, loss});
}
template <class Op, class T>
void dense(int64_t rows, int64_t n, const void* x, const void* t, void* loss, void* d) {
  run<Op, T>(rows, n, {x, t, nullptr, d, loss});
}

template <class T>
void fill_type(Kernels& k) {
  constexpr int t = dtype_index<T>;
  k.softmax[t] = map_rows<Softmax, T>, k.log_softmax[t] = map_rows<LogSoftmax, T>;
  k.softmax_grad[t] = map_rows_grad<SoftmaxGrad, T>, k.log_softmax_grad[t] = map_rows_grad<LogSoftmaxGrad, T>;
  k.sparse_cross_entropy[t] = sparse<SparseCrossEntropy, T>;
  k.dense_cross_entropy[t] = dense<DenseCrossEntropy, T>;
  k.sparse_probability_cross_entropy[t] = sparse<SparseProbability, T>;
  k.dense_probability_cross_entropy[t] = dense<DenseProbability, T>;
}

}  // namespace

void fill_softmax(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::cuda

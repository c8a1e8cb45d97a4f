// softmax, its gradients and the cross entropies, against plain loops in double; argsort against the library's.
#include <algorithm>
#include <numeric>

#include "check.h"

using namespace pynn;
using namespace check;

namespace {

using Doubles = std::vector<double>;

double at(const Doubles& x, int64_t i) { return x[static_cast<size_t>(i)]; }

Doubles softmax_of(const Doubles& x, int64_t rows, int64_t n, bool logarithm) {
  Doubles y(x.size());
  for (int64_t r = 0; r < rows; ++r) {
    double max = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; ++i) max = std::max(max, at(x, r * n + i));
    for (int64_t i = 0; i < n; ++i) sum += std::exp(at(x, r * n + i) - max);
    for (int64_t i = 0; i < n; ++i) {
      const double shifted = at(x, r * n + i) - max;
      y[static_cast<size_t>(r * n + i)] = logarithm ? shifted - std::log(sum) : std::exp(shifted) / sum;
    }
  }
  return y;
}

template <class T>
void check_softmax(int64_t rows, int64_t n) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int t = index_of<T>;
  const auto x = noise<T>(rows * n, -8, 8), g = noise<T>(rows * n);
  const Doubles wide(x.begin(), x.end());
  const Doubles p = softmax_of(wide, rows, n, false), log_p = softmax_of(wide, rows, n, true);
  Device<T> from(x), to(rows * n), log_to(rows * n), incoming(g), d(rows * n);
  k.softmax[t](rows, n, from.data(), to.data());
  expect_close("softmax", to.host(), p, tolerance<T>);
  k.log_softmax[t](rows, n, from.data(), log_to.data());
  expect_close("log_softmax", log_to.host(), log_p, tolerance<T>);
  Doubles expected(p.size()), log_expected(p.size());
  for (int64_t r = 0; r < rows; ++r) {
    double mean = 0, total = 0;
    for (int64_t i = r * n; i < (r + 1) * n; ++i)
      mean += at(p, i) * g[static_cast<size_t>(i)], total += g[static_cast<size_t>(i)];
    for (int64_t i = r * n; i < (r + 1) * n; ++i) {
      expected[static_cast<size_t>(i)] = at(p, i) * (g[static_cast<size_t>(i)] - mean);
      log_expected[static_cast<size_t>(i)] = g[static_cast<size_t>(i)] - at(p, i) * total;
    }
  }
  k.softmax_grad[t](rows, n, incoming.data(), to.data(), d.data());
  expect_close("softmax_grad", d.host(), expected, tolerance<T>);
  k.log_softmax_grad[t](rows, n, incoming.data(), log_to.data(), d.data());
  expect_close("log_softmax_grad", d.host(), log_expected, 10 * tolerance<T>);
}

template <class T>
void check_losses(int64_t rows, int64_t n) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int t = index_of<T>;
  const auto x = noise<T>(rows * n, -4, 4), targets = noise<T>(rows * n, 0, 1);
  const Doubles wide(x.begin(), x.end()), log_p = softmax_of(wide, rows, n, true);
  std::vector<int64_t> label(static_cast<size_t>(rows));
  for (auto& l : label) l = static_cast<int64_t>(generator()() % static_cast<uint64_t>(n));
  Doubles sparse, dense, d(x.size()), dense_d(x.size());
  for (int64_t r = 0; r < rows; ++r) {
    double weight = 0, loss = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double target = targets[static_cast<size_t>(r * n + i)];
      weight += target, loss -= target * at(log_p, r * n + i);
    }
    const int64_t own = label[static_cast<size_t>(r)];
    sparse.push_back(-at(log_p, r * n + own)), dense.push_back(loss);
    for (int64_t i = 0; i < n; ++i) {
      const auto e = static_cast<size_t>(r * n + i);
      d[e] = std::exp(log_p[e]) - (i == own);
      dense_d[e] = weight * std::exp(log_p[e]) - targets[e];
    }
  }
  Device<T> logits(x), weights(targets), loss(rows), gradient(rows * n);
  Device<int64_t> labels(label);
  k.sparse_cross_entropy[t](rows, n, logits.data(), labels.data(), loss.data(), gradient.data());
  expect_close("sparse loss", loss.host(), sparse, tolerance<T>);
  expect_close("sparse gradient", gradient.host(), d, tolerance<T>);
  k.dense_cross_entropy[t](rows, n, logits.data(), weights.data(), loss.data(), gradient.data());
  expect_close("dense loss", loss.host(), dense, 10 * tolerance<T>);
  expect_close("dense gradient", gradient.host(), dense_d, 10 * tolerance<T>);
  k.sparse_cross_entropy[t](rows, n, logits.data(), labels.data(), loss.data(), nullptr);
  expect_close("sparse loss alone", loss.host(), sparse, tolerance<T>);
}

// Of probabilities: the gradient against a difference quotient.
void check_probabilities(int64_t rows, int64_t n) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int t = index_of<double>;
  auto x = noise<double>(rows * n, 0.1, 1);
  x[0] = 0;  // clipped
  const auto targets = noise<double>(rows * n, 0, 1);
  std::vector<int64_t> label(static_cast<size_t>(rows), n - 1);
  label[0] = 0;
  const auto losses = [&](const Doubles& p, bool sparse) {
    Doubles y;
    for (int64_t r = 0; r < rows; ++r) {
      double total = 0, loss = 0;
      for (int64_t i = 0; i < n; ++i) total += at(p, r * n + i);
      for (int64_t i = 0; i < n; ++i) {
        const double q = std::min(std::max(at(p, r * n + i) / total, 1e-7), 1 - 1e-7);
        const double weight = sparse ? i == label[static_cast<size_t>(r)] : targets[static_cast<size_t>(r * n + i)];
        loss -= weight * std::log(q);
      }
      y.push_back(loss);
    }
    return y;
  };
  Device<double> from(x), weights(targets), loss(rows), gradient(rows * n);
  Device<int64_t> labels(label);
  for (const bool sparse : {true, false}) {
    if (sparse)
      k.sparse_probability_cross_entropy[t](rows, n, from.data(), labels.data(), loss.data(), gradient.data());
    else
      k.dense_probability_cross_entropy[t](rows, n, from.data(), weights.data(), loss.data(), gradient.data());
    const Doubles y = losses(x, sparse);
    expect_close("loss of probabilities", loss.host(), y, 1e-12);
    Doubles d(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      Doubles more = x, less = x;
      constexpr double h = 1e-6;
      more[i] += h, less[i] -= i == 0 ? 0 : h;
      const auto row = static_cast<int64_t>(i) / n;
      d[i] = (at(losses(more, sparse), row) - at(losses(less, sparse), row)) / (i == 0 ? h : 2 * h);
    }
    auto got = gradient.host();
    got[0] = d[0] = 0;  // the quotient crosses the clip
    expect_close("gradient of probabilities", got, d, 1e-5);
  }
}

template <class T>
void check_argsort(int64_t rows, int64_t n, bool descending, std::vector<T> x) {
  Device<T> from(x);
  Device<int64_t> order(rows * n), scratch(rows * n);
  pynn::cuda::kernels().argsort[index_of<T>](rows, n, descending, from.data(), order.data(), scratch.data());
  std::vector<int64_t> expected(static_cast<size_t>(rows * n));
  for (int64_t r = 0; r < rows; ++r) {
    const auto begin = expected.begin() + r * n;
    std::iota(begin, begin + n, 0);
    std::stable_sort(begin, begin + n, [&](int64_t i, int64_t j) {
      const T a = x[static_cast<size_t>(r * n + i)], b = x[static_cast<size_t>(r * n + j)];
      if (a != a || b != b) return a == a && b != b;
      return descending ? a > b : a < b;
    });
  }
  expect_equal("argsort", order.host(), expected);
}

}  // namespace

CHECK_CASE(softmax) {
  check_softmax<float>(5, 1);
  check_softmax<float>(41, 100);
  check_softmax<double>(7, 33);
  check_softmax<float>(5, 1030);
}
CHECK_CASE(losses) {
  check_losses<float>(33, 10);
  check_losses<double>(3, 1100);
  check_probabilities(5, 7);
}
CHECK_CASE(argsort) {
  auto x = noise<float>(3 * 1000);
  for (size_t i = 0; i < x.size(); i += 7) x[i] = x[0];
  x[5] = NAN, x[1500] = -0.0f, x[1600] = 0.0f;
  check_argsort(3, 1000, false, x);
  check_argsort(3, 1000, true, x);
  check_argsort(40, 5, false, noise<int8_t>(200, -3, 3));
  check_argsort(1, 513, true, noise<double>(513));
}

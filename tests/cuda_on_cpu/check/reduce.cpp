// Reductions and running sums over every kind of axes, against plain loops.
#include "check.h"

using namespace pynn;
using namespace check;

namespace {

struct Shapes {
  const char* name;
  std::vector<int64_t> kept, kept_x, reduced, reduced_x;  // shapes and strides
};

const std::vector<Shapes>& shapes() {
  static const std::vector<Shapes> all{
      {"short rows", {70}, {9}, {9}, {1}},        {"rows", {37}, {103}, {103}, {1}},
      {"long rows", {3}, {2500}, {2500}, {1}},    {"all", {}, {}, {5003}, {1}},
      {"columns", {67}, {1}, {41}, {67}},         {"many rows, columns", {40}, {1}, {901}, {40}},
      {"middle", {3, 50}, {1000, 1}, {20}, {50}}, {"both ends", {7}, {11}, {13, 11}, {77, 1}},
      {"backwards", {5, 6}, {1, -40}, {35}, {1}}, {"repeated", {4, 5}, {0, 3}, {33}, {15}},
      {"one of each", {5}, {1}, {}, {}},
  };
  return all;
}

// y lies in the order of the kept axes, reversed in memory so that strides of x and y differ.
template <class T, class Y, class Fold>
void check_reduction(Reduction kind, int dtype, const std::vector<T>& x, Fold fold, double tolerance) {
  for (const Shapes& s : shapes()) {
    std::vector<int64_t> kept_y(s.kept.size());
    int64_t step = 1;
    for (size_t d = 0; d < s.kept.size(); ++d) kept_y[d] = step, step *= s.kept[d];
    const Loop kept = nest(s.kept, {s.kept_x, kept_y}), reduced = nest(s.reduced, {s.reduced_x});
    constexpr int64_t first = 240;
    Device<T> from(x);
    Device<Y> to(step);
    const ReduceFn fn = pynn::cuda::kernels().reduce[static_cast<int>(kind)][dtype];
    if (!fn) wrong(s.name, -1, 0, 1);
    fn(kept, reduced, from.data() + first, to.data());
    std::vector<Y> expected(static_cast<size_t>(step));
    for (int64_t i = 0; i < size_of(kept); ++i) {
      std::vector<T> row;
      for (int64_t j = 0; j < size_of(reduced); ++j)
        row.push_back(x[static_cast<size_t>(first + offset(kept, 0, i) + offset(reduced, 0, j))]);
      expected[static_cast<size_t>(offset(kept, 1, i))] = fold(row);
    }
    expect_close(s.name, to.host(), expected, tolerance);
  }
}

constexpr int64_t kRoom = 40000;

template <class T>
std::vector<T> numbers() {
  return noise<T>(kRoom, std::is_signed_v<T> ? -9 : 0, 9);
}

template <class T>
void check_extremes(const std::vector<T>& x) {
  constexpr int t = index_of<T>;
  const auto first = [](const std::vector<T>& row, auto before) {
    int64_t best = 0;
    for (int64_t i = 0; i < static_cast<int64_t>(row.size()); ++i) {
      const T value = row[static_cast<size_t>(i)], top = row[static_cast<size_t>(best)];
      if (std::isnan(static_cast<double>(top))) break;
      if (std::isnan(static_cast<double>(value)) || before(value, top)) best = i;
    }
    return best;
  };
  const auto argmax = [=](const std::vector<T>& row) { return first(row, [](T a, T b) { return a > b; }); };
  const auto argmin = [=](const std::vector<T>& row) { return first(row, [](T a, T b) { return a < b; }); };
  check_reduction<T, int64_t>(Reduction::argmax, t, x, argmax, 0);
  check_reduction<T, int64_t>(Reduction::argmin, t, x, argmin, 0);
  const auto max = [=](const std::vector<T>& row) { return row[static_cast<size_t>(argmax(row))]; };
  const auto min = [=](const std::vector<T>& row) { return row[static_cast<size_t>(argmin(row))]; };
  check_reduction<T, T>(Reduction::max, t, x, max, 0);
  check_reduction<T, T>(Reduction::min, t, x, min, 0);
}

}  // namespace

CHECK_CASE(sums) {
  const auto sum = [](const auto& row) {
    using T = std::decay_t<decltype(row[0])>;
    long double total = 0;
    for (const T x : row) total += static_cast<long double>(x);
    return static_cast<T>(total);
  };
  check_reduction<float, float>(Reduction::sum, index_of<float>, numbers<float>(), sum, 2e-7);
  check_reduction<double, double>(Reduction::sum, index_of<double>, numbers<double>(), sum, 1e-15);
  check_reduction<int64_t, int64_t>(Reduction::sum, index_of<int64_t>, numbers<int64_t>(), sum, 0);
  const auto prod = [](const std::vector<double>& row) {
    long double total = 1;
    for (const double x : row) total *= static_cast<long double>(x);
    return static_cast<double>(total);
  };
  check_reduction<double, double>(Reduction::prod, index_of<double>, noise<double>(kRoom, 0.99, 1.01), prod, 1e-12);
}

CHECK_CASE(extremes) {
  check_extremes(numbers<int8_t>());
  check_extremes(numbers<float>());
  auto x = numbers<double>();
  for (size_t i = 0; i < x.size(); i += 97) x[i] = NAN;
  check_extremes(x);
}

CHECK_CASE(logic) {
  auto x = noise<Byte>(kRoom, 0, 1.02);
  for (auto& b : x) b = b != 0;
  const auto any = [](const std::vector<Byte>& row) {
    for (const Byte b : row)
      if (b) return Byte{1};
    return Byte{0};
  };
  check_reduction<Byte, Byte>(Reduction::any, index_of<bool>, x, any, 0);
  for (auto& b : x) b = !b;
  const auto all = [](const std::vector<Byte>& row) {
    for (const Byte b : row)
      if (!b) return Byte{0};
    return Byte{1};
  };
  check_reduction<Byte, Byte>(Reduction::all, index_of<bool>, x, all, 0);
}

namespace {
template <class T>
void check_scan(const std::vector<int64_t>& kept_shape, const std::vector<int64_t>& kept_x, int64_t n, int64_t step_x) {
  // y: the scanned axis innermost.
  int64_t results = 1;
  for (const int64_t s : kept_shape) results *= s;
  std::vector<int64_t> kept_y(kept_shape.size());
  int64_t step = n;
  for (size_t d = kept_shape.size(); d-- > 0;) kept_y[d] = step, step *= kept_shape[d];
  const Loop kept = nest(kept_shape, {kept_x, kept_y});
  const auto x = numbers<T>();
  Device<T> from(x), to(results * n);
  pynn::cuda::kernels().cumulative_sum[index_of<T>](kept, n, step_x, 1, from.data(), to.data());
  std::vector<T> expected(static_cast<size_t>(results * n));
  for (int64_t i = 0; i < results; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < n; ++j) {
      sum += static_cast<double>(x[static_cast<size_t>(offset(kept, 0, i) + j * step_x)]);
      expected[static_cast<size_t>(offset(kept, 1, i) + j)] = static_cast<T>(sum);
    }
  }
  expect_close("cumulative_sum", to.host(), expected, tolerance<T>);
}
}  // namespace

CHECK_CASE(scan) {
  check_scan<float>({4}, {1001}, 1001, 1);
  check_scan<double>({7}, {300}, 257, 1);
  check_scan<int64_t>({5}, {20}, 20, 1);
  check_scan<float>({50}, {1}, 33, 50);
  check_scan<double>({3, 4}, {400, 1}, 100, 4);
}

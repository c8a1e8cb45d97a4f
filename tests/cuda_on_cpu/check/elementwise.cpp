// Rows, where and casts: contiguous with ends that fill no pack, not aligned, with one element for all, and over nests
// with steps of any sign. A result is what the row's formula gives, to the bit.
#include "kernels/elementwise.h"

#include "check.h"
#include "kernels/cuda/sample.h"

using namespace pynn;
using namespace pynn::cuda;
using namespace check;

namespace {

// An operand's memory: `data` has room for every offset, of which the smallest may be negative.
struct Layout {
  std::vector<int64_t> shape;
  std::vector<std::vector<int64_t>> strides;  // of the inputs, then the output
  int64_t first;                              // where element 0 stands
};

std::vector<Layout> layouts(size_t operands) {
  const auto same = [&](std::vector<int64_t> s) { return std::vector<std::vector<int64_t>>(operands, s); };
  std::vector<Layout> all{{{1}, same({1}), 0},
                          {{5}, same({1}), 0},
                          {{1003}, same({1}), 0},
                          {{1003}, same({1}), 1},
                          {{67}, same({-2}), 140}};
  auto scalar = same({1});
  scalar[0] = {0};
  all.push_back({{333}, scalar, 0});
  auto mixed = same({35, 5, 1});  // (6, 7, 5): one operand transposed, the next repeated, the output in order
  mixed[0] = {1, 6, 42};
  if (operands > 2) mixed[1] = {0, 5, 1};
  all.push_back({{6, 7, 5}, mixed, 0});
  auto gaps = same({60, 7, 2});
  all.push_back({{3, 4, 3}, gaps, 3});
  return all;
}

constexpr int64_t kRoom = 1100;

template <class Out, class... In, class F, size_t... K>
void check_layout(const char* name, LoopFn fn, const Layout& layout, const std::vector<Stored<In>>&... in, F f,
                  std::index_sequence<K...>) {
  constexpr int N = sizeof...(In);
  const Loop l = nest(layout.shape, layout.strides);
  std::tuple<Device<Stored<In>>...> inputs(in...);
  const std::vector<Stored<Out>> before(kRoom, Stored<Out>{});
  Device<Stored<Out>> y(before);
  void* const operands[] = {std::get<K>(inputs).data() + layout.first..., y.data() + layout.first};
  fn(l, operands);
  auto expected = before;
  for (int64_t i = 0; i < size_of(l); ++i) {
    const auto at = static_cast<size_t>(layout.first + offset(l, N, i));
    const Out value = f(static_cast<In>(in[static_cast<size_t>(layout.first + offset(l, K, i))])...);
    std::memcpy(&expected[at], &value, sizeof value);
  }
  const auto got = y.host();
  for (size_t i = 0; i < got.size(); ++i) {
    const bool nan = got[i] != got[i] && expected[i] != expected[i];
    if (!nan && std::memcmp(&got[i], &expected[i], sizeof got[i]) != 0)
      wrong(name, static_cast<int64_t>(i), static_cast<double>(got[i]), static_cast<double>(expected[i]));
  }
}

// Whole numbers of both signs where that makes sense, 0 and 1 for bool.
template <class T>
std::vector<Stored<T>> inputs(double low, double high) {
  if (std::is_same_v<T, bool>) return noise<Stored<T>>(kRoom, 0, 1.99);
  if (std::is_floating_point_v<T>) return noise<Stored<T>>(kRoom, low, high);
  return noise<Stored<T>>(kRoom, std::is_signed_v<T> ? -9 : 0, 9);
}

template <class Out, class... In, class F>
void check_map(const char* name, LoopFn fn, F f, const std::vector<Stored<In>>&... in) {
  if (!fn) wrong(name, -1, 0, 1);
  for (const Layout& layout : layouts(sizeof...(In) + 1))
    check_layout<Out, In...>(name, fn, layout, in..., f, std::index_sequence_for<In...>{});
}

template <class Op>
void check_unary() {
  const Kernels& k = pynn::cuda::kernels();
  if constexpr (is_compiled<Op>)
    for_compiled_types<Op::types>([&](auto t) {
      using T = decltype(t);
      const auto f = [](T x) { return Op::f(x); };
      check_map<decltype(Op::f(T{})), T>(Op::name, k.unary[unary_id<Op>][index_of<T>], f,
                                         inputs<T>(Op::domain.low, Op::domain.high));
      if constexpr (std::is_floating_point_v<T> && Op::keeps != Keeps::never)
        check_map<T, T, T>(
            Op::name, k.unary_grad[unary_id<Op>][index_of<T>], [](T g, T kept) { return Op::df(g, kept); },
            inputs<T>(-2, 2), inputs<T>(Op::domain.low, Op::domain.high));
    });
}

template <class Op>
void check_binary() {
  const Kernels& k = pynn::cuda::kernels();
  if constexpr (is_compiled<Op>)
    for_compiled_types<Op::types>([&](auto t) {
      using T = decltype(t);
      const auto a = inputs<T>(Op::domain.low, Op::domain.high), b = inputs<T>(Op::domain_b.low, Op::domain_b.high);
      check_map<decltype(Op::f(T{}, T{})), T, T>(
          Op::name, k.binary[binary_id<Op>][index_of<T>], [](T x, T y) { return Op::f(x, y); }, a, b);
      if constexpr (std::is_floating_point_v<T> && Op::keeps != Keeps::never) {
        const auto g = inputs<T>(-2, 2);
        check_map<T, T, T, T>(
            Op::name, k.binary_grad[binary_id<Op>][0][index_of<T>], [](T d, T x, T y) { return Op::da(d, x, y); }, g, a,
            b);
        check_map<T, T, T, T>(
            Op::name, k.binary_grad[binary_id<Op>][1][index_of<T>], [](T d, T x, T y) { return Op::db(d, x, y); }, g, a,
            b);
      }
    });
}

template <class... Ops>
void check_unary_list(List<Ops...>) {
  (check_unary<Ops>(), ...);
}
template <class... Ops>
void check_binary_list(List<Ops...>) {
  (check_binary<Ops>(), ...);
}

}  // namespace

CHECK_CASE(unary) { check_unary_list(UnaryOps{}); }
CHECK_CASE(binary) { check_binary_list(BinaryOps{}); }

CHECK_CASE(ternary) {
  const Kernels& k = pynn::cuda::kernels();
  for_compiled_types<kFloats>([&](auto t) {
    using T = decltype(t);
    constexpr int id = ternary_id<Clip>;
    const auto g = inputs<T>(-2, 2), x = inputs<T>(-3, 3), low = inputs<T>(-2, 0), high = inputs<T>(0, 2);
    const auto clip = [](T a, T b, T c) { return Clip::f(a, b, c); };
    check_map<T, T, T, T>("clip", k.ternary[id][index_of<T>], clip, x, low, high);
    const auto dc = [](T d, T a, T b, T c) { return Clip::dc(d, a, b, c); };
    check_map<T, T, T, T, T>("clip dc", k.ternary_grad[id][2][index_of<T>], dc, g, x, low, high);
  });
  for_compiled_types<kAll>([&](auto t) {
    using T = decltype(t);
    const auto where = [](Byte c, T a, T b) { return c ? a : b; };
    check_map<T, Byte, T, T>("where", k.where[index_of<T>], where, noise<Byte>(kRoom, 0, 1.99), inputs<T>(-3, 3),
                             inputs<T>(-3, 3));
  });
}

CHECK_CASE(cast) {
  const Kernels& k = pynn::cuda::kernels();
  for_compiled_types<kAll>([&](auto from) {
    for_compiled_types<kAll>([&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      check_map<To, From>(
          "cast", k.cast[index_of<From>][index_of<To>], [](From x) { return convert<To>(x); }, inputs<From>(-300, 300));
    });
  });
  // Through float16 and back: what has 11 bits comes back as it was.
  const std::vector<float> x{0, -0.0f, 1, -2.5f, 65504, 1e6f, 6.103515625e-5f, 5.9604644775390625e-8f, 1.0009765625f};
  Device<float> in(x), out(static_cast<int64_t>(x.size()));
  Device<Float16> half(static_cast<int64_t>(x.size()));
  const Loop l = nest({static_cast<int64_t>(x.size())}, {{1}, {1}});
  void *const there[] = {in.data(), half.data()}, *const back[] = {half.data(), out.data()};
  k.cast[index_of<float>][index_of<Float16>](l, there);
  k.cast[index_of<Float16>][index_of<float>](l, back);
  auto expected = x;
  expected[5] = INFINITY;
  expect_equal("float16", out.host(), expected);
}

// Copies of a transposed nest, whole tiles and edges, with another axis outside or between.
CHECK_CASE(transpose) {
  const Kernels& k = pynn::cuda::kernels();
  const std::vector<Layout> some{{{70, 41}, {{1, 70}, {41, 1}}, 0},
                                 {{2, 33, 5}, {{165, 1, 33}, {165, 5, 1}}, 0},
                                 {{40, 3, 9}, {{1, 40, 120}, {30, 10, 1}}, 0}};
  for_compiled_types<kNumbers>([&](auto t) {
    using T = decltype(t);
    for (const Layout& l : some) {
      const std::vector<T> x = noise<T>(3000, 0, 100);
      std::vector<T> expected(3000);
      Device<T> in(x), out(expected);
      void* const operands[] = {in.data(), out.data()};
      const Loop loop = nest(l.shape, l.strides);
      for (int64_t i = 0; i < size_of(loop); ++i)
        expected[static_cast<size_t>(offset(loop, 1, i))] = x[static_cast<size_t>(offset(loop, 0, i))];
      k.cast[index_of<T>][index_of<T>](loop, operands);
      expect_equal("transpose", out.host(), expected);
    }
  });
}

// take and its gradient, random numbers to the bit, optimizers, and copies.
#include "check.h"
#include "kernels/optimize.h"
#include "kernels/random.h"

using namespace pynn;
using namespace check;

namespace {

template <class T>
void check_take(int64_t outer, int64_t n, int64_t count, int64_t block) {
  const Kernels& k = pynn::cuda::kernels();
  const auto x = noise<T>(outer * n * block), g = noise<T>(outer * count * block);
  std::vector<int64_t> index;
  for (int64_t i = 0; i < count; ++i) index.push_back(static_cast<int64_t>(generator()() % static_cast<uint64_t>(n)));
  std::vector<T> taken(g.size()), added(x.size());
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < count; ++i)
      for (int64_t b = 0; b < block; ++b) {
        const auto from = static_cast<size_t>((o * n + index[static_cast<size_t>(i)]) * block + b);
        const auto to = static_cast<size_t>((o * count + i) * block + b);
        taken[to] = x[from];
        added[from] += g[to];
      }
  Device<T> in(x), out(static_cast<int64_t>(g.size())), incoming(g), d(std::vector<T>(x.size(), T(0)));
  Device<int64_t> at(index);
  k.take(outer, n, count, block * static_cast<int64_t>(sizeof(T)), in.data(), at.data(), out.data());
  expect_equal("take", out.host(), taken);
  if (const TakeGradFn fn = k.take_grad[index_of<T>]) {
    fn(outer, n, count, block, incoming.data(), at.data(), d.data());
    expect_equal("take_grad", d.host(), added);  // to the bit: added in the order of the indices
  }
}

// Word i of the stream of a draw.
uint32_t word(const RandomDraw& d, int64_t i) {
  const uint64_t counter = d.counter + static_cast<uint64_t>(i / 4);
  const auto product = [](uint64_t a, uint64_t b) { return (a & 0xffffffffu) * (b & 0xffffffffu); };
  const auto b = cuda::philox::words<uint64_t>({counter, counter >> 32, 0, 0}, d.key, product);
  const uint64_t words[] = {b.w0, b.w1, b.w2, b.w3};
  return static_cast<uint32_t>(words[i % 4]);
}
uint64_t wide_word(const RandomDraw& d, int64_t i) { return word(d, 2 * i) | uint64_t{word(d, 2 * i + 1)} << 32; }

template <class T, class Options>
void check_step(const char* name, const Options& options, int states) {
  constexpr int64_t n = 1003;
  const auto w = noise<T>(n), g = noise<T>(n);
  std::vector<std::vector<T>> before;
  for (int s = 0; s < 3; ++s) before.push_back(noise<T>(n, 0.1, 1));
  Device<T> weights(w), gradient(g), a(before[0]), b(before[1]), c(before[2]);
  void* const device[] = {states > 0 ? a.data() : nullptr, states > 1 ? b.data() : nullptr,
                          states > 2 ? c.data() : nullptr};
  const auto& table = static_cast<const OptimizerStep<Options>&>(pynn::cuda::kernels().steps);
  table.by_type[index_of<T>](options, n, weights.data(), gradient.data(), device);
  auto expected = w;
  auto after = before;
  void* const host[] = {states > 0 ? after[0].data() : nullptr, states > 1 ? after[1].data() : nullptr,
                        states > 2 ? after[2].data() : nullptr};
  cuda::optimizers::choose<T>(options, host, [&](auto optimizer, auto... s) {
    for (int64_t i = 0; i < n; ++i) decltype(optimizer)::step(optimizer, i, expected.data(), g.data(), s...);
  });
  expect_close(name, weights.host(), expected, tolerance<T>);
  expect_close(name, a.host(), after[0], tolerance<T>);
  expect_close(name, b.host(), after[1], tolerance<T>);
  expect_close(name, c.host(), after[2], tolerance<T>);
}

template <class Options>
void check_optimizer(Options options, int states) {
  options.learning_rate = 0.01, options.weight_decay = 0.1, options.scale = 0.5, options.clip_value = 1;
  check_step<float>(Options::name, options, states);
  check_step<double>(Options::name, options, states);
}

}  // namespace

CHECK_CASE(take) {
  check_take<float>(1, 10, 700, 4);
  check_take<double>(3, 7, 20, 5);
  check_take<float>(2, 9, 31, 3);
  check_take<int64_t>(1, 5, 9, 1);
  check_take<int8_t>(2, 11, 30, 3);
}

CHECK_CASE(random) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int64_t n = 1001;
  const RandomDraw d{0x123456789abcdef0u, 0xfffffffeu, -1.5, 2.5};  // the counter passes 32 bits
  Device<float> y(n);
  Device<double> z(n);
  Device<int64_t> i(n);
  std::vector<float> single;
  std::vector<double> twice;
  k.uniform[index_of<float>](d, n, y.data());
  for (int64_t e = 0; e < n; ++e) single.push_back(-1.5f + 4.0f * cuda::philox::fraction(word(d, e)));
  expect_equal("uniform", y.host(), single);
  k.uniform[index_of<double>](d, n, z.data());
  for (int64_t e = 0; e < n; ++e) twice.push_back(-1.5 + 4.0 * cuda::philox::fraction(wide_word(d, e)));
  expect_equal("uniform", z.host(), twice);
  k.normal[index_of<float>](d, n, y.data());
  for (int64_t e = 0; e < n; ++e) {
    const auto p = cuda::philox::normal(word(d, e / 2 * 2), word(d, e / 2 * 2 + 1));
    single[static_cast<size_t>(e)] = static_cast<float>(-1.5 + 2.5 * (e % 2 ? p.y : p.x));
  }
  expect_equal("normal", y.host(), single);
  const RandomDraw half{7, 0, 0.25, 0};
  k.bernoulli[index_of<double>](half, n, z.data());
  for (int64_t e = 0; e < n; ++e) twice[static_cast<size_t>(e)] = cuda::philox::fraction(wide_word(half, e)) < 0.25;
  expect_equal("bernoulli", z.host(), twice);
  k.integers(half, -5, 11, n, i.data());
  std::vector<int64_t> whole;
  for (int64_t e = 0; e < n; ++e)
    whole.push_back(-5 + static_cast<int64_t>(cuda::philox::integer(wide_word(half, e), 11)));
  expect_equal("integers", i.host(), whole);
}

CHECK_CASE(optimize) {
  SgdOptions sgd{};
  check_optimizer(sgd, 0);
  sgd.momentum = 0.9;
  check_optimizer(sgd, 1);
  sgd.nesterov = true;
  check_optimizer(sgd, 1);
  RmspropOptions rmsprop{};
  rmsprop.rho = 0.9, rmsprop.epsilon = 2;
  check_optimizer(rmsprop, 1);
  rmsprop.momentum = 0.5;
  check_optimizer(rmsprop, 3);
  AdagradOptions adagrad{};
  adagrad.epsilon = 1e-7;
  check_optimizer(adagrad, 1);
  AdadeltaOptions adadelta{};
  adadelta.rho = 0.9, adadelta.epsilon = 1e-7;
  check_optimizer(adadelta, 2);
  AdamOptions adam{};
  adam.beta_1 = 0.9, adam.beta_2 = 0.999, adam.epsilon = 1e-7, adam.step = 3;
  check_optimizer(adam, 2);
  check_optimizer(adam, 3);
  AdamaxOptions adamax{};
  adamax.beta_1 = 0.9, adamax.beta_2 = 0.999, adamax.epsilon = 1e-7, adamax.step = 3;
  check_optimizer(adamax, 2);
  NadamOptions nadam{};
  nadam.beta_1 = 0.9, nadam.beta_2 = 0.999, nadam.epsilon = 1e-7, nadam.step = 3;
  nadam.momentum = 0.8, nadam.next_momentum = 0.85, nadam.product = 0.5;
  check_optimizer(nadam, 2);
  FtrlOptions ftrl{};
  ftrl.power = -0.5, ftrl.l1 = 0.1, ftrl.l2 = 0.2, ftrl.l2_shrinkage = 0.1;
  check_optimizer(ftrl, 2);
  ftrl.power = -0.6;
  check_optimizer(ftrl, 2);
  LionOptions lion{};
  lion.beta_1 = 0.9, lion.beta_2 = 0.99;
  check_optimizer(lion, 1);
}

CHECK_CASE(peak) {
  const Kernels& k = pynn::cuda::kernels();
  const auto x = noise<float>(1003);
  Device<float> from(x), to(1003);
  k.copy_peak(4 * 1003, 2, from.data(), to.data());
  expect_equal("copy", to.host(), x);
  if (!(k.fma_peak[index_of<float>](2) > 0)) wrong("fma", 0, 0, 1);
}

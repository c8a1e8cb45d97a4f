// Convolutions, depthwise ones and pooling with padding, strides, dilation and groups, against plain loops.
#include "check.h"
#include "kernels/elementwise.h"

using namespace pynn;
using namespace check;

namespace {

Windows windows(std::vector<int64_t> in, std::vector<int64_t> size, std::vector<int64_t> stride,
                std::vector<int64_t> dilation, std::vector<int64_t> low) {
  Windows w;
  for (size_t d = 0; d < kWindowAxes; ++d) {
    w.in[d] = in[d], w.size[d] = size[d], w.stride[d] = stride[d], w.dilation[d] = dilation[d], w.low[d] = low[d];
    w.out[d] = (in[d] + 2 * low[d] - (size[d] - 1) * dilation[d] - 1) / stride[d] + 1;
  }
  return w;
}

int64_t product(const int64_t* n) { return n[0] * n[1] * n[2] * n[3]; }

// Calls f(window, tap, position) for every position of a window that is inside.
template <class F>
void each_tap(const Windows& w, F f) {
  for (int64_t window = 0; window < product(w.out); ++window)
    for (int64_t tap = 0; tap < product(w.size); ++tap) {
      int64_t position = 0, step = 1, i = window, j = tap;
      bool inside = true;
      for (int d = kWindowAxes - 1; d >= 0; --d) {
        const int64_t x = i % w.out[d] * w.stride[d] - w.low[d] + j % w.size[d] * w.dilation[d];
        inside = inside && x >= 0 && x < w.in[d];
        position += x * step, step *= w.in[d];
        i /= w.out[d], j /= w.size[d];
      }
      if (inside) f(window, tap, position);
    }
}

template <class T>
void check_conv(const Conv& c, const ConvKernels& k) {
  const Windows& w = c.windows;
  const int64_t in_group = c.channels / c.groups, out_group = c.filters / c.groups;
  const int64_t x_size = product(w.in) * c.channels, y_size = product(w.out) * c.filters,
                kernel_size = product(w.size) * in_group * c.filters;
  const auto x = noise<T>(x_size), kernel = noise<T>(kernel_size), g = noise<T>(y_size), bias = noise<T>(c.filters);
  std::vector<double> y(static_cast<size_t>(y_size)), dx(static_cast<size_t>(x_size)),
      dk(static_cast<size_t>(kernel_size));
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(bias[i % static_cast<size_t>(c.filters)]);
  each_tap(w, [&](int64_t window, int64_t tap, int64_t position) {
    for (int64_t f = 0; f < c.filters; ++f)
      for (int64_t i = 0; i < in_group; ++i) {
        const auto at_x = static_cast<size_t>(position * c.channels + f / out_group * in_group + i);
        const auto at_k = static_cast<size_t>((tap * in_group + i) * c.filters + f);
        const auto at_y = static_cast<size_t>(window * c.filters + f);
        y[at_y] += static_cast<double>(x[at_x]) * static_cast<double>(kernel[at_k]);
        dx[at_x] += static_cast<double>(g[at_y]) * static_cast<double>(kernel[at_k]);
        dk[at_k] += static_cast<double>(g[at_y]) * static_cast<double>(x[at_x]);
      }
  });
  for (double& value : y) value = value > 0 ? value : 0;
  Device<T> from(x), weights(kernel), incoming(g), shift(bias), out(y_size), d_x(x_size), d_kernel(kernel_size);
  const RowFn relu = pynn::cuda::kernels().unary_row[cuda::unary_id<cuda::Relu>][index_of<T>];
  Device<char> forward(static_cast<int64_t>(k.forward_workspace(c))),
      input(static_cast<int64_t>(k.input_grad_workspace(c))), weight(static_cast<int64_t>(k.kernel_grad_workspace(c)));
  k.forward(c, from.data(), weights.data(), shift.data(), relu, out.data(), forward.data());
  expect_close("conv", out.host(), y, 5 * tolerance<T>);
  k.input_grad(c, incoming.data(), weights.data(), d_x.data(), input.data());
  expect_close("conv input", d_x.host(), dx, 5 * tolerance<T>);
  k.kernel_grad(c, incoming.data(), from.data(), d_kernel.data(), weight.data());
  expect_close("conv kernel", d_kernel.host(), dk, 10 * tolerance<T>);
}

template <class T>
void check_pool(const Pool& p) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int t = index_of<T>;
  const Windows& w = p.windows;
  const int64_t x_size = product(w.in) * p.channels, y_size = product(w.out) * p.channels;
  auto x = noise<T>(x_size);
  x[3] = NAN;
  for (size_t i = 0; i < x.size(); i += 3) x[i] = 1;  // ties
  const auto g = noise<T>(y_size);
  std::vector<double> top(static_cast<size_t>(y_size), NAN), mean(top.size()), count(top.size()), picked(top.size()),
      placed(static_cast<size_t>(x_size)), spread(placed.size());
  std::vector<int64_t> index(top.size(), -1);
  each_tap(w, [&](int64_t window, int64_t tap, int64_t position) {
    for (int64_t c = 0; c < p.channels; ++c) {
      const auto at = static_cast<size_t>(window * p.channels + c),
                 from = static_cast<size_t>(position * p.channels + c);
      const auto value = static_cast<double>(x[from]);
      if (index[at] < 0 || value > top[at] || (value != value && top[at] == top[at])) top[at] = value, index[at] = tap;
      mean[at] += value, count[at] += 1;
    }
  });
  each_tap(w, [&](int64_t window, int64_t tap, int64_t position) {
    for (int64_t c = 0; c < p.channels; ++c) {
      const auto at = static_cast<size_t>(window * p.channels + c),
                 from = static_cast<size_t>(position * p.channels + c);
      if (index[at] == tap) picked[at] = static_cast<double>(x[from]), placed[from] += static_cast<double>(g[at]);
      spread[from] += static_cast<double>(g[at]) / count[at];
    }
  });
  for (size_t i = 0; i < mean.size(); ++i) mean[i] /= count[i];
  Device<T> from(x), incoming(g), y(y_size), d(x_size);
  Device<Byte> narrow(y_size);
  Device<int32_t> wide(y_size);
  void* const at = p.wide ? static_cast<void*>(wide.data()) : static_cast<void*>(narrow.data());
  k.max_pool[t](p, from.data(), y.data(), at);
  expect_equal("max_pool", y.host(), top);
  if (p.wide)
    expect_equal("index", wide.host(), index);
  else
    expect_equal("index", narrow.host(), index);
  k.pool_pick[t](p, from.data(), at, y.data());
  expect_equal("pool_pick", y.host(), picked);
  k.pool_place[t](p, incoming.data(), at, d.data());
  expect_close("pool_place", d.host(), placed, tolerance<T>);
  x[3] = 2;
  k.average_pool_grad[t](p, incoming.data(), d.data());
  expect_close("average_pool_grad", d.host(), spread, tolerance<T>);
  k.average_pool[t](p, from.data(), y.data());
  expect_close("average_pool", y.host(), mean, tolerance<T>);
}

}  // namespace

CHECK_CASE(conv) {
  const Kernels& k = pynn::cuda::kernels();
  const Windows plain = windows({2, 1, 7, 6}, {1, 1, 3, 3}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 1, 1});
  const Windows skips = windows({1, 1, 11, 9}, {1, 1, 3, 2}, {1, 1, 2, 3}, {1, 1, 2, 1}, {0, 0, 2, 0});
  const Windows deep = windows({2, 3, 4, 4}, {1, 2, 3, 1}, {1, 1, 2, 1}, {1, 1, 1, 1}, {0, 1, 0, 0});
  check_conv<float>({plain, 3, 5, 1}, k.conv[index_of<float>]);
  check_conv<float>({skips, 4, 6, 2}, k.conv[index_of<float>]);
  check_conv<double>({deep, 2, 3, 1}, k.conv[index_of<double>]);
}
CHECK_CASE(depthwise) {
  const Kernels& k = pynn::cuda::kernels();
  const Windows plain = windows({2, 1, 7, 6}, {1, 1, 3, 3}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 1, 1});
  const Windows skips = windows({1, 1, 11, 9}, {1, 1, 3, 2}, {1, 1, 2, 3}, {1, 1, 2, 1}, {0, 0, 2, 0});
  check_conv<float>({plain, 5, 5, 5}, k.depthwise[index_of<float>]);
  check_conv<double>({skips, 3, 6, 3}, k.depthwise[index_of<double>]);
}
CHECK_CASE(pool) {
  const Windows halves = windows({2, 1, 6, 8}, {1, 1, 2, 2}, {1, 1, 2, 2}, {1, 1, 1, 1}, {0, 0, 0, 0});
  const Windows overlap = windows({1, 1, 7, 9}, {1, 1, 3, 3}, {1, 1, 2, 2}, {1, 1, 1, 1}, {0, 0, 1, 1});
  const Windows large = windows({1, 1, 19, 20}, {1, 1, 17, 17}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 0});
  check_pool<float>({halves, 3, false});
  check_pool<double>({overlap, 5, false});
  check_pool<float>({large, 1, true});
}

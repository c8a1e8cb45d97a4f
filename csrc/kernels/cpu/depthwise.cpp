// Convolutions of each channel by itself, `multiple` filters for each: too few multiplications for a matrix product, so
// loops run along the filters instead, with the sums in registers. Each result is summed by itself.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"
#include "kernels/cpu/windows.h"

namespace pynn::PYNN_ISA {
namespace {

// Calls f(V{}, first) for vectors that cover n elements, and for the elements that fill none.
template <class T, class F>
PYNN_FN void each_vector(int64_t n, F f) {
  using V = Vector<T>;
  int64_t i = 0;
  for (; i + Tile<T>::lanes <= n; i += Tile<T>::lanes) f(V{}, i);
  for (; i < n; ++i) f(T{}, i);
}

PYNN_FN int64_t multiple(const Conv& c) { return c.filters / c.channels; }
PYNN_FN int64_t work_of(const Conv& c) { return product(c.windows.size) * c.filters; }

// The channels of the filters [first, first + lanes), each repeated for its filters.
template <class V, class T>
PYNN_FN V load_channels(const T* x, int64_t first, int64_t times) {
  if (times == 1) return load_as<V>(x + first);
  T lanes[sizeof(V) / sizeof(T)];
  for (size_t i = 0; i < sizeof(V) / sizeof(T); ++i) lanes[i] = x[(first + static_cast<int64_t>(i)) / times];
  return load_as<V>(lanes);
}

template <class T>
void forward(const Conv& c, const void* x, const void* kernel, const void* bias, RowFn activation, void* y, void*) {
  each(c.windows.out, work_of(c), [&](int64_t window, const PerAxis& at) {
    T* const out = static_cast<T*>(y) + window * c.filters;
    each_vector<T>(c.filters, [&](auto zero, int64_t i) {
      using V = decltype(zero);
      V sum = bias ? load_as<V>(static_cast<const T*>(bias) + i) : zero;
      each_position(c.windows, at, [&](int64_t tap, int64_t position) {
        sum += load_channels<V>(static_cast<const T*>(x) + position * c.channels, i, multiple(c)) *
               load_as<V>(static_cast<const T*>(kernel) + tap * c.filters + i);
      });
      store_as(out + i, sum);
    });
    void* const operands[] = {out, out};
    if (activation) activation(operands, c.filters);
  });
}

template <class T>
void input_grad(const Conv& c, const void* g, const void* kernel, void* d, void*) {
  const int64_t times = multiple(c);
  each(c.windows.in, work_of(c), [&](int64_t position, const PerAxis& at) {
    T* const out = static_cast<T*>(d) + position * c.channels;
    const auto from = [&](int64_t window) { return static_cast<const T*>(g) + window * c.filters; };
    const auto weights = [&](int64_t tap) { return static_cast<const T*>(kernel) + tap * c.filters; };
    if (times > 1) {
      std::memset(out, 0, c.channels * sizeof(T));
      each_window(c.windows, at, [&](int64_t tap, int64_t window, const PerAxis&) {
        for (int64_t i = 0; i < c.filters; ++i) out[i / times] += from(window)[i] * weights(tap)[i];
      });
      return;
    }
    each_vector<T>(c.channels, [&](auto sum, int64_t i) {
      using V = decltype(sum);
      each_window(c.windows, at, [&](int64_t tap, int64_t window, const PerAxis&) {
        sum += load_as<V>(from(window) + i) * load_as<V>(weights(tap) + i);
      });
      store_as(out + i, sum);
    });
  });
}

// ---- The gradient of the kernel: parts of the windows are summed side by side, then in order
// -------------------------

struct KernelGrad {
  int64_t parts, size;
};
PYNN_FN KernelGrad plan(const Conv& c) {
  constexpr int64_t kMostParts = 16;
  const int64_t size = work_of(c), n = product(c.windows.out);
  return {larger(1, smaller(smaller(kMostParts, n), n * size / (4 * kGrain))), size};
}

template <class T>
void kernel_grad(const Conv& c, const void* g, const void* x, void* d, void* workspace) {
  const KernelGrad p = plan(c);
  const int64_t n = product(c.windows.out);
  const auto sums_of = [&](int64_t part) {
    return part == 0 ? static_cast<T*>(d) : static_cast<T*>(workspace) + (part - 1) * p.size;
  };
  blocks(p.parts, [&](int64_t part) {
    T* const sums = sums_of(part);
    std::memset(sums, 0, p.size * sizeof(T));
    for (int64_t window = part * n / p.parts; window < (part + 1) * n / p.parts; ++window)
      each_position(c.windows, coordinates(c.windows.out, window), [&](int64_t tap, int64_t position) {
        T* const sum = sums + tap * c.filters;
        each_vector<T>(c.filters, [&](auto zero, int64_t i) {
          using V = decltype(zero);
          store_as(sum + i, load_as<V>(sum + i) +
                                load_channels<V>(static_cast<const T*>(x) + position * c.channels, i, multiple(c)) *
                                    load_as<V>(static_cast<const T*>(g) + window * c.filters + i));
        });
      });
  });
  for (int64_t part = 1; part < p.parts; ++part)
    for (int64_t i = 0; i < p.size; ++i) static_cast<T*>(d)[i] += sums_of(part)[i];
}

template <class T>
void fill_type(Kernels& k) {
  const ConvWorkspaceFn none = [](const Conv&) -> size_t { return 0; };
  k.depthwise[dtype_index<T>] = {forward<T>, input_grad<T>, kernel_grad<T>, none, none, [](const Conv& c) {
                                   const KernelGrad p = plan(c);
                                   return static_cast<size_t>((p.parts - 1) * p.size) * sizeof(T);
                                 }};
}

}  // namespace

void fill_depthwise(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::PYNN_ISA

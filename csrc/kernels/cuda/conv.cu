// Convolutions of float32 and float64 as matrix products whose patches are never written down: a tile reads them where
// they stand. Groups are the batches of the product. With M, N, K as there:
//   forward       windows x filters, over taps and channels
//   input_grad    positions x channels, over taps and filters
//   kernel_grad   taps and channels x filters, over windows
#include "kernels/cuda/fill.h"
#include "kernels/cuda/tile.h"
#include "kernels/cuda/windows.h"

namespace pynn::cuda {
namespace {

struct Sizes {
  Geometry geometry;
  int64_t channels, filters, groups;
  Divisor inner_channels, inner_filters;  // of a group
};
Sizes sizes_of(const Conv& c) {
  return {geometry_of(c.windows),
          c.channels,
          c.filters,
          c.groups,
          divisor(static_cast<uint32_t>(c.channels / c.groups)),
          divisor(static_cast<uint32_t>(c.filters / c.groups))};
}

struct Split {
  uint32_t outer, inner;
};
__device__ __forceinline__ Split split(int64_t n, const Divisor& by) {
  const uint32_t outer = divide(static_cast<uint32_t>(n), by);
  return {outer, static_cast<uint32_t>(n) - outer * by.d};
}

template <class T>
__device__ __forceinline__ T patch(const Sizes& s, const T* x, int64_t group, int64_t window, int64_t k) {
  const Split at = split(k, s.inner_channels);  // tap and channel
  const int64_t position =
      position_of(s.geometry, point_of(s.geometry.out, window), point_of(s.geometry.taps, at.outer));
  return position < 0 ? T(0) : x[position * s.channels + group * s.inner_channels.d + at.inner];
}

template <class T>
struct Forward {
  Sizes s;
  const T *x, *kernel;
  T* y;
  static constexpr bool a_along_k = true, b_along_k = false;

  __device__ __forceinline__ T a(int64_t group, int64_t window, int64_t k) const {
    return patch(s, x, group, window, k);
  }
  __device__ __forceinline__ T b(int64_t group, int64_t k, int64_t j) const {
    return kernel[k * s.filters + group * s.inner_filters.d + j];
  }
  __device__ __forceinline__ T* c(int64_t group, int64_t window, int64_t j) const {
    return y + window * s.filters + group * s.inner_filters.d + j;
  }
  __device__ __forceinline__ int64_t bias_of(int64_t group, int64_t j) const { return group * s.inner_filters.d + j; }
};

template <class T>
struct InputGrad {
  Sizes s;
  const T *g, *kernel;
  T* d;
  static constexpr bool a_along_k = true, b_along_k = true;

  __device__ __forceinline__ T a(int64_t group, int64_t position, int64_t k) const {
    const Split at = split(k, s.inner_filters);  // tap and filter
    const int64_t window =
        window_of(s.geometry, point_of(s.geometry.in, position), point_of(s.geometry.taps, at.outer));
    return window < 0 ? T(0) : g[window * s.filters + group * s.inner_filters.d + at.inner];
  }
  __device__ __forceinline__ T b(int64_t group, int64_t k, int64_t channel) const {
    const Split at = split(k, s.inner_filters);
    return kernel[(at.outer * int64_t{s.inner_channels.d} + channel) * s.filters + group * s.inner_filters.d +
                  at.inner];
  }
  __device__ __forceinline__ T* c(int64_t group, int64_t position, int64_t channel) const {
    return d + position * s.channels + group * s.inner_channels.d + channel;
  }
  __device__ __forceinline__ int64_t bias_of(int64_t, int64_t) const { return 0; }
};

template <class T>
struct KernelGrad {
  Sizes s;
  const T *g, *x;
  T* d;
  static constexpr bool a_along_k = false, b_along_k = false;

  __device__ __forceinline__ T a(int64_t group, int64_t i, int64_t window) const {
    return patch(s, x, group, window, i);
  }
  __device__ __forceinline__ T b(int64_t group, int64_t window, int64_t j) const {
    return g[window * s.filters + group * s.inner_filters.d + j];
  }
  __device__ __forceinline__ T* c(int64_t group, int64_t i, int64_t j) const {
    return d + i * s.filters + group * s.inner_filters.d + j;
  }
  __device__ __forceinline__ int64_t bias_of(int64_t, int64_t) const { return 0; }
};

// ---- The host's side ------------------------------------------------------------------------------------------------

int64_t product(const int64_t* n) { return n[0] * n[1] * n[2] * n[3]; }
int64_t taps(const Conv& c) { return product(c.windows.size); }

Product forward_product(const Conv& c) {
  return cut(product(c.windows.out), c.filters / c.groups, taps(c) * (c.channels / c.groups), c.groups);
}
Product input_grad_product(const Conv& c) {
  return cut(product(c.windows.in), c.channels / c.groups, taps(c) * (c.filters / c.groups), c.groups);
}
Product kernel_grad_product(const Conv& c) {
  return cut(taps(c) * (c.channels / c.groups), c.filters / c.groups, product(c.windows.out), c.groups);
}

template <class T, Product (*Of)(const Conv&)>
size_t workspace_of(const Conv& c) {
  return product_workspace<T>(Of(c));
}

template <class T>
void forward(const Conv& c, const void* x, const void* kernel, const void* bias, RowFn activation, void* y,
             void* workspace) {
  const Forward<T> source{sizes_of(c), static_cast<const T*>(x), static_cast<const T*>(kernel), static_cast<T*>(y)};
  if (!fits(source.s.geometry)) return report(cudaErrorInvalidValue);
  const Epilogue<T> epilogue = epilogue_of<T>(bias, activation);
  run_product(forward_product(c), source, epilogue, workspace);
  finish(epilogue, activation, source.y, product(c.windows.out) * c.filters);
}

template <class T>
void input_grad(const Conv& c, const void* g, const void* kernel, void* d, void* workspace) {
  const InputGrad<T> source{sizes_of(c), static_cast<const T*>(g), static_cast<const T*>(kernel), static_cast<T*>(d)};
  if (!fits(source.s.geometry)) return report(cudaErrorInvalidValue);
  run_product(input_grad_product(c), source, Epilogue<T>{}, workspace);
}

template <class T>
void kernel_grad(const Conv& c, const void* g, const void* x, void* d, void* workspace) {
  const KernelGrad<T> source{sizes_of(c), static_cast<const T*>(g), static_cast<const T*>(x), static_cast<T*>(d)};
  if (!fits(source.s.geometry)) return report(cudaErrorInvalidValue);
  run_product(kernel_grad_product(c), source, Epilogue<T>{}, workspace);
}

template <class T>
void fill_type(Kernels& k) {
  k.conv[dtype_index<T>] = {forward<T>,
                            input_grad<T>,
                            kernel_grad<T>,
                            workspace_of<T, forward_product>,
                            workspace_of<T, input_grad_product>,
                            workspace_of<T, kernel_grad_product>};
}

}  // namespace

void fill_conv(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::cuda

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
__device__ __forceinline__ T patch(const Sizes& s, const T* x, int64_t window, int64_t k) {
  const Split at = split(k, s.inner_channels);  // tap and channel
  const int64_t position =
      position_of(s.geometry, point_of(s.geometry.out, window), point_of(s.geometry.taps, at.outer));
  return position < 0 ? T(0) : x[position * s.channels + at.inner];
}

template <class T>
struct Forward {
  Sizes s;
  const T *x, *kernel;
  T* y;
  static constexpr bool a_along_k = true, b_along_k = false;

  struct View {
    const Forward& f;
    int64_t channel, bias;  // the first of the group: of x, and of the filters

    __device__ __forceinline__ T a(int64_t window, int64_t k) const { return patch(f.s, f.x + channel, window, k); }
    __device__ __forceinline__ T b(int64_t k, int64_t j) const { return f.kernel[k * f.s.filters + bias + j]; }
    __device__ __forceinline__ T* c(int64_t window, int64_t j) const { return f.y + window * f.s.filters + bias + j; }
  };
  __device__ __forceinline__ View view(int64_t group) const {
    return {*this, group * s.inner_channels.d, group * s.inner_filters.d};
  }
};

template <class T>
struct InputGrad {
  Sizes s;
  const T *g, *kernel;
  T* d;
  static constexpr bool a_along_k = true, b_along_k = true;

  struct View {
    const InputGrad& f;
    int64_t channel, filter;  // the first of the group
    static constexpr int64_t bias = 0;

    __device__ __forceinline__ T a(int64_t position, int64_t k) const {
      const Geometry& geometry = f.s.geometry;
      const Split at = split(k, f.s.inner_filters);  // tap and filter
      const int64_t window = window_of(geometry, point_of(geometry.in, position), point_of(geometry.taps, at.outer));
      return window < 0 ? T(0) : f.g[window * f.s.filters + filter + at.inner];
    }
    __device__ __forceinline__ T b(int64_t k, int64_t j) const {
      const Split at = split(k, f.s.inner_filters);
      return f.kernel[(at.outer * int64_t{f.s.inner_channels.d} + j) * f.s.filters + filter + at.inner];
    }
    __device__ __forceinline__ T* c(int64_t position, int64_t j) const {
      return f.d + position * f.s.channels + channel + j;
    }
  };
  __device__ __forceinline__ View view(int64_t group) const {
    return {*this, group * s.inner_channels.d, group * s.inner_filters.d};
  }
};

template <class T>
struct KernelGrad {
  Sizes s;
  const T *g, *x;
  T* d;
  static constexpr bool a_along_k = false, b_along_k = false;

  struct View {
    const KernelGrad& f;
    int64_t channel, filter;  // the first of the group
    static constexpr int64_t bias = 0;

    __device__ __forceinline__ T a(int64_t i, int64_t window) const { return patch(f.s, f.x + channel, window, i); }
    __device__ __forceinline__ T b(int64_t window, int64_t j) const { return f.g[window * f.s.filters + filter + j]; }
    __device__ __forceinline__ T* c(int64_t i, int64_t j) const { return f.d + i * f.s.filters + filter + j; }
  };
  __device__ __forceinline__ View view(int64_t group) const {
    return {*this, group * s.inner_channels.d, group * s.inner_filters.d};
  }
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

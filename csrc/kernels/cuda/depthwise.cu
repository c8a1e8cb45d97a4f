// Convolutions of each channel by itself, `multiple` filters for each: too few multiplications for a matrix product. A
// thread for each result; neighbours read neighbours.
#include "kernels/cuda/epilogue.h"
#include "kernels/cuda/fill.h"
#include "kernels/cuda/windows.h"

namespace pynn::cuda {
namespace {

struct Sizes {
  Geometry geometry;
  int64_t channels, filters;
  Divisor multiple;
  uint32_t unused;  // no padding: the emulation looks at every word of an argument
};
Sizes sizes_of(const Conv& c) {
  return {geometry_of(c.windows), c.channels, c.filters, divisor(static_cast<uint32_t>(c.filters / c.channels)), 0};
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    depthwise_forward(const __grid_constant__ Sizes s, const T* x, const T* kernel, Epilogue<T> epilogue, T* y) {
  const Geometry& g = s.geometry;
  for (int64_t i = thread_index(); i < g.out.size * s.filters; i += grid_threads()) {
    const int64_t window = i / s.filters, filter = i - window * s.filters;
    const int64_t channel = divide(static_cast<uint32_t>(filter), s.multiple);
    const Point at = point_of(g.out, window);
    T sum = 0;
    for (int64_t tap = 0; tap < g.taps.size; ++tap) {
      const int64_t position = position_of(g, at, point_of(g.taps, tap));
      if (position >= 0) sum += x[position * s.channels + channel] * kernel[tap * s.filters + filter];
    }
    y[i] = epilogue.apply(sum, filter);
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    depthwise_input_grad(const __grid_constant__ Sizes s, const T* g, const T* kernel, T* d) {
  const Geometry& geometry = s.geometry;
  const int64_t multiple = s.multiple.d;
  for (int64_t i = thread_index(); i < geometry.in.size * s.channels; i += grid_threads()) {
    const int64_t position = i / s.channels, channel = i - position * s.channels;
    const Point at = point_of(geometry.in, position);
    T sum = 0;
    for (int64_t tap = 0; tap < geometry.taps.size; ++tap) {
      const int64_t window = window_of(geometry, at, point_of(geometry.taps, tap));
      if (window < 0) continue;
      for (int64_t f = channel * multiple; f < (channel + 1) * multiple; ++f)
        sum += g[window * s.filters + f] * kernel[tap * s.filters + f];
    }
    d[i] = sum;
  }
}

// A thread for each weight and part of the windows: partial is [part][weight], or d itself where there is one part.
template <class T>
__global__ void __launch_bounds__(kThreads) depthwise_kernel_grad(const __grid_constant__ Sizes s, int64_t parts,
                                                                  int64_t part, const T* g, const T* x, T* partial) {
  const Geometry& geometry = s.geometry;
  const int64_t size = geometry.taps.size * s.filters;
  for (int64_t i = thread_index(); i < size * parts; i += grid_threads()) {
    const int64_t p = i / size, weight = i - p * size, tap = weight / s.filters, filter = weight - tap * s.filters;
    const int64_t channel = divide(static_cast<uint32_t>(filter), s.multiple);
    const int64_t begin = p * part, end = begin + part < geometry.out.size ? begin + part : geometry.out.size;
    const Point at = point_of(geometry.taps, tap);
    T sum = 0;
    for (int64_t window = begin; window < end; ++window) {
      const int64_t position = position_of(geometry, point_of(geometry.out, window), at);
      if (position >= 0) sum += x[position * s.channels + channel] * g[window * s.filters + filter];
    }
    partial[i] = sum;
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads) add_parts(int64_t size, int64_t parts, const T* partial, T* d) {
  for (int64_t i = thread_index(); i < size; i += grid_threads()) {
    T sum = partial[i];
    for (int64_t p = 1; p < parts; ++p) sum += partial[p * size + i];
    d[i] = sum;
  }
}

int64_t product(const int64_t* n) { return n[0] * n[1] * n[2] * n[3]; }
int64_t weights(const Conv& c) { return product(c.windows.size) * c.filters; }

// Of the windows, where the weights alone are too few threads.
int64_t parts_of_windows(const Conv& c) {
  constexpr int64_t kFewThreads = kSample ? 1 << 9 : 1 << 15, kWindows = kSample ? 8 : 32;
  return most(least(kFewThreads / most(weights(c), 1), product(c.windows.out) / kWindows), 1);
}

size_t no_workspace(const Conv&) { return 0; }
template <class T>
size_t kernel_grad_workspace(const Conv& c) {
  const int64_t parts = parts_of_windows(c);
  return parts > 1 ? static_cast<size_t>(parts * weights(c)) * sizeof(T) : 0;
}

template <class T>
void forward(const Conv& c, const void* x, const void* kernel, const void* bias, RowFn activation, void* y, void*) {
  const Sizes s = sizes_of(c);
  if (!fits(s.geometry)) return report(cudaErrorInvalidValue);
  const Epilogue<T> epilogue = epilogue_of<T>(bias, activation);
  const int64_t n = s.geometry.out.size * s.filters;
  if (n == 0) return;
  launch(blocks_for(n), kThreads, depthwise_forward<T>, s, static_cast<const T*>(x), static_cast<const T*>(kernel),
         epilogue, static_cast<T*>(y));
  finish(epilogue, activation, static_cast<T*>(y), n);
}

template <class T>
void input_grad(const Conv& c, const void* g, const void* kernel, void* d, void*) {
  const Sizes s = sizes_of(c);
  if (!fits(s.geometry)) return report(cudaErrorInvalidValue);
  const int64_t n = s.geometry.in.size * s.channels;
  if (n == 0) return;
  launch(blocks_for(n), kThreads, depthwise_input_grad<T>, s, static_cast<const T*>(g), static_cast<const T*>(kernel),
         static_cast<T*>(d));
}

template <class T>
void kernel_grad(const Conv& c, const void* g, const void* x, void* d, void* workspace) {
  const Sizes s = sizes_of(c);
  if (!fits(s.geometry)) return report(cudaErrorInvalidValue);
  const int64_t size = weights(c), parts = parts_of_windows(c), part = ceil_div(s.geometry.out.size, parts);
  if (size == 0) return;
  T* const sums = static_cast<T*>(parts > 1 ? workspace : d);
  launch(blocks_for(size * parts), kThreads, depthwise_kernel_grad<T>, s, parts, part, static_cast<const T*>(g),
         static_cast<const T*>(x), sums);
  if (parts > 1) launch(blocks_for(size), kThreads, add_parts<T>, size, parts, sums, static_cast<T*>(d));
}

template <class T>
void fill_type(Kernels& k) {
  k.depthwise[dtype_index<T>] = {forward<T>,   input_grad<T>, kernel_grad<T>,
                                 no_workspace, no_workspace,  kernel_grad_workspace<T>};
}

}  // namespace

void fill_depthwise(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::cuda

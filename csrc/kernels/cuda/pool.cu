// Pooling: the largest or the mean of each window, and the way back. A thread for each result, of the gradient too,
// which gathers from the windows that take its position: nothing is added up across threads.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/windows.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

struct Sizes {
  Geometry geometry;
  int64_t channels;
};

template <class T, class Index>
__global__ void __launch_bounds__(kThreads) largest(const __grid_constant__ Sizes s, const T* x, T* y, Index* index) {
  const Geometry& g = s.geometry;
  for (int64_t i = thread_index(); i < g.out.size * s.channels; i += grid_threads()) {
    const int64_t window = i / s.channels, channel = i - window * s.channels;
    const Point at = point_of(g.out, window);
    T best = 0;
    int64_t place = -1;
    for (int64_t tap = 0; tap < g.taps.size; ++tap) {
      const int64_t position = position_of(g, at, point_of(g.taps, tap));
      if (position < 0) continue;
      const T value = x[position * s.channels + channel];
      if (place < 0 || value > best || value != value) best = value, place = tap;
    }
    if (place < 0) continue;
    y[i] = best;
    index[i] = static_cast<Index>(place);
  }
}

template <class T, class Index>
__global__ void __launch_bounds__(kThreads)
    pick(const __grid_constant__ Sizes s, const T* x, const Index* index, T* y) {
  const Geometry& g = s.geometry;
  for (int64_t i = thread_index(); i < g.out.size * s.channels; i += grid_threads()) {
    const int64_t window = i / s.channels, channel = i - window * s.channels;
    const int64_t position = position_of(g, point_of(g.out, window), point_of(g.taps, index[i]));
    if (position >= 0) y[i] = x[position * s.channels + channel];
  }
}

template <class T, class Index>
__global__ void __launch_bounds__(kThreads)
    place(const __grid_constant__ Sizes s, const T* g, const Index* index, T* d) {
  const Geometry& geometry = s.geometry;
  for (int64_t i = thread_index(); i < geometry.in.size * s.channels; i += grid_threads()) {
    const int64_t position = i / s.channels, channel = i - position * s.channels;
    const Point at = point_of(geometry.in, position);
    T sum = 0;
    for (int64_t tap = 0; tap < geometry.taps.size; ++tap) {
      const int64_t window = window_of(geometry, at, point_of(geometry.taps, tap));
      if (window >= 0 && index[window * s.channels + channel] == static_cast<Index>(tap))
        sum += g[window * s.channels + channel];
    }
    d[i] = sum;
  }
}

// The number of positions of a window inside of the input.
__device__ __forceinline__ int inside(const Geometry& g, const Point& window) {
  int n = 0;
  for (int64_t tap = 0; tap < g.taps.size; ++tap) n += position_of(g, window, point_of(g.taps, tap)) >= 0;
  return n;
}

template <class T>
__global__ void __launch_bounds__(kThreads) average(const __grid_constant__ Sizes s, const T* x, T* y) {
  const Geometry& g = s.geometry;
  for (int64_t i = thread_index(); i < g.out.size * s.channels; i += grid_threads()) {
    const int64_t window = i / s.channels, channel = i - window * s.channels;
    const Point at = point_of(g.out, window);
    T sum = 0;
    int n = 0;
    for (int64_t tap = 0; tap < g.taps.size; ++tap) {
      const int64_t position = position_of(g, at, point_of(g.taps, tap));
      if (position >= 0) sum += x[position * s.channels + channel], ++n;
    }
    y[i] = sum / static_cast<T>(n);
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads) average_back(const __grid_constant__ Sizes s, const T* g, T* d) {
  const Geometry& geometry = s.geometry;
  for (int64_t i = thread_index(); i < geometry.in.size * s.channels; i += grid_threads()) {
    const int64_t position = i / s.channels, channel = i - position * s.channels;
    const Point at = point_of(geometry.in, position);
    T sum = 0;
    for (int64_t tap = 0; tap < geometry.taps.size; ++tap) {
      const int64_t window = window_of(geometry, at, point_of(geometry.taps, tap));
      if (window < 0) continue;
      const int n = inside(geometry, point_of(geometry.out, window));
      sum += g[window * s.channels + channel] / static_cast<T>(n);
    }
    d[i] = sum;
  }
}

// ---- The host's side ------------------------------------------------------------------------------------------------

// Launches a kernel over `n` windows or positions and their channels.
template <class... Parameters, class... Arguments>
void run(const Pool& p, const int64_t* n, void (*kernel)(Parameters...), const Arguments&... arguments) {
  const Sizes s{geometry_of(p.windows), p.channels};
  const int64_t size = n[0] * n[1] * n[2] * n[3] * p.channels;
  if (!fits(s.geometry)) return report(cudaErrorInvalidValue);
  if (size > 0) launch(blocks_for(size), kThreads, kernel, s, arguments...);
}

template <class T>
void max_pool(const Pool& p, const void* x, void* y, void* index) {
  if (p.wide)
    run(p, p.windows.out, largest<T, int32_t>, static_cast<const T*>(x), static_cast<T*>(y),
        static_cast<int32_t*>(index));
  else
    run(p, p.windows.out, largest<T, uint8_t>, static_cast<const T*>(x), static_cast<T*>(y),
        static_cast<uint8_t*>(index));
}

template <class T>
void pool_pick(const Pool& p, const void* x, const void* index, void* y) {
  if (p.wide)
    run(p, p.windows.out, pick<T, int32_t>, static_cast<const T*>(x), static_cast<const int32_t*>(index),
        static_cast<T*>(y));
  else
    run(p, p.windows.out, pick<T, uint8_t>, static_cast<const T*>(x), static_cast<const uint8_t*>(index),
        static_cast<T*>(y));
}

template <class T>
void pool_place(const Pool& p, const void* g, const void* index, void* d) {
  if (p.wide)
    run(p, p.windows.in, place<T, int32_t>, static_cast<const T*>(g), static_cast<const int32_t*>(index),
        static_cast<T*>(d));
  else
    run(p, p.windows.in, place<T, uint8_t>, static_cast<const T*>(g), static_cast<const uint8_t*>(index),
        static_cast<T*>(d));
}

template <class T>
void average_pool(const Pool& p, const void* x, void* y) {
  run(p, p.windows.out, average<T>, static_cast<const T*>(x), static_cast<T*>(y));
}
template <class T>
void average_pool_grad(const Pool& p, const void* g, void* d) {
  run(p, p.windows.in, average_back<T>, static_cast<const T*>(g), static_cast<T*>(d));
}

template <class T>
void fill_type(Kernels& k) {
  constexpr int t = dtype_index<T>;
  k.max_pool[t] = max_pool<T>;
  k.pool_pick[t] = pool_pick<T>, k.pool_place[t] = pool_place<T>;
  k.average_pool[t] = average_pool<T>, k.average_pool_grad[t] = average_pool_grad<T>;
}

}  // namespace

void fill_pool(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::cuda

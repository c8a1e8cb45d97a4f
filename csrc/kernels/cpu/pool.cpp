// Pooling: the largest or the mean of each window, and the way back. Each result is computed by itself, the gradient
// too, from the windows that take its position: nothing is added up across threads. Loops run along the channels.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"
#include "kernels/cpu/windows.h"

namespace pynn::PYNN_ISA {
namespace {

// Channels that are worked on at once, in registers or close to them.
constexpr int64_t kChannels = 64;

PYNN_FN int64_t work_of(const Pool& p) { return product(p.windows.size) * p.channels; }

// Calls f(first, n) for blocks of the channels.
template <class F>
PYNN_FN void each_block(int64_t channels, F f) {
  for (int64_t c = 0; c < channels; c += kChannels) f(c, smaller(kChannels, channels - c));
}

template <class T, class Index>
void max_pool(const Pool& p, const T* x, T* y, Index* index) {
  each(p.windows.out, work_of(p), [&](int64_t window, const PerAxis& coordinates) {
    each_block(p.channels, [&](int64_t first, int64_t n) {
      T best[kChannels];
      int32_t at[kChannels];
      bool started = false;
      each_position(p.windows, coordinates, [&](int64_t tap, int64_t position) {
        const T* const in = x + position * p.channels + first;
        const auto here = static_cast<int32_t>(tap);
        if (!started) {
          for (int64_t i = 0; i < n; ++i) best[i] = in[i], at[i] = here;
          started = true;
          return;
        }
#pragma omp simd
        for (int64_t i = 0; i < n; ++i) {
          const bool wins = in[i] > best[i] || in[i] != in[i];
          best[i] = wins ? in[i] : best[i];
          at[i] = wins ? here : at[i];
        }
      });
      T* const out = y + window * p.channels + first;
      Index* const to = index + window * p.channels + first;
      for (int64_t i = 0; i < n; ++i) out[i] = best[i];
      for (int64_t i = 0; i < n; ++i) to[i] = static_cast<Index>(at[i]);
    });
  });
}

template <class T, class Index>
void pool_pick(const Pool& p, const T* x, const Index* index, T* y) {
  each(p.windows.out, work_of(p), [&](int64_t window, const PerAxis& coordinates) {
    T* const out = y + window * p.channels;
    const Index* const at = index + window * p.channels;
    each_position(p.windows, coordinates, [&](int64_t tap, int64_t position) {
      const T* const in = x + position * p.channels;
      const auto here = static_cast<Index>(tap);
#pragma omp simd
      for (int64_t i = 0; i < p.channels; ++i) out[i] = at[i] == here ? in[i] : out[i];
    });
  });
}

template <class T, class Index>
void pool_place(const Pool& p, const T* g, const Index* index, T* d) {
  each(p.windows.in, work_of(p), [&](int64_t position, const PerAxis& coordinates) {
    T* const out = d + position * p.channels;
    bool started = false;
    each_window(p.windows, coordinates, [&](int64_t tap, int64_t window, const PerAxis&) {
      const T* const in = g + window * p.channels;
      const Index* const at = index + window * p.channels;
      const auto here = static_cast<Index>(tap);
      if (started) {
#pragma omp simd
        for (int64_t i = 0; i < p.channels; ++i) out[i] += at[i] == here ? in[i] : T(0);
      } else {
#pragma omp simd
        for (int64_t i = 0; i < p.channels; ++i) out[i] = at[i] == here ? in[i] : T(0);
        started = true;
      }
    });
    if (!started) std::memset(out, 0, p.channels * sizeof(T));
  });
}

// The number of positions of a window inside of the input.
PYNN_FN int64_t inside(const Windows& w, const PerAxis& at) {
  int64_t n = 1;
  for (int d = 1; d < kWindowAxes; ++d) {
    const Span s = span(w, d, at[d]);
    n *= s.to - s.from;
  }
  return n;
}

template <class T>
void average_pool(const Pool& p, const void* x, void* y) {
  each(p.windows.out, work_of(p), [&](int64_t window, const PerAxis& coordinates) {
    T* const out = static_cast<T*>(y) + window * p.channels;
    std::memset(out, 0, p.channels * sizeof(T));
    const auto n = static_cast<T>(inside(p.windows, coordinates));
    each_position(p.windows, coordinates, [&](int64_t, int64_t position) {
      const T* const in = static_cast<const T*>(x) + position * p.channels;
#pragma omp simd
      for (int64_t i = 0; i < p.channels; ++i) out[i] += in[i];
    });
#pragma omp simd
    for (int64_t i = 0; i < p.channels; ++i) out[i] /= n;
  });
}

template <class T>
void average_pool_grad(const Pool& p, const void* g, void* d) {
  each(p.windows.in, work_of(p), [&](int64_t position, const PerAxis& coordinates) {
    T* const out = static_cast<T*>(d) + position * p.channels;
    std::memset(out, 0, p.channels * sizeof(T));
    each_window(p.windows, coordinates, [&](int64_t, int64_t window, const PerAxis& its) {
      const T* const in = static_cast<const T*>(g) + window * p.channels;
      const auto n = static_cast<T>(inside(p.windows, its));
#pragma omp simd
      for (int64_t i = 0; i < p.channels; ++i) out[i] += in[i] / n;
    });
  });
}

// Calls f with a null pointer to the type of the indices.
template <class F>
PYNN_FN void with_index(const Pool& p, F f) {
  if (p.wide) return f(static_cast<int32_t*>(nullptr));
  f(static_cast<uint8_t*>(nullptr));
}

template <class T>
void fill_type(Kernels& k) {
  constexpr int t = dtype_index<T>;
  k.max_pool[t] = [](const Pool& p, const void* x, void* y, void* index) {
    with_index(p, [&](auto* null) {
      max_pool(p, static_cast<const T*>(x), static_cast<T*>(y), static_cast<decltype(null)>(index));
    });
  };
  k.pool_pick[t] = [](const Pool& p, const void* x, const void* index, void* y) {
    with_index(p, [&](const auto* null) {
      pool_pick(p, static_cast<const T*>(x), static_cast<decltype(null)>(index), static_cast<T*>(y));
    });
  };
  k.pool_place[t] = [](const Pool& p, const void* g, const void* index, void* d) {
    with_index(p, [&](const auto* null) {
      pool_place(p, static_cast<const T*>(g), static_cast<decltype(null)>(index), static_cast<T*>(d));
    });
  };
  k.average_pool[t] = average_pool<T>;
  k.average_pool_grad[t] = average_pool_grad<T>;
}

}  // namespace

void fill_pool(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::PYNN_ISA

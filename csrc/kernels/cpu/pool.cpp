// Pooling: the largest or the mean of each window, and the way back. Each result is computed by itself, the gradient
// too, from the windows that take its position: nothing is added up across threads. Loops run along the channels.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"
#include "kernels/cpu/windows.h"

namespace pynn::PYNN_ISA {
namespace {

PYNN_FN int64_t work_of(const Pool& p) { return product(p.windows.size) * p.channels; }

// Integers as wide as the elements of a vector of T: comparisons give them, and where() counts in them.
template <class T>
struct Counts;
template <>
struct Counts<float> {
  typedef int32_t type __attribute__((vector_size(kVectorBytes)));
};
template <>
struct Counts<double> {
  typedef int64_t type __attribute__((vector_size(kVectorBytes)));
};

// The largest of one window in `vectors` vectors of channels, held in registers while the positions go by.
template <int vectors, class T, class Index>
PYNN_FN void largest(const Pool& p, const PerAxis& coordinates, const T* x, T* y, Index* index) {
  using V = Vector<T>;
  using I = typename Counts<T>::type;
  using Narrow __attribute__((vector_size(sizeof(Index) * kLanes<T>))) = Index;
  constexpr int lanes = Tile<T>::lanes;
  V best[vectors] = {};
  I at[vectors] = {};
  bool started = false;
  each_position(p.windows, coordinates, [&](int64_t tap, int64_t position) {
    const T* const in = x + position * p.channels;
    const I here = I{} + static_cast<int32_t>(tap);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      const V value = load(in + v * lanes);
      const I wins = started ? (value > best[v]) | (value != value) : ~I{};
      best[v] = wins ? value : best[v];
      at[v] = wins ? here : at[v];
    }
    started = true;
  });
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    store(y + v * lanes, best[v]);
    store_as(index + v * lanes, __builtin_convertvector(at[v], Narrow));
  }
}

// The same for one channel.
template <class T, class Index>
PYNN_FN void largest_of_one(const Pool& p, const PerAxis& coordinates, const T* x, T* y, Index* index) {
  bool started = false;
  each_position(p.windows, coordinates, [&](int64_t tap, int64_t position) {
    const T value = x[position * p.channels];
    if (started && !(value > *y) && value == value) return;
    *y = value, *index = static_cast<Index>(tap), started = true;
  });
}

template <class T, class Index>
void max_pool(const Pool& p, const T* x, T* y, Index* index) {
  constexpr int lanes = Tile<T>::lanes;
  each(p.windows.out, work_of(p), [&](int64_t window, const PerAxis& at) {
    T* const out = y + window * p.channels;
    Index* const to = index + window * p.channels;
    int64_t i = 0;
    for (; i + 4 * lanes <= p.channels; i += 4 * lanes) largest<4>(p, at, x + i, out + i, to + i);
    for (; i + lanes <= p.channels; i += lanes) largest<1>(p, at, x + i, out + i, to + i);
    for (; i < p.channels; ++i) largest_of_one(p, at, x + i, out + i, to + i);
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

// Whether windows share no position, and are moved down and across only.
PYNN_FN bool are_apart(const Windows& w) {
  for (int d = 0; d < kWindowAxes; ++d)
    if (w.stride[d] < w.size[d] || w.dilation[d] != 1) return false;
  return w.size[1] == 1 && w.stride[1] == 1 && w.low[1] == 0 && w.in[1] == w.out[1];
}

// g of one window to where its index says, and zeros to its other positions; `vectors` vectors of channels.
template <int vectors, class T, class Index>
PYNN_FN void place(const Pool& p, const PerAxis& coordinates, const T* g, const Index* index, T* d) {
  using V = Vector<T>;
  using I = typename Counts<T>::type;
  using Narrow __attribute__((vector_size(sizeof(Index) * kLanes<T>))) = Index;
  constexpr int lanes = Tile<T>::lanes;
  V value[vectors];
  I at[vectors];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; ++v) {
    value[v] = load(g + v * lanes);
    at[v] = __builtin_convertvector(load_as<Narrow>(index + v * lanes), I);
  }
  each_position(p.windows, coordinates, [&](int64_t tap, int64_t position) {
    const I here = I{} + static_cast<int32_t>(tap);
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) store(d + position * p.channels + v * lanes, at[v] == here ? value[v] : V{});
  });
}

template <class T, class Index>
PYNN_FN void place_window(const Pool& p, const PerAxis& at, const T* g, const Index* index, T* d) {
  constexpr int lanes = Tile<T>::lanes;
  int64_t i = 0;
  for (; i + 4 * lanes <= p.channels; i += 4 * lanes) place<4>(p, at, g + i, index + i, d + i);
  for (; i + lanes <= p.channels; i += lanes) place<1>(p, at, g + i, index + i, d + i);
  for (; i < p.channels; ++i)
    each_position(p.windows, at, [&](int64_t tap, int64_t position) {
      d[position * p.channels + i] = index[i] == static_cast<Index>(tap) ? g[i] : T(0);
    });
}

// Of windows that share nothing: a line of them owns the lines of the input from its first one to the next one's.
template <class T, class Index>
void place_apart(const Pool& p, const T* g, const Index* index, T* d) {
  const Windows& w = p.windows;
  const int64_t lines = w.out[2], line = w.in[3] * p.channels;
  const bool whole = w.stride[2] == w.size[2] && w.stride[3] == w.size[3] && w.out[2] * w.size[2] == w.in[2] &&
                     w.out[3] * w.size[3] == w.in[3];  // each position is in a window
  const auto begin = [&](int64_t i) {
    return i == 0 ? 0 : i == lines ? w.in[2] : smaller(i * w.stride[2] - w.low[2], w.in[2]);
  };
  ranges(w.out[0] * w.out[1] * lines, larger(kGrain / larger(w.stride[2] * line, 1), 1), [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const int64_t image = i / lines, first = begin(i % lines);
      if (!whole)
        std::memset(d + (image * w.in[2] + first) * line, 0, (begin(i % lines + 1) - first) * line * sizeof(T));
      PerAxis at{{image / w.in[1], image % w.in[1], i % lines, 0}};
      for (; at[3] < w.out[3]; ++at[3]) {
        const int64_t window = (i * w.out[3] + at[3]) * p.channels;
        place_window(p, at, g + window, index + window, d);
      }
    }
  });
}

template <class T, class Index>
void pool_place(const Pool& p, const T* g, const Index* index, T* d) {
  if (are_apart(p.windows) && product(p.windows.out) > 0) return place_apart(p, g, index, d);
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

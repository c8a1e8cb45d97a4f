// The geometry of windows on the device: from the number of a window, a position or a tap to its coordinates, and from
// a window and a tap to a position.
#pragma once
#include "kernels/cuda/nest.h"

namespace pynn::cuda {
namespace {

// A row-major grid of four axes.
struct Grid {
  Divisor n[kWindowAxes];
  int64_t size;
};
inline Grid grid_of(const int64_t* n) {
  Grid g{};
  g.size = 1;
  for (int d = 0; d < kWindowAxes; ++d) {
    g.n[d] = divisor(static_cast<uint32_t>(most(n[d], 1)));
    g.size *= n[d];
  }
  return g;
}

struct Point {
  int at[kWindowAxes];
};
__device__ __forceinline__ Point point_of(const Grid& g, int64_t number) {
  Point p;
  uint32_t rest = static_cast<uint32_t>(number);
#pragma unroll
  for (int d = kWindowAxes - 1; d > 0; --d) {
    const uint32_t next = divide(rest, g.n[d]);
    p.at[d] = static_cast<int>(rest - next * g.n[d].d);
    rest = next;
  }
  p.at[0] = static_cast<int>(rest);
  return p;
}

struct Geometry {
  Grid in, out, taps;
  int stride[kWindowAxes], dilation[kWindowAxes], low[kWindowAxes];
  Divisor stride_divisor[kWindowAxes];
};
inline Geometry geometry_of(const Windows& w) {
  Geometry g{};
  g.in = grid_of(w.in), g.out = grid_of(w.out), g.taps = grid_of(w.size);
  for (int d = 0; d < kWindowAxes; ++d) {
    g.stride[d] = static_cast<int>(w.stride[d]);
    g.dilation[d] = static_cast<int>(w.dilation[d]);
    g.low[d] = static_cast<int>(w.low[d]);
    g.stride_divisor[d] = divisor(static_cast<uint32_t>(w.stride[d]));
  }
  return g;
}
// Whether 32 bits number all that there is.
inline bool fits(const Geometry& g) {
  return g.in.size < kMostElements && g.out.size < kMostElements && g.taps.size < kMostElements;
}

// The number of the position that a tap of a window reads; -1 in the padding.
__device__ __forceinline__ int64_t position_of(const Geometry& g, const Point& window, const Point& tap) {
  int64_t position = 0;
#pragma unroll
  for (int d = 0; d < kWindowAxes; ++d) {
    const int at = window.at[d] * g.stride[d] - g.low[d] + tap.at[d] * g.dilation[d];
    const int n = static_cast<int>(g.in.n[d].d);
    if (at < 0 || at >= n) return -1;
    position = position * n + at;
  }
  return position;
}

// The number of the window of which a tap reads a position; -1 if there is none.
__device__ __forceinline__ int64_t window_of(const Geometry& g, const Point& position, const Point& tap) {
  int64_t window = 0;
#pragma unroll
  for (int d = 0; d < kWindowAxes; ++d) {
    const int begin = position.at[d] + g.low[d] - tap.at[d] * g.dilation[d];
    if (begin < 0) return -1;
    const uint32_t at = divide(static_cast<uint32_t>(begin), g.stride_divisor[d]);
    const uint32_t n = g.out.n[d].d;
    if (static_cast<int>(at) * g.stride[d] != begin || at >= n) return -1;
    window = window * n + at;
  }
  return window;
}

}  // namespace
}  // namespace pynn::cuda

// The geometry of windows for conv.cpp, depthwise.cpp and pool.cpp: cutting them into blocks of work, where each one
// begins and where its positions stand, and copies of the input with the padding written out.
#pragma once
#include "kernels/cpu/gemm_slab.h"

namespace pynn::PYNN_ISA {
namespace {

// One number an axis.
struct PerAxis {
  int64_t at[kWindowAxes];
  int64_t& operator[](int d) { return at[d]; }
  const int64_t& operator[](int d) const { return at[d]; }
};

PYNN_FN int64_t product(const int64_t* n) { return n[0] * n[1] * n[2] * n[3]; }

// Row-major steps of (n[0], ..., n[3], channels).
PYNN_FN PerAxis steps_of(const int64_t* n, int64_t channels) {
  PerAxis step;
  int64_t size = channels;
  for (int d = kWindowAxes - 1; d >= 0; --d) step[d] = size, size *= n[d];
  return step;
}

// Whether any window reaches outside of the input.
PYNN_FN bool is_padded(const Windows& w) {
  for (int d = 0; d < kWindowAxes; ++d) {
    const int64_t end = (w.out[d] - 1) * w.stride[d] - w.low[d] + (w.size[d] - 1) * w.dilation[d];
    if (w.low[d] > 0 || end >= w.in[d]) return true;
  }
  return false;
}

// The windows, cut along one axis into blocks of `step`, with the axes behind it whole. A block's windows are
// neighbours in the row-major order of the output.
struct Grid {
  int axis;
  int64_t step, inner;  // windows along the axis, and in each of those
  int64_t parts, blocks;
  int64_t most() const { return step * inner; }  // windows in a block
};
struct Block {
  PerAxis origin, count;
  int64_t first, windows;
};

// Blocks of at most `target` windows, and about as many where there are.
PYNN_FN Grid cut(const Windows& w, int64_t target) {
  Grid g{kWindowAxes - 1, 0, 1, 0, 1};
  while (g.axis > 0 && 2 * g.inner * w.out[g.axis] <= target) g.inner *= w.out[g.axis--];
  const int64_t n = w.out[g.axis], most = smaller(larger(target / g.inner, 1), n);
  g.step = ceil_div(n, ceil_div(n, most));
  g.parts = ceil_div(n, g.step);
  for (int d = 0; d < g.axis; ++d) g.blocks *= w.out[d];
  g.blocks *= g.parts;
  return g;
}

PYNN_FN Block block_of(const Windows& w, const Grid& g, int64_t i) {
  Block b;
  for (int d = 0; d < kWindowAxes; ++d) b.origin[d] = 0, b.count[d] = d < g.axis ? 1 : w.out[d];
  int64_t lead = i / g.parts;
  b.origin[g.axis] = i % g.parts * g.step;
  b.count[g.axis] = smaller(g.step, w.out[g.axis] - b.origin[g.axis]);
  b.first = (lead * w.out[g.axis] + b.origin[g.axis]) * g.inner;
  b.windows = b.count[g.axis] * g.inner;
  for (int d = g.axis - 1; d >= 0; --d) b.origin[d] = lead % w.out[d], lead /= w.out[d];
  return b;
}

// at[...] = the sum over the axes of i * step, for all i below count, row-major; then `run` neighbours of each.
PYNN_FN void fill_table(const PerAxis& count, const PerAxis& step, int64_t run, int64_t* at) {
  for (int64_t a = 0; a < count[0]; ++a)
    for (int64_t b = 0; b < count[1]; ++b)
      for (int64_t c = 0; c < count[2]; ++c)
        for (int64_t d = 0; d < count[3]; ++d)
          for (int64_t i = 0; i < run; ++i) *at++ = a * step[0] + b * step[1] + c * step[2] + d * step[3] + i;
}

PYNN_FN PerAxis scaled(const PerAxis& a, const int64_t* by) {
  return {{a[0] * by[0], a[1] * by[1], a[2] * by[2], a[3] * by[3]}};
}

// The part of the input that windows need, `count` of them along each axis.
PYNN_FN PerAxis extent(const Windows& w, const PerAxis& count) {
  PerAxis n;
  for (int d = 0; d < kWindowAxes; ++d) n[d] = (count[d] - 1) * w.stride[d] + (w.size[d] - 1) * w.dilation[d] + 1;
  return n;
}

// A line of x with its padding: n positions from `begin` on, of which [0, size) are there; x may be null.
template <class T>
PYNN_FN void copy_line(const T* x, int64_t begin, int64_t n, int64_t size, int64_t channels, T* y) {
  const int64_t from = x ? smaller(larger(0, -begin), n) : n, to = larger(from, smaller(n, size - begin));
  if (from > 0) std::memset(y, 0, from * channels * sizeof(T));
  if (to > from) std::memcpy(y + from * channels, x + (begin + from) * channels, (to - from) * channels * sizeof(T));
  if (n > to) std::memset(y + to * channels, 0, (n - to) * channels * sizeof(T));
}

// What the block's windows need of x, padding included, to y, whose lines are `step` apart.
template <class T>
void copy_windows(const Windows& w, const Block& block, const T* x, int64_t channels, const PerAxis& step, T* y) {
  const PerAxis n = extent(w, block.count), from = steps_of(w.in, channels);
  PerAxis begin;
  for (int d = 0; d < kWindowAxes; ++d) begin[d] = block.origin[d] * w.stride[d] - w.low[d];
  const auto inside = [&](int d, int64_t i) { return begin[d] + i >= 0 && begin[d] + i < w.in[d]; };
  for (int64_t a = 0; a < n[0]; ++a)
    for (int64_t b = 0; b < n[1]; ++b)
      for (int64_t c = 0; c < n[2]; ++c) {
        const bool there = inside(0, a) && inside(1, b) && inside(2, c);
        const T* const line = x + (begin[0] + a) * from[0] + (begin[1] + b) * from[1] + (begin[2] + c) * from[2];
        copy_line(there ? line : nullptr, begin[3], n[3], w.in[3], channels,
                  y + a * step[0] + b * step[1] + c * step[2]);
      }
}

// ---- One window, one position ---------------------------------------------------------------------------------------

// Row-major position i of axes of sizes n.
PYNN_FN PerAxis coordinates(const int64_t* n, int64_t i) {
  PerAxis at;
  for (int d = kWindowAxes - 1; d >= 0; --d) at[d] = i % n[d], i /= n[d];
  return at;
}

// Calls body(i, coordinates) for each position i of axes of sizes n, in ranges that are worth a thread; `work` is the
// cost of one, in elements.
template <class Body>
PYNN_FN void each(const int64_t* n, int64_t work, Body body) {
  ranges(product(n), larger(kGrain / larger(work, 1), 1), [&](int64_t begin, int64_t end) {
    PerAxis at = coordinates(n, begin);
    for (int64_t i = begin; i < end; ++i) {
      body(i, at);
      for (int d = kWindowAxes - 1; d >= 0 && ++at[d] == n[d]; --d) at[d] = 0;
    }
  });
}

// Along one axis, the positions of a window that lie inside of the input. Division is slow, and mostly by 1.
struct Span {
  int64_t begin, from, to;
};
PYNN_FN int64_t quotient(int64_t n, int64_t by) { return by == 1 ? n : ceil_div(n, by); }
PYNN_FN Span span(const Windows& w, int d, int64_t window) {
  const int64_t begin = window * w.stride[d] - w.low[d];
  return {begin, begin < 0 ? quotient(-begin, w.dilation[d]) : 0,
          smaller(w.size[d], quotient(w.in[d] - begin, w.dilation[d]))};
}

// Calls f(tap, position) for each position of the window at these coordinates that lies inside of the input, both
// counted row-major.
template <class F>
PYNN_FN void each_position(const Windows& w, const PerAxis& at, F f) {
  const Span planes = span(w, 1, at[1]), lines = span(w, 2, at[2]), places = span(w, 3, at[3]);
  for (int64_t i = planes.from; i < planes.to; ++i)
    for (int64_t j = lines.from; j < lines.to; ++j) {
      const int64_t plane = at[0] * w.in[1] + planes.begin + i * w.dilation[1];
      const int64_t line = (plane * w.in[2] + lines.begin + j * w.dilation[2]) * w.in[3] + places.begin;
      const int64_t tap = (i * w.size[2] + j) * w.size[3];
      for (int64_t k = places.from; k < places.to; ++k) f(tap + k, line + k * w.dilation[3]);
    }
}

// The window that has the coordinate `at` of the input as its position `tap`, along one axis; or -1.
PYNN_FN int64_t window_at(const Windows& w, int d, int64_t at, int64_t tap) {
  const int64_t begin = at + w.low[d] - tap * w.dilation[d];
  if (begin < 0) return -1;
  const int64_t i = w.stride[d] == 1 ? begin : begin / w.stride[d];
  return i * w.stride[d] == begin && i < w.out[d] ? i : -1;
}

// The reverse: calls f(tap, window, its coordinates) for each window that takes this position of the input, in the
// order of taps.
template <class F>
PYNN_FN void each_window(const Windows& w, const PerAxis& at, F f) {
  for (int64_t i = 0; i < w.size[1]; ++i) {
    const int64_t plane = window_at(w, 1, at[1], i);
    if (plane < 0) continue;
    for (int64_t j = 0; j < w.size[2]; ++j) {
      const int64_t line = window_at(w, 2, at[2], j);
      if (line < 0) continue;
      const int64_t row = ((at[0] * w.out[1] + plane) * w.out[2] + line) * w.out[3];
      for (int64_t k = 0; k < w.size[3]; ++k) {
        const int64_t place = window_at(w, 3, at[3], k);
        if (place >= 0) f((i * w.size[2] + j) * w.size[3] + k, row + place, PerAxis{{at[0], plane, line, place}});
      }
    }
  }
}

// Hands out the parts of a workspace one after the other; without one it only counts.
struct Workspace {
  char* base;
  int64_t used;
  template <class T>
  T* take(int64_t n) {
    char* const at = base ? base + used : nullptr;
    used += round_up(n * static_cast<int64_t>(sizeof(T)), kAlign);
    return reinterpret_cast<T*>(at);
  }
};

}  // namespace
}  // namespace pynn::PYNN_ISA

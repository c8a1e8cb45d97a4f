// The gradient of a convolution's input, in two ways. As a convolution of g with the kernel turned round: nothing is
// read or written twice, but windows at the edges reach over them, and those positions are multiplied for nothing. Or
// in place: g by the transposed kernel, one position of the windows after the other, each tile added to where the
// position stands; exactly the multiplications that are needed, but a tile is read and written once a position.
#pragma once
#include "kernels/cpu/conv_forward.h"

namespace pynn::PYNN_ISA {
namespace {

// ---- A convolution of g ---------------------------------------------------------------------------------------------

// That of g with the kernel turned round, for strides of 1: each position of x is one of its windows.
PYNN_FN Conv turned(const Conv& c) {
  Conv r = c;
  r.channels = c.filters, r.filters = c.channels;
  for (int d = 0; d < kWindowAxes; ++d) {
    const int64_t reach = (c.windows.size[d] - 1) * c.windows.dilation[d];
    r.windows.in[d] = c.windows.out[d], r.windows.out[d] = c.windows.in[d];
    r.windows.low[d] = reach - c.windows.low[d];
  }
  return r;
}

// The positions along an axis that all windows see, together.
PYNN_FN int64_t seen_positions(const Windows& w, int d) {
  int64_t sum = 0;
  for (int64_t i = 0; i < w.out[d]; ++i) sum += seen(w, d, i).to - seen(w, d, i).from;
  return sum;
}

// Whether that is the cheaper way, where it is one. The cost of a product is its depth, and what comes with a tile.
PYNN_FN bool is_better_turned(const Conv& c, const Sizes& s) {
  constexpr int64_t kTileCost = 12;
  const Windows& w = c.windows;
  for (int d = 0; d < kWindowAxes; ++d)
    if (w.stride[d] != 1 || w.low[d] > (w.size[d] - 1) * w.dilation[d]) return false;
  const int d = outermost(w);
  const int64_t rows = product(w.in) / larger(w.in[d], 1) * seen_positions(turned(c).windows, d);
  return s.taps > 1 && rows * s.N < product(w.out) * w.size[d] * (s.N + kTileCost);
}

// Row k of a group's panels is filter k % N of the original at the position that is k / N from the end.
template <class T>
void pack_turned(const Forward<T>& p, const Conv& c, const Sizes& s, const T* kernel) {
  constexpr int NR = Tile<T>::NR;
  each_few_panels(p, c.groups, [&](int64_t group, int64_t begin, int64_t K, int64_t panel, int64_t of) {
    for (int64_t j = panel * NR; j < panel * NR + of; j += NR) {
      const int64_t columns = smaller(NR, s.group_channels - j), width = panel_width<T>(columns);
      T* y = packed_kernel(p, group, begin, K, j / NR);
      for (int64_t k = begin; k < begin + K;) {
        const int64_t tap = s.taps - 1 - k / s.N, n = smaller(s.N - k % s.N, begin + K - k);
        pack_columns_of(kernel + (tap * s.group_channels + j) * c.filters + group * s.N + k % s.N, c.filters, 1,
                        columns, n, y);
        k += n, y += n * width;
      }
    }
  });
}

// ---- In place -------------------------------------------------------------------------------------------------------

// Tasks own whole samples, or some channels of them, so that no two add to the same element.
template <class T>
struct InPlace {
  Sizes s;
  Grid grid;
  int64_t tasks, blocks;     // ranges of samples, and blocks of windows in each
  int64_t slices, channels;  // of a group's channels
  int64_t depth;             // the block of N
  bool covers;               // one position, which writes each element: nothing is there to be added to
  int64_t* ascending;
  int64_t* places;  // for each team, where rows of g stand, and where they go
  T* packed;
  int64_t bytes;
};

template <class T>
InPlace<T> plan_in_place(const Conv& c, void* workspace) {
  constexpr int64_t NR = Tile<T>::NR;
  const Windows& w = c.windows;
  Workspace space{static_cast<char*>(workspace), 0};
  InPlace<T> p;
  const Sizes s = p.s = sizes_of(c);
  p.slices = smaller(ceil_div(s.group_channels, 2 * NR), ceil_div(kFewTasks, larger(w.in[0], 1)));
  p.channels = round_up(ceil_div(s.group_channels, p.slices), p.slices > 1 ? NR : 1);
  p.slices = ceil_div(s.group_channels, p.channels);
  p.grid = cut(w, kForwardWindows);
  p.tasks = p.grid.axis == 0 ? p.grid.blocks : w.out[0];
  p.blocks = p.grid.blocks / larger(p.tasks, 1);
  p.depth = ceil_div(s.N, ceil_div(s.N, kWindowDepth));
  p.covers = s.taps == 1;
  for (int d = 0; d < kWindowAxes; ++d) p.covers = p.covers && w.stride[d] == 1 && w.low[d] == 0 && w.in[d] == w.out[d];
  p.ascending = space.take<int64_t>(s.N);
  p.places = space.take<int64_t>(2 * p.grid.most() * smaller(kTeams, p.tasks * p.slices));
  p.packed = space.take<T>(c.groups * p.slices * s.taps * s.N * round_up(p.channels, NR));
  p.bytes = space.used;
  return p;
}

// The transposed kernel of one group, slice of channels and position, cut into blocks of N.
template <class T>
PYNN_FN T* packed_tap(const InPlace<T>& p, int64_t group, int64_t slice, int64_t tap) {
  const int64_t size = p.s.N * round_up(p.channels, Tile<T>::NR);
  return p.packed + ((group * p.slices + slice) * p.s.taps + tap) * size;
}

template <class T>
PYNN_FN int64_t width_of(const InPlace<T>& p, int64_t slice) {
  return smaller(p.channels, p.s.group_channels - slice * p.channels);
}

template <class T>
void pack_transposed(const InPlace<T>& p, const Conv& c, const T* kernel) {
  const int64_t per_group = p.slices * p.s.taps;
  blocks(c.groups * per_group, [&](int64_t i) {
    const int64_t group = i / per_group, slice = i % per_group / p.s.taps, tap = i % p.s.taps;
    const int64_t first = tap * p.s.group_channels + slice * p.channels, n = width_of(p, slice);
    for (int64_t k = 0; k < p.s.N; k += p.depth)
      pack_columns_of(kernel + first * c.filters + group * p.s.N + k, c.filters, 1, n, smaller(p.depth, p.s.N - k),
                      packed_tap(p, group, slice, tap) + k * round_up(n, Tile<T>::NR));
  });
}

// The windows of a block whose position `tap` lies inside of the input, a range along each axis, and where those begin.
struct Inside {
  PerAxis from, to;
  PerAxis begin;
};
PYNN_FN Inside inside(const Windows& w, const Block& block, int64_t tap) {
  Inside r;
  for (int d = kWindowAxes - 1; d >= 0; --d) {
    r.begin[d] = block.origin[d] * w.stride[d] - w.low[d] + tap % w.size[d] * w.dilation[d];
    tap /= w.size[d];
    r.from[d] = smaller(block.count[d], r.begin[d] < 0 ? ceil_div(-r.begin[d], w.stride[d]) : 0);
    const int64_t room = w.in[d] - r.begin[d];
    r.to[d] = larger(r.from[d], smaller(block.count[d], room > 0 ? ceil_div(room, w.stride[d]) : 0));
  }
  return r;
}

// Of each of these windows: where its row of the block of g stands, and where in x its position does. How many there
// are.
PYNN_FN int64_t list_places(const Windows& w, const Block& block, int64_t tap, const PerAxis& from_step,
                            const PerAxis& step, int64_t* from, int64_t* to) {
  const Inside r = inside(w, block, tap);
  int64_t n = 0;
  for (int64_t i = r.from[0]; i < r.to[0]; ++i)
    for (int64_t j = r.from[1]; j < r.to[1]; ++j)
      for (int64_t k = r.from[2]; k < r.to[2]; ++k) {
        const int64_t in = i * from_step[0] + j * from_step[1] + k * from_step[2];
        const int64_t out = (r.begin[0] + i * w.stride[0]) * step[0] + (r.begin[1] + j * w.stride[1]) * step[1] +
                            (r.begin[2] + k * w.stride[2]) * step[2] + r.begin[3] * step[3];
        for (int64_t l = r.from[3]; l < r.to[3]; ++l, ++n)
          from[n] = in + l * from_step[3], to[n] = out + l * w.stride[3] * step[3];
      }
  return n;
}

// d (rows `to`, n columns) = or += rows `from` of g times the packed kernel of one position.
template <class T>
void add_product(const InPlace<T>& p, int64_t rows, int64_t n, Rows<const T> g, const T* packed, Rows<T> d) {
  constexpr int NR = Tile<T>::NR;
  for (int64_t k = 0; k < p.s.N; k += p.depth) {
    const int64_t K = smaller(p.depth, p.s.N - k);
    for (int64_t j = 0; j < n; j += NR) {
      const Tally<T> out{{d.base + j, d.at}, smaller(NR, n - j), k > 0 || !p.covers, nullptr};
      window_rows<T>(rows, K, {g.base + k, g.at}, p.ascending, packed + k * round_up(n, NR) + j * K, out);
    }
  }
}

// Zeros in `width` channels of each group at n positions.
template <class T>
void clear(const Conv& c, int64_t n, int64_t width, T* d) {
  const bool whole = width * c.groups == c.channels;
  const int64_t runs = whole ? 1 : n * c.groups, length = whole ? n * c.channels : width;
  for (int64_t i = 0; i < runs; ++i) std::memset(d + i * (c.channels / c.groups), 0, length * sizeof(T));
}

// One slice of the channels of some samples.
template <class T>
void in_place_task(const InPlace<T>& p, const Conv& c, int64_t task, int64_t slice, const T* g, int64_t* places, T* d) {
  const Windows& w = c.windows;
  const PerAxis step = steps_of(w.in, c.channels);
  const int64_t width = width_of(p, slice), samples = p.grid.axis == 0 ? p.grid.step : 1, first = task * samples;
  int64_t *const from = places, *const to = places + p.grid.most();
  d += slice * p.channels;
  if (!p.covers) clear(c, smaller(samples, w.in[0] - first) * step[0] / c.channels, width, d + first * step[0]);
  for (int64_t i = task * p.blocks; i < (task + 1) * p.blocks; ++i) {
    const Block block = block_of(w, p.grid, i);
    const T* const rows = g + block.first * c.filters;
    const PerAxis from_step = steps_of(block.count.at, c.filters);
    for (int64_t tap = 0; tap < p.s.taps; ++tap) {
      const int64_t n = list_places(w, block, tap, from_step, step, from, to);
      for (int64_t group = 0; group < c.groups; ++group)
        add_product<T>(p, n, width, {rows + group * p.s.N, from}, packed_tap(p, group, slice, tap),
                       {d + group * p.s.group_channels, to});
    }
  }
}

// ---- Either ---------------------------------------------------------------------------------------------------------

template <class T>
int64_t input_grad_bytes(const Conv& c) {
  if (is_better_turned(c, sizes_of(c))) return plan_forward<T>(turned(c), nullptr).bytes;
  return plan_in_place<T>(c, nullptr).bytes;
}

template <class T>
void input_grad(const Conv& c, const void* g, const void* kernel, void* d, void* workspace) {
  if (is_better_turned(c, sizes_of(c))) {
    const Conv r = turned(c);
    const Forward<T> p = plan_forward<T>(r, workspace);
    pack_turned(p, c, sizes_of(c), static_cast<const T*>(kernel));
    return multiply_windows(r, p, static_cast<const T*>(g), static_cast<const T*>(nullptr), nullptr,
                            static_cast<T*>(d));
  }
  const InPlace<T> p = plan_in_place<T>(c, workspace);
  count_up(p.s.N, 1, p.ascending);
  pack_transposed(p, c, static_cast<const T*>(kernel));
  teams(p.tasks * p.slices, [&](int64_t team, int64_t from, int64_t to) {
    const FlushDenormals flush;
    int64_t* const places = p.places + team * 2 * p.grid.most();
    for (int64_t i = from; i < to; ++i)
      in_place_task(p, c, i / p.slices, i % p.slices, static_cast<const T*>(g), places, static_cast<T*>(d));
  });
}

}  // namespace
}  // namespace pynn::PYNN_ISA

// What the three products of a convolution share: sizes, tables of positions, packed kernels, and the part of the
// input that a block of windows reads. conv_forward.h, conv_input.h and conv.cpp have the products.
#pragma once
#include "kernels/cpu/conv_micro.h"
#include "kernels/cpu/windows.h"

namespace pynn::PYNN_ISA {
namespace {

// Blocks of windows run in this many teams, each with buffers of its own.
constexpr int64_t kTeams = 32;

// Windows in a block: their part of the input stays in a second-level cache, and a packed panel of the kernel serves
// them all. Not fewer than kFewWindows, or packing would not pay.
constexpr int64_t kForwardWindows = 192, kGradWindows = 128, kFewWindows = 48;
// The block of K, longer than that of a plain product: rows of x come from the second-level cache anyway, and so may a
// panel of the kernel; tiles are read and written less often.
constexpr int64_t kWindowDepth = 3 * kDepth;
// Fewer tasks than this are cut finer.
constexpr int64_t kFewTasks = 16;

// The sizes of one group's product: K positions of a window, N filters.
struct Sizes {
  int64_t channels, filters;  // of all groups, the distance between neighbours
  int64_t taps, group_channels, K, N;
};

PYNN_FN Sizes sizes_of(const Conv& c) {
  const int64_t taps = product(c.windows.size), channels = c.channels / c.groups;
  return {c.channels, c.filters, taps, channels, taps * channels, c.filters / c.groups};
}

PYNN_FN PerAxis all_of(const int64_t* n) { return {{n[0], n[1], n[2], n[3]}}; }

// Where windows read x: in x itself, or, where there is padding, in a copy of what a block needs.
struct Source {
  Grid grid;
  bool copied;
  PerAxis step;           // of x or of the copy
  int64_t copy_size;      // elements
  int64_t *row, *column;  // where the windows of a block begin, and the positions of a window
};

PYNN_FN Source source_of(const Conv& c, const Sizes& s, int64_t target, Workspace& workspace) {
  const Windows& w = c.windows;
  Source from{cut(w, target), is_padded(w), steps_of(w.in, c.channels), 0, nullptr, nullptr};
  if (from.copied) {
    const PerAxis n = extent(w, block_of(w, from.grid, 0).count);
    from.step = steps_of(n.at, c.channels), from.copy_size = product(n.at) * c.channels;
  }
  from.row = workspace.take<int64_t>(from.grid.most());
  from.column = workspace.take<int64_t>(s.K);
  return from;
}

PYNN_FN void fill_tables(const Source& from, const Conv& c, const Sizes& s) {
  const Windows& w = c.windows;
  fill_table(block_of(w, from.grid, 0).count, scaled(from.step, w.stride), 1, from.row);
  fill_table(all_of(w.size), scaled(from.step, w.dilation), s.group_channels, from.column);
}

// What the rows of the block are relative to.
template <class T>
PYNN_FN const T* locate(const Source& from, const Conv& c, const Block& block, const T* x, T* copy) {
  const Windows& w = c.windows;
  if (from.copied) {
    copy_windows(w, block, x, c.channels, from.step, copy);
    return copy;
  }
  for (int d = 0; d < kWindowAxes; ++d) x += block.origin[d] * w.stride[d] * from.step[d];
  return x;
}

// The stretch of x that a block reads, from its first position to its last.
template <class T>
PYNN_FN Ahead stretch(const Conv& c, const Block& block, const T* x) {
  const Windows& w = c.windows;
  const PerAxis step = steps_of(w.in, c.channels);
  int64_t from = 0, to = c.channels;
  for (int d = 0; d < kWindowAxes; ++d) {
    const int64_t begin = block.origin[d] * w.stride[d] - w.low[d];
    const int64_t last = begin + (block.count[d] - 1) * w.stride[d] + (w.size[d] - 1) * w.dilation[d];
    from += larger(0, smaller(begin, w.in[d] - 1)) * step[d], to += larger(0, smaller(last, w.in[d] - 1)) * step[d];
  }
  return {reinterpret_cast<const char*>(x + from), reinterpret_cast<const char*>(x + to), 0};
}

// Windows of a block that are neighbours and see the same positions along the outermost axis of a window. Only those
// are multiplied: K positions [from, to), as the others stand in the padding. A window that sees nothing has all.
struct Run {
  int64_t first, count, from, to;
};

// The outermost axis along which a window has more than one position.
PYNN_FN int outermost(const Windows& w) {
  int d = 0;
  while (d < kWindowAxes - 1 && w.size[d] == 1) ++d;
  return d;
}

// The positions that window i along an axis sees, from first to last. Empty ones count as all.
struct Seen {
  int64_t from, to;
};
PYNN_FN Seen seen(const Windows& w, int d, int64_t i) {
  const int64_t begin = i * w.stride[d] - w.low[d], step = w.dilation[d];
  const Seen r{begin < 0 ? ceil_div(-begin, step) : 0,
               smaller(w.size[d], begin < w.in[d] ? ceil_div(w.in[d] - begin, step) : 0)};
  return r.from < r.to ? r : Seen{0, w.size[d]};
}

// The runs of a block, at most one a window. How many there are.
PYNN_FN int64_t list_runs(const Windows& w, bool padded, int64_t K, const Block& block, Run* runs) {
  if (!padded) {
    runs[0] = {0, block.windows, 0, K};
    return 1;
  }
  const int axis = outermost(w);
  const int64_t depth = K / w.size[axis];
  int64_t lead = 1, inner = 1, n = 0;
  for (int d = 0; d < axis; ++d) lead *= block.count[d];
  for (int d = axis + 1; d < kWindowAxes; ++d) inner *= block.count[d];
  for (int64_t i = 0; i < lead * block.count[axis]; ++i) {
    const Seen positions = seen(w, axis, block.origin[axis] + i % block.count[axis]);
    const Run run{i * inner, inner, positions.from * depth, positions.to * depth};
    if (n > 0 && runs[n - 1].from == run.from && runs[n - 1].to == run.to)
      runs[n - 1].count += inner;
    else
      runs[n++] = run;
  }
  return n;
}

// Calls body(team, begin, end) for ranges that cover [0, n), each range one team's.
template <class Body>
PYNN_FN void teams(int64_t n, Body body) {
  const int64_t count = smaller(n, kTeams);
  blocks(count, [&](int64_t team) { body(team, team * n / count, (team + 1) * n / count); });
}

PYNN_FN void count_up(int64_t n, int64_t step, int64_t* at) {
  for (int64_t i = 0; i < n; ++i) at[i] = i * step;
}

}  // namespace
}  // namespace pynn::PYNN_ISA

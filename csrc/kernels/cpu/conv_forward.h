// y = conv(x, kernel): blocks of windows by panels of the kernel, with the bias and the activation while a block is
// near.
#pragma once

#include "kernels/cpu/conv_plan.h"

namespace pynn::PYNN_ISA {
namespace {

template <class T>
struct Forward {
  Sizes s;
  Source from;
  int64_t depth, panels, parts;  // the block of K; panels of a group's kernel, cut into parts
  int64_t* out;                  // where the rows of y begin
  Run* runs;                     // of a block, for each team
  T *packed, *copies;
  int64_t bytes;
};

template <class T>
Forward<T> plan_forward(const Conv& c, void* workspace) {
  Workspace w{static_cast<char*>(workspace), 0};
  Forward<T> p;
  p.s = sizes_of(c);
  // Where padding is copied, small inputs are cut into blocks: parts of the panels would each copy it again.
  const int64_t even = larger(kFewWindows, product(c.windows.out) / kFewTasks);
  p.from = source_of(c, p.s, is_padded(c.windows) ? smaller(kForwardWindows, even) : kForwardWindows, w);
  p.depth = ceil_div(p.s.K, ceil_div(p.s.K, kWindowDepth));
  p.panels = ceil_div(p.s.N, Tile<T>::NR);
  p.parts = smaller(p.panels, ceil_div(kFewTasks, larger(p.from.grid.blocks, 1)));
  p.out = w.take<int64_t>(p.from.grid.most());
  p.runs = w.take<Run>(p.from.grid.most() * smaller(kTeams, p.from.grid.blocks * p.parts));
  p.packed = w.take<T>(c.groups * p.s.K * p.panels * Tile<T>::NR);
  p.copies = w.take<T>(p.from.copy_size * smaller(kTeams, p.from.grid.blocks * p.parts));
  p.bytes = w.used;
  return p;
}

// The panels of one block of K of one group: [group][k][panel].
template <class T>
PYNN_FN T* packed_kernel(const Forward<T>& p, int64_t group, int64_t k, int64_t K, int64_t panel) {
  constexpr int NR = Tile<T>::NR;
  return p.packed + (group * p.s.K + k) * p.panels * NR + panel * NR * K;
}

// Calls body(group, k, K, panel, n) for all panels, in tasks of a few: n columns of a block of K, from a panel on.
template <class T, class Body>
PYNN_FN void each_few_panels(const Forward<T>& p, int64_t groups, Body body) {
  constexpr int64_t kPanels = 4, width = kPanels * Tile<T>::NR;
  const int64_t depths = ceil_div(p.s.K, p.depth), tasks = ceil_div(p.panels, kPanels);
  blocks(groups * depths * tasks, [&](int64_t i) {
    const int64_t panel = i % tasks * kPanels, k = i / tasks % depths * p.depth;
    body(i / tasks / depths, k, smaller(p.depth, p.s.K - k), panel, smaller(width, p.s.N - panel * Tile<T>::NR));
  });
}

template <class T>
void pack_kernel(const Forward<T>& p, const Conv& c, const T* kernel) {
  each_few_panels(p, c.groups, [&](int64_t group, int64_t k, int64_t K, int64_t panel, int64_t n) {
    pack_columns_of(kernel + k * c.filters + group * p.s.N + panel * Tile<T>::NR, 1, c.filters, n, K,
                    packed_kernel(p, group, k, K, panel));
  });
}

// One block of windows, `runs` of them, the panels [begin, end) of a group. x and y are those of the block and the
// group.
template <class T>
void forward_block(const Forward<T>& p, int64_t group, const Run* runs, int64_t n, int64_t begin, int64_t end,
                   const T* x, const T* bias, T* y, Ahead& ahead) {
  constexpr int NR = Tile<T>::NR;
  for (int64_t k = 0; k < p.s.K; k += p.depth) {
    const int64_t K = smaller(p.depth, p.s.K - k);
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t j = panel * NR, columns = smaller(NR, p.s.N - j);
      const int64_t width = panel_width<T>(columns);
      const T* const packed = packed_kernel(p, group, k, K, panel);
      for (int64_t i = 0; i < n; ++i) {
        const Run& run = runs[i];
        const int64_t from = larger(k, run.from), to = smaller(k + K, run.to);
        if (from >= to) continue;
        const Tally<T> out{
            {y + j, p.out + run.first}, columns, from > run.from, bias && to == run.to ? bias + j : nullptr};
        window_rows<T>(run.count, to - from, {x, p.from.row + run.first}, p.from.column + from,
                       packed + (from - k) * width, out, ahead);
      }
    }
  }
}

// While the block is near: all of it at once where it is contiguous.
template <class T>
void activate(RowFn f, int64_t rows, int64_t columns, int64_t step, T* y) {
  if (columns == step) columns *= rows, rows = 1;
  for (int64_t i = 0; i < rows; ++i) {
    void* const operands[] = {y + i * step, y + i * step};
    f(operands, columns);
  }
}

// With the kernel packed.
template <class T>
void multiply_windows(const Conv& c, const Forward<T>& p, const T* x, const T* bias, RowFn activation, T* y) {
  constexpr int NR = Tile<T>::NR;
  fill_tables(p.from, c, p.s);
  count_up(p.from.grid.most(), c.filters, p.out);
  teams(p.from.grid.blocks * p.parts, [&](int64_t team, int64_t from, int64_t to) {
    const FlushDenormals flush;
    for (int64_t task = from; task < to; ++task) {
      const Block block = block_of(c.windows, p.from.grid, task / p.parts);
      const int64_t part = task % p.parts, begin = part * p.panels / p.parts, end = (part + 1) * p.panels / p.parts;
      const T* const source = locate(p.from, c, block, x, p.copies + team * p.from.copy_size);
      Run* const runs = p.runs + team * p.from.grid.most();
      const int64_t n = list_runs(c.windows, p.from.copied, p.s.K, block, runs);
      Ahead ahead{nullptr, nullptr, 0};  // what the next block reads
      if (task + 1 < to && part + 1 == p.parts) {
        ahead = stretch(c, block_of(c.windows, p.from.grid, task / p.parts + 1), x);
        const int64_t tiles =
            ceil_div(block.windows, Tile<T>::MR) * (end - begin) * c.groups * ceil_div(p.s.K, p.depth);
        ahead.lines = ceil_div(ceil_div(ahead.end - ahead.at, kAlign), tiles);
      }
      for (int64_t group = 0; group < c.groups; ++group) {
        const int64_t j = group * p.s.N;
        T* const out = y + block.first * c.filters + j;
        forward_block(p, group, runs, n, begin, end, source + group * p.s.group_channels, bias ? bias + j : nullptr,
                      out, ahead);
        const int64_t columns = smaller(end * NR, p.s.N) - begin * NR;
        if (activation) activate(activation, block.windows, columns, c.filters, out + begin * NR);
      }
    }
  });
}

template <class T>
void forward(const Conv& c, const void* x, const void* kernel, const void* bias, RowFn activation, void* y,
             void* workspace) {
  const Forward<T> p = plan_forward<T>(c, workspace);
  pack_kernel(p, c, static_cast<const T*>(kernel));
  multiply_windows(c, p, static_cast<const T*>(x), static_cast<const T*>(bias), activation, static_cast<T*>(y));
}

}  // namespace
}  // namespace pynn::PYNN_ISA

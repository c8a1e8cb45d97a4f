// Convolutions of float32 and float64 as matrix products whose patches are never written down: the micro-kernel
// reads them in place through tables of positions (conv_micro.h). Padding is written out for one block of windows at
// a time. Blocks, and the order in which sums are added, depend on shapes alone.
#include "kernels/cpu/conv_plan.h"
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// Windows in a block: their part of the input stays in a second-level cache, and a packed panel of the kernel serves
// them all.
constexpr int64_t kForwardWindows = 192, kGradWindows = 128;
// Fewer tasks than this are cut finer.
constexpr int64_t kFewTasks = 16;

// ---- y = conv(x, kernel) --------------------------------------------------------------------------------------------

template <class T>
struct Forward {
  Sizes s;
  Source from;
  int64_t depth, panels, parts;  // the block of K; panels of a group's kernel, cut into parts
  int64_t* out;                  // where the rows of y begin
  T *packed, *copies;
  int64_t bytes;
};

template <class T>
Forward<T> plan_forward(const Conv& c, void* workspace) {
  Workspace w{static_cast<char*>(workspace), 0};
  Forward<T> p;
  p.s = sizes_of(c);
  p.from = source_of(c, p.s, kForwardWindows, w);
  p.depth = ceil_div(p.s.K, ceil_div(p.s.K, kDepth));
  p.panels = ceil_div(p.s.N, Tile<T>::NR);
  p.parts = smaller(p.panels, ceil_div(kFewTasks, larger(p.from.grid.blocks, 1)));
  p.out = w.take<int64_t>(p.from.grid.most());
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

template <class T>
void pack_kernel(const Forward<T>& p, const Conv& c, const T* kernel) {
  const int64_t parts = ceil_div(p.s.K, p.depth);
  blocks(c.groups * parts, [&](int64_t i) {
    const int64_t group = i / parts, k = i % parts * p.depth, K = smaller(p.depth, p.s.K - k);
    pack_panels<T, Tile<T>::NR>(kernel + k * c.filters + group * p.s.N, 1, c.filters, p.s.N, K,
                                packed_kernel(p, group, k, K, 0));
  });
}

// One block of windows, the panels [begin, end) of a group. x and y are those of the block and the group.
template <class T>
void forward_block(const Forward<T>& p, int64_t group, int64_t windows, int64_t begin, int64_t end, const T* x,
                   const T* bias, T* y) {
  constexpr int NR = Tile<T>::NR;
  for (int64_t k = 0; k < p.s.K; k += p.depth) {
    const int64_t K = smaller(p.depth, p.s.K - k);
    const bool last = k + K == p.s.K;
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t j = panel * NR;
      const Tally<T> out{{y + j, p.out}, smaller(NR, p.s.N - j), k > 0, bias && last ? bias + j : nullptr};
      window_rows<T>(windows, K, {x, p.from.row}, p.from.column + k, packed_kernel(p, group, k, K, panel), out);
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

template <class T>
void forward(const Conv& c, const void* x, const void* kernel, const void* bias, RowFn activation, void* y,
             void* workspace) {
  constexpr int NR = Tile<T>::NR;
  const Forward<T> p = plan_forward<T>(c, workspace);
  fill_tables(p.from, c, p.s);
  count_up(p.from.grid.most(), c.filters, p.out);
  pack_kernel(p, c, static_cast<const T*>(kernel));
  teams(p.from.grid.blocks * p.parts, [&](int64_t team, int64_t from, int64_t to) {
    for (int64_t task = from; task < to; ++task) {
      const Block block = block_of(c.windows, p.from.grid, task / p.parts);
      const int64_t part = task % p.parts, begin = part * p.panels / p.parts, end = (part + 1) * p.panels / p.parts;
      const T* const source = locate(p.from, c, block, static_cast<const T*>(x), p.copies + team * p.from.copy_size);
      for (int64_t group = 0; group < c.groups; ++group) {
        const int64_t j = group * p.s.N;
        T* const out = static_cast<T*>(y) + block.first * c.filters + j;
        forward_block(p, group, block.windows, begin, end, source + group * p.s.group_channels,
                      bias ? static_cast<const T*>(bias) + j : nullptr, out);
        const int64_t columns = smaller(end * NR, p.s.N) - begin * NR;
        if (activation) activate(activation, block.windows, columns, c.filters, out + begin * NR);
      }
    }
  });
}

// ---- The gradient of the kernel -------------------------------------------------------------------------------------

// Transposed patches times g, summed over the windows: in `parts` sums, which are added in order.
template <class T>
struct KernelGrad {
  Sizes s;
  Source from;
  int64_t parts, cuts;  // of the windows; of K
  int64_t* out;         // where the rows of the kernel begin
  T *sums, *copies;     // of all parts but the first, which is summed in place
  int64_t bytes;
};

template <class T>
KernelGrad<T> plan_kernel_grad(const Conv& c, void* workspace) {
  constexpr int64_t kMostSums = 1 << 20, kPartWork = 1 << 21;  // elements; multiplications
  Workspace w{static_cast<char*>(workspace), 0};
  KernelGrad<T> p;
  p.s = sizes_of(c);
  p.from = source_of(c, p.s, kGradWindows, w);
  const int64_t size = p.s.K * c.filters, work = product(c.windows.out) * size;
  p.parts = smaller(smaller(p.from.grid.blocks, kFewTasks), larger(1, smaller(kMostSums / size, work / kPartWork)));
  p.cuts = work < kPartWork ? 1 : smaller(ceil_div(kFewTasks, p.parts), ceil_div(p.s.K, 8 * Tile<T>::MR));
  p.out = w.take<int64_t>(p.s.K);
  p.sums = w.take<T>((p.parts - 1) * size);
  p.copies = w.take<T>(p.from.copy_size * p.parts * p.cuts);
  p.bytes = w.used;
  return p;
}

// Rows [begin, end) of one group's gradient, over one block of windows.
template <class T>
void kernel_grad_block(const KernelGrad<T>& p, int64_t windows, int64_t begin, int64_t end, const T* x, const T* g,
                       bool add, T* d) {
  constexpr int NR = Tile<T>::NR;
  alignas(kAlign) T panel[kGradWindows * NR];
  for (int64_t j = 0; j < p.s.N; j += NR) {
    const int64_t columns = smaller(NR, p.s.N - j);
    pack_panels<T, NR>(g + j, 1, p.s.filters, columns, windows, panel);
    const Tally<T> out{{d + j, p.out + begin}, columns, add, nullptr};
    window_rows<T>(end - begin, windows, {x, p.from.column + begin}, p.from.row, panel, out);
  }
}

template <class T>
void add_sums(int64_t n, int64_t sums, const T* from, T* to) {
  ranges(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t s = 0; s < sums; ++s)
      for (int64_t i = begin; i < end; ++i) to[i] += from[s * n + i];
  });
}

template <class T>
void kernel_grad(const Conv& c, const void* g, const void* x, void* d, void* workspace) {
  const KernelGrad<T> p = plan_kernel_grad<T>(c, workspace);
  const int64_t size = p.s.K * c.filters, n = p.from.grid.blocks;
  fill_tables(p.from, c, p.s);
  count_up(p.s.K, c.filters, p.out);
  blocks(p.parts * p.cuts, [&](int64_t task) {
    const int64_t part = task / p.cuts, cut = task % p.cuts;
    const int64_t first = part * n / p.parts, last = (part + 1) * n / p.parts;
    T* const sum = part == 0 ? static_cast<T*>(d) : p.sums + (part - 1) * size;
    for (int64_t i = first; i < last; ++i) {
      const Block block = block_of(c.windows, p.from.grid, i);
      const T* const source = locate(p.from, c, block, static_cast<const T*>(x), p.copies + task * p.from.copy_size);
      for (int64_t group = 0; group < c.groups; ++group)
        kernel_grad_block(
            p, block.windows, cut * p.s.K / p.cuts, (cut + 1) * p.s.K / p.cuts, source + group * p.s.group_channels,
            static_cast<const T*>(g) + block.first * c.filters + group * p.s.N, i > first, sum + group * p.s.N);
    }
  });
  add_sums(size, p.parts - 1, p.sums, static_cast<T*>(d));
}

// ---- The gradient of the input --------------------------------------------------------------------------------------

// g times the transposed kernel, a few positions of the windows at once, added to where these positions stand. Tasks
// own whole samples, or some channels of them, so that no two add to the same element.
template <class T>
struct InputGrad {
  Sizes s;
  Grid grid;
  int64_t tasks, blocks;     // ranges of samples, and blocks of windows in each
  int64_t slices, channels;  // of a group's channels
  int64_t chunk, chunks;     // positions of a window that are multiplied together
  int64_t columns;           // of such a product
  int64_t depth;             // the block of N
  int64_t *rows, *ascending, *out;
  T *packed, *products;
  int64_t bytes;
};

template <class T>
InputGrad<T> plan_input_grad(const Conv& c, void* workspace) {
  constexpr int64_t kColumns = 64, NR = Tile<T>::NR, kProductBytes = 1 << 17;
  Workspace w{static_cast<char*>(workspace), 0};
  InputGrad<T> p;
  const Sizes s = p.s = sizes_of(c);
  p.slices = smaller(ceil_div(s.group_channels, 2 * NR), ceil_div(kFewTasks, larger(c.windows.in[0], 1)));
  p.channels = round_up(ceil_div(s.group_channels, p.slices), p.slices > 1 ? NR : 1);
  p.slices = ceil_div(s.group_channels, p.channels);
  p.chunk = p.slices > 1 ? 1 : smaller(s.taps, larger(1, kColumns / p.channels));
  p.chunks = ceil_div(s.taps, p.chunk);
  p.columns = p.chunk * p.channels;
  const int64_t target = larger(4 * Tile<T>::MR, kProductBytes / static_cast<int64_t>(sizeof(T)) / p.columns);
  p.grid = cut(c.windows, smaller(target, kForwardWindows));
  p.tasks = p.grid.axis == 0 ? p.grid.blocks : c.windows.out[0];
  p.blocks = p.grid.blocks / larger(p.tasks, 1);
  p.depth = ceil_div(s.N, ceil_div(s.N, kDepth));
  p.rows = w.take<int64_t>(p.grid.most());
  p.out = w.take<int64_t>(p.grid.most());
  p.ascending = w.take<int64_t>(s.N);
  p.packed = w.take<T>(c.groups * p.slices * p.chunks * s.N * round_up(p.columns, NR));
  p.products = w.take<T>(p.grid.most() * p.columns * smaller(kTeams, p.tasks * p.slices));
  p.bytes = w.used;
  return p;
}

// The transposed kernel of one group, slice of channels and chunk of positions, cut into blocks of N.
template <class T>
PYNN_FN T* packed_chunk(const InputGrad<T>& p, int64_t group, int64_t slice, int64_t chunk) {
  const int64_t size = p.s.N * round_up(p.columns, Tile<T>::NR);
  return p.packed + ((group * p.slices + slice) * p.chunks + chunk) * size;
}

template <class T>
PYNN_FN int64_t columns_of(const InputGrad<T>& p, int64_t slice, int64_t chunk) {
  return smaller(p.chunk, p.s.taps - chunk * p.chunk) * smaller(p.channels, p.s.group_channels - slice * p.channels);
}

template <class T>
void pack_transposed(const InputGrad<T>& p, const Conv& c, const T* kernel) {
  const int64_t per_group = p.slices * p.chunks;
  blocks(c.groups * per_group, [&](int64_t i) {
    const int64_t group = i / per_group, slice = i % per_group / p.chunks, chunk = i % p.chunks;
    const int64_t first = chunk * p.chunk * p.s.group_channels + slice * p.channels, n = columns_of(p, slice, chunk);
    for (int64_t k = 0; k < p.s.N; k += p.depth)
      pack_panels<T, Tile<T>::NR>(kernel + first * c.filters + group * p.s.N + k, c.filters, 1, n,
                                  smaller(p.depth, p.s.N - k),
                                  packed_chunk(p, group, slice, chunk) + k * round_up(n, Tile<T>::NR));
  });
}

// y (windows, n), with rows p.columns apart, = g times one chunk.
template <class T>
void multiply_chunk(const InputGrad<T>& p, int64_t windows, int64_t n, const T* g, const T* packed, T* y) {
  constexpr int NR = Tile<T>::NR;
  for (int64_t k = 0; k < p.s.N; k += p.depth) {
    const int64_t K = smaller(p.depth, p.s.N - k);
    for (int64_t j = 0; j < n; j += NR) {
      const Tally<T> out{{y + j, p.out}, smaller(NR, n - j), k > 0, nullptr};
      window_rows<T>(windows, K, {g + k, p.rows}, p.ascending, packed + k * round_up(n, NR) + j * K, out);
    }
  }
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

// d += y at the position `tap` of each window: `channels` elements, for each window a row of y, y_step apart.
template <class T>
void add_tap(const Windows& w, const Block& block, int64_t tap, int64_t channels, const T* y, int64_t y_step, T* d,
             const PerAxis& step) {
  const Inside r = inside(w, block, tap);
  const PerAxis from = steps_of(block.count.at, y_step);
  const bool joined = w.stride[3] == 1 && step[3] == channels && y_step == channels;
  const int64_t across = r.to[3] - r.from[3], runs = joined ? 1 : across,
                length = joined ? across * channels : channels;
  for (int64_t i = r.from[0]; i < r.to[0]; ++i)
    for (int64_t j = r.from[1]; j < r.to[1]; ++j)
      for (int64_t k = r.from[2]; k < r.to[2]; ++k) {
        const T* in = y + i * from[0] + j * from[1] + k * from[2] + r.from[3] * from[3];
        T* out = d + (r.begin[0] + i * w.stride[0]) * step[0] + (r.begin[1] + j * w.stride[1]) * step[1] +
                 (r.begin[2] + k * w.stride[2]) * step[2] + (r.begin[3] + r.from[3] * w.stride[3]) * step[3];
        for (int64_t run = 0; run < runs; ++run, in += y_step, out += w.stride[3] * step[3])
#pragma omp simd
          for (int64_t e = 0; e < length; ++e) out[e] += in[e];
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
void input_grad_task(const InputGrad<T>& p, const Conv& c, int64_t task, int64_t slice, const T* g, T* y, T* d) {
  const PerAxis step = steps_of(c.windows.in, c.channels);
  const int64_t width = smaller(p.channels, p.s.group_channels - slice * p.channels);
  const int64_t samples = p.grid.axis == 0 ? p.grid.step : 1, first = task * samples;
  clear(c, smaller(samples, c.windows.in[0] - first) * step[0] / c.channels, width,
        d + first * step[0] + slice * p.channels);
  for (int64_t i = task * p.blocks; i < (task + 1) * p.blocks; ++i) {
    const Block block = block_of(c.windows, p.grid, i);
    for (int64_t group = 0; group < c.groups; ++group)
      for (int64_t chunk = 0; chunk < p.chunks; ++chunk) {
        const int64_t n = columns_of(p, slice, chunk), tap = chunk * p.chunk;
        multiply_chunk(p, block.windows, n, g + block.first * c.filters + group * p.s.N,
                       packed_chunk(p, group, slice, chunk), y);
        for (int64_t t = 0; t * width < n; ++t)
          add_tap(c.windows, block, tap + t, width, y + t * width, p.columns,
                  d + group * p.s.group_channels + slice * p.channels, step);
      }
  }
}

template <class T>
void input_grad(const Conv& c, const void* g, const void* kernel, void* d, void* workspace) {
  const InputGrad<T> p = plan_input_grad<T>(c, workspace);
  count_up(p.grid.most(), c.filters, p.rows);
  count_up(p.grid.most(), p.columns, p.out);
  count_up(p.s.N, 1, p.ascending);
  pack_transposed(p, c, static_cast<const T*>(kernel));
  teams(p.tasks * p.slices, [&](int64_t team, int64_t from, int64_t to) {
    T* const products = p.products + team * p.grid.most() * p.columns;
    for (int64_t i = from; i < to; ++i)
      input_grad_task(p, c, i / p.slices, i % p.slices, static_cast<const T*>(g), products, static_cast<T*>(d));
  });
}

template <class T>
void fill_type(Kernels& k) {
  k.conv[dtype_index<T>] = {forward<T>,
                            input_grad<T>,
                            kernel_grad<T>,
                            [](const Conv& c) { return static_cast<size_t>(plan_forward<T>(c, nullptr).bytes); },
                            [](const Conv& c) { return static_cast<size_t>(plan_input_grad<T>(c, nullptr).bytes); },
                            [](const Conv& c) { return static_cast<size_t>(plan_kernel_grad<T>(c, nullptr).bytes); }};
}

}  // namespace

void fill_conv(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::PYNN_ISA

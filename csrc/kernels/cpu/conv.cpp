// Convolutions of float32 and float64 as matrix products whose patches are never written down: the micro-kernel
// reads them in place through tables of positions (conv_micro.h). Padding is written out for one block of windows at
// a time. Blocks, and the order in which sums are added, depend on shapes alone. Here is the gradient of the kernel.
#include "kernels/cpu/conv_input.h"
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

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
    pack_columns_of(g + j, 1, p.s.filters, columns, windows, panel);
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
    const FlushDenormals flush;
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

template <class T>
void fill_type(Kernels& k) {
  k.conv[dtype_index<T>] = {forward<T>,
                            input_grad<T>,
                            kernel_grad<T>,
                            [](const Conv& c) { return static_cast<size_t>(plan_forward<T>(c, nullptr).bytes); },
                            [](const Conv& c) { return static_cast<size_t>(input_grad_bytes<T>(c)); },
                            [](const Conv& c) { return static_cast<size_t>(plan_kernel_grad<T>(c, nullptr).bytes); }};
}

}  // namespace

void fill_conv(Kernels& k) { fill_type<float>(k), fill_type<double>(k); }

}  // namespace pynn::PYNN_ISA

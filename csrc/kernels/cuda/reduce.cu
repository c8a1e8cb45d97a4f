// Reductions: sum, prod, max, min, argmax, argmin, any, all over any axes of any layout.
//
// A result is folded by one thread, a warp or a block, along what it combines; or, where neighbouring results are
// neighbours in memory, by one thread each. Where there are few results, what they combine is cut into parts, whose
// totals a second kernel merges in order. All cuts depend on shapes and strides alone, so results are equal to the bit
// on every device.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/fold.h"
#include "kernels/cuda/nest.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

struct Task {
  Nest<2> kept;         // x, y
  Nest<1> reduced;      // x
  int64_t parts, part;  // how many, and how long
  int64_t threads;      // that fold one together: one, a warp or a block
  const void* x;
  void* y;
  void* partial;  // totals of [part][result], or null
};

template <class Total>
__device__ __forceinline__ Total fold_part(const Task& t, int64_t from, int64_t begin, int64_t end, int64_t step) {
  const auto* x = static_cast<const typename Total::T*>(t.x) + from;
  Total total;
  total.start();
  for (int64_t i = begin; i < end; i += step) {
    int64_t at[1];
    offsets<1>(t.reduced, i, at);
    total.add(x[at[0]], i);
  }
  return total;
}

template <class Total>
__device__ __forceinline__ void write(const Task& t, int64_t result, int64_t part, int64_t at, const Total& total) {
  if (t.partial)
    static_cast<Total*>(t.partial)[part * t.kept.size + result] = total;
  else
    static_cast<typename Total::Result*>(t.y)[at] = total.result();
}

// A warp or a block folds one part of one result.
template <class Total>
__global__ void __launch_bounds__(kThreads) reduce_groups(const __grid_constant__ Task t) {
  const bool of_block = t.threads == kThreads;
  const int64_t all = t.kept.size * t.parts, groups = of_block ? 1 : kThreads / 32;
  const int64_t group = of_block ? 0 : threadIdx.x / 32, lane = of_block ? threadIdx.x : threadIdx.x % 32;
  for (int64_t i = blockIdx.x * groups + group; i < all; i += gridDim.x * groups) {
    const int64_t result = i / t.parts, part = i % t.parts;
    const int64_t begin = part * t.part, end = begin + t.part < t.reduced.size ? begin + t.part : t.reduced.size;
    int64_t at[2];
    offsets<2>(t.kept, result, at);
    Total total = fold_part<Total>(t, at[0], begin + lane, end, t.threads);
    group_fold(total, of_block);
    if (lane == 0) write(t, result, part, at[1], total);
  }
}

// One thread folds one part of one result; neighbouring threads have neighbouring results.
template <class Total>
__global__ void __launch_bounds__(kThreads) reduce_threads(const __grid_constant__ Task t) {
  const int64_t all = t.kept.size * t.parts;
  for (int64_t i = thread_index(); i < all; i += grid_threads()) {
    const int64_t part = i / t.kept.size, result = i - part * t.kept.size;
    const int64_t begin = part * t.part, end = begin + t.part < t.reduced.size ? begin + t.part : t.reduced.size;
    int64_t at[2];
    offsets<2>(t.kept, result, at);
    write(t, result, part, at[1], fold_part<Total>(t, at[0], begin, end, 1));
  }
}

template <class Total>
__global__ void __launch_bounds__(kThreads) merge_parts(const __grid_constant__ Task t) {
  for (int64_t i = thread_index(); i < t.kept.size; i += grid_threads()) {
    const auto* partial = static_cast<const Total*>(t.partial) + i;
    Total total = partial[0];
    for (int64_t part = 1; part < t.parts; ++part) total.merge(partial[part * t.kept.size]);
    int64_t at[2];
    offsets<2>(t.kept, i, at);
    static_cast<typename Total::Result*>(t.y)[at[1]] = total.result();
  }
}

// ---- Cutting --------------------------------------------------------------------------------------------------------

// How far a step of x goes. Repeating the same elements counts as farthest: other axes should run inside.
int64_t distance(int64_t stride) { return stride == 0 ? INT64_MAX : (stride < 0 ? -stride : stride); }

int64_t inner_distance(const Loop& l) { return l.ndim ? distance(l.stride[0][l.ndim - 1]) : INT64_MAX; }

// The nest with the axes along which x lies closest innermost: results may be visited in any order.
Loop ordered(const Loop& l) {
  Loop o;
  o.ndim = l.ndim;
  for (int d = 0; d < l.ndim; ++d) {
    int at = d;
    for (; at > 0 && distance(o.stride[0][at - 1]) < distance(l.stride[0][d]); --at) {
      o.shape[at] = o.shape[at - 1];
      for (int k = 0; k < 2; ++k) o.stride[k][at] = o.stride[k][at - 1];
    }
    o.shape[at] = l.shape[d];
    for (int k = 0; k < 2; ++k) o.stride[k][at] = l.stride[k][d];
  }
  return o;
}

constexpr int64_t kFewThreads = kSample ? 1 << 11 : 1 << 16;  // fewer leave much of a large device idle
constexpr int64_t kPart = kSample ? 4 : 64;                   // positions of a thread at least, where parts are made

template <class Total>
void reduce(const Loop& kept, const Loop& reduced, const void* x, void* y) {
  Task t{};
  t.kept = nest_of<2>(ordered(kept));
  t.reduced = nest_of<1>(reduced);
  t.x = x, t.y = y;
  if (t.kept.size == 0) return;
  if ((t.kept.size > kMostElements && kept.ndim > 1) || (t.reduced.size > kMostElements && reduced.ndim > 1))
    return report(cudaErrorInvalidValue);
  const bool by_threads =
      t.reduced.size < 16 || (t.kept.size >= 32 && inner_distance(ordered(kept)) <= inner_distance(reduced));
  const int64_t threads = t.threads = by_threads ? 1 : t.reduced.size <= 32 * 32 ? 32 : kThreads;
  t.parts = most(least(kFewThreads / most(t.kept.size * threads, 1), t.reduced.size / (kPart * threads)), 1);
  t.part = ceil_div(t.reduced.size, t.parts);
  const Scratch partial(t.parts > 1 ? t.kept.size * t.parts * static_cast<int64_t>(sizeof(Total)) : 0);
  t.partial = partial.data();
  if (t.parts > 1 && !t.partial) return;  // reported
  const dim3 grid = blocks_for(t.kept.size * t.parts * threads);
  if (threads == 1)
    launch(grid, kThreads, reduce_threads<Total>, t);
  else
    launch(grid, kThreads, reduce_groups<Total>, t);
  if (t.partial) launch(blocks_for(t.kept.size), kThreads, merge_parts<Total>, t);
}

template <class T>
void fill_sums(Kernels& k) {
  using Type = WithoutSign<T>;
  k.reduce[static_cast<int>(Reduction::sum)][dtype_index<T>] = reduce<Sum<Type>>;
  k.reduce[static_cast<int>(Reduction::prod)][dtype_index<T>] = reduce<Prod<Type>>;
}

// T: the type that holds the values while they are compared; bool is compared as its byte.
template <class T>
void fill_extremes(Kernels& k, int t) {
  k.reduce[static_cast<int>(Reduction::max)][t] = reduce<Extreme<true, T>>;
  k.reduce[static_cast<int>(Reduction::min)][t] = reduce<Extreme<false, T>>;
  k.reduce[static_cast<int>(Reduction::argmax)][t] = reduce<Place<true, T>>;
  k.reduce[static_cast<int>(Reduction::argmin)][t] = reduce<Place<false, T>>;
}

}  // namespace

void fill_reduce(Kernels& k) {
  fill_sums<int64_t>(k), fill_sums<uint64_t>(k), fill_sums<float>(k), fill_sums<double>(k);
  for_compiled_types<kNumbers>([&](auto t) { fill_extremes<decltype(t)>(k, dtype_index<decltype(t)>); });
  fill_extremes<uint8_t>(k, dtype_index<bool>);
  k.reduce[static_cast<int>(Reduction::any)][dtype_index<bool>] = reduce<Logic<false>>;
  k.reduce[static_cast<int>(Reduction::all)][dtype_index<bool>] = reduce<Logic<true>>;
}

}  // namespace pynn::cuda

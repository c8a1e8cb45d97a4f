// Reductions: sum, prod, max, min, argmax, argmin, any, all over any axes of any layout.
//
// Results are computed in tiles: a few hundred neighbouring results at most. A tile is folded by rows (each result on
// its own, along what it combines) or by columns (all of its results at once, row after row of a tile's width),
// whichever runs along memory. Where there are few results, the positions that they combine are cut into parts as
// well, and the parts' totals are merged in order. All cuts depend on shapes and strides alone.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/totals.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kTile = 512;       // results of a tile at most: their accumulators stay in the first-level cache
constexpr int64_t kFewColumns = 8;   // below, a row of a tile is too short to be worth a loop
constexpr int64_t kTasks = 64;       // enough tiles and parts to keep any processor busy
constexpr int64_t kPartials = 8192;  // totals of parts on the stack: 128 KiB at most

int64_t size(const Loop& l) {
  int64_t n = 1;
  for (int d = 0; d < l.ndim; ++d) n *= l.shape[d];
  return n;
}

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// How far a step of x goes. Repeating the same elements (stride 0) counts as farthest: other axes should run inside.
int64_t distance(int64_t stride) { return stride == 0 ? INT64_MAX : (stride < 0 ? -stride : stride); }

// The nest with the axes along which x lies closest innermost. Both results and what they combine may be visited in
// any order.
template <int N>
Loop ordered(const Loop& l) {
  Loop o;
  o.ndim = l.ndim;
  for (int d = 0; d < l.ndim; ++d) {
    int at = d;
    for (; at > 0 && distance(o.stride[0][at - 1]) < distance(l.stride[0][d]); --at) {
      o.shape[at] = o.shape[at - 1];
      for (int k = 0; k < N; ++k) o.stride[k][at] = o.stride[k][at - 1];
    }
    o.shape[at] = l.shape[d];
    for (int k = 0; k < N; ++k) o.stride[k][at] = l.stride[k][d];
  }
  return o;
}

// The innermost axis of a nest; of a single element, one step.
template <int N>
Axis innermost(const Loop& l) {
  if (l.ndim == 0) return {1, 0, 0};
  const int d = l.ndim - 1;
  return {l.shape[d], l.stride[0][d], N > 1 ? l.stride[1][d] : 0};
}

struct Plan {
  Loop kept, reduced;
  Axis column, row;       // their innermost axes
  int64_t results, size;  // and sizes
  bool by_columns;
  int64_t width, tiles;  // tiles cut the innermost kept axis, `width` results each
  int64_t parts;         // of the reduced positions
};

// By columns if those lie closer than what they combine, or if they combine too little for a row of its own.
bool fold_by_columns(const Axis& column, const Axis& row) {
  return column.n >= kFewColumns && (distance(column.step_x) <= distance(row.step_x) || row.n < kFewColumns);
}

// Parts of kGrain elements at most where the tiles alone are too few, as many as their totals have room for.
int64_t part_count(const Plan& p) {
  if (p.results == 0 || p.results * p.size < 2 * kGrain) return 1;
  const int64_t wanted = least(even_parts(p.results * p.size), kTasks / p.tiles);
  return most(1, least(least(wanted, kPartials / p.results), p.size));
}

Plan make_plan(const Loop& kept, const Loop& reduced) {
  Plan p;
  p.kept = ordered<2>(kept), p.reduced = ordered<1>(reduced);
  p.column = innermost<2>(p.kept), p.row = innermost<1>(p.reduced);
  p.results = size(kept), p.size = size(reduced);
  p.by_columns = fold_by_columns(p.column, p.row);
  p.width = least(p.column.n, kTile);
  if (!p.by_columns) p.width = least(p.width, most(kGrain / most(p.size, 1), 1));
  p.tiles = p.results == 0 ? 0 : p.results / p.column.n * ceil_div(p.column.n, p.width);
  p.parts = part_count(p);
  return p;
}

// Calls f(offset, n, position) for every piece of an innermost axis among the positions [begin, end).
template <class F>
PYNN_FN void pieces(const Loop& l, const Axis& inner, int64_t begin, int64_t end, F f) {
  while (begin < end) {
    int64_t at[1] = {0}, from = begin;
    if (l.ndim > 1) {
      from = begin % inner.n;
      offsets<1>(l, l.ndim - 1, begin / inner.n, at);
    }
    const int64_t n = least(inner.n - from, end - begin);
    f(at[0] + from * inner.step_x, n, begin);
    begin += n;
  }
}

// A long row is read in two places by turns, a block in each: memory delivers more to two streams than to one.
constexpr int64_t kStreams = 2, kLongRow = 8 * kStreams;  // the latter in blocks

// As many blocks of a contiguous row of n as make equal streams, into `total`. How many elements that are.
template <class Total>
int64_t fold_streams(const typename Total::Fold::T* x, int64_t n, int64_t position, Total& total) {
  constexpr int64_t block = kFoldBlock<typename Total::Fold::T>;
  const int64_t length = n / kStreams / block * block;
  Total part[kStreams];
  for (Total& each : part) each.start();
  for (int64_t i = 0; i < length; i += block)
    for (int64_t s = 0; s < kStreams; ++s) {
      const int64_t at = s * length + i;
      part[s].add(fold_row<typename Total::Fold>(x + at, block), position + at);
    }
  for (const Total& each : part) total.merge(each);
  return kStreams * length;
}

// One result's total over the positions [begin, end).
template <class Total>
void fold_result(const Plan& p, const typename Total::Fold::T* x, int64_t begin, int64_t end, Total& total) {
  using Op = typename Total::Fold;
  using T = typename Op::T;
  pieces(p.reduced, p.row, begin, end, [&](int64_t offset, int64_t n, int64_t position) {
    const int64_t step = p.row.step_x;
    T gathered[kFoldBlock<T>];
    int64_t i = 0;
    if (step == 1 && n >= kLongRow * kFoldBlock<T>) i = fold_streams(x + offset, n, position, total);
    for (; i < n; i += kFoldBlock<T>) {
      const int64_t m = least(n - i, kFoldBlock<T>);
      const T* block = x + offset + i * step;
      if (step != 1) gather(block, step, gathered, m), block = gathered;
      total.add(fold_row<Op>(block, m), position + i);
    }
  });
}

// The totals of `width` neighbouring results, rows of all of them at once.
template <class Total>
void fold_tile(const Plan& p, const typename Total::Fold::T* x, int64_t width, int64_t begin, int64_t end,
               Total* total) {
  using Op = typename Total::Fold;
  using T = typename Op::T;
  T acc[kTile], gathered[kTile];
  pieces(p.reduced, p.row, begin, end, [&](int64_t offset, int64_t n, int64_t position) {
    for (int64_t i = 0; i < n; i += Total::kRows) {
      const int64_t rows = least(n - i, Total::kRows), step = p.row.step_x;
      const T* block = x + offset + i * step;
      for (int64_t c = 0; c < width; ++c) acc[c] = Op::identity;
      if (p.column.step_x == 1)
        fold_columns<Op>(acc, block, step, rows, width);
      else
        for (int64_t r = 0; r < rows; ++r) {
          gather(block + r * step, p.column.step_x, gathered, width);
          fold_columns<Op>(acc, gathered, 0, 1, width);
        }
      for (int64_t c = 0; c < width; ++c) total[c].add(acc[c], position + i);
    }
  });
}

// Where a tile lies: its first result, in the order of the plan, its width, and its offsets in x and y.
struct Tile {
  int64_t first, width, x, y;
};
Tile tile_at(const Plan& p, int64_t tile) {
  const int64_t per_row = ceil_div(p.column.n, p.width), row = tile / per_row, from = tile % per_row * p.width;
  int64_t at[2] = {0, 0};
  if (p.kept.ndim > 1) offsets<2>(p.kept, p.kept.ndim - 1, row, at);
  return {row * p.column.n + from, least(p.width, p.column.n - from), at[0] + from * p.column.step_x,
          at[1] + from * p.column.step_y};
}

template <class Total>
void fold(const Plan& p, const Tile& t, const typename Total::Fold::T* x, int64_t begin, int64_t end, Total* total) {
  for (int64_t c = 0; c < t.width; ++c) total[c].start();
  if (p.by_columns)
    fold_tile(p, x + t.x, t.width, begin, end, total);
  else if (p.reduced.ndim == 1 && p.row.step_x == 1 && end - begin <= kFoldBlock<typename Total::Fold::T>)
    for (int64_t c = 0; c < t.width; ++c)  // nothing to cut or to gather: short rows feel every instruction
      total[c].add(fold_row<typename Total::Fold>(x + t.x + c * p.column.step_x + begin, end - begin), begin);
  else
    for (int64_t c = 0; c < t.width; ++c) fold_result(p, x + t.x + c * p.column.step_x, begin, end, total[c]);
}

template <class Total>
void write(const Plan& p, const Tile& t, const Total* total, const typename Total::Fold::T* x,
           typename Total::Result* y) {
  for (int64_t c = 0; c < t.width; ++c)
    y[t.y + c * p.column.step_y] = total[c].result(x + t.x + c * p.column.step_x, p.row);
}

// Tiles in groups of about kGrain elements.
template <class Total>
void reduce_tiles(const Plan& p, const typename Total::Fold::T* x, typename Total::Result* y) {
  const int64_t group = most(kGrain / most(p.width * p.size, 1), 1);
  blocks(ceil_div(p.tiles, group), [&](int64_t i) {
    Total total[kTile];
    for (int64_t tile = i * group; tile < least((i + 1) * group, p.tiles); ++tile) {
      const Tile t = tile_at(p, tile);
      fold(p, t, x, 0, p.size, total);
      write(p, t, total, x, y);
    }
  });
}

// Every tile in several parts; each writes its totals to a row of `partial`.
template <class Total>
void reduce_parts(const Plan& p, const typename Total::Fold::T* x, typename Total::Result* y) {
  Total partial[kPartials];
  blocks(p.tiles * p.parts, [&](int64_t i) {
    const int64_t part = i % p.parts;
    const Tile t = tile_at(p, i / p.parts);
    fold(p, t, x, part * p.size / p.parts, (part + 1) * p.size / p.parts, partial + part * p.results + t.first);
  });
  for (int64_t tile = 0; tile < p.tiles; ++tile) {
    const Tile t = tile_at(p, tile);
    for (int64_t part = 1; part < p.parts; ++part)
      for (int64_t c = t.first; c < t.first + t.width; ++c) partial[c].merge(partial[part * p.results + c]);
    write(p, t, partial + t.first, x, y);
  }
}

template <class Total>
void reduce(const Loop& kept, const Loop& reduced, const void* x, void* y) {
  const Plan p = make_plan(kept, reduced);
  const auto* from = static_cast<const typename Total::Fold::T*>(x);
  auto* to = static_cast<typename Total::Result*>(y);
  if (p.parts == 1)
    reduce_tiles<Total>(p, from, to);
  else
    reduce_parts<Total>(p, from, to);
}

template <class T>
void fill_sums(Kernels& k) {
  constexpr int t = dtype_index<T>;
  k.reduce[static_cast<int>(Reduction::sum)][t] = reduce<SumTotal<T>>;
  k.reduce[static_cast<int>(Reduction::prod)][t] = reduce<PlainTotal<Prod<T>>>;
}

// T: the type that holds the values while they are compared; bool is compared as its byte.
template <class T>
void fill_extremes(Kernels& k, int t) {
  k.reduce[static_cast<int>(Reduction::max)][t] = reduce<PlainTotal<Max<T>>>;
  k.reduce[static_cast<int>(Reduction::min)][t] = reduce<PlainTotal<Min<T>>>;
  k.reduce[static_cast<int>(Reduction::argmax)][t] = reduce<PlaceTotal<Max<T>>>;
  k.reduce[static_cast<int>(Reduction::argmin)][t] = reduce<PlaceTotal<Min<T>>>;
}

}  // namespace

void fill_reduce(Kernels& k) {
  fill_sums<int64_t>(k), fill_sums<uint64_t>(k), fill_sums<float>(k), fill_sums<double>(k);
  for_types<kNumbers>([&](auto t) { fill_extremes<decltype(t)>(k, dtype_index<decltype(t)>); });
  fill_extremes<uint8_t>(k, dtype_index<bool>);
  k.reduce[static_cast<int>(Reduction::any)][dtype_index<bool>] = reduce<PlainTotal<Any>>;
  k.reduce[static_cast<int>(Reduction::all)][dtype_index<bool>] = reduce<PlainTotal<All>>;
}

}  // namespace pynn::PYNN_ISA

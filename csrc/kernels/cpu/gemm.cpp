// Matrix products of float32 and float64: cutting, packing and threads around the micro-kernel, in the manner of BLIS
// (Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating BLAS functionality", 2015). Here is the
// plan; the work is in gemm_slab.h, products with a vector in gemv.h, of few columns in gemm_narrow.h, of large K in
// gemm_deep.h, of integers in gemm_integer.h.
//
// A slab of C and K is packed at once, then its tasks, tiles of C, are computed; both on several threads. Everything is
// cut by shape and strides alone, and a task adds its blocks of K in order: the number of threads changes no bit.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/gemm_deep.h"
#include "kernels/cpu/gemm_integer.h"
#include "kernels/cpu/gemm_narrow.h"
#include "kernels/cpu/gemm_slab.h"
#include "kernels/cpu/gemv.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// A task: its block of a, kTaskTiles * MR x kDepth, and its part of C stay in a second-level cache of 512 KiB.
constexpr int64_t kTaskTiles = 16, kTaskPanels = 8;
// The slab that is packed at once: at most 16 MiB of float32, which a shared third-level cache holds.
constexpr int64_t kSlabRows = 2048, kSlabColumns = 2048, kSlabDepth = 1024;
// An operand is packed when it is used again often enough to pay for the copy, that is by more tiles than this, and
// when it is not small enough to stay in the first-level cache (in bytes) as it is.
constexpr int64_t kReadInPlace = 4, kSmallOperand = 1 << 14;
// Up to this many tiles of rows one task takes all rows, and packs each panel of b itself, just before it is used: with
// no other task to share it, the panel never leaves the first-level cache. Rows of a that are contiguous are then read
// in place: what one thread packs costs the others more to fetch than reading a costs.
constexpr int64_t kWholeTiles = 160;
// Multiplications that one thread does in about 16 us with AVX2: below, threads cost more than they save.
template <class T>
constexpr int64_t kSerial = (3 << 20) / sizeof(T);
// What comes with each tile, its store above all, costs as much as this many steps of K.
constexpr int64_t kTileCost = 16;
// What a task keeps at least, when few tasks are cut finer to make more of them.
template <class T>
constexpr int64_t kTaskGrain = kSerial<T> / 2;
// Batches: groups of products run side by side while each needs at most this workspace (in bytes).
constexpr int64_t kGroupWorkspace = 1 << 20, kGroups = 32;

// n cut into equal parts of at most `most`: their size, a multiple of `unit` (and at least one).
PYNN_FN int64_t part(int64_t n, int64_t most, int64_t unit) {
  if (n <= unit) return unit;
  return round_up(ceil_div(n, ceil_div(n, most)), unit);
}

// ---- One product ----------------------------------------------------------------------------------------------------

// How a product is cut into slabs, and a slab into tasks.
struct Plan {
  bool pack_a;
  Packing packing;
  int64_t slab_rows, slab_columns, slab_depth;
  int64_t depth, rows, columns;
  int64_t size_a, size_b;  // packed elements of a slab
};

PYNN_FN bool is_vector_product(const Gemm& g) { return g.M == 1 || g.N == 1; }

// The task: kTaskTiles by kTaskPanels tiles, narrower while there are few of them and they remain worth a thread; all
// of it where the product is small.
template <class T>
PYNN_FN void cut_tasks(int64_t M, int64_t N, int64_t K, Plan& p) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  p.rows = round_up(M, MR), p.columns = round_up(N, NR);
  if (p.rows * p.columns * (K + kTileCost) <= kSerial<T>) return;
  if (p.packing != Packing::task) p.rows = part(M, kTaskTiles * MR, MR);
  p.columns = part(N, kTaskPanels * NR, NR);
  while (ceil_div(M, p.rows) * ceil_div(N, p.columns) < 16 &&
         p.rows * p.columns * (K + kTileCost) > 2 * kTaskGrain<T>) {
    if (p.columns > (p.packing == Packing::task ? kGroup : 4) * NR)
      p.columns = round_up(p.columns / 2, NR);
    else if (p.packing != Packing::task && p.rows > 4 * MR)
      p.rows = round_up(p.rows / 2, MR);
    else
      break;
  }
}

template <class T>
Plan plan(const Gemm& g) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  Plan p;
  p.slab_rows = part(g.M, kSlabRows, MR);
  p.slab_columns = part(g.N, kSlabColumns, NR);
  p.slab_depth = part(g.K, kSlabDepth, 1);
  p.depth = part(p.slab_depth, kDepth, 1);
  const int64_t bytes = static_cast<int64_t>(sizeof(T)) * g.K;
  p.pack_a = (g.a.row != 1 && g.a.column != 1) || (g.N > kReadInPlace * NR && g.M * bytes > kSmallOperand);
  const bool pack_b = g.b.column != 1 || (g.M > kReadInPlace * MR && g.N * bytes > kSmallOperand);
  p.packing = !pack_b ? Packing::none : g.M <= kWholeTiles * MR ? Packing::task : Packing::slab;
  if (p.packing == Packing::task && g.a.column == 1) p.pack_a = false;
  p.size_a = p.pack_a ? p.slab_rows * p.slab_depth : 0;
  p.size_b = p.packing == Packing::slab ? p.slab_columns * p.slab_depth : 0;
  cut_tasks<T>(smaller(g.M, p.slab_rows), smaller(g.N, p.slab_columns), p.slab_depth, p);
  return p;
}

// M = 1: c is a, the vector x, by the matrix b. N = 1: c is b, the vector x, by the matrix a, transposed.
template <class T>
PYNN_FN VectorProduct<T> as_vector_product(const Gemm& g, const T* a, const T* b, T* c) {
  const T* const bias = static_cast<const T*>(g.bias);
  if (g.M == 1) return {g.N, g.K, a, g.a.column, b, g.b, c, 1, bias, 1, g.activation, nullptr};
  return {g.M, g.K, b, g.b.row, a, {g.a.column, g.a.row}, c, g.c_row, bias, 0, g.activation, nullptr};
}

// A product is cut into parts of K, `count` of them, if it has few tasks: the product of one of them, which needs
// `workspace` elements, and how far their sums stand apart.
template <class T>
struct Parts {
  int64_t count, depth, workspace, size;
  explicit Parts(const Gemm& g) {
    constexpr int64_t line = kAlign / sizeof(T);
    Plan p = plan<T>(g);
    count = deep_parts<T>(g, ceil_div(g.M, p.rows) * ceil_div(g.N, p.columns));
    depth = count > 1 ? round_up(ceil_div(g.K, count), line) : g.K;
    if (count > 1) {
      Gemm one = g;
      one.K = depth;
      count = ceil_div(g.K, depth);
      p = plan<T>(one);
    }
    workspace = round_up(p.size_a, line) + round_up(p.size_b, line);
    size = count > 1 ? round_up(g.M * g.N, line) : 0;
  }
};

template <class T>
int64_t product_workspace(const Gemm& g) {
  constexpr int64_t line = kAlign / sizeof(T);
  if (is_vector_product(g)) {
    const VectorProduct<T> p = as_vector_product<T>(g, nullptr, nullptr, nullptr);
    return round_up(vector_plan(p.N, p.K, p.w_step).parts * p.N + p.K, line) * sizeof(T);
  }
  if (is_narrow_product<T>(g)) return round_up(g.N * g.K, line) * sizeof(T);
  const Parts<T> parts(g);
  return parts.count * (parts.workspace + parts.size) * sizeof(T);
}

template <class T>
void matrix_product(const Gemm& g, const T* a, const T* b, T* c, T* workspace) {
  const Plan p = plan<T>(g);
  Slab<T> s;
  s.a_step = g.a, s.b_step = g.b, s.c_row = g.c_row;
  s.packed_a = workspace, s.packed_b = workspace + round_up(p.size_a, kAlign / sizeof(T));
  s.pack_a = p.pack_a, s.packing = p.packing;
  s.depth = p.depth, s.rows = p.rows, s.columns = p.columns;
  s.activation = g.activation;
  for (int64_t j = 0; j < g.N; j += p.slab_columns)
    for (int64_t k = 0; k == 0 || k < g.K; k += p.slab_depth)
      for (int64_t i = 0; i < g.M; i += p.slab_rows) {
        s.M = smaller(p.slab_rows, g.M - i), s.N = smaller(p.slab_columns, g.N - j);
        s.K = smaller(p.slab_depth, g.K - k);
        s.a = a + i * g.a.row + k * g.a.column, s.b = b + k * g.b.row + j * g.b.column, s.c = c + i * g.c_row + j;
        s.b_is_packed = i > 0;
        s.first = k == 0, s.last = k + s.K == g.K;
        s.bias = g.bias ? static_cast<const T*>(g.bias) + j : nullptr;
        pack(s);
        multiply(s);
      }
}

template <class T>
void deep_product(const Gemm& g, const Parts<T>& parts, const T* a, const T* b, T* c, T* workspace) {
  T* const sums = workspace + parts.count * parts.workspace;
  blocks(parts.count, [&](int64_t part) {
    Gemm one = g;
    one.K = smaller(parts.depth, g.K - part * parts.depth);
    one.c_row = g.N, one.bias = nullptr, one.activation = nullptr;
    matrix_product(one, a + part * parts.depth * g.a.column, b + part * parts.depth * g.b.row, sums + part * parts.size,
                   workspace + part * parts.workspace);
  });
  add_parts(g, sums, parts.size, parts.count, c);
}

template <class T>
void product(const Gemm& g, const T* a, const T* b, T* c, T* workspace) {
  if (is_narrow_product<T>(g)) return narrow_product(g, a, b, c, workspace);
  if (!is_vector_product(g)) {
    const Parts<T> parts(g);
    if (parts.count > 1) return deep_product(g, parts, a, b, c, workspace);
    return matrix_product(g, a, b, c, workspace);
  }
  VectorProduct<T> p = as_vector_product(g, a, b, c);
  p.sums = workspace;
  T* const x = workspace + vector_plan(p.N, p.K, p.w_step).parts * p.N;
  if (p.w_step.row == 1 && p.x_step != 1) {  // dot products want x contiguous
    gather(p.x, p.x_step, x, p.K);
    p.x = x, p.x_step = 1;
  }
  vector_product(p);
}

// ---- Batches --------------------------------------------------------------------------------------------------------

PYNN_FN int64_t products(const Loop& batch) {
  int64_t n = 1;
  for (int d = 0; d < batch.ndim; ++d) n *= batch.shape[d];
  return n;
}

// Where all products share b, and a and c go on from one product to the next as they do from row to row, they are one
// product with more rows: x (B, T, K) by a kernel (K, N).
PYNN_FN void fold(Gemm& g, Loop& batch) {
  while (batch.ndim > 0) {
    const int d = batch.ndim - 1;
    if (batch.stride[1][d] != 0) return;
    if (g.M == 1) g.a.row = batch.stride[0][d], g.c_row = batch.stride[2][d];  // one row: any step leads to the next
    if (batch.stride[0][d] != g.M * g.a.row || batch.stride[2][d] != g.M * g.c_row) return;
    g.M *= batch.shape[d];
    batch.ndim = d;
  }
}

// Groups of products that run side by side, each in the workspace of its group. One group: the products run one after
// the other, each on all threads if it is large.
template <class T>
PYNN_FN int64_t groups(const Gemm& g, int64_t n, int64_t workspace) {
  const int64_t size = larger(g.M * g.N * g.K, 1);
  const int64_t worth = size > kTaskGrain<T> ? n : ceil_div(n, kTaskGrain<T> / size);
  const bool large = workspace > kGroupWorkspace || (size > kSerial<T> && n < 8);
  return large ? 1 : smaller(worth, kGroups);
}

template <class T>
size_t gemm_workspace(const Gemm& gemm, const Loop& loop) {
  Gemm g = gemm;
  Loop batch = loop;
  fold(g, batch);
  if (g.M == 0 || g.N == 0) return 0;
  const int64_t size = product_workspace<T>(g);
  return static_cast<size_t>(size * groups<T>(g, products(batch), size));
}

template <class T>
void gemm(const Gemm& whole, const Loop& loop, const void* a, const void* b, void* c, void* workspace) {
  Gemm g = whole;
  Loop batch = loop;
  fold(g, batch);
  const int64_t n = products(batch);
  if (g.M == 0 || g.N == 0 || n == 0) return;
  const int64_t size = product_workspace<T>(g), group = ceil_div(n, groups<T>(g, n, size));
  blocks(ceil_div(n, group), [&](int64_t block) {
    T* const own = reinterpret_cast<T*>(static_cast<char*>(workspace) + block * size);
    for (int64_t i = block * group; i < smaller((block + 1) * group, n); ++i) {
      int64_t at[3];
      offsets<3>(batch, batch.ndim, i, at);
      product(g, static_cast<const T*>(a) + at[0], static_cast<const T*>(b) + at[1], static_cast<T*>(c) + at[2], own);
    }
  });
}

}  // namespace

void fill_gemm(Kernels& k) {
  for_types<kFloats>([&](auto t) {
    using T = decltype(t);
    k.gemm[dtype_index<T>] = gemm<T>;
    k.gemm_workspace[dtype_index<T>] = gemm_workspace<T>;
  });
  for_types<kIntegers>([&](auto t) {
    using T = decltype(t);
    k.gemm[dtype_index<T>] = integer_gemm<T>;
    k.gemm_workspace[dtype_index<T>] = integer_gemm_workspace<T>;
  });
}

}  // namespace pynn::PYNN_ISA

// Matrix products of float32 and float64: cutting, packing and threads around the micro-kernel, in the manner of BLIS
// (Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating BLAS functionality", 2015). Integers are in
// gemm_integer.h, products with a vector in gemv.h.
//
// A slab of C and K is packed at once, then its tasks, tiles of C, are computed; both on several threads. Everything is
// cut by shape and strides alone, and a task adds its blocks of K in order: the number of threads changes no bit.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/gemm_integer.h"
#include "kernels/cpu/gemv.h"
#include "kernels/cpu/pack.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// The block of K: a panel of b, NR x kDepth, is 16 KiB with AVX2, half of a first-level cache of 32 KiB; the other half
// is for the tile's rows of a and of C.
constexpr int64_t kDepth = 256;
// A task: its block of a, kTaskTiles * MR x kDepth, and its part of C stay in a second-level cache of 512 KiB.
constexpr int64_t kTaskTiles = 16, kTaskPanels = 8;
// The slab that is packed at once: at most 16 MiB of float32, which a shared third-level cache holds.
constexpr int64_t kSlabRows = 2048, kSlabColumns = 2048, kSlabDepth = 1024;
// An operand is packed when it is used again often enough to pay for the copy, that is by more tiles than this, and
// when it is not small enough to stay in the first-level cache (in bytes) as it is.
constexpr int64_t kReadInPlace = 4, kSmallOperand = 1 << 14;
// Multiplications that one thread does in about 20 us with AVX2: below, threads cost more than they save.
constexpr int64_t kSerial = 1 << 20;
constexpr int64_t kTaskGrain = 1 << 19;  // a task of half of that is worth handing to a thread
constexpr int64_t kPackGrain = 1 << 15;  // elements that a thread packs at once
// Batches: groups of products run side by side while each needs at most this workspace (in bytes).
constexpr int64_t kGroupWorkspace = 1 << 20, kGroups = 32;

PYNN_FN int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
PYNN_FN int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
PYNN_FN int64_t ceil_div(int64_t n, int64_t by) { return (n + by - 1) / by; }
PYNN_FN int64_t round_up(int64_t n, int64_t to) { return ceil_div(n, to) * to; }
// n cut into equal parts of at most `most`: their size, a multiple of `unit` (and at least one).
PYNN_FN int64_t part(int64_t n, int64_t most, int64_t unit) {
  if (n <= unit) return unit;
  return round_up(ceil_div(n, ceil_div(n, most)), unit);
}

// ---- One slab -------------------------------------------------------------------------------------------------------

// A part of a product that is packed at once. Columns of b before `packed_from` are read in place.
template <class T>
struct Slab {
  int64_t M, N, K;
  const T *a, *b;
  Matrix a_step, b_step;
  T* c;
  int64_t c_row;
  T *packed_a, *packed_b;
  bool pack_a, pack_b;  // pack_b is false where an earlier slab has packed the same part of b
  int64_t packed_from;
  int64_t depth, rows, columns;  // the block of K, and the task
  bool first, last;              // in K
  const T* bias;
  RowFn activation;
};

// Packed panels of one block of K stand side by side, and the blocks one after the other.
template <class T>
PYNN_FN T* packed_a(const Slab<T>& s, int64_t i, int64_t k, int64_t K) {
  return s.packed_a + k * round_up(s.M, Tile<T>::MR) + i * K;
}
template <class T>
PYNN_FN T* packed_b(const Slab<T>& s, int64_t j, int64_t k, int64_t K) {
  return s.packed_b + k * round_up(s.N - s.packed_from, Tile<T>::NR) + (j - s.packed_from) * K;
}

// Packs what the slab's tasks want packed: in each block of K groups of rows of a, then groups of columns of b.
template <class T>
void pack(const Slab<T>& s) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  const int64_t M = s.pack_a ? s.M : 0, from = s.pack_b ? s.packed_from : s.N;
  const int64_t elements = (M + s.N - from) * s.K;
  if (elements == 0) return;
  const bool one = elements <= 2 * kPackGrain;
  const int64_t lines = ceil_div(one ? elements : kPackGrain, s.depth);
  const int64_t a_group = round_up(lines, MR), b_group = round_up(lines, NR);
  const int64_t a_groups = ceil_div(M, a_group), groups = a_groups + ceil_div(s.N - from, b_group);
  auto pack_group = [&](int64_t block) {
    const int64_t k = block / groups * s.depth, K = smaller(s.depth, s.K - k), group = block % groups;
    if (group < a_groups) {
      const int64_t i = group * a_group;
      pack_panels<T, MR>(s.a + i * s.a_step.row + k * s.a_step.column, s.a_step.row, s.a_step.column,
                         smaller(a_group, M - i), K, packed_a(s, i, k, K));
    } else {
      const int64_t j = from + (group - a_groups) * b_group;
      pack_panels<T, NR>(s.b + j * s.b_step.column + k * s.b_step.row, s.b_step.column, s.b_step.row,
                         smaller(b_group, s.N - j), K, packed_b(s, j, k, K));
    }
  };
  const int64_t count = groups * ceil_div(s.K, s.depth);
  if (!one) return blocks(count, pack_group);
  for (int64_t i = 0; i < count; ++i) pack_group(i);
}

// Rows [i0, i1), columns [j0, j1) of the slab, one block of K. A panel of b stays in the first-level cache while the rows
// pass by.
template <class T>
void multiply_block(const Slab<T>& s, int64_t i0, int64_t i1, int64_t j0, int64_t j1, int64_t k, int64_t K) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  const bool add = !s.first || k > 0, last = s.last && k + K == s.K;
  for (int64_t j = j0; j < j1; j += NR) {
    const bool in_place = j < s.packed_from;
    const T* const b = in_place ? s.b + k * s.b_step.row + j : packed_b(s, j, k, K);
    const int64_t b_row = in_place ? s.b_step.row : NR;
    const T* const bias = s.bias && last ? s.bias + j : nullptr;
    for (int64_t i = i0; i < i1; i += MR) {
      const int m = static_cast<int>(smaller(MR, i1 - i));
      const Output<T> out{s.c + i * s.c_row + j, s.c_row, static_cast<int>(smaller(NR, j1 - j)), add, bias};
      if (s.pack_a)
        multiply_tile<true>(m, K, packed_a(s, i, k, K), s.a_step, b, b_row, out);
      else
        multiply_tile<false>(m, K, s.a + i * s.a_step.row + k * s.a_step.column, s.a_step, b, b_row, out);
    }
  }
}

// One task: every block of K in order, then the activation while the rows are near.
template <class T>
void multiply_task(const Slab<T>& s, int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
  int64_t k = 0;
  do {
    const int64_t K = smaller(s.depth, s.K - k);
    multiply_block(s, i0, i1, j0, j1, k, K);
    k += K;
  } while (k < s.K);
  if (!s.last || !s.activation) return;
  for (int64_t i = i0; i < i1; ++i) {
    T* const row = s.c + i * s.c_row + j0;
    void* const operands[] = {row, row};
    s.activation(operands, j1 - j0);
  }
}

template <class T>
void multiply(const Slab<T>& s) {
  if (s.rows >= s.M && s.columns >= s.N) return multiply_task(s, 0, s.M, 0, s.N);
  const int64_t across = ceil_div(s.N, s.columns);
  blocks(ceil_div(s.M, s.rows) * across, [&](int64_t task) {
    const int64_t i = task / across * s.rows, j = task % across * s.columns;
    multiply_task(s, i, smaller(i + s.rows, s.M), j, smaller(j + s.columns, s.N));
  });
}

// ---- One product ----------------------------------------------------------------------------------------------------

// How a product is cut into slabs, and a slab into tasks.
struct Plan {
  bool pack_a, pack_b;
  int64_t slab_rows, slab_columns, slab_depth;
  int64_t depth, rows, columns;
  int64_t size_a, size_b;  // packed elements of a slab
};

PYNN_FN bool is_vector_product(const Gemm& g) { return g.M == 1 || g.N == 1; }

// The task: kTaskTiles by kTaskPanels tiles, narrower while there are few of them and they remain worth a thread; all of
// it where the product is small.
template <class T>
PYNN_FN void cut_tasks(int64_t M, int64_t N, int64_t K, Plan& p) {
  constexpr int MR = Tile<T>::MR, NR = Tile<T>::NR;
  p.rows = round_up(M, MR), p.columns = round_up(N, NR);
  if (p.rows * p.columns * K <= kSerial) return;
  p.rows = part(M, kTaskTiles * MR, MR);
  p.columns = part(N, kTaskPanels * NR, NR);
  while (ceil_div(M, p.rows) * ceil_div(N, p.columns) < 16 && p.rows * p.columns * K > 2 * kTaskGrain) {
    if (p.columns > 2 * NR)
      p.columns = round_up(p.columns / 2, NR);
    else if (p.rows > 2 * MR)
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
  p.pack_b = g.b.column != 1 || (g.M > kReadInPlace * MR && g.N * bytes > kSmallOperand);
  p.size_a = p.pack_a ? p.slab_rows * p.slab_depth : 0;
  p.size_b = (p.pack_b ? p.slab_columns : g.N % NR ? NR : 0) * p.slab_depth;
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

constexpr int64_t kAlign = 64;  // bytes, a cache line

template <class T>
int64_t product_workspace(const Gemm& g) {
  constexpr int64_t line = kAlign / sizeof(T);
  if (is_vector_product(g)) {
    const VectorProduct<T> p = as_vector_product<T>(g, nullptr, nullptr, nullptr);
    return round_up(vector_plan(p.N, p.K, p.w_step).parts * p.N + p.K, line) * sizeof(T);
  }
  const Plan p = plan<T>(g);
  return (round_up(p.size_a, line) + round_up(p.size_b, line)) * sizeof(T);
}

template <class T>
void matrix_product(const Gemm& g, const T* a, const T* b, T* c, T* workspace) {
  const Plan p = plan<T>(g);
  Slab<T> s;
  s.a_step = g.a, s.b_step = g.b, s.c_row = g.c_row;
  s.packed_a = workspace, s.packed_b = workspace + round_up(p.size_a, kAlign / sizeof(T));
  s.pack_a = p.pack_a;
  s.depth = p.depth, s.rows = p.rows, s.columns = p.columns;
  s.activation = g.activation;
  for (int64_t j = 0; j < g.N; j += p.slab_columns)
    for (int64_t k = 0; k == 0 || k < g.K; k += p.slab_depth)
      for (int64_t i = 0; i < g.M; i += p.slab_rows) {
        s.M = smaller(p.slab_rows, g.M - i), s.N = smaller(p.slab_columns, g.N - j);
        s.K = smaller(p.slab_depth, g.K - k);
        s.a = a + i * g.a.row + k * g.a.column, s.b = b + k * g.b.row + j * g.b.column, s.c = c + i * g.c_row + j;
        s.packed_from = p.pack_b ? 0 : s.N / Tile<T>::NR * Tile<T>::NR;
        s.pack_b = i == 0;
        s.first = k == 0, s.last = k + s.K == g.K;
        s.bias = g.bias ? static_cast<const T*>(g.bias) + j : nullptr;
        pack(s);
        multiply(s);
      }
}

template <class T>
void product(const Gemm& g, const T* a, const T* b, T* c, T* workspace) {
  if (!is_vector_product(g)) return matrix_product(g, a, b, c, workspace);
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
    if (batch.stride[1][d] != 0 || batch.stride[0][d] != g.M * g.a.row || batch.stride[2][d] != g.M * g.c_row) return;
    g.M *= batch.shape[d];
    batch.ndim = d;
  }
}

// Groups of products that run side by side, each in the workspace of its group. One group: the products run one after
// the other, each on all threads if it is large.
PYNN_FN int64_t groups(const Gemm& g, int64_t n, int64_t workspace) {
  const int64_t size = larger(g.M * g.N * g.K, 1);
  const int64_t worth = size > kTaskGrain ? n : ceil_div(n, kTaskGrain / size);
  const bool large = workspace > kGroupWorkspace || (size > kSerial && n < 8);
  return large ? 1 : smaller(worth, kGroups);
}

template <class T>
size_t gemm_workspace(const Gemm& gemm, const Loop& loop) {
  Gemm g = gemm;
  Loop batch = loop;
  fold(g, batch);
  if (g.M == 0 || g.N == 0) return 0;
  const int64_t size = product_workspace<T>(g);
  return static_cast<size_t>(size * groups(g, products(batch), size));
}

template <class T>
void gemm(const Gemm& whole, const Loop& loop, const void* a, const void* b, void* c, void* workspace) {
  Gemm g = whole;
  Loop batch = loop;
  fold(g, batch);
  const int64_t n = products(batch);
  if (g.M == 0 || g.N == 0 || n == 0) return;
  const int64_t size = product_workspace<T>(g), group = ceil_div(n, groups(g, n, size));
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

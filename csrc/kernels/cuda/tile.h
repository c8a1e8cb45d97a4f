// The product of two matrices in tiles that stand in shared memory: what matmul and convolutions are made of. Where the
// elements come from is a Source. Its view(batch) has a(i, k) and b(k, j), an element, 0 where a window hangs over the
// edge (what lies outside of the matrices, a tile never asks for), c(i, j), where a result goes, and bias, the first of
// its columns. a_along_k and b_along_k say whether neighbours in memory are neighbours along k, so that a tile is
// loaded in that order.
//
// A result's sum is made in the order of k, cut into `parts` where there are few results: those are added in order by a
// second kernel, which then adds the bias and maps the activation.
#pragma once
#include <type_traits>

#include "kernels/cuda/epilogue.h"
#include "kernels/cuda/launch.h"

namespace pynn::cuda {
namespace {

// Sizes of a product, and where results go.
struct Product {
  int64_t M, N, K;
  int64_t parts, part;  // of K: how many, and how long
  int64_t batches;
};

// The type of sums. Integers wrap; small ones are added in 32 bits, of which the lowest are those of any wider sum.
template <class T>
using Accumulator = std::conditional_t<type_bit<T>() == kFloats || sizeof(T) == 8, T, uint32_t>;

// Rows and columns of a block's tile, its depth, and rows and columns of each thread.
template <int Rows, int Columns, int Depth, int ThreadRows, int ThreadColumns>
struct Shape {
  static constexpr int M = Rows, N = Columns, K = Depth, TM = ThreadRows, TN = ThreadColumns;
  static constexpr int resident = TM * TN > 16 ? 1 : 2;  // blocks on a multiprocessor: 255 registers, or 128
  static constexpr int down = M / TM, across = N / TN, threads = down * across;
  static_assert(threads == kThreads && M * K % threads == 0 && N * K % threads == 0);
};
using SmallTile = Shape<32, 32, 16, 2, 2>;
using MediumTile = Shape<64, 64, 16, 4, 4>;
using LargeTile = Shape<128, 128, 8, 8, 8>;

// One tile of a (Size x Depth), the K index first; `along`: neighbouring threads take neighbours along k.
template <int Size, int Depth, class T, class Load>
__device__ __forceinline__ void load_tile(T (&tile)[Depth][Size + 1], bool along, const Load& load) {
#pragma unroll
  for (int e = 0; e < Size * Depth / kThreads; ++e) {
    const int at = e * kThreads + static_cast<int>(threadIdx.x);
    const int k = along ? at % Depth : at / Size, i = along ? at / Depth : at % Size;
    tile[k][i] = load(i, k);
  }
}

// Blocks count tiles along N first, then M; then parts and batches.
template <class S, class T, class Source>
__global__ void __launch_bounds__(kThreads, S::resident)
    product_tiles(Product p, const __grid_constant__ Source source, Epilogue<T> epilogue, T* partial) {
  __shared__ T a[S::K][S::M + 1], b[S::K][S::N + 1];
  const unsigned wide = static_cast<unsigned>((p.N + S::N - 1) / S::N), down = blockIdx.x / wide;
  const int64_t i0 = int64_t{down} * S::M, j0 = int64_t{blockIdx.x - down * wide} * S::N;
  const int row = static_cast<int>(threadIdx.x) / S::across, column = static_cast<int>(threadIdx.x) % S::across;
  // A division of 64 bits would be a call, around which registers are spilled.
  const unsigned parts = static_cast<unsigned>(p.parts), jobs = static_cast<unsigned>(p.batches) * parts;
  for (unsigned job = blockIdx.y; job < jobs; job += gridDim.y) {
    const int64_t batch = job / parts, part = job % parts;
    const int64_t begin = part * p.part, end = begin + p.part < p.K ? begin + p.part : p.K;
    const auto view = source.view(batch);
    Accumulator<T> sum[S::TM][S::TN] = {};
    for (int64_t k0 = begin; k0 < end; k0 += S::K) {
      load_tile<S::M, S::K>(a, source.a_along_k,
                            [&](int i, int k) { return i0 + i < p.M && k0 + k < end ? view.a(i0 + i, k0 + k) : T(0); });
      load_tile<S::N, S::K>(b, source.b_along_k,
                            [&](int j, int k) { return j0 + j < p.N && k0 + k < end ? view.b(k0 + k, j0 + j) : T(0); });
      __syncthreads();
#pragma unroll
      for (int k = 0; k < S::K; ++k) {
        Accumulator<T> x[S::TM], y[S::TN];
#pragma unroll
        for (int i = 0; i < S::TM; ++i) x[i] = a[k][row + i * S::down];
#pragma unroll
        for (int j = 0; j < S::TN; ++j) y[j] = b[k][column + j * S::across];
#pragma unroll
        for (int i = 0; i < S::TM; ++i)
#pragma unroll
          for (int j = 0; j < S::TN; ++j) sum[i][j] += x[i] * y[j];
      }
      __syncthreads();  // before the next tile is loaded
    }
    // The loops are not unrolled, so that the activations stand in the code once; what is next moves to the front,
    // since an index that is not known to the compiler would put all sums into local memory.
#pragma unroll 1
    for (int i = 0; i < S::TM; ++i) {
#pragma unroll 1
      for (int j = 0; j < S::TN; ++j) {
        const int64_t m = i0 + row + i * S::down, n = j0 + column + j * S::across;
        const T result = static_cast<T>(sum[0][0]);
        if (m < p.M && n < p.N) {
          if (partial)
            partial[((part * p.batches + batch) * p.M + m) * p.N + n] = result;
          else
            *view.c(m, n) = epilogue.apply(result, view.bias + n);
        }
#pragma unroll
        for (int next = 1; next < S::TN; ++next) sum[0][next - 1] = sum[0][next];
      }
#pragma unroll
      for (int next = 1; next < S::TM; ++next)
#pragma unroll
        for (int j = 0; j < S::TN; ++j) sum[next - 1][j] = sum[next][j];
    }
  }
}

template <class T, class Source>
__global__ void __launch_bounds__(kThreads)
    add_parts(Product p, const __grid_constant__ Source source, Epilogue<T> epilogue, const T* partial) {
  const int64_t size = p.batches * p.M * p.N;
  for (int64_t i = thread_index(); i < size; i += grid_threads()) {
    T sum = partial[i];
    for (int64_t part = 1; part < p.parts; ++part) sum += partial[part * size + i];
    const int64_t row = i / p.N, batch = row / p.M, n = i - row * p.N;
    const auto view = source.view(batch);
    *view.c(row - batch * p.M, n) = epilogue.apply(sum, view.bias + n);
  }
}

// ---- The host's side ------------------------------------------------------------------------------------------------

constexpr int64_t kFewTiles = kSample ? 4 : 128;    // fewer leave much of a large device idle
constexpr int64_t kPartDepth = kSample ? 32 : 256;  // of K at least, where parts are made

inline int tile_size(const Product& p) {
  const auto tiles = [&](int64_t size) { return ceil_div(p.M, size) * ceil_div(p.N, size) * p.batches; };
  return tiles(128) >= kFewTiles ? 128 : tiles(64) >= kFewTiles ? 64 : 32;
}

// Cuts K where the results alone make few tiles.
inline Product cut(int64_t M, int64_t N, int64_t K, int64_t batches) {
  Product p{M, N, K, 1, K, batches};
  const int64_t tiles = ceil_div(M, 32) * ceil_div(N, 32) * batches;
  p.parts = most(least(least(kFewTiles / most(tiles, 1), K / kPartDepth), 64), 1);
  p.part = ceil_div(ceil_div(K, p.parts), 16) * 16;
  p.parts = most(ceil_div(K, most(p.part, 1)), 1);
  return p;
}

template <class T>
size_t product_workspace(const Product& p) {
  return p.parts > 1 ? static_cast<size_t>(p.parts * p.batches * p.M * p.N) * sizeof(T) : 0;
}

template <class S, class T, class Source>
void launch_tiles(const Product& p, const Source& source, const Epilogue<T>& epilogue, T* partial) {
  const int64_t tiles = ceil_div(p.M, S::M) * ceil_div(p.N, S::N);
  if (tiles > INT32_MAX || p.batches * p.parts > INT32_MAX) return report(cudaErrorInvalidValue);
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(least(p.batches * p.parts, 65535)));
  launch(grid, kThreads, product_tiles<S, T, Source>, p, source, epilogue, partial);
}

template <class T, class Source>
void run_product(const Product& p, const Source& source, const Epilogue<T>& epilogue, void* workspace) {
  if (p.M == 0 || p.N == 0 || p.batches == 0) return;
  T* const partial = p.parts > 1 ? static_cast<T*>(workspace) : nullptr;
  if constexpr (type_bit<T>() != kFloats) {
    launch_tiles<MediumTile, T>(p, source, epilogue, partial);  // one size: products of integers are rare
  } else {
    const int size = tile_size(p);
    if constexpr (sizeof(T) == 4) {
      if (size == 128) return launch_tiles<LargeTile, T>(p, source, epilogue, partial);
    }
    if (size >= 64)
      launch_tiles<MediumTile, T>(p, source, epilogue, partial);
    else
      launch_tiles<SmallTile, T>(p, source, epilogue, partial);
  }
  if (partial) launch(blocks_for(p.batches * p.M * p.N), kThreads, add_parts<T, Source>, p, source, epilogue, partial);
}

}  // namespace
}  // namespace pynn::cuda

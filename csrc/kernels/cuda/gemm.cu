// Matrix products of every numeric type. cuBLAS computes those of floats where the machine has it (cublas.h) and they
// are large; the bias and the activation then follow in one pass.
#include "kernels/cuda/cublas.h"
#include "kernels/cuda/fill.h"
#include "kernels/cuda/nest.h"
#include "kernels/cuda/sample.h"
#include "kernels/cuda/tile.h"

namespace pynn::cuda {
namespace {

template <class T>
struct Strided {
  const T *first_a, *first_b;
  T* first_c;
  Matrix step_a, step_b;
  int64_t c_row;
  Nest<3> batch;
  int a_along_k, b_along_k;  // no padding: the emulation looks at every word of an argument

  struct View {
    const T *first_a, *first_b;
    T* first_c;
    Matrix step_a, step_b;
    int64_t c_row;
    static constexpr int64_t bias = 0;

    __device__ __forceinline__ T a(int64_t i, int64_t k) const { return first_a[i * step_a.row + k * step_a.column]; }
    __device__ __forceinline__ T b(int64_t k, int64_t j) const { return first_b[k * step_b.row + j * step_b.column]; }
    __device__ __forceinline__ T* c(int64_t i, int64_t j) const { return first_c + i * c_row + j; }
  };
  __device__ __forceinline__ View view(int64_t number) const {
    int64_t at[3];
    offsets<3>(batch, number, at);
    return {first_a + at[0], first_b + at[1], first_c + at[2], step_a, step_b, c_row};
  }
};

// The epilogue of what cuBLAS computed.
template <class T>
__global__ void __launch_bounds__(kThreads)
    finish_rows(int64_t rows, int64_t columns, int64_t c_row, Epilogue<T> epilogue, T* c) {
  for (int64_t i = thread_index(); i < rows * columns; i += grid_threads()) {
    const int64_t row = i / columns, j = i - row * columns;
    c[row * c_row + j] = epilogue.apply(c[row * c_row + j], j);
  }
}

// Whether the batches of c follow each other as its rows do, so that all results are rows * M rows of one matrix.
bool is_dense(const Gemm& g, const Loop& batch) {
  int64_t step = g.M * g.c_row;
  for (int d = batch.ndim - 1; d >= 0; --d) {
    if (batch.stride[2][d] != step) return false;
    step *= batch.shape[d];
  }
  return true;
}

template <class T>
void activate(const Gemm& g, const Loop& batch, const Epilogue<T>& epilogue, T* c) {
  const int64_t rows = g.M * size_of(batch);
  if (!g.activation || epilogue.fused != Fused::none) return;
  if (g.c_row == g.N && is_dense(g, batch)) return finish(epilogue, g.activation, c, rows * g.N);
  // Row by row: no caller has results with gaps and a rare activation.
  for (int64_t n = 0; n < size_of(batch); ++n) {
    int64_t at = 0, rest = n;
    for (int d = batch.ndim - 1; d >= 0; --d) at += rest % batch.shape[d] * batch.stride[2][d], rest /= batch.shape[d];
    for (int64_t i = 0; i < g.M; ++i) finish(epilogue, g.activation, c + at + i * g.c_row, g.N);
  }
}

template <class T>
size_t gemm_workspace(const Gemm& g, const Loop& batch) {
  return product_workspace<T>(cut(g.M, g.N, g.K, size_of(batch)));
}

template <class T>
void gemm(const Gemm& g, const Loop& batch, const void* a, const void* b, void* c, void* workspace) {
  if (g.M == 0 || g.N == 0 || size_of(batch) == 0) return;
  const Epilogue<T> epilogue = epilogue_of<T>(g.bias, g.activation);
  if constexpr (type_bit<T>() == kFloats) {
    if (is_dense(g, batch) && cublas_gemm(g, batch, dtype_index<T>, a, b, c)) {
      const int64_t rows = g.M * size_of(batch);
      if (g.bias || epilogue.fused != Fused::none)
        launch(blocks_for(rows * g.N), kThreads, finish_rows<T>, rows, g.N, g.c_row, epilogue, static_cast<T*>(c));
      return activate(g, batch, epilogue, static_cast<T*>(c));
    }
  }
  const Strided<T> source{static_cast<const T*>(a), static_cast<const T*>(b), static_cast<T*>(c), g.a, g.b, g.c_row,
                          nest_of<3>(batch),        g.a.column == 1,          g.b.row == 1};
  run_product(cut(g.M, g.N, g.K, size_of(batch)), source, epilogue, workspace);
  activate(g, batch, epilogue, static_cast<T*>(c));
}

}  // namespace

void fill_gemm(Kernels& k) {
  for_compiled_types<kNumbers>([&](auto t) {
    using T = WithoutSign<decltype(t)>;
    k.gemm[dtype_index<decltype(t)>] = gemm<T>;
    k.gemm_workspace[dtype_index<decltype(t)>] = gemm_workspace<T>;
  });
}

}  // namespace pynn::cuda

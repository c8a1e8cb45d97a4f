// In place of libcublas.so: the five functions that the backend looks up, by a plain kernel on the emulation. They say
// what they were asked, so that a test sees that they were.
#include <cstdio>

namespace {

using Operation = int;

struct Product {
  Operation a_operation, b_operation;
  int m, n, k;
  int lda, ldb, ldc;
  long long a_step, b_step, c_step;
  int batches, unused;
};

// Column-major: element (i, j) of a matrix stands at i + j * ld, of a transposed one at j + i * ld.
template <class T>
__global__ void multiply(Product p, T alpha, const T* a, const T* b, T beta, T* c) {
  const long long size = static_cast<long long>(p.m) * p.n;
  for (long long e = threadIdx.x; e < size * p.batches; e += blockDim.x) {
    const long long batch = e / size, i = e % size % p.m, j = e % size / p.m;
    T sum = 0;
    for (long long l = 0; l < p.k; ++l)
      sum += a[batch * p.a_step + (p.a_operation ? l + i * p.lda : i + l * p.lda)] *
             b[batch * p.b_step + (p.b_operation ? j + l * p.ldb : l + j * p.ldb)];
    T& y = c[batch * p.c_step + i + j * p.ldc];
    y = beta == T(0) ? alpha * sum : alpha * sum + beta * y;
  }
}

struct Handle {
  cudaStream_t stream = nullptr;
};

template <class T>
int run(void* handle, const Product& p, const T* alpha, const T* a, const T* b, const T* beta, T* c) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(1);
  config.blockDim = dim3(64);
  config.stream = static_cast<Handle*>(handle)->stream;
  std::printf("stub: %zu bytes, operations %d %d, %d x %d x %d, %d batches\n", sizeof(T), p.a_operation, p.b_operation,
              p.m, p.n, p.k, p.batches);
  return cudaLaunchKernelEx(&config, multiply<T>, p, *alpha, a, b, *beta, c) == cudaSuccess ? 0 : 13;
}

}  // namespace

extern "C" {

int cublasCreate_v2(void** handle) {
  *handle = new Handle;
  return 0;
}
int cublasDestroy_v2(void* handle) {
  delete static_cast<Handle*>(handle);
  return 0;
}
int cublasSetStream_v2(void* handle, cudaStream_t stream) {
  static_cast<Handle*>(handle)->stream = stream;
  return 0;
}
int cublasSgemmStridedBatched(void* handle, Operation ta, Operation tb, int m, int n, int k, const float* alpha,
                              const float* a, int lda, long long step_a, const float* b, int ldb, long long step_b,
                              const float* beta, float* c, int ldc, long long step_c, int batches) {
  return run(handle, {ta, tb, m, n, k, lda, ldb, ldc, step_a, step_b, step_c, batches, 0}, alpha, a, b, beta, c);
}
int cublasDgemmStridedBatched(void* handle, Operation ta, Operation tb, int m, int n, int k, const double* alpha,
                              const double* a, int lda, long long step_a, const double* b, int ldb, long long step_b,
                              const double* beta, double* c, int ldc, long long step_c, int batches) {
  return run(handle, {ta, tb, m, n, k, lda, ldb, ldc, step_a, step_b, step_c, batches, 0}, alpha, a, b, beta, c);
}

}  // extern "C"

#include "kernels/cuda/cublas.h"

#include <dlfcn.h>

#include <cstdlib>

#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

// The types of cublas_api.h, as far as they are needed: a handle is a pointer, status 0 is success.
using Handle = void*;
enum Operation : int { kPlain = 0, kTransposed = 1 };
template <class T>
using GemmOf = int (*)(Handle, Operation, Operation, int m, int n, int k, const T* alpha, const T* a, int lda,
                       long long step_a, const T* b, int ldb, long long step_b, const T* beta, T* c, int ldc,
                       long long step_c, int batches);

struct Library {
  const char* name = nullptr;
  int (*create)(Handle*) = nullptr;
  int (*destroy)(Handle) = nullptr;
  int (*set_stream)(Handle, cudaStream_t) = nullptr;
  int (*set_workspace)(Handle, void*, size_t) = nullptr;  // may be missing
  GemmOf<float> sgemm = nullptr;
  GemmOf<double> dgemm = nullptr;

  void open(const char* path) {
    void* const library = path && *path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (!library) return;
    const auto find = [&](auto& function, const char* symbol) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, symbol));
      return function != nullptr;
    };
    if (find(create, "cublasCreate_v2") && find(destroy, "cublasDestroy_v2") &&
        find(set_stream, "cublasSetStream_v2") && find(sgemm, "cublasSgemmStridedBatched") &&
        find(dgemm, "cublasDgemmStridedBatched")) {
      find(set_workspace, "cublasSetWorkspace_v2");
      name = path;
    } else {
      dlclose(library);
    }
  }
};

const Library& library() {
  static const Library found = [] {
    Library l;
    if (const char* path = std::getenv("PYNN_CUBLAS")) {
      l.open(path);
      return l;
    }
#ifndef PYNN_CUDA_EMULATED  // NVIDIA's own would look for a device
    for (const char* path : {"libcublas.so.13", "libcublas.so.12", "libcublas.so"})
      if (!l.name) l.open(path);
#endif
    return l;
  }();
  return found;
}

// One of each thread and device. Never destroyed: a thread may end after the driver has.
Handle handle() {
  constexpr int kMostDevices = 64;
  static thread_local Handle handles[kMostDevices] = {};
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess || device >= kMostDevices) return nullptr;
  Handle& h = handles[device];
  if (!h && library().create(&h) != 0) h = nullptr;
  return h;
}

// An operand as cuBLAS wants it: column-major, so that a row-major matrix is a transposed one.
struct Operand {
  Operation operation;
  int64_t leading;
  bool fits;
};
Operand operand(const Matrix& m, int64_t rows, int64_t columns) {
  const bool one_row = rows == 1, one_column = columns == 1;
  if ((m.column == 1 || one_column) && (m.row >= columns || one_row)) return {kPlain, one_row ? columns : m.row, true};
  if ((m.row == 1 || one_row) && (m.column >= rows || one_column))
    return {kTransposed, one_column ? rows : m.column, true};
  return {kPlain, 0, false};
}

// Multiplications: below, a launch is all the time there is. Less where checks are compiled.
constexpr int64_t kWorth = kSample ? 1 << 10 : 1 << 18;

// Memory of cuBLAS's while a graph is recorded.
struct Workspace {
  static constexpr size_t kBytes = size_t{32} << 20;  // what it takes on large devices
  void* data = is_recording() ? take_block(kBytes) : nullptr;
  Workspace() = default;
  Workspace(const Workspace&) = delete;
  ~Workspace() {
    if (data) give_block(data, kBytes);
  }
};

template <class T>
bool run(GemmOf<T> function, const Gemm& g, const Loop& batch, const void* a, const void* b, void* c) {
  const int64_t n = batch.ndim ? batch.shape[0] : 1;
  // c^T = b^T a^T, and a row-major matrix read by columns is its transpose.
  const Operand left = operand(g.b, g.K, g.N), right = operand(g.a, g.M, g.K);
  constexpr int64_t most = INT32_MAX;
  if (!left.fits || !right.fits || g.M > most || g.N > most || g.K > most || n > most || left.leading > most ||
      right.leading > most || g.c_row > most)
    return false;
  const Handle h = handle();
  if (!h || library().set_stream(h, current_stream()) != 0) return false;
  // Of its own accord it asks for memory in the middle of a graph, which then cannot be updated. set_stream undoes it.
  const Workspace workspace;
  if (is_recording() && (!workspace.data || !library().set_workspace ||
                         library().set_workspace(h, workspace.data, Workspace::kBytes) != 0))
    return false;
  const T one = 1, zero = 0;
  const auto step = [&](int k) { return batch.ndim ? static_cast<long long>(batch.stride[k][0]) : 0LL; };
  return function(h, left.operation, right.operation, static_cast<int>(g.N), static_cast<int>(g.M),
                  static_cast<int>(g.K), &one, static_cast<const T*>(b), static_cast<int>(left.leading), step(1),
                  static_cast<const T*>(a), static_cast<int>(right.leading), step(0), &zero, static_cast<T*>(c),
                  static_cast<int>(g.c_row), step(2), static_cast<int>(n)) == 0;
}

}  // namespace

bool cublas_gemm(const Gemm& g, const Loop& batch, int dtype, const void* a, const void* b, void* c) {
  if (batch.ndim > 1 || g.K == 0 || g.M * g.N * g.K < kWorth || !library().name) return false;
  if (dtype == static_cast<int>(Dtype::float32)) return run<float>(library().sgemm, g, batch, a, b, c);
  if (dtype == static_cast<int>(Dtype::float64)) return run<double>(library().dgemm, g, batch, a, b, c);
  return false;
}

const char* cublas_name() { return library().name; }

}  // namespace pynn::cuda

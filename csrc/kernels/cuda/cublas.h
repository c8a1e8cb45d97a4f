// cuBLAS, found at run time. The only names of it here are those that are looked up.
#pragma once
#include "kernels/kernels.h"

namespace pynn::cuda {

// c = a b on the current stream, without bias and activation, for float32 and float64 whose matrices are row- or
// column-major and whose batches make one axis. False where the machine has no cuBLAS, where it cannot be used for
// this product or does not pay: then nothing was done. dtype: an index of Dtype.
bool cublas_gemm(const Gemm&, const Loop& batch, int dtype, const void* a, const void* b, void* c);

// The library that is used, or null. PYNN_CUBLAS names another one; empty, none.
const char* cublas_name();

}  // namespace pynn::cuda

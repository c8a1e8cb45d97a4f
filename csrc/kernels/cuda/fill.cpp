// The table of the CUDA kernels, put together at first use.
#include "kernels/cuda/fill.h"

#include "kernels/cuda/runtime.h"

namespace pynn::cuda {

const Kernels& kernels() {
  static const Kernels table = [] {
    Kernels k{};
    k.isa = "cuda";
    fill_unary(k);
    fill_unary_grad(k);
    fill_binary(k);
    fill_binary_grad(k);
    fill_ternary(k);
    fill_cast(k);
    fill_reduce(k);
    fill_scan(k);
    fill_softmax(k);
    fill_gemm(k);
    fill_conv(k);
    fill_depthwise(k);
    fill_pool(k);
    fill_index(k);
    fill_sort(k);
    fill_random(k);
    fill_optimize(k);
    fill_peak(k);
    return k;
  }();
  return table;
}

}  // namespace pynn::cuda

// The table of one ISA level, put together.
#include "kernels/cpu/fill.h"

namespace pynn::PYNN_ISA {

void fill(Kernels& k) {
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
  fill_random(k);
  fill_optimize(k);
  fill_peak(k);
}

}  // namespace pynn::PYNN_ISA
